"""The staff screens about supporters: who sees names, what leaves a trace, and what each deed does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from amparo.accounts.models import AuditEntry
from amparo.kit.work import run_line
from amparo.mailings.models import Notice
from amparo.supporters import consent, custom_fields, noting, tagging, wordings
from amparo.supporters.exports import exporting
from amparo.supporters.models import (
    BulkChange,
    Channel,
    CustomField,
    CustomValue,
    ExportRequest,
    Note,
    Origin,
    OtherAddress,
    Purpose,
    Supporter,
    Suppression,
    Tag,
    Tagging,
)
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_supporter, signed_in

pytestmark = pytest.mark.django_db

#: What of Amina nobody below an approver may read.
SECRETS = ["Amina", "Rahal", "amina@supporters", "1632", "Long Lane", "AA1 1AA", "translate", "Dockers"]


@pytest.fixture(autouse=True)
def _var(settings, tmp_path):
    settings.AMPARO_VAR = tmp_path


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def bruno(organization):
    return a_member_of_staff(organization, "approver", email="bruno@example.org")


@pytest.fixture
def chidi(organization):
    return a_member_of_staff(organization, "administrator", email="chidi@example.org")


@pytest.fixture
def amina(organization, bruno, now):
    """Everything there can be about one person."""
    amina = a_supporter(organization)
    amina.phone = "+441632960001"
    amina.phone_fingerprint = _phone_mark(organization)
    amina.save()
    noting.write(supporter=amina, text="Offered to translate.", by=bruno, now=now)
    tag = tagging.make_tag(organization=organization, name="vigil", by=bruno, now=now)
    tagging.tag_supporter(supporter=amina, tag=tag, by=bruno, now=now)
    for label, text, privacy in (("Union", "Dockers", "personal"), ("Shirt", "Medium", "ordinary")):
        field = custom_fields.make_field(
            organization=organization,
            label=label,
            kind=CustomField.Kind.TEXT,
            privacy=CustomField.Privacy(privacy),
            by=bruno,
            now=now,
        )
        custom_fields.answer(supporter=amina, field=field, text=text, by=bruno, now=now)
    return amina


def _phone_mark(organization):
    from amparo.supporters.identity import phone_fingerprint_of

    return phone_fingerprint_of("+441632960001", organization=organization)


def text_of(response):
    return response.content.decode()


def looked():
    verbs = ["look_up_supporter", "list_supporters", "view_supporter"]
    return list(AuditEntry.objects.filter(verb__in=verbs).order_by("id").values_list("verb", flat=True))


def page_of(amina):
    return reverse("staff_supporter", args=[amina.pk])


# --- Who sees what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["staff_supporters", "staff_supporters_results"])
@pytest.mark.parametrize(("role", "sees"), [("editor", False), ("approver", True), ("administrator", True)])
def test_the_list_shows_names_from_approvers_on(organization, amina, role, sees, place):
    browser = signed_in(a_member_of_staff(organization, role))
    shown = text_of(browser.get(reverse(place)))

    assert ("Amina" in shown) == sees
    assert ("amina@supporters.example.net" in shown) == sees
    assert amina.pk.hex[-8:] in shown or sees
    assert "vigil" in shown
    assert looked() == (["list_supporters"] if sees else [])


@pytest.mark.parametrize(("role", "sees"), [("editor", False), ("approver", True), ("administrator", True)])
def test_a_persons_page_shows_names_from_approvers_on(organization, amina, role, sees):
    shown = text_of(signed_in(a_member_of_staff(organization, role)).get(page_of(amina)))

    assert {secret: secret in shown for secret in SECRETS[:2] + SECRETS[6:]} == dict.fromkeys(
        SECRETS[:2] + SECRETS[6:], sees
    )
    assert sees or not [secret for secret in SECRETS if secret in shown]
    assert "Medium" in shown
    assert AuditEntry.objects.get(verb="view_supporter").details == {"names": sees}


def test_a_volunteer_sees_nothing(organization, amina):
    browser = signed_in(a_member_of_staff(organization, "volunteer"))

    assert browser.get(reverse("staff_supporters")).status_code == 302
    assert browser.get(page_of(amina)).status_code == 302
    assert looked() == []


def test_whoever_approves_here_and_edits_there_sees_names_here_alone(organization, amina):
    there = an_organization("lamp-light")
    a_supporter(there, given_name="Suzie", family_name="Okafor")
    mixed = a_member_of_staff(organization, "approver", email="mixed@example.org")
    a_member_of_staff(there, "editor", email="mixed@example.org")
    shown = text_of(signed_in(mixed).get(reverse("staff_supporters")))

    assert "Amina" in shown
    assert "Suzie" not in shown
    assert [entry.organization for entry in AuditEntry.objects.filter(verb="list_supporters")] == [
        organization
    ]


def test_names_are_not_even_fetched_for_an_editor(organization, amina, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = signed_in(a_member_of_staff(organization, "editor"))
    with CaptureQueriesContext(connection) as asked:
        browser.get(reverse("staff_supporters"))
    listing = [query["sql"] for query in asked if 'FROM "supporters_supporter"' in query["sql"]]

    assert listing
    assert not [sql for sql in listing if '"given_name"' in sql or '"email"' in sql.replace("email_fing", "")]


# --- Looking somebody up ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["amina@supporters.example.net", " AMINA@supporters.example.net", "+44 1632 960001"]
)
def test_amina_is_found_by_her_whole_address_or_number(bruno, amina, words):
    answer = signed_in(bruno).post(reverse("staff_supporter_find"), {"words": words})

    assert answer.url == page_of(amina)
    (entry,) = AuditEntry.objects.filter(verb="look_up_supporter")
    assert entry.details["found"] == [str(amina.pk)]
    assert "supporters.example" not in str(entry.details)
    assert "1632" not in str(entry.details)


def test_she_is_found_by_the_number_of_her_record(bruno, amina):
    answer = signed_in(bruno).post(reverse("staff_supporter_find"), {"words": str(amina.pk)})

    assert answer.url == page_of(amina)


@pytest.mark.parametrize("words", ["Amina", "amina@", "@supporters.example.net", "16329", "%", "a' OR 1=1"])
def test_a_part_of_anything_finds_nobody_and_says_why(bruno, amina, words):
    answer = signed_in(bruno).post(reverse("staff_supporter_find"), {"words": words})

    assert answer.status_code == 200
    assert "sealed" in text_of(answer)
    assert looked() == []


def test_somebody_unknown_is_not_found_and_the_look_leaves_a_trace(bruno, amina):
    answer = signed_in(bruno).post(reverse("staff_supporter_find"), {"words": "nobody@example.org"})

    assert "Nobody has exactly this" in text_of(answer)
    assert AuditEntry.objects.get(verb="look_up_supporter").details["found"] == []


def test_nobody_of_another_organization_is_found(amina):
    stranger = a_member_of_staff(an_organization("lamp-light"), "administrator")
    answer = signed_in(stranger).post(
        reverse("staff_supporter_find"), {"words": "amina@supporters.example.net"}
    )

    assert "Nobody has exactly this" in text_of(answer)


# --- Filters ------------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_plain_codes(organization, bruno, amina, now):
    suzie = a_supporter(organization, given_name="Suzie", country="FR", language="fr")
    say_yes(suzie, now=now)
    Supporter.objects.filter(pk=suzie.pk).update(unreachable="bounced")
    browser = signed_in(bruno)
    tag = Tag.objects.get()

    def shown(**filters):
        page = text_of(browser.get(reverse("staff_supporters_results"), filters))
        return {name for name in ("Amina", "Suzie") if name in page}

    assert shown() == {"Amina", "Suzie"}
    assert shown(tag=tag.pk) == {"Amina"}
    assert shown(country="FR") == {"Suzie"}
    assert shown(language="en") == {"Amina"}
    assert shown(state="bounced") == {"Suzie"}
    assert shown(state="unconfirmed") == {"Amina"}
    assert shown(agreed="news/email") == {"Suzie"}
    assert shown(agreed="news/email", country="GB") == set()


def say_yes(supporter, *, now, purpose=Purpose.NEWS):
    wording = wordings.word(
        organization=supporter.organization,
        purpose=purpose,
        channel=Channel.EMAIL,
        language="en",
        text="May we write to you?",
    )
    consent.record(supporter=supporter, answers={wording.pk: True}, source="/write/", now=now)


# --- Deeds on one person ------------------------------------------------------------------------------------------


def do(user, place, supporter, *further, **data):
    return signed_in(user).post(reverse(place, args=[supporter.pk, *further]), data)


def test_bruno_files_amina_and_unfiles_her(organization, bruno, amina, now):
    other = tagging.make_tag(organization=organization, name="steward", by=bruno, now=now)
    do(bruno, "staff_supporter_tags", amina, tags=[str(other.pk)], new="driver")

    assert set(amina.taggings.values_list("tag__name", flat=True)) == {"steward", "driver"}


def test_bruno_writes_a_note_and_removes_it(bruno, amina):
    do(bruno, "staff_supporter_note", amina, text="Called back.")
    note = next(note for note in Note.objects.all() if note.text == "Called back.")
    assert note.written_by == bruno
    do(bruno, "staff_supporter_note_remove", amina, note.pk)

    assert [note.text for note in Note.objects.all()] == ["Offered to translate."]


DETAILS = {
    "given_name": "Amina",
    "family_name": "Haddad",
    "email": "amina@supporters.example.net",
    "phone": "01632 960002",
    "postal_code": "AA1 1AA",
    "postal_address": "1 Long Lane",
    "country": "GB",
    "language": "en",
}


def test_bruno_corrects_a_name_and_a_number(bruno, amina):
    do(bruno, "staff_supporter_details", amina, **DETAILS)
    amina.refresh_from_db()

    assert (amina.family_name, amina.phone) == ("Haddad", "+441632960002")
    entry = AuditEntry.objects.get(verb="change_supporter")
    assert entry.details == {"fields": ["family_name", "phone"]}


def test_a_new_address_is_not_confirmed_and_the_old_one_still_leads_to_her(organization, bruno, amina, now):
    Supporter.objects.filter(pk=amina.pk).update(confirmed_at=now)
    do(bruno, "staff_supporter_details", amina, **{**DETAILS, "email": "new@example.net"})
    amina.refresh_from_db()

    assert (amina.email, amina.confirmed_at) == ("new@example.net", None)
    assert a_supporter(organization, email="amina@supporters.example.net") == amina
    assert OtherAddress.objects.get().email == "amina@supporters.example.net"


def test_the_address_of_somebody_else_is_refused(organization, bruno, amina):
    a_supporter(organization, given_name="Suzie", email="suzie@example.net")
    answer = do(bruno, "staff_supporter_details", amina, **{**DETAILS, "email": "suzie@example.net"})
    amina.refresh_from_db()

    assert "Another record has this" in text_of(answer)
    assert (amina.email, amina.family_name) == ("amina@supporters.example.net", "Rahal")


def test_a_new_address_that_is_suppressed_stays_so(organization, bruno, amina, now):
    from amparo.supporters import suppression

    suppression.suppress(
        organization=organization,
        email="new@example.net",
        reason=Suppression.Reason.COMPLAINED,
        source="mail",
        now=now,
    )
    do(bruno, "staff_supporter_details", amina, **{**DETAILS, "email": "new@example.net"})
    amina.refresh_from_db()

    assert amina.unreachable == "complained"


def test_bruno_writes_down_what_she_said_on_the_telephone(bruno, amina):
    today = timezone.now().date()
    do(
        bruno,
        "staff_supporter_answer",
        amina,
        question="news/email",
        granted="yes",
        given_on=today.isoformat(),
        evidence="By telephone, to Bruno",
    )
    (line,) = consent.ledger_of(amina)

    assert (line.granted, line.origin, line.evidence) == (True, Origin.STAFF, "By telephone, to Bruno")
    assert line.given_on == today
    assert "By telephone" in text_of(signed_in(bruno).get(page_of(amina)))


@pytest.mark.parametrize(
    "wrong", [{"evidence": " "}, {"given_on": "2999-01-01"}, {"question": "disclosure/email"}]
)
def test_an_answer_without_its_evidence_or_from_tomorrow_is_not_written(bruno, amina, wrong):
    given = {"question": "news/email", "granted": "yes", "given_on": "2026-11-01", "evidence": "On paper"}
    do(bruno, "staff_supporter_answer", amina, **{**given, **wrong})

    assert consent.ledger_of(amina) == []


def test_everything_is_withdrawn_for_her(bruno, amina, now):
    for purpose in (Purpose.NEWS, Purpose.EVENTS):
        say_yes(amina, purpose=purpose, now=now - timedelta(days=1))
    answer = do(bruno, "staff_supporter_withdraw", amina, evidence="By letter")
    amina.refresh_from_db()

    assert answer.status_code == 302
    assert amina.agreed_to == 0
    assert [line.granted for line in consent.ledger_of(amina)][:2] == [False, False]


def test_her_address_is_suppressed(bruno, amina):
    do(bruno, "staff_supporter_suppress", amina)
    amina.refresh_from_db()

    assert amina.unreachable == "suppressed"
    reasons = list(Suppression.objects.in_force().values_list("reason", flat=True))
    assert reasons == [Suppression.Reason.STAFF] * 2, "her mailbox, and her telephone"
    assert "Never to be written to" in text_of(signed_in(bruno).get(page_of(amina)))


def test_further_details_are_checked_by_their_kind(organization, bruno, amina, now):
    custom_fields.make_field(
        organization=organization,
        label="Age",
        kind=CustomField.Kind.NUMBER,
        privacy=CustomField.Privacy.PERSONAL,
        by=bruno,
        now=now,
    )
    wrong = do(bruno, "staff_supporter_fields", amina, union="Dockers", shirt="Large", age="old")
    assert "not a number" in text_of(wrong)
    assert CustomValue.objects.get(field__key="shirt").plain == "Medium"

    do(bruno, "staff_supporter_fields", amina, union="", shirt="Large", age="40")
    assert {value.field.key: custom_fields.shown(value) for value in CustomValue.objects.all()} == {
        "shirt": "Large",
        "age": "40",
    }


def test_whoever_was_erased_or_merged_cannot_be_changed(organization, bruno, amina, now):
    suzie = a_supporter(organization, given_name="Suzie")
    Supporter.objects.filter(pk=amina.pk).update(merged_into=suzie)

    assert "Nothing can be changed" in text_of(do(bruno, "staff_supporter_details", amina, **DETAILS))
    assert "Go to the person" in text_of(signed_in(bruno).get(page_of(amina)))


@pytest.mark.parametrize("form", ["html", "csv", "json"])
def test_she_gets_a_copy_of_everything(bruno, amina, form):
    answer = do(bruno, "staff_supporter_copy", amina, form=form)

    assert answer["Content-Disposition"].startswith('attachment; filename="person.')
    assert form == "csv" or "Offered to translate." in text_of(answer)
    assert AuditEntry.objects.get(verb="export_person").actor == bruno


def test_she_is_erased_at_her_wish_after_it_was_said_what_goes(bruno, amina):
    said = text_of(signed_in(bruno).get(reverse("staff_supporter_erase", args=[amina.pk])))
    do(bruno, "staff_supporter_erase", amina)
    amina.refresh_from_db()

    assert "What our staff wrote about you: 1" in said
    assert amina.anonymized_at is not None
    assert not Note.objects.exists()
    shown = text_of(signed_in(bruno).get(page_of(amina)))
    assert "Somebody erased" in shown
    assert not [secret for secret in SECRETS if secret in shown]


@pytest.mark.parametrize("place", ["staff_supporter_copy", "staff_supporter_erase"])
def test_her_rights_want_a_fresh_second_factor_of_staff(bruno, amina, place):
    path = reverse(place, args=[amina.pk])
    stale = signed_in(bruno, minutes_ago=6)

    assert stale.get(path).status_code == 302
    assert "Confirm it in another tab" in text_of(stale.post(path, {"form": "html"}))
    amina.refresh_from_db()
    assert amina.anonymized_at is None


def test_mails_that_she_was_sent_are_listed_for_those_who_may_read_them(organization, bruno, amina, now):
    Notice.objects.create(
        organization=organization,
        kind="confirm",
        subject_id=amina.pk,
        recipient=amina.email,
        recipient_mark=amina.email_fingerprint,
        state="sent",
        next_attempt_at=now,
        created_at=now,
        sent_at=now,
    )
    editor = a_member_of_staff(organization, "editor")

    assert "confirm, sent" in text_of(signed_in(bruno).get(page_of(amina)))
    assert "confirm, sent" not in text_of(signed_in(editor).get(page_of(amina)))


# --- Many at once -------------------------------------------------------------------------------------------------


def test_bruno_tags_what_the_list_shows_and_undoes_it(organization, bruno, amina, now):
    a_supporter(organization, given_name="Suzie", country="FR")
    browser = signed_in(bruno)
    place = reverse("staff_tag_many") + "?country=FR"
    before = set(Tagging.objects.values_list("pk", flat=True))
    said = text_of(browser.get(place))
    browser.post(place, {"new": "paris"})
    change = BulkChange.objects.get()

    assert "1 supporter gets the tag" in said
    assert (change.matched, change.tagged, change.chosen) == (1, 1, {"country": "FR"})
    browser.post(reverse("staff_change_undo", args=[change.pk]))
    assert set(Tagging.objects.values_list("pk", flat=True)) == before


def test_a_broken_filter_tags_nobody(bruno, amina):
    browser = signed_in(bruno)
    browser.post(reverse("staff_tag_many") + "?country=Atlantis", {"new": "lost"})

    assert BulkChange.objects.get().matched == 0


def test_a_tag_of_another_organization_cannot_be_given(bruno, amina, now):
    theirs = tagging.make_tag(organization=an_organization("lamp-light"), name="theirs", by=None, now=now)
    signed_in(bruno).post(reverse("staff_tag_many"), {"tag": str(theirs.pk)})

    assert not BulkChange.objects.exists()


# --- Exports ------------------------------------------------------------------------------------------------------

ASKED = {
    "audience": "everybody",
    "columns": ["first_name", "email"],
    "form": "csv",
    "byte_order_mark": "on",
    "reason": "For the vigil",
}


def ask(user, *, query="", **changes):
    signed_in(user).post(reverse("staff_export_ask") + query, {**ASKED, **changes})
    return ExportRequest.objects.first()


def test_bruno_asks_for_a_list_and_fetches_it(bruno, amina):
    export = ask(bruno, query="?country=GB")
    run_line("exports")
    browser = signed_in(bruno)
    answer = browser.post(reverse("staff_export_fetch", args=[export.pk]))
    contents = b"".join(answer.streaming_content).decode("utf-8-sig")

    assert export.chosen == {"country": "GB"}
    assert "amina@supporters.example.net" in contents
    assert answer["Content-Disposition"].startswith('attachment; filename="supporters-')
    assert answer["Cache-Control"].startswith("no-store, private")


def test_the_screen_says_how_many_of_each_before(bruno, amina, now):
    say_yes(amina, now=now)
    said = text_of(signed_in(bruno).get(reverse("staff_export_ask")))

    assert "Agreed to “News and action alerts: E-mail”, and can be written to: 1 person" in said


@pytest.mark.parametrize("place", ["ask", "approve", "refuse", "fetch", "end"])
def test_every_deed_on_exports_wants_a_fresh_second_factor(organization, bruno, amina, place):
    export = ask(bruno)
    run_line("exports")
    path = reverse(f"staff_export_{place}", args=[] if place == "ask" else [export.pk])
    stale = signed_in(bruno, minutes_ago=6)
    before = list(ExportRequest.objects.values())
    asked, pressed = stale.get(path), stale.post(path, ASKED)

    assert asked.url.startswith("/accounts/2fa/reauthenticate/?next=")
    assert pressed.status_code == 200
    assert "Confirm it in another tab" in text_of(pressed)
    assert "For the vigil" in text_of(pressed) or place != "ask"
    assert list(ExportRequest.objects.values()) == before


def test_a_password_alone_is_no_second_factor(bruno, amina):
    browser = signed_in(bruno)
    session = browser.session
    session["account_authentication_methods"] = session["account_authentication_methods"][:1]
    session.save()

    assert browser.get(reverse("staff_export_ask")).status_code == 302


def test_a_long_list_needs_chidi(bruno, chidi, amina, monkeypatch):
    monkeypatch.setattr(exporting, "SECOND_PERSON_ABOVE", 0)
    monkeypatch.setattr("amparo.supporters.exports.export_making.SECOND_PERSON_ABOVE", 0)
    export = ask(bruno)
    approve = reverse("staff_export_approve", args=[export.pk])
    assert "Somebody else has to approve" in text_of(signed_in(bruno).post(approve))
    said = text_of(signed_in(chidi).get(approve))
    assert "For: For the vigil" in said
    assert "1 person." in said

    signed_in(chidi).post(approve)
    run_line("exports")
    export.refresh_from_db()
    assert (export.state, export.approved_by) == ("ready", chidi)
    fetch = reverse("staff_export_fetch", args=[export.pk])
    assert "not there any more" in text_of(signed_in(chidi).post(fetch))
    assert signed_in(bruno).post(fetch).streaming


def test_after_a_week_there_is_nothing_to_fetch(bruno, amina, tmp_path):
    export = ask(bruno)
    run_line("exports")
    ExportRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    run_line("exports")
    answer = signed_in(bruno).post(reverse("staff_export_fetch", args=[export.pk]))

    assert "not there any more" in text_of(answer)
    assert list(tmp_path.rglob("*.sealed")) == []
    assert "The file is deleted" in text_of(signed_in(bruno).get(reverse("staff_export", args=[export.pk])))


def test_whose_export_a_leaked_address_came_from(bruno, chidi, amina):
    export = ask(bruno)
    run_line("exports")
    answer = signed_in(bruno).post(reverse("staff_export_fetch", args=[export.pk]))
    leaked = next(
        line.split('"')[3]
        for line in b"".join(answer.streaming_content).decode().splitlines()
        if "office+" in line
    )
    whose = reverse("staff_export_whose")

    found = signed_in(chidi).post(whose, {"address": leaked})
    unknown = signed_in(chidi).post(whose, {"address": "amina@supporters.example.net"})
    stranger = signed_in(a_member_of_staff(an_organization("lamp-light"), "administrator"))
    assert found.url == reverse("staff_export", args=[export.pk])
    assert "in none of our exports" in text_of(unknown)
    assert "in none of our exports" in text_of(stranger.post(whose, {"address": leaked}))


def test_the_command_line_knows_it_too(bruno, amina, capsys):
    export = ask(bruno)
    run_line("exports")
    answer = signed_in(bruno).post(reverse("staff_export_fetch", args=[export.pk]))
    lines = b"".join(answer.streaming_content).decode().splitlines()
    leaked = next(line.split('"')[3] for line in lines if "office+" in line)

    call_command("supporters", "whose-export", leaked)
    assert "For the vigil" in capsys.readouterr().out
    with pytest.raises(CommandError, match="none of our exports"):
        call_command("supporters", "whose-export", "amina@supporters.example.net")
