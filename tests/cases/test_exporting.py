"""Cases as files: what may be read and was asked for, no formula, and a workbook that can be brought in again."""

from __future__ import annotations

import io
import json
from datetime import date, time
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from amparo.accounts.models import AuditEntry
from amparo.cases import exporting, register
from amparo.cases.exporting import Form
from amparo.cases.importing import layout, template
from amparo.cases.models import (
    Case,
    CaseImport,
    Citation,
    Contact,
    HealthNote,
    Proceeding,
    Relation,
    Sentence,
    Source,
    Verdict,
)  # fmt: skip
from tests.cases.importing.spreadsheets import brought_in, handed_over, said
from tests.factories.cases import a_case, a_condition, a_development, a_hearing, a_person, a_spell
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff

pytestmark = pytest.mark.django_db

FRAME = {"entered_at": NOW, "changed_at": NOW}


@pytest.fixture(autouse=True)
def _state(settings, tmp_path):
    settings.AMPARO_VAR = tmp_path


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def case(organization):
    """A case with something of most kinds, and with texts that a spreadsheet would take for formulas."""
    frame = FRAME | {"organization": organization}
    case = a_case(
        organization, title="=2+5", summary="-- never trust it;\n- neither this", responsible_state="FR"
    )
    a_spell(case, "2015-10", "2016-01-02", kind="pre-trial", authority="@police")
    a_spell(case, "2020-03-03", kind="sentence")
    a_condition(case, "2021")
    a_development(case, "2026-03-03", "Moved", is_news=True)
    first = a_hearing(case, date(2026, 3, 4), hour=time(9, 30), status="postponed").proceeding
    later = a_hearing(case, date(2026, 4, 4))
    first.hearings.filter(status="postponed").update(postponed_to=later)
    appeal = Proceeding.objects.create(case=case, court="High court", appeal_of=first, **frame)
    verdict = Verdict.objects.create(
        proceeding=appeal, dated="2026", outcome="convicted", counts_total=6, **frame
    )
    Sentence.objects.create(verdict=verdict, kind="fine", amount="1250.50", currency="EUR", **frame)
    Relation.objects.create(
        person=case.person, other=a_person(organization, "Dana Ruiz"), kind="lawyer", **frame
    )
    HealthNote.objects.create(case=case, text="Kanarek-health", **frame)
    source = Source.objects.create(case=case, title="Kanarek-source", is_confidential=True, **frame)
    Citation.objects.create(
        source=source, record_type="Case", record_id=case.pk, passage="Kanarek-passage", **frame
    )
    Contact.objects.create(case=case, role="mother", name="Kanarek-mother", **frame)
    return case


def exported(organization, form=Form.XLSX, *, role="approver", restricted=False):
    by = a_member_of_staff(organization, role)
    cases = Case.objects.filter(organization=organization)
    return exporting.export(
        cases=cases, organization=organization, form=form, restricted=restricted, by=by, now=NOW
    )


def everything(content: bytes) -> str:
    with ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def test_restricted_columns_are_in_it_only_when_they_were_asked_for(organization, case):
    for form in (Form.CSV, Form.XLSX):
        assert "Kanarek" not in everything(exported(organization, form))
        assert "Kanarek-mother" in everything(exported(organization, form, restricted=True))
    assert b"Kanarek" not in exported(organization, Form.JSON)
    assert b"Kanarek-health" in exported(organization, Form.JSON, restricted=True)


def test_restricted_columns_are_for_approvers_alone(organization, case):
    with pytest.raises(exporting.MayNotRead):
        exported(organization, role="editor", restricted=True)
    assert not AuditEntry.objects.filter(verb="export_cases").exists()


def test_the_trail_says_who_took_what(organization, case):
    exported(organization, Form.CSV, restricted=True)

    entry = AuditEntry.objects.get(verb="export_cases")
    assert entry.details == {"cases": 1, "form": "csv", "restricted": True}
    assert entry.subject_id == str(case.pk)


def test_nothing_of_another_organization_is_in_it(organization, case):
    other = an_organization("others")
    a_case(other, reference="Kanarek-other", slug="other", title="Kanarek-other")

    assert "Kanarek-other" not in everything(exported(organization))
    with pytest.raises(exporting.NothingToExport):
        exported(an_organization("third"))


def test_no_cell_is_a_formula(organization, case):
    book = load_workbook(io.BytesIO(exported(organization)))
    shown = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]

    assert {cell.data_type for cell in shown} == {"s"}
    assert "'=2+5" in {cell.value for cell in shown}
    assert "'=2+5" in everything(exported(organization, Form.CSV))


def test_a_workbook_holds_a_sheet_for_each_kind_that_can_be_brought_in(organization, case):
    book = load_workbook(io.BytesIO(exported(organization, restricted=True)))

    assert [layout.kind_called(sheet.title) for sheet in book] == layout.kinds()


def told(organization):
    """What the register holds, without its numbers."""
    found = json.loads(exported(organization, Form.JSON, restricted=True))["cases"]
    for case in found:
        for rows in case.values():
            for row in rows if isinstance(rows, list) else [rows]:
                for name in ("id", "below", "appeal_of", "postponed_to", "record_id"):
                    row[name] = bool(row.get(name))
    return found


@pytest.mark.parametrize("form", [Form.XLSX, Form.CSV])
def test_what_was_exported_can_be_brought_in_elsewhere_and_is_the_same(organization, case, form):
    content = exported(organization, form, restricted=True)
    elsewhere = an_organization("elsewhere")

    run = brought_in(content, elsewhere)

    assert said(run) == []
    assert told(elsewhere) == told(organization)


def test_without_restricted_columns_it_can_be_brought_in_as_well(organization, case):
    elsewhere = an_organization("elsewhere")

    run = brought_in(exported(organization), elsewhere)

    assert (said(run), run.counts["new cases"]) == ([], 1)


def test_what_was_exported_and_is_brought_in_again_changes_nothing(organization, case):
    content = exported(organization, restricted=True)

    run = handed_over(content, organization, existing=CaseImport.Existing.ADD)

    assert (said(run), run.counts.get("cases added to")) == ([], None)


def test_the_template_has_every_kind_with_its_choices_and_reads_as_an_empty_book(organization):
    book = load_workbook(io.BytesIO(template.workbook()))

    assert {layout.kind_called(name).name for name in book.sheetnames[2:]} == {
        kind.name for kind in register.KINDS.values() if kind.parent or kind.name in {"Case", "Person"}
    }
    spells = book["Times in custody"]
    assert [cell.value for cell in spells[1]] == layout.columns(register.KINDS["CustodySpell"])
    choices = next(rule for rule in spells.data_validations.dataValidation if "F2" in rule.sqref)
    column = choices.formula1.split("$")[1]
    offered = [cell.value for cell in book["Choices"][column] if cell.value]
    assert offered[:2] == ["CustodySpell.kind", "administrative, without charge"]
    assert spells.column_dimensions["C"].number_format == "@"
    run = handed_over(template.workbook(), organization)
    assert (said(run), run.counts) == ([], {})
