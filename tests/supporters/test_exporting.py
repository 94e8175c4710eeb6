"""Exports of lists: who may, with whom, for how long, and what is in the file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from amparo.accounts.models import AuditEntry
from amparo.kit.tables.cells import harmless
from amparo.kit.work import run_line
from amparo.supporters import consent, custom_fields, tagging, wordings
from amparo.supporters.exports import canaries, export_files, export_making, exporting
from amparo.supporters.models import Channel, ExportRequest, Purpose, Segment, Supporter
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_supporter

pytestmark = pytest.mark.django_db

State, Reach = ExportRequest.State, ExportRequest.Reach
CANARY_ROWS = 1


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
    return a_member_of_staff(organization, "approver", email="chidi@example.org")


def say_yes(supporter, *, purpose=Purpose.NEWS, channel=Channel.EMAIL, partner="", granted=True, now):
    wording = wordings.word(
        organization=supporter.organization,
        purpose=purpose,
        channel=channel,
        language="en",
        text="May we?",
        partner=partner,
    )
    consent.record(supporter=supporter, answers={wording.pk: granted}, source="/write/", now=now)
    supporter.refresh_from_db()
    return supporter


def people(organization, count, *, now):
    return [
        a_supporter(organization, given_name=f"Person{number}", email=f"p{number}@example.net", now=now)
        for number in range(count)
    ]


def ask(organization, by, *, now, **details):
    given = {
        "chosen": {},
        "reach": Reach.EVERYBODY,
        "columns": ["first_name", "last_name", "email"],
        "form": "csv",
        "reason": "For the vigil's stewards",
        **details,
    }
    return exporting.ask(organization=organization, by=by, now=now, **given)


def made(export, *, now):
    run_line("exports", now_source=lambda: now)
    export.refresh_from_db()
    return export


def contents(export, by, *, now):
    return b"".join(exporting.fetch(export=export, by=by, now=now))


def rows_of(export, by, *, now):
    return list(csv.DictReader(io.StringIO(contents(export, by, now=now).decode("utf-8-sig"))))


def verbs():
    return list(AuditEntry.objects.order_by("id").exclude(verb="appoint").values_list("verb", flat=True))


# --- From asking to the file --------------------------------------------------------------------------------------


def test_a_small_list_is_made_at_once_and_holds_everybody_and_one_invented_person(organization, bruno, now):
    people(organization, 3, now=now)
    export = made(ask(organization, bruno, now=now), now=now)
    rows = rows_of(export, bruno, now=now)

    assert export.state == State.READY
    assert export.written == export.rows == 3
    assert {row["email"] for row in rows} >= {"p0@example.net", "p1@example.net", "p2@example.net"}
    assert len(rows) == 3 + CANARY_ROWS
    assert verbs() == ["ask_export", "make_export", "download_export"]
    assert "vigil" not in str(list(AuditEntry.objects.values_list("details")))


def test_nothing_of_it_lies_in_the_clear(organization, bruno, now, tmp_path):
    people(organization, 3, now=now)
    for form in ("csv", "xlsx"):
        made(ask(organization, bruno, now=now, form=form), now=now)

    files = list(tmp_path.rglob("*.*"))
    assert len(files) == 2
    for file in files:
        assert b"Person" not in file.read_bytes()
        assert b"example.net" not in file.read_bytes()


def test_another_approver_does_not_get_the_file(organization, bruno, chidi, now):
    people(organization, 2, now=now)
    export = made(ask(organization, bruno, now=now), now=now)

    with pytest.raises(exporting.FileGone):
        exporting.fetch(export=export, by=chidi, now=now)


def test_a_reason_columns_and_somebody_are_needed(organization, bruno, now):
    with pytest.raises(exporting.NobodyChosen):
        ask(organization, bruno, now=now)
    people(organization, 1, now=now)
    with pytest.raises(exporting.ReasonMissing):
        ask(organization, bruno, now=now, reason="  ")
    with pytest.raises(exporting.NothingAboutThem):
        ask(organization, bruno, now=now, columns=["password"])


def test_the_file_is_deleted_after_a_week_and_its_link_dies(organization, bruno, now, tmp_path):
    people(organization, 2, now=now)
    export = made(ask(organization, bruno, now=now), now=now)
    almost, later = now + timedelta(days=7, seconds=-1), now + timedelta(days=7)

    assert made(export, now=almost).state == State.READY
    with pytest.raises(exporting.FileGone):
        exporting.fetch(export=export, by=bruno, now=later)
    assert made(export, now=later).state == State.EXPIRED
    assert list(tmp_path.rglob("*.sealed")) == []
    assert verbs()[-1] == "end_export"


def test_a_file_that_is_gone_or_damaged_is_said_and_not_counted(organization, bruno, now, tmp_path):
    people(organization, 2, now=now)
    export = made(ask(organization, bruno, now=now), now=now)
    (file,) = tmp_path.rglob("*.sealed")
    file.write_bytes(file.read_bytes()[:-3])

    with pytest.raises(exporting.FileGone):
        exporting.fetch(export=export, by=bruno, now=now)
    export.refresh_from_db()
    assert export.downloads == 0
    assert "download_export" not in verbs()


# --- The second person --------------------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch):
    """Three people are many here."""
    monkeypatch.setattr(exporting, "SECOND_PERSON_ABOVE", 3)
    monkeypatch.setattr(export_making, "SECOND_PERSON_ABOVE", 3)


def test_a_long_list_waits_for_somebody_else(organization, bruno, chidi, now, few):
    people(organization, 4, now=now)
    export = made(ask(organization, bruno, now=now), now=now)
    assert export.state == State.WAITING

    with pytest.raises(exporting.OwnExport):
        exporting.approve(export=export, by=bruno, now=now)
    exporting.approve(export=export, by=chidi, now=now)
    export = made(export, now=now)

    assert export.state == State.READY
    assert (export.approved_by, export.approved_rows) == (chidi, 4)


def test_the_database_itself_lets_nobody_approve_their_own(organization, bruno, now, few):
    people(organization, 4, now=now)
    export = ask(organization, bruno, now=now)

    with pytest.raises(IntegrityError), transaction.atomic():
        ExportRequest.objects.filter(pk=export.pk).update(approved_by=F("asked_by"))


def test_it_is_approved_once(organization, bruno, chidi, now, few):
    people(organization, 4, now=now)
    export = ask(organization, bruno, now=now)
    exporting.approve(export=export, by=chidi, now=now)

    with pytest.raises(exporting.AnsweredAlready):
        exporting.approve(export=export, by=chidi, now=now)
    with pytest.raises(exporting.AnsweredAlready):
        exporting.refuse(export=export, by=chidi, now=now)


def test_a_refused_list_is_never_made(organization, bruno, chidi, now, few):
    people(organization, 4, now=now)
    export = ask(organization, bruno, now=now)
    exporting.refuse(export=export, by=chidi, now=now)

    assert made(export, now=now).state == State.REFUSED
    with pytest.raises(exporting.AnsweredAlready):
        exporting.approve(export=export, by=chidi, now=now)


def test_a_list_that_nobody_answers_is_closed_after_a_week(organization, bruno, chidi, now, few):
    people(organization, 4, now=now)
    export = ask(organization, bruno, now=now)
    later = now + timedelta(days=7)

    with pytest.raises(exporting.AnsweredAlready):
        exporting.approve(export=export, by=chidi, now=later)
    assert made(export, now=later).state == State.EXPIRED


def test_a_short_list_that_grew_before_it_was_made_waits_after_all(organization, bruno, now, few):
    people(organization, 3, now=now)
    export = ask(organization, bruno, now=now)
    people(organization, 9, now=now)
    export = made(export, now=now)

    assert (export.state, export.rows, export.written) == (State.WAITING, 9, 0)


def test_an_approved_list_that_grew_much_is_asked_about_again(organization, bruno, chidi, now, few):
    people(organization, 10, now=now)
    export = ask(organization, bruno, now=now)
    exporting.approve(export=export, by=chidi, now=now)
    people(organization, 12, now=now)
    export = made(export, now=now)

    assert (export.state, export.approved_by, export.rows) == (State.WAITING, None, 12)


def test_an_approval_is_for_the_number_that_was_shown(organization, bruno, chidi, now, few):
    people(organization, 4, now=now)
    export = ask(organization, bruno, now=now)
    ExportRequest.objects.filter(pk=export.pk).update(rows=40_000)

    with pytest.raises(exporting.AnsweredAlready):
        exporting.approve(export=export, by=chidi, now=now)


# --- Who is on it -------------------------------------------------------------------------------------------------


def test_only_those_who_agreed_and_can_be_written_to(organization, bruno, now):
    amina, suzie, _dana, mallory = people(organization, 4, now=now)
    for yes in (amina, suzie, mallory):
        say_yes(yes, now=now)
    Supporter.objects.filter(pk=suzie.pk).update(unreachable="bounced")
    Supporter.objects.filter(pk=mallory.pk).update(paused_until=now + timedelta(days=1))

    agreed = made(ask(organization, bruno, now=now, reach=Reach.AGREED, agreed="news/email"), now=now)
    reachable = made(ask(organization, bruno, now=now, reach=Reach.REACHABLE), now=now)

    assert agreed.rows == 1
    assert amina.email in {row["email"] for row in rows_of(agreed, bruno, now=now)}
    assert reachable.rows == 3


def test_a_partner_gets_only_those_who_agreed_to_that_partner(organization, bruno, now):
    amina, suzie, dana = people(organization, 3, now=now)
    say_yes(amina, purpose=Purpose.PARTNER, partner="Lantern Trust", now=now)
    say_yes(suzie, purpose=Purpose.PARTNER, partner="Another Group", now=now)
    say_yes(dana, purpose=Purpose.PARTNER, partner="Lantern Trust", now=now)
    say_yes(
        dana, purpose=Purpose.PARTNER, partner="Lantern Trust", granted=False, now=now + timedelta(hours=1)
    )
    export = made(
        ask(organization, bruno, now=now, reach=Reach.PARTNER, partner="Lantern Trust"),
        now=now + timedelta(days=1),
    )

    assert export.rows == 1
    emails = {row["email"] for row in rows_of(export, bruno, now=now + timedelta(days=1))}
    assert amina.email in emails
    assert not emails & {suzie.email, dana.email}


def test_a_partner_gets_no_more_than_people_were_told(organization, bruno, now):
    (amina,) = people(organization, 1, now=now)
    say_yes(amina, purpose=Purpose.PARTNER, partner="Lantern Trust", now=now)

    with pytest.raises(exporting.NotForPartners):
        ask(
            organization,
            bruno,
            now=now,
            reach=Reach.PARTNER,
            partner="Lantern Trust",
            columns=["email", "phone"],
        )


def test_a_list_holds_nobody_of_another_organization(organization, bruno, now):
    people(organization, 1, now=now)
    a_supporter(an_organization("lamp-light"), email="theirs@example.net", now=now)
    export = made(ask(organization, bruno, now=now), now=now)

    assert "theirs@example.net" not in contents(export, bruno, now=now).decode()


def test_tags_answers_and_consents_are_columns(organization, bruno, now):
    (amina,) = people(organization, 1, now=now)
    say_yes(amina, now=now)
    for name in ("vigil", "steward"):
        tag = tagging.make_tag(organization=organization, name=name, by=bruno, now=now)
        tagging.tag_supporter(supporter=amina, tag=tag, by=bruno, now=now)
    field = custom_fields.make_field(
        organization=organization,
        label="Union",
        kind=custom_fields.Kind.TEXT,
        privacy=custom_fields.Privacy.PERSONAL,
        by=bruno,
        now=now,
    )
    custom_fields.answer(supporter=amina, field=field, text="Printers", by=bruno, now=now)
    export = ask(
        organization, bruno, now=now, columns=["email", "tags", "agreed_to", "custom:union", "joined"]
    )
    rows = rows_of(made(export, now=now), bruno, now=now)
    (row,) = (row for row in rows if row["email"] == amina.email)

    assert row == {
        "email": amina.email,
        "joined": "2026-11-22",
        "agreed_to": "news/email",
        "tags": "steward, vigil",
        "union": "Printers",
    }


# --- Formulas -----------------------------------------------------------------------------------------------------

NASTY = [
    '=HYPERLINK("http://mallory.test")',
    "+44 1632 960001",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
    "\u200b=1",
    "\x00=1",
]


@pytest.mark.parametrize("text", NASTY[:-1])
def test_whatever_could_begin_a_formula_gets_an_apostrophe(text):
    assert harmless(text).startswith("'")
    assert harmless(text).replace("'", "") == text


def test_a_null_in_front_hides_nothing():
    assert harmless("\x00=1") == "'=1"


@pytest.mark.parametrize("text", ["a;=1", "a\t+1", "a\n=1", "a\r\n @x"])
def test_what_another_country_reads_as_the_end_of_a_cell_begins_no_formula(text):
    breaks, _sign, _rest = harmless(text).rpartition("'")

    assert breaks[1] in ";\t\r\n"


@pytest.mark.parametrize("text", ["", "Suzie", "O'Brien", "a=b", "12", "علي"])
def test_anything_else_stays_as_it_is(text):
    assert harmless(text) == text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_is_a_formula(organization, bruno, now, form):
    for number, text in enumerate(NASTY):
        a_supporter(
            organization, given_name=text, family_name=f"\x00{text}", email=f"m{number}@example.net", now=now
        )
    export = made(ask(organization, bruno, now=now, form=form), now=now)
    file = io.BytesIO(contents(export, bruno, now=now))
    if form == "xlsx":
        sheet = openpyxl.load_workbook(file).active
        cells = [cell for row in sheet.iter_rows() for cell in row]
    else:
        # openpyxl types a text as a spreadsheet program would: what begins with = becomes a formula.
        sheet = openpyxl.Workbook().active
        for row in csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"))):
            sheet.append([cell.replace("\x00", "") for cell in row])
        cells = [cell for row in sheet.iter_rows() for cell in row]

    assert len(cells) == (1 + len(NASTY) + CANARY_ROWS) * 3
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(str(cell.value).lstrip()[:1] in "=+-@" for cell in cells)


def test_the_mark_in_front_is_a_choice(organization, bruno, now):
    people(organization, 1, now=now)
    with_mark = made(ask(organization, bruno, now=now), now=now)
    without = made(ask(organization, bruno, now=now, byte_order_mark=False), now=now)

    assert contents(with_mark, bruno, now=now).startswith(b"\xef\xbb\xbf")
    assert contents(without, bruno, now=now).startswith(b'"first_name"')


# --- The canary ---------------------------------------------------------------------------------------------------


def test_a_leaked_list_is_recognised_by_its_invented_person(organization, bruno, now):
    people(organization, 5, now=now)
    first = made(ask(organization, bruno, now=now), now=now)
    second = made(ask(organization, bruno, now=now), now=now)
    leaked = [row["email"] for row in rows_of(second, bruno, now=now)]
    (invented,) = (email for email in leaked if email.startswith("office+"))

    assert invented.endswith("@open-doors.example.org")
    assert canaries.whose(invented.upper(), organizations=[organization]) == second
    assert canaries.whose("p1@example.net", organizations=[organization]) is None
    assert canaries.whose(invented, organizations=[an_organization("lamp-light")]) is None
    assert first.canary != second.canary
    assert not Supporter.objects.filter(email_fingerprint=second.canary).exists()


# --- Workers that die ---------------------------------------------------------------------------------------------


def test_a_worker_that_died_is_followed_by_another(organization, bruno, now, tmp_path):
    people(organization, 2, now=now)
    export = ask(organization, bruno, now=now)
    export_making.claim(limit=1, now=now)
    export.refresh_from_db()
    export_files.new_file(export, claim=export.claimed_by).abandon()
    later = now + export_making.LEASE

    assert export_making.reclaim(now=now) == 0
    assert export_making.reclaim(now=later) == 1
    assert list(tmp_path.rglob("*.sealed")) == []
    assert made(export, now=later).state == State.READY


def test_what_kills_every_worker_is_given_up(organization, bruno, now):
    people(organization, 2, now=now)
    export = ask(organization, bruno, now=now)
    at = now
    for _time in range(export_making.MOST_ATTEMPTS):
        export_making.claim(limit=1, now=at)
        at += export_making.LEASE
        export_making.reclaim(now=at)
    export.refresh_from_db()

    assert export.state == State.FAILED


def test_a_full_disk_is_tried_again_and_leaves_no_half_file(organization, bruno, now, monkeypatch, tmp_path):
    people(organization, 2, now=now)
    export = ask(organization, bruno, now=now)
    with monkeypatch.context() as broken:
        broken.setattr(export_making.writing, "write_csv", _no_space)
        run_line("exports", now_source=lambda: now)
    export.refresh_from_db()

    assert export.state == State.QUEUED
    assert list(tmp_path.rglob("*.sealed")) == []
    assert made(export, now=now + export_making.RETRY_AFTER).state == State.READY


def _no_space(*_args, **_kwargs):
    raise OSError("No space left on device")


def test_a_long_list_costs_no_more_questions_per_person(organization, bruno, now, monkeypatch):
    monkeypatch.setattr(export_making, "PIECE", 4)
    people(organization, 20, now=now)
    export = ask(organization, bruno, now=now, columns=["email", "tags"])
    (pk,) = export_making.claim(limit=1, now=now)
    with CaptureQueriesContext(connection) as questions:
        export_making.make(pk, now=now)

    assert len(questions) < 45
    assert len(rows_of(made(export, now=now), bruno, now=now)) == 20 + CANARY_ROWS


def test_a_segment_is_kept_as_it_stood_when_the_list_was_asked_for(organization, bruno, now):
    people(organization, 2, now=now)
    a_supporter(organization, email="fr@example.net", country="FR", now=now)
    segment = Segment.objects.create(
        organization=organization,
        name="In France",
        question={"filter": "country", "countries": ["FR"]},
        created_at=now,
        changed_at=now,
    )
    export = ask(organization, bruno, now=now, chosen={"segment": str(segment.pk)})
    Segment.objects.update(question={"filter": "country", "countries": ["FR", "GB"]})
    export = made(export, now=now)

    assert export.rows == export.written == 1
    assert "p0@example.net" not in contents(export, bruno, now=now).decode()


def test_a_segment_of_another_organization_chooses_nobody(organization, bruno, now):
    people(organization, 2, now=now)
    theirs = Segment.objects.create(
        organization=an_organization("lamp-light"),
        name="Everybody",
        question={"filter": "country", "countries": ["GB"]},
        created_at=now,
        changed_at=now,
    )

    with pytest.raises(exporting.NobodyChosen):
        ask(organization, bruno, now=now, chosen={"segment": str(theirs.pk)})
