"""The documents that the law asks for say what is kept, because they are made from it."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from amparo.accounts import audit
from amparo.kit.personal_data import Who, declarations, rules
from amparo.supporters.models import ExportRequest, Note
from amparo.supporters.records import SUBJECTS, article30, breach, dpia
from tests.factories.letters import a_letter, an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, a_supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization(postal_address="1 Long Lane")


def a_leak(now, **fields):
    defaults = {"what": breach.What.BACKUP, "since": now - timedelta(days=2), "until": now, "noticed_at": now}
    return breach.Leak(**{**defaults, **fields})


def test_the_record_names_everything_that_is_kept_and_how_long(organization, now):
    a_supporter(organization)
    a_supporter(an_organization("lamp-light"))
    record = article30.make(organization=organization, now=now)

    assert [group["model"] for group in record.data["groups"]] == [
        each.label for each in declarations(*SUBJECTS)
    ]
    assert {Who.SUPPORTER, Who.STAFF, Who.OFFICE} <= set(SUBJECTS)
    assert record.data["people"] == 1
    assert len(record.data["time_limits"]) == len(rules)
    for declaration in declarations(Who.SUPPORTER):
        assert str(declaration.title) in record.markdown
    assert "texts of letters: 28 days" in record.markdown
    for letter in "abcdefg":
        assert f"({letter})" in record.markdown


def test_the_record_names_the_company_by_which_mailings_leave(organization, now, settings):
    assert (
        "every mailing, with the addresses" not in article30.make(organization=organization, now=now).markdown
    )
    settings.AMPARO_MAIL_PROVIDER = "mailjet"
    record = article30.make(organization=organization, now=now)
    assert "\n* Mailjet: every mailing, with the addresses" in record.markdown
    assert record.data["mail_provider"] == "Mailjet"


def test_the_draft_asks_for_what_only_people_know(organization, now):
    record = dpia.make(organization=organization, now=now)

    assert len(record.data["risks"]) == len(dpia.RISKS)
    assert record.markdown.count("[say so]") == len(dpia.RISKS)
    assert "Art. 35(7)(a)" in record.markdown


def test_nothing_is_escaped_in_a_text(now):
    organization = an_organization("rights", name="Rights & Roses <x>")
    for record in (
        article30.make(organization=organization, now=now),
        dpia.make(organization=organization, now=now),
        breach.make(organization=organization, leak=a_leak(now), now=now),
    ):
        assert "Rights & Roses <x>" in record.markdown
        assert "&#x27;" not in record.markdown


def test_a_lost_backup_is_sealed_until_the_key_is_lost_too(organization, now):
    a_supporter(organization)
    sealed = breach.make(organization=organization, leak=a_leak(now), now=now)
    readable = breach.make(organization=organization, leak=a_leak(now, with_key=True), now=now)

    def columns(record):
        (table,) = [table for table in record.data["tables"] if table["model"] == "supporters.Supporter"]
        return table["in_the_clear"]

    assert "email" not in columns(sealed)
    assert "area" in columns(sealed)
    assert {"email", "given_name", "phone"} <= set(columns(readable))
    assert "Art. 34(3)(a)" in sealed.markdown
    assert "with political opinions in the clear" in readable.markdown


def test_the_clock_runs_72_hours_from_when_it_was_noticed(organization, now):
    leak = a_leak(now, noticed_at=now - timedelta(hours=12))
    record = breach.make(organization=organization, leak=leak, now=now)
    assert record.data["notify_until"] == (now + timedelta(hours=60)).isoformat()
    assert record.data["hours_left"] == 60


def test_a_table_concerns_those_who_have_a_row_in_it(organization, now):
    amina = a_supporter(organization)
    a_supporter(organization, given_name="Suzie")
    for _two in range(2):
        Note.objects.create(organization=organization, supporter=amina, text="x", written_at=now)
    leak = a_leak(now, what=breach.What.TABLE, table="supporters.note")
    assert breach.make(organization=organization, leak=leak, now=now).data["people"] == 1
    with pytest.raises(breach.NoSuchTable, match="There is no table called “notes”"):
        breach.make(
            organization=organization, leak=a_leak(now, what=breach.What.TABLE, table="notes"), now=now
        )


def test_an_office_mailbox_concerns_those_whose_letters_went_there_then(organization, now):
    page = an_email_page(organization)
    for age in (1, 1, 40):
        a_letter(page, state="sent", now=now - timedelta(days=age))
    leak = a_leak(now, what=breach.What.MAILBOX)
    assert breach.make(organization=organization, leak=leak, now=now).data["people"] == 2


def test_the_lists_that_were_taken_out_then_are_named_by_number(organization, now):
    chidi = a_member_of_staff(organization, "administrator")
    for age in (1, 40):
        ExportRequest.objects.create(
            organization=organization, asked_by=chidi, asked_at=now, reason="a hand-over", rows=7, written=7,
            columns=["email"], due_at=now, made_at=now - timedelta(days=age), expires_at=now, state="ready",
        )  # fmt: skip
    page = an_email_page(organization)
    letter = a_letter(page, action=an_action(page, now=now), now=now)
    audit.record(verb="read_letter", subject=letter, by=chidi, organization=organization, now=now)

    record = breach.make(organization=organization, leak=a_leak(now, what=breach.What.EXPORT), now=now)
    assert [export["rows"] for export in record.data["exports"]] == [7]
    assert record.data["people"] == 7
    assert record.data["deeds"] == [{"actor": chidi.pk, "verb": "read_letter", "count": 1}]
    assert chidi.email not in record.markdown


@pytest.mark.parametrize("words", [["article30"], ["dpia"], ["breach", "backup", "--since", "2026-11-01"]])
def test_each_is_made_at_the_command_line_for_people_and_for_machines(organization, words):
    def said(*more):
        out = StringIO()
        call_command("records", *words, "--organization", "open-doors", *more, stdout=out)
        return out.getvalue()

    assert said().startswith("# ")
    assert json.loads(said("--json"))["controller"]["name"] == "Open Doors"


def test_what_is_wrong_at_the_command_line_is_one_sentence(organization):
    with pytest.raises(CommandError, match="write a moment such as"):
        call_command("records", "breach", "backup", "--since", "yesterday", "--organization", "open-doors")
    with pytest.raises(CommandError, match="There is no table called"):
        call_command("records", "breach", "table", "--table", "x", "--organization", "open-doors")
