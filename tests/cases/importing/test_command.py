"""`amparo cases import` and `amparo cases template`."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from amparo.cases.models import Case, CaseImport
from tests.cases.importing.spreadsheets import FLAT
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path, settings):
    settings.AMPARO_VAR = tmp_path / "var"
    path = tmp_path / "cases.csv"
    path.write_text(FLAT, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def organization():
    return an_organization()


def run(*words, **options):
    said = io.StringIO()
    call_command("cases", *map(str, words), stdout=said, **options)
    return said.getvalue()


def test_a_dry_run_says_what_would_happen_and_leaves_nothing(
    file, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        said = run("import", file, "--organization", "open-doors", "--dry-run")

    assert "2  new cases" in said
    assert "Nothing was brought in." in said
    assert not Case.objects.exists()
    assert CaseImport.objects.get().state == "forgotten"
    assert not list(settings.AMPARO_VAR.rglob("*.sealed"))


def test_it_brings_in_what_is_right_and_fails_for_the_rest(file, capsys):
    file.write_text(FLAT.replace("2026-12-14", "soon"), encoding="utf-8")

    with pytest.raises(CommandError, match="1 cases stayed out"):
        run("import", file, "--organization", "open-doors", "--json")

    assert [case.reference for case in Case.objects.all()] == ["IS-9"]


def test_json_lists_every_problem_with_its_cell(file):
    file.write_text(FLAT.replace("2026-12-14", "soon"), encoding="utf-8")

    told = json.loads(run("import", file, "--organization", "open-doors", "--dry-run", "--json"))

    (problem,) = told["problems"]
    assert (told["brought_in"], told["counts"]["new cases"]) == (False, 1)
    assert (problem["row"], problem["letter"], problem["column"], problem["case"]) == (2, "I", "day", "MT-1")


def test_new_records_are_added_when_asked_for(file):
    run("import", file, "--organization", "open-doors")
    with pytest.raises(CommandError, match="Nothing of this file"):
        run("import", file, "--organization", "open-doors")
    file.write_text(FLAT.replace("Assembly", "Insult"), encoding="utf-8")

    assert "cases added to" in run("import", file, "--organization", "open-doors", "--add")


def test_an_unknown_organization_is_named_beside_those_there_are(file):
    with pytest.raises(CommandError, match="there are: open-doors"):
        run("import", file, "--organization", "nobody")


def test_the_empty_workbook_is_written_once(tmp_path):
    path = tmp_path / "empty.xlsx"
    run("template", path)
    assert path.read_bytes()[:2] == b"PK"
    with pytest.raises(CommandError, match="not overwritten"):
        run("template", path)
