"""What readers see of a case: the cleared columns and what follows from them, and never a byte more."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from icalendar import Calendar

from amparo.cases import prose, public_view, publishing, register, showing
from amparo.cases.models import Case, CaseIndexPage, CasePage, PublicationConsent
from amparo.kit.part_dates import PartDateField
from amparo.kit.sealed_fields import SealedTextField
from tests.factories.cases import (
    a_case,
    a_case_page,
    a_condition,
    a_development,
    a_figure,
    a_hearing,
    a_publication_consent,
    a_safety_check,
    a_spell,
    publish,
)
from tests.factories.organizations import an_organization
from tests.factories.pages import a_site
from tests.factories.people import a_member_of_staff

pytestmark = pytest.mark.django_db

CANARY = "Kanarek-4711"


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def case(organization):
    return a_case(organization, summary="A printer, held without trial.")


@pytest.fixture
def clear(organization, case):
    """Publish columns of a record of this case, with a consent that covers everything."""
    bruno, chidi = a_member_of_staff(organization), a_member_of_staff(organization, "approver")
    a_safety_check(case, by=chidi)
    consent = a_publication_consent(case.person, *public_view.publishing.PublicationConsent.Scope.values)

    def _clear(record, *columns):
        publish(record, *columns, case=case, asked_by=bruno, agreed_by=chidi, consent=consent)

    _clear.consent = consent
    _clear.by = bruno
    return _clear


def test_a_case_of_which_nothing_is_cleared_is_not_there(client, case):
    page = a_case_page(case)

    assert client.get(page.url).status_code == 404
    assert page.card().title == ""


def test_readers_see_what_was_cleared_and_nothing_else(client, case, clear):
    clear(case, "title")
    page = a_case_page(case, title="Internal title")

    shown = client.get(page.url).content.decode()

    assert "Ilan Sarr, printer" in shown
    assert "A printer, held without trial." not in shown
    assert "Internal title" not in shown
    assert case.reference not in shown


def test_days_held_are_counted_from_cleared_days_alone(case, clear, now):
    clear(case, "title")
    spell = a_spell(case, "2026-11-12")
    a_spell(case, "2020-01-01", "2021-01-01")
    clear(spell, "began")
    assert public_view.view(case, today=now.date()).facts.held.most == 0

    clear(spell, "ended")

    facts = public_view.view(case, today=now.date()).facts
    assert (facts.held.least, facts.is_held) == (10, True)


def test_solitary_confinement_says_when_it_is_prolonged(client, case, clear):
    clear(case, "title")
    condition = a_condition(case, "2026-01-01")
    clear(condition, "kind", "began", "ended")

    assert "Nelson Mandela Rules" in client.get(a_case_page(case).url).content.decode()


def test_a_consent_that_ends_takes_the_name_off_the_page(client, case, clear, now):
    clear(case, "summary")
    clear(case.person.names.get(), "text")
    page = a_case_page(case)
    assert "Ilan Sarr" in client.get(page.url).content.decode()

    publishing.withdraw_consent(
        consent=clear.consent, on=now.date() - timedelta(days=1), by=clear.by, now=now
    )

    assert "Ilan Sarr" not in client.post(page.url).content.decode()
    assert public_view.view(case, today=now.date()).names == []


def test_a_removed_page_names_nobody_and_says_that_it_is_gone(client, case, clear, now):
    clear(case, "title", "summary")
    page = a_case_page(case)
    publishing.change_aftermath(case=case, to=Case.Aftermath.REMOVED, by=clear.by, now=now)

    answer = client.get(page.url)

    assert answer.status_code == 410
    assert "Ilan" not in answer.content.decode()


def test_a_quiet_page_is_in_no_list_and_asks_not_to_be_found(client, case, clear, now):
    clear(case, "title")
    page = a_case_page(case)
    publishing.change_aftermath(case=case, to=Case.Aftermath.QUIET, by=clear.by, now=now)

    answer = client.get(page.url)

    assert answer["X-Robots-Tag"] == "noindex"
    assert page.card().title == ""


def test_a_renamed_page_loses_every_text_that_may_hold_the_name(case, clear, now):
    clear(case, "title", "summary", "responsible_state")
    clear(case.person.names.get(), "text")
    clear(a_development(case, "2026-03-03", "Ilan is taken from his shop"), "dated", "title")

    taken = publishing.change_aftermath(case=case, to=Case.Aftermath.RENAMED, by=clear.by, now=now)

    public = public_view.view(case, today=now.date())
    assert taken == 4
    assert (public.title, public.summary, public.names) == ("", "", [])
    assert showing.heading_of(public) == "A case without a name"
    assert [record["title"] for record in public.of("Development")] == [""]


def test_what_is_not_declared_public_any_more_is_not_shown(case, clear, now, monkeypatch):
    clear(case, "title", "summary")
    kind = register.KINDS["Case"]
    columns = tuple(
        register.Column(column.name, can_be_public=column.name != "summary" and column.can_be_public)
        for column in kind.columns
    )
    monkeypatch.setitem(register.KINDS, "Case", register.Kind(kind.model, "", "", columns, "", ""))

    assert public_view.view(case, today=now.date()).summary == ""


def test_words_in_braces_are_worked_out_for_each_reader(case, clear, now, organization):
    case.story = "He has been held for {days held}.\n\nThere are {figure:held}.\n\nHe is {age}."
    case.save()
    spell = a_spell(case, "2026-11-12")
    clear(case, "story")
    clear(spell, "began", "ended")
    a_figure(organization)

    shown = showing.shown(case, today=now.date())

    assert shown.story == ["He has been held for 10 days.", "There are 31 people held without trial."]
    assert shown.figures == ["people held without trial: as of October 2026. Source: Report of the Bar"]


def test_a_figure_without_a_day_is_not_printed(case, clear, now, organization):
    case.story = "There are {figure:held}."
    case.save()
    clear(case, "story")
    a_figure(organization, as_of="")

    assert showing.shown(case, today=now.date()).story == []


def test_a_corrected_figure_is_corrected_everywhere(case, clear, now, organization):
    case.story = "There are {figure:held}."
    case.save()
    clear(case, "story")
    figure = a_figure(organization)
    figure.value = 32
    figure.save()

    assert showing.shown(case, today=now.date()).story == ["There are 32 people held without trial."]


def test_an_unknown_word_in_braces_is_named():
    with pytest.raises(prose.UnknownWord, match="days alive"):
        prose.check("Held for {days alive}.")
    prose.check("Held for {days held}, one of {figure:held}.")


def test_hearings_stand_in_a_calendar_and_a_cancelled_one_says_so(client, case, clear, now):
    clear(case, "title")
    hearing = a_hearing(case, date(2026, 12, 14), hour=time(9, 30), time_zone="Europe/Paris", purpose="Bail")
    clear(hearing, "day", "hour", "time_zone", "purpose", "status")
    page = a_case_page(case)

    answer = client.get(f"/cases/{page.pk}/hearings.ics")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert answer["Content-Type"].startswith("text/calendar")
    assert event["SUMMARY"] == "Ilan Sarr, printer: Bail"
    assert event.decoded("dtstart").isoformat() == "2026-12-14T09:30:00+01:00"

    hearing.status, hearing.revision = "cancelled", 1
    hearing.save()
    calendar = showing.calendar_of(case, host="open-doors.test", now=now)
    (event,) = Calendar.from_ical(calendar).walk("VEVENT")
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)


def test_a_hearing_that_was_not_cleared_is_in_no_calendar(client, case, clear):
    clear(case, "title")
    a_hearing(case, date(2026, 12, 14), purpose=CANARY)

    answer = client.get(f"/cases/{a_case_page(case).pk}/hearings.ics")

    assert CANARY not in answer.content.decode()
    assert "VEVENT" not in answer.content.decode()


def _canary_for(field):
    if isinstance(field, SealedTextField):
        return "2001" if field.max_plain_length == 10 else CANARY
    if isinstance(field, PartDateField):
        return "2001"
    return None


def test_no_column_is_public_before_it_was_cleared(client, case, clear, now, organization):
    """The matrix: every sealed text of every kind of record holds a canary, and one column alone is cleared."""
    clear(case, "responsible_state")
    for record in _one_of_each(case):
        for field in type(record)._meta.concrete_fields:
            canary = _canary_for(field)
            if canary == CANARY:
                setattr(record, field.name, CANARY)
        record.save()
    page = a_case_page(case)

    shown = (
        client.get(page.url).content.decode() + client.get(f"/cases/{page.pk}/hearings.ics").content.decode()
    )

    assert CANARY not in shown


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        (kind.name, column.name)
        for kind in register.KINDS.values()
        for column in kind.columns
        if isinstance(kind.model._meta.get_field(column.name), SealedTextField)
    ],
)
def test_each_text_is_public_when_it_was_cleared_and_not_when_it_never_can_be(case, clear, now, kind, column):
    declared = register.KINDS[kind].column(column)
    record = next(one for one in _one_of_each(case) if type(one).__name__ == kind)
    record = record if kind != "Case" else case
    text = "2001" if type(record)._meta.get_field(column).max_plain_length == 10 else CANARY
    setattr(record, column, text)
    record.save()
    clear(case, "responsible_state")

    if not declared.can_be_public:
        with pytest.raises(publishing.NeverPublic):
            clear(record, column)
        return
    clear(record, column)

    found = public_view.view(case, today=now.date()).of(kind)
    assert [one.values.get(column) for one in found] == [text]


def _one_of_each(case):
    """A record of every kind, hanging below this case."""
    from amparo.cases import models

    made = {"Case": case, "Person": case.person, "PersonName": case.person.names.get()}
    frame = {"organization": case.organization, "entered_at": case.entered_at, "changed_at": case.changed_at}
    least = {
        "Relation": {"kind": "cousin"},
        "CustodySpell": {"began": "2020"},
        "Condition": {"kind": "solitary", "began": "2020"},
        "ConditionOrder": {"ordered_on": "2020"},
        "ChargeUpdate": {"dated": "2020", "status": "pending"},
        "Hearing": {"day": date(2026, 12, 14)},
        "Verdict": {"dated": "2020", "outcome": "convicted"},
        "Sentence": {"kind": "prison"},
        "Development": {"dated": "2020"},
        "Designation": {"title": "x", "by": "y"},
        "Contact": {"role": "mother"},
        "Intervention": {"kind": "letter"},
        "Citation": {"record_type": "Case", "record_id": case.pk},
    }
    for kind in register.KINDS.values():
        if kind.name in made:
            continue
        parent = {"case": "Case", "person": "Person"}.get(kind.parent) or {
            "spell": "CustodySpell",
            "condition": "Condition",
            "proceeding": "Proceeding",
            "charge": "Charge",
            "verdict": "Verdict",
            "source": "Source",
        }[kind.parent]
        row = kind.model(**frame, **least.get(kind.name, {}), **{kind.parent: made[parent]})
        if kind.name == "Relation":
            row.other = models.Person.objects.create(**frame)
        for field in kind.model._meta.concrete_fields:
            if isinstance(field, SealedTextField) and not field.null:
                setattr(row, field.name, "x")
        row.save()
        made[kind.name] = row
    return list(made.values())


def test_the_list_is_narrowed_by_where_people_stand_and_who_holds_them_as_far_as_that_is_public(
    client, organization
):
    index = CaseIndexPage(title="Cases", slug="cases")
    a_site(organization).add_child(instance=index)
    bruno, chidi = a_member_of_staff(organization), a_member_of_staff(organization, "approver")
    for number, (name, state, ended, cleared) in enumerate(
        [("Ilan", "NO", "", True), ("Mira", "SE", "2026-06-01", True), ("Ona", "SE", "", False)]
    ):
        case = a_case(
            organization, reference=f"C-{number}", slug=f"c-{number}", title=name, responsible_state=state
        )
        a_safety_check(case, by=chidi)
        spell = a_spell(case, "2026-03-03", ended, **({"end": "released"} if ended else {}))
        consent = a_publication_consent(case.person, *PublicationConsent.Scope.values)
        how = {"case": case, "asked_by": bruno, "agreed_by": chidi, "consent": consent}
        publish(case, "title", **how)
        if cleared:
            publish(case, "responsible_state", **how)
            publish(spell, "began", "ended", "kind", "end", **how)
        page = CasePage(title=name, slug=f"c-{number}", case=case)
        index.add_child(instance=page)
        page.save_revision().publish()
    index.save_revision().publish()

    def names(**asked):
        shown = client.get(index.url, asked).content.decode()
        return [name for name in ("Ilan", "Mira", "Ona") if f">{name}</a>" in shown]

    assert names() == ["Ilan", "Mira", "Ona"]
    assert names(state="SE") == ["Mira"], "Ona's was not cleared"
    assert names(stands="released") == ["Mira"]
    assert names(stands="held", state="NO") == ["Ilan"]
    assert names(q="ona", state="SE") == []
    assert "Sweden" in client.get(index.url).content.decode()
