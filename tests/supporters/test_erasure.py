"""Amina asks to be forgotten: at once, everywhere, and no import or backup brings her back (guarantee P4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from amparo.accounts.models import AuditEntry
from amparo.actions.models import Action, Answer, Message, MessageEvent
from amparo.kit.ids import new_id
from amparo.mailings.models import Notice
from amparo.mailings.posting import post_notice
from amparo.supporters import consent, identity, suppression, wordings
from amparo.supporters.models import (
    Channel,
    ConsentRecord,
    CustomField,
    CustomValue,
    Note,
    Origin,
    OtherAddress,
    Purpose,
    Supporter,
    Suppression,
    Tag,
    Tagging,
    Tombstone,
)
from amparo.supporters.rights import erasure, tombstones
from amparo.targets import contacting
from amparo.targets.models import MistakeReport
from tests.factories.letters import a_letter, an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, a_supporter

pytestmark = pytest.mark.django_db
AMINA = "amina@supporters.example.net"


@pytest.fixture(autouse=True)
def _state(settings, tmp_path):
    """A journal of its own."""
    settings.AMPARO_VAR = tmp_path


@pytest.fixture
def amina(now):
    """Somebody of whom there is a row in every table that can hold one."""
    organization = an_organization()
    page = an_email_page(organization)
    supporter = a_supporter(organization, phone="+441632960001")
    supporter.phone = "+441632960001"
    supporter.phone_fingerprint = identity.phone_fingerprint_of("+441632960001", organization=organization)
    supporter.save()
    action = an_action(page, supporter=supporter, now=now)
    for number, state in enumerate(["pending", "queued", "held", "sent"]):
        a_letter(page, action=action, state=state, target_key=f"exa/assembly/A{number}", now=now)
    sent = Message.objects.get(state="sent")
    Answer.objects.create(
        organization=organization, message=sent, kind="yes", summary="Amina says: thank you", recorded_at=now
    )
    wording = wordings.word(
        organization=organization, purpose=Purpose.NEWS, channel=Channel.EMAIL, language="en", text="May we?"
    )
    consent.record(supporter=supporter, answers={wording.pk: True}, source="/write/", now=now)
    tag = Tag.objects.create(organization=organization, name="printers", created_at=now)
    Tagging.objects.create(tag=tag, supporter=supporter, tagged_at=now)
    field = CustomField.objects.create(organization=organization, key="union", label="Union")
    CustomValue.objects.create(organization=organization, supporter=supporter, field=field, sealed="Printers")
    Note.objects.create(organization=organization, supporter=supporter, text="Called Amina", written_at=now)
    other = "amina.rahal@example.org"
    OtherAddress.objects.create(
        organization=organization,
        supporter=supporter,
        email=other,
        fingerprint=identity.fingerprint_of(other, organization=organization),
        added_at=now,
    )
    contacting.report_mistake(
        organization=organization, target_key="exa/x", what="He left.", email=AMINA.upper(), now=now
    )
    for ordinal, address in enumerate([AMINA, other]):
        post_notice(
            organization=organization, kind="letters_sent", subject_id=action.pk, ordinal=ordinal,
            recipient=address, language="en", now=now,
        )  # fmt: skip
    return Supporter.objects.get(pk=supporter.pk)


def erase(supporter, now, **options):
    defaults = {"by": None, "origin": Origin.PREFERENCES}
    return erasure.erase(supporter=supporter, now=now, **{**defaults, **options})


def test_nothing_personal_is_left_and_nothing_that_was_counted_changes(amina, now):
    done = erase(amina, now)

    amina.refresh_from_db()
    assert amina.anonymized_at == now
    assert [amina.full_name, amina.email, amina.phone, amina.area, amina.agreed_to] == ["", None, None, "", 0]
    action = Action.objects.get()
    assert (action.full_name, action.state) == ("", "confirmed")
    assert set(Message.objects.values_list("body", "subject", "closing", "salutation")) == {(None,) * 4}
    assert Answer.objects.get().summary is None
    for model in (Note, Tagging, CustomValue, OtherAddress, MistakeReport):
        assert not model.objects.exists(), model
    assert Tag.objects.exists()
    assert done.rows["actions.Message"] == 4


def test_letters_that_wait_are_withdrawn_and_those_that_left_stay_sent(amina, now):
    erase(amina, now)

    assert sorted(Message.objects.values_list("state", flat=True)) == [
        "sent",
        "withdrawn",
        "withdrawn",
        "withdrawn",
    ]
    assert MessageEvent.objects.filter(state="withdrawn").count() == 3


def test_mails_that_wait_are_dropped_for_each_of_her_addresses(amina, now):
    erase(amina, now)

    assert set(Notice.objects.values_list("state", "recipient", "recipient_mark")) == {("failed", None, None)}
    assert Notice.objects.count() == 2


def test_the_offices_that_got_her_letters_are_listed_and_remembered(amina, now):
    done = erase(amina, now)

    assert [(told.name, told.address) for told in done.recipients] == [
        ("Tove Ek", "minister@justice.example.org")
    ]
    assert Tombstone.objects.get().passed_on_to[0]["address"] == "minister@justice.example.org"


def test_the_ledger_stays_and_says_that_she_left(amina, now):
    later = now + timedelta(minutes=1)
    erase(amina, later)

    assert ConsentRecord.objects.count() == 2
    assert not consent.may_contact(supporter=amina, purpose=Purpose.NEWS, channel=Channel.EMAIL)


def test_no_import_brings_her_back_and_the_list_holds_no_digest(amina, now):
    organization = amina.organization
    suppression.suppress(
        organization=organization, email=AMINA, reason=Suppression.Reason.COMPLAINED, source="", now=now
    )
    erase(amina, now)

    for address in (AMINA, "amina.rahal@example.org"):
        assert suppression.is_suppressed(organization=organization, email=address)
    assert set(Suppression.objects.values_list("digest", flat=True)) == {None}
    assert identity.find(organization=organization, email=AMINA) is None


def test_she_may_come_back_by_herself(amina, now):
    erase(amina, now)

    again = a_supporter(amina.organization, now=now)
    assert suppression.lift_own(organization=amina.organization, email=AMINA, now=now)
    assert again.pk != amina.pk
    assert erasure.replay(now=now) == 0
    assert Supporter.objects.get(pk=again.pk).email == AMINA


def test_a_deed_that_waits_for_its_link_is_never_confirmed(now):
    page = an_email_page(an_organization())
    action = an_action(page, state=Action.State.PENDING, now=now)
    erase(action.supporter, now)

    action.refresh_from_db()
    assert (action.state, action.confirmation) == ("expired", None)


def test_merged_records_go_with_the_person_whichever_is_named(amina, now):
    other = a_supporter(amina.organization, given_name="Mina", email="mina@example.org")
    Supporter.objects.filter(pk=other.pk).update(merged_into=amina)
    other.refresh_from_db()
    erase(other, now)

    assert not Supporter.objects.filter(anonymized_at__isnull=True).exists()
    assert Tombstone.objects.count() == 2
    assert suppression.is_suppressed(organization=amina.organization, email="mina@example.org")


def test_others_are_left_alone(amina, now):
    suzie = a_supporter(amina.organization, given_name="Suzie")
    elsewhere = a_supporter(an_organization("lamp-light"))
    a_letter(an_email_page(amina.organization, title="Two"), action=None, now=now)
    erase(amina, now)

    for left in (suzie, elsewhere):
        left.refresh_from_db()
        assert left.email
        assert not suppression.is_suppressed(organization=left.organization, email=left.email)
    assert Message.objects.filter(body__isnull=False).count() == 1


def test_twice_is_once_and_staff_leave_a_trace(amina, now):
    chidi = a_member_of_staff(amina.organization, "administrator")
    assert not erase(amina, now, by=chidi, origin=Origin.STAFF).was_done
    assert erase(amina, now, by=chidi, origin=Origin.STAFF).was_done

    entry = AuditEntry.objects.get(verb="erase_supporter")
    assert (entry.actor, entry.details) == (chidi, {"origin": "staff", "records": 1, "told": 1})
    assert Tombstone.objects.get().erased_by == chidi


def test_a_preview_changes_nothing_and_says_the_same(amina, now):
    said = erasure.preview(supporter=amina)
    assert Message.objects.filter(body__isnull=False).count() == 4
    done = erase(amina, now)
    assert said.rows | {"supporters.Suppression": 2} == done.rows
    assert said.recipients == done.recipients


# --- The file beside the database -------------------------------------------------------------------------------


def test_the_journal_is_written_with_the_commit_and_names_nobody(
    amina, now, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        erase(amina, now)

    (line,) = tombstones.read()
    assert (line.supporter, line.moment) == (str(amina.pk), now)
    assert "amina" not in tombstones.journal().read_text().lower()
    assert oct(tombstones.journal().stat().st_mode)[-3:] == "600"


def bring_back(amina):
    """As a backup from before does."""
    Tombstone.objects.all().delete()
    Suppression.objects.all().delete()
    row = Supporter.objects.get(pk=amina.pk)
    for name in ("given_name", "family_name", "email", "phone", "email_fingerprint", "phone_fingerprint"):
        setattr(row, name, getattr(amina, name))
    row.anonymized_at = None
    row.save()


def test_whom_a_backup_brings_back_is_erased_again(amina, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        erase(amina, now)
    bring_back(amina)

    with django_capture_on_commit_callbacks(execute=True):
        assert erasure.replay(now=now + timedelta(days=3)) == 1
        assert erasure.replay(now=now + timedelta(days=3)) == 0

    assert Supporter.objects.get(pk=amina.pk).email is None
    assert Tombstone.objects.get().erased_at == now
    assert suppression.is_suppressed(organization=amina.organization, email=AMINA)
    assert len(list(tombstones.read())) == 1


def test_a_backup_from_before_she_came_still_does_not_let_an_import_bring_her(
    amina, now, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        erase(amina, now)
    organization = amina.organization
    line = next(tombstones.read())
    Tombstone.objects.all().delete()
    Suppression.objects.all().delete()
    other = tombstones.Line(
        **{**{name: getattr(line, name) for name in line.__slots__}, "supporter": str(new_id())}
    )
    tombstones.journal().unlink()
    tombstones.write([other])

    erasure.replay(now=now)

    assert suppression.is_suppressed(organization=organization, email=AMINA)


def test_a_merge_that_was_undone_later_takes_nobody_along(amina, now):
    """Found while writing: a backup may hold a merge that was undone before only one of the two was erased."""
    suzie = a_supporter(amina.organization, given_name="Suzie")
    Supporter.objects.filter(pk=suzie.pk).update(merged_into=amina)
    tombstones.write(
        [tombstones.Line(str(amina.organization_id), str(amina.pk), (), "staff", now.isoformat())]
    )

    assert erasure.replay(now=now) == 1
    suzie.refresh_from_db()
    assert suzie.email


def test_what_only_the_database_knows_is_added_to_the_journal(amina, now):
    erase(amina, now)
    assert list(tombstones.read()) == []

    erasure.replay(now=now)

    assert [line.supporter for line in tombstones.read()] == [str(amina.pk)]


def test_a_torn_line_hides_no_other(now):
    tombstones.journal().write_text('{"organization": "torn')
    line = tombstones.Line(str(new_id()), str(new_id()), ("ab" * 32,), "staff", now.isoformat())
    tombstones.write([line])
    tombstones.write([])

    assert list(tombstones.read()) == [line]
    assert erasure.replay(now=now) == 0, "an organization that this database does not hold"


def test_the_line_of_work_replays_first_and_goes_on_when_a_rule_fails(amina, now, monkeypatch):
    from amparo.kit import personal_data
    from amparo.kit.work import run_line
    from amparo.supporters.rights import erasure_line

    erasure_line._next_pass.forget()
    tombstones.write(
        [tombstones.Line(str(amina.organization_id), str(amina.pk), (), "staff", now.isoformat())]
    )
    monkeypatch.setitem(
        personal_data.rules._items, "a broken rule", personal_data.Rule("", timedelta(1), lambda now: 1 / 0)
    )
    line = erasure_line.Forgetting()
    assert line.due(now=now) == 1
    assert line.oldest_waiting(now=now) == now
    done = run_line("erasure", now_source=lambda: now, limit=20)
    assert done.done >= 1
    assert Supporter.objects.get(pk=amina.pk).email is None
    assert line.claim(limit=9, now=now + timedelta(hours=2))
    erasure_line._next_pass.forget()


def test_no_byte_of_hers_is_left_in_the_database(amina, now):
    erase(amina, now)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            text = str(cursor.fetchall()).lower()
            assert "amina" not in text, table
