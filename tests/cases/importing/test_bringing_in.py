"""Cases come from a spreadsheet: tried first, then written case by case, all of a case or none of it."""

from __future__ import annotations

from datetime import date

import pytest

from amparo.accounts.models import AuditEntry
from amparo.cases.importing import running, sheets, stored_file
from amparo.cases.models import (
    Case,
    CaseImport,
    Charge,
    Citation,
    Clearance,
    CustodySpell,
    Hearing,
    Person,
    PersonName,
    Proceeding,
    Relation,
    Source,
)
from tests.cases.importing.spreadsheets import FLAT, brought_in, handed_over, said, workbook
from tests.factories.cases import a_case, a_spell
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture(autouse=True)
def _state(settings, tmp_path):
    settings.AMPARO_VAR = tmp_path


def test_a_dry_run_counts_and_saves_nothing(organization):
    run = handed_over(FLAT, organization)

    assert run.counts == {
        "new cases": 2, "Case": 2, "Person": 2, "PersonName": 3, "CustodySpell": 2, "Proceeding": 1,
        "Charge": 2, "Hearing": 1, "Source": 1, "there already": 0,
    }  # fmt: skip
    assert said(run) == []
    assert not Case.objects.exists()
    assert not Person.objects.exists()


def test_a_row_becomes_a_case_with_everything_below_it(organization):
    brought_in(FLAT, organization)

    case = Case.objects.get(reference="MT-1")
    spell, proceeding = case.spells.get(), case.proceedings.get()
    assert [name.text for name in case.person.names.all()] == ["Mira Talvik", "Мира Тальвик"]
    assert (case.person.birth_date, case.responsible_state) == ("1990-05", "EE")
    assert (spell.began, spell.kind, spell.ended) == ("2025-10", "pre-trial", "")
    assert [charge.text for charge in proceeding.charges.all()] == ["Leaflets", "Assembly"]
    assert proceeding.hearings.get().day == date(2026, 12, 14)
    assert case.sources.get().title == "Report"
    assert CustodySpell.objects.get(case__reference="IS-9").began == "2015-10-12"


def test_nothing_that_came_is_public_and_the_trail_says_who_brought_it(organization):
    brought_in(FLAT, organization)

    assert not Clearance.objects.exists()
    assert list(AuditEntry.objects.values_list("verb", flat=True).order_by("id")) == [
        "check_cases",
        "import_cases",
    ]


def test_the_file_lies_sealed_and_goes_when_it_was_brought_in(
    organization, settings, django_capture_on_commit_callbacks
):
    run = handed_over(FLAT, organization)
    (kept,) = [path for path in settings.AMPARO_VAR.rglob("*") if path.is_file()]
    assert b"Talvik" not in kept.read_bytes()
    assert b"Talvik" in stored_file.open_file(run).read()

    with django_capture_on_commit_callbacks(execute=True):
        running.start(run=run, by=None, now=run.entered_at)

    assert not kept.exists()


BOOK = {
    "Cases": [["reference", "title"], ["A-1", "The printer"], ["A-2", "The cousin"]],
    "Names": [["case", "text"], ["A-1", "Mira Talvik"], ["A-2", "Ilan Sarr"]],
    "Relations": [["case", "kind", "other"], ["A-2", "cousin", "A-1"], ["A-2", "lawyer", "Dana Ruiz"]],
    "Proceedings": [
        ["case", "key", "court", "appeal_of"],
        ["A-1", "appeal", "High court", "first"],
        ["A-1", "first", "District court", None],
    ],
    "Charges": [["case", "below", "text"], ["A-1", "first", "Leaflets"]],
    "Hearings": [
        ["case", "key", "below", "day", "hour", "status", "postponed_to"],
        ["A-1", "h1", "first", date(2026, 3, 4), "9:30", "postponed", "h2"],
        ["A-1", "h2", "first", "2026-04-04", "09:30", "", None],
    ],
    "Sources": [["case", "key", "title", "kind"], ["A-1", "s1", "Judgment", "court record"]],
    "Citations": [
        ["case", "below", "passage", "record_type", "record_id", "column"],
        ["A-1", "s1", "He printed them.", "Proceeding", "first", "court"],
        ["A-1", "s1", "", "Case", "A-1", "title"],
    ],
}


def test_a_sheet_for_each_kind_is_joined_by_keys(organization):
    run = brought_in(workbook(**BOOK), organization)

    assert said(run) == []
    first, appeal = (
        Proceeding.objects.exclude(appeal_of__isnull=False).get(),
        Proceeding.objects.get(appeal_of__isnull=False),
    )
    assert (first.court, appeal.court, appeal.appeal_of) == ("District court", "High court", first)
    assert Charge.objects.get().proceeding == first
    earlier, later = Hearing.objects.order_by("day")
    assert (earlier.postponed_to, earlier.hour.isoformat(), later.status) == (later, "09:30:00", "scheduled")
    assert {citation.record_id for citation in Citation.objects.all()} == {
        first.pk,
        Case.objects.get(reference="A-1").pk,
    }
    assert Source.objects.get().kind == "court"
    mira = Case.objects.get(reference="A-1").person
    cousin, lawyer = Relation.objects.order_by("kind")
    assert (cousin.other, lawyer.other.names.get().text) == (mira, "Dana Ruiz")


def test_every_error_stands_at_its_cell(organization):
    book = {
        "Cases": [["reference", "responsible_state"], ["A-1", "Narnia"], ["A-2", "FR"], ["A-3", ""]],
        "Names": [["case", "text"], ["A-1", "Mira"], ["A-2", "Ilan"]],
        "Times_in_custody": [
            ["case", "began", "ended", "end", "kind"],
            ["A-2", "03/04/2021", "", "", ""],
            ["A-2", "2015-13", "", "", "gaol"],
            ["A-2", "2020", "2019", "released", ""],
            ["A-2", "2012", "2013", "", ""],
            ["A-9", "2020", "", "", ""],
        ],
        "Charges": [["case", "below", "text"], ["A-2", "nowhere", "Leaflets"], ["A-2", "", ""]],
        "Hearings": [["case", "key", "below", "day"]],
    }  # fmt: skip

    run = handed_over(workbook(**book), organization)

    assert said(run) == [
        ("Cases", 2, "B", "Write the country as two lette"),
        ("Times in custody", 2, "B", "This could be two different da"),
        ("Times in custody", 3, "B", "Write a day as 2015-10-12, a m"),
        ("Times in custody", 3, "E", "This is none of the choices. T"),
        ("Times in custody", 4, "B", "It ends before it begins. One "),
        ("Times in custody", 5, "", "This does not go together: an "),
        ("Charges", 2, "B", "Below which row does this belo"),
        ("Charges", 3, "B", "Below which row does this belo"),
        ("Cases", 4, "", "Write at least one name of the"),
        ("Times in custody", 6, "A", "There is no case with this ref"),
    ]
    assert run.counts == {"cases left out": 4}
    with pytest.raises(running.NothingToBringIn):
        running.start(run=run, by=None, now=run.entered_at)


def test_a_case_with_an_error_stays_out_whole_and_the_others_come_in(organization):
    run = brought_in(FLAT.replace("2026-12-14", "soon"), organization)

    assert [case.reference for case in Case.objects.all()] == ["IS-9"]
    assert said(run) == [("", 2, "I", "Write a day as 2015-10-12, a m")]
    assert (run.counts["new cases"], run.counts["cases left out"]) == (1, 1)
    assert not PersonName.objects.filter(person__cases=None).exists()


def test_headings_and_sheets_that_are_none_of_ours_stop_the_file(organization):
    run = handed_over(
        workbook(Cases=[["reference", "titel"], ["A-1", "x"]], Prisons=[["a", "b"], ["c", "d"]]), organization
    )

    assert said(run)[:2] == [
        ("Cases", 1, "B", "No column of the register is c"),
        ("Prisons", 1, "", "This table is none of ours: it"),
    ]
    with pytest.raises(running.FileNotUnderstood):
        running.start(run=run, by=None, now=run.entered_at)


def test_a_case_that_is_there_is_refused_and_stays_as_it_is(organization):
    a_case(organization, reference="MT-1", title="As it was")

    run = brought_in(FLAT, organization)

    assert said(run) == [("", 2, "A", "There is a case with this refe")]
    assert Case.objects.get(reference="MT-1").title == "As it was"
    assert CustodySpell.objects.filter(case__reference="MT-1").count() == 0


def test_new_records_are_added_to_a_case_if_that_was_said_and_nothing_is_overwritten(organization):
    brought_in(FLAT, organization)
    more = FLAT.replace("Assembly", "Insult").replace("Estonia", "Latvia").replace("1990-05", "1991")

    run = brought_in(more, organization, existing=CaseImport.Existing.ADD)

    case = Case.objects.get(reference="MT-1")
    assert sorted(charge.text for charge in Charge.objects.all()) == ["Assembly", "Insult", "Leaflets"]
    assert (case.responsible_state, case.person.birth_date) == ("EE", "1990-05")
    assert run.counts == {"cases added to": 1, "Charge": 1, "there already": 9}
    assert [(letter, sentence[:10]) for _sheet, _row, letter, sentence in said(run)] == [
        ("", "This stand"),
        ("", "This stand"),
    ]


def test_bringing_the_same_file_in_twice_changes_nothing(organization):
    brought_in(workbook(**BOOK), organization)
    before = {model: model.objects.count() for model in (Case, PersonName, Charge, Hearing, Citation, Person)}

    run = handed_over(workbook(**BOOK), organization, existing=CaseImport.Existing.ADD)

    assert (run.counts["there already"], run.counts.get("cases added to")) == (12, None)
    with pytest.raises(running.NothingToBringIn):
        running.start(run=run, by=None, now=run.entered_at)
    assert before == {model: model.objects.count() for model in before}


def test_what_overlaps_the_register_is_refused(organization):
    a_spell(a_case(organization, reference="MT-1"), "2024-01-01")

    run = handed_over(FLAT, organization, existing=CaseImport.Existing.ADD)

    assert ("", 2, "E", "Somebody is not taken into cus") in said(run)
    assert run.counts["cases left out"] == 1


def test_a_relation_names_no_case_further_down_or_left_out(organization):
    book = dict(BOOK, Relations=[["case", "kind", "other"], ["A-1", "cousin", "A-2"]])

    assert said(handed_over(workbook(**book), organization)) == [
        ("Relations", 2, "C", "That case comes further down i")
    ]


def test_another_organizations_cases_are_not_known(organization):
    a_case(an_organization("others"), reference="MT-1", slug="x")

    run = brought_in(FLAT, organization)

    assert run.counts["new cases"] == 2
    assert Case.objects.filter(reference="MT-1").count() == 2


def test_a_file_is_brought_in_once(organization):
    run = brought_in(FLAT, organization)
    with pytest.raises(running.CannotRun):
        running.start(run=run, by=None, now=run.entered_at)
    with pytest.raises(running.CannotRun):
        running.forget(run=run, by=None, now=run.entered_at)


def test_files_that_nobody_brought_in_are_forgotten(organization, now, django_capture_on_commit_callbacks):
    run = handed_over(FLAT, organization)
    assert running.forget_old(now=now + stored_file.KEPT) == 0

    with django_capture_on_commit_callbacks(execute=True):
        assert running.forget_old(now=now + stored_file.KEPT + stored_file.KEPT) == 1

    run.refresh_from_db()
    assert run.state == CaseImport.State.FORGOTTEN
    with pytest.raises(FileNotFoundError):
        stored_file.open_file(run)


def test_problems_come_as_a_table_without_formulas_and_without_what_was_typed(organization):
    run = handed_over(FLAT.replace("MT-1", "=MT-1").replace("2026-12-14", "Kanarek"), organization)

    table = running.problems_as_csv(run)

    assert "'=MT-1" in table
    assert ",I,day," in table
    assert "Kanarek" not in table


def test_too_long_a_file_is_refused(organization, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 1)
    with pytest.raises(sheets.TooManyRows):
        handed_over(FLAT, organization)
    assert not CaseImport.objects.exists()


@pytest.mark.parametrize(("place", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (703, "AAA")])
def test_columns_are_called_as_spreadsheets_call_them(place, letters):
    assert sheets.letter_of(place) == letters
