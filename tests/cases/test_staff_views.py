"""Bruno keeps the register, Chidi agrees to what readers see."""

from __future__ import annotations

import pytest

from amparo.accounts.models import AuditEntry
from amparo.cases import public_view
from amparo.cases.models import (
    Case,
    Clearance,
    CustodySpell,
    Development,
    HealthNote,
    PublicationConsent,
    SafetyCheck,
)
from tests.factories.cases import (
    a_case,
    a_development,
    a_publication_consent,
    a_safety_check,
    a_spell,
    publish,
)
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def case(organization):
    return a_case(organization)


@pytest.fixture
def bruno(organization):
    return signed_in(a_member_of_staff(organization))


@pytest.fixture
def chidi(organization):
    return signed_in(a_member_of_staff(organization, "approver"))


def at(case, *parts):
    return "/".join(["/staff/cases", str(case.pk), *map(str, parts), ""])


def test_bruno_opens_a_case_and_nothing_of_it_is_public(bruno, organization, now):
    bruno.post(
        "/staff/cases/open/", {"reference": "MT-1", "name": "Mira Talvik", "organization": organization.pk}
    )

    case = Case.objects.get(reference="MT-1")
    assert [name.text for name in case.person.names.all()] == ["Mira Talvik"]
    with pytest.raises(public_view.NotPublic):
        public_view.view(case, today=now.date())


def test_a_reference_is_used_once(bruno, case, organization):
    answer = bruno.post(
        "/staff/cases/open/",
        {"reference": case.reference, "name": "Mira Talvik", "organization": organization.pk},
    )

    assert "already" in answer.content.decode()
    assert Case.objects.count() == 1


def test_bruno_adds_a_time_in_custody_and_the_case_counts_it(bruno, case):
    form = {"began": "2015-10-12", "ended": "", "end": "", "kind": "sentence", "authority": "Prison service"}

    bruno.post(at(case, "CustodySpell", "add", case.pk), form)

    shown = bruno.get(at(case)).content.decode()
    assert CustodySpell.objects.get().authority == "Prison service"
    assert "Serving a sentence" in shown
    assert "Prison service" in shown


def test_what_cannot_be_is_said_in_a_sentence_and_what_was_typed_is_kept(bruno, case):
    a_spell(case, "2020")

    answer = bruno.post(
        at(case, "CustodySpell", "add", case.pk),
        {"began": "2021-01-01", "ended": "2021-02-01", "end": "released", "grounds": "A leaflet"},
    )

    assert "twice at once" in answer.content.decode()
    assert "A leaflet" in answer.content.decode()
    assert CustodySpell.objects.count() == 1


def test_a_date_that_is_none_is_named(bruno, case):
    answer = bruno.post(at(case, "Development", "add", case.pk), {"dated": "12.10.2015", "title": "Arrest"})

    assert "2015-10-12" in answer.content.decode()
    assert not Development.objects.exists()


def test_bruno_asks_chidi_agrees_and_readers_see_it(bruno, chidi, case, now):
    bruno.post(at(case, "safety"), {name: "No." for name, _question in SafetyCheck.QUESTIONS})
    bruno.post(
        at(case, "Case", case.pk, "publish"),
        {"columns": ["title"], "reason": "So that he is known.", "consent": ""},
    )
    clearance = Clearance.objects.get()
    assert bruno.post(f"/staff/clearances/{clearance.pk}/agree/").status_code in {302, 403}
    assert Clearance.objects.get().state == "asked"
    chidi.get(f"/staff/clearances/{clearance.pk}/agree/")
    assert Clearance.objects.get().state == "asked"

    chidi.post(f"/staff/clearances/{clearance.pk}/agree/")

    assert public_view.view(case, today=now.date()).title == "Ilan Sarr, printer"


def test_nothing_is_agreed_to_before_the_safety_check(bruno, chidi, case):
    bruno.post(at(case, "Case", case.pk, "publish"), {"columns": ["title"], "reason": "So that he is known."})

    answer = chidi.post(f"/staff/clearances/{Clearance.objects.get().pk}/agree/")

    assert "safety check" in answer.content.decode()
    assert Clearance.objects.get().state == "asked"


def test_changing_what_is_public_takes_it_off_the_page_until_somebody_agrees_anew(
    bruno, chidi, case, organization, now
):
    development = a_development(case, "2026-03-03", "Taken from his shop")
    asks, agrees = a_member_of_staff(organization), a_member_of_staff(organization, "approver")
    a_safety_check(case, by=agrees)
    publish(case, "title", case=case, asked_by=asks, agreed_by=agrees)
    publish(development, "dated", "title", case=case, asked_by=asks, agreed_by=agrees)

    bruno.post(
        at(case, "Development", development.pk),
        {"dated": "2026-03-03", "title": "Taken by plain-clothes men"},
    )

    (record,) = public_view.view(case, today=now.date()).of("Development")
    assert (record["dated"], record["title"]) == ("2026-03-03", "")
    again = Clearance.objects.get(state="asked")
    chidi.post(f"/staff/clearances/{again.pk}/agree/")
    (record,) = public_view.view(case, today=now.date()).of("Development")
    assert record["title"] == "Taken by plain-clothes men"


def test_an_editor_sees_that_something_is_withheld_and_not_what(bruno, chidi, case, now):
    frame = {"organization": case.organization, "entered_at": now, "changed_at": now}
    note = HealthNote.objects.create(case=case, text="He cannot sleep.", **frame)

    shown = bruno.get(at(case)).content.decode()
    assert "withheld" in shown
    assert "He cannot sleep." not in shown
    assert bruno.get(at(case, "HealthNote", note.pk)).status_code == 404
    assert "He cannot sleep." in chidi.get(at(case)).content.decode()


def test_reading_a_case_is_on_record(bruno, case):
    bruno.get(at(case))

    assert AuditEntry.objects.filter(verb="read_case").count() == 1


def test_opening_a_note_on_health_to_change_it_is_a_reading_on_record(chidi, case, now):
    frame = {"organization": case.organization, "entered_at": now, "changed_at": now}
    note = HealthNote.objects.create(case=case, text="He cannot sleep.", **frame)

    assert "He cannot sleep." in chidi.get(at(case, "HealthNote", note.pk)).content.decode()

    assert AuditEntry.objects.get(verb="read_case").subject_id == str(case.pk)


def test_a_consent_is_recorded_and_taken_back(bruno, case, now):
    bruno.post(
        at(case, "consent"),
        {
            "giver": "His mother",
            "capacity": "parent",
            "scopes": ["name", "face"],
            "way": "A call",
            "given_on": "2026-06-01",
        },
    )
    consent = PublicationConsent.objects.get()
    assert (consent.person, consent.scopes) == (case.person, ["name", "face"])

    bruno.post(f"/staff/consents/{consent.pk}/withdraw/", {"on": "2026-11-20"})

    assert PublicationConsent.objects.get().withdrawn_on is not None


def test_a_consent_does_not_end_before_it_was_given(bruno, case):
    answer = bruno.post(
        at(case, "consent"),
        {
            "giver": "He",
            "capacity": "self",
            "scopes": ["name"],
            "way": "Letter",
            "given_on": "2026-06-01",
            "until": "2026-05-01",
        },
    )

    assert answer.status_code == 200
    assert not PublicationConsent.objects.exists()


def test_removing_a_record_takes_it_off_the_page(bruno, case, organization, now):
    development = a_development(case, "2026-03-03", "Taken from his shop")
    asks, agrees = a_member_of_staff(organization), a_member_of_staff(organization, "approver")
    a_safety_check(case, by=agrees)
    publish(case, "title", case=case, asked_by=asks, agreed_by=agrees)
    publish(development, "title", case=case, asked_by=asks, agreed_by=agrees)
    asked = bruno.get(at(case, "Development", development.pk, "remove"))
    assert "Taken from his shop" in asked.content.decode()
    assert Development.objects.exists()

    bruno.post(at(case, "Development", development.pk, "remove"))

    assert public_view.view(case, today=now.date()).of("Development") == []


def test_a_record_of_another_case_is_not_found_through_this_one(bruno, case, organization):
    other = a_case(organization, reference="OTHER", slug="other")
    development = a_development(other, "2026-03-03", "Elsewhere")

    assert bruno.get(at(case, "Development", development.pk)).status_code == 404
    assert bruno.get(at(case, "Development", development.pk, "publish")).status_code == 404
    assert bruno.get(at(case, "Development", development.pk, "remove")).status_code == 404
    assert bruno.post(at(case, "Development", development.pk, "remove")).status_code == 404
    assert bruno.get(at(case, "Development", "add", other.pk)).status_code == 404
    assert Development.objects.exists()


def test_chidi_takes_the_name_off_the_page_after_a_release(bruno, chidi, case, organization, now):
    asks, agrees = a_member_of_staff(organization), a_member_of_staff(organization, "approver")
    a_safety_check(case, by=agrees)
    publish(case, "title", "responsible_state", case=case, asked_by=asks, agreed_by=agrees)
    assert bruno.post(at(case, "aftermath"), {"aftermath": "renamed"}).status_code in {302, 403}
    assert Case.objects.get().aftermath == "shown"

    chidi.post(at(case, "aftermath"), {"aftermath": "renamed"})

    assert Case.objects.get().aftermath == "renamed"
    assert public_view.view(Case.objects.get(), today=now.date()).title == ""


def test_the_form_to_publish_offers_only_what_can_be_public(bruno, case):
    a_publication_consent(case.person, "name")

    shown = bruno.get(at(case, "Case", case.pk, "publish")).content.decode()

    assert 'value="title"' in shown
    assert 'value="internal_note"' not in shown
