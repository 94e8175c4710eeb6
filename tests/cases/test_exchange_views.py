"""Chidi brings cases in, takes them back, and hands them out; Bruno hands out what he may read."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from amparo.cases.models import Case, CaseImport, Contact
from amparo.kit.work import run_line
from tests.cases.importing.spreadsheets import FLAT
from tests.factories.cases import a_case
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _state(settings, tmp_path):
    settings.AMPARO_VAR = tmp_path


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def bruno(organization):
    return signed_in(a_member_of_staff(organization))


@pytest.fixture
def chidi(organization):
    return signed_in(a_member_of_staff(organization, "approver"))


def hand_over(browser, organization, content=FLAT, *, work=True, **form):
    file = SimpleUploadedFile("cases.csv", content.encode())
    form = {"organization": organization.pk, "existing": "refuse", "file": file} | form
    answer = browser.post("/staff/cases/imports/add/", form)
    if work:
        run_line("case_imports")
    return answer


def test_chidi_sees_what_would_happen_brings_it_in_and_takes_it_back(
    chidi, organization, settings, django_capture_on_commit_callbacks
):
    answer = hand_over(chidi, organization, work=False)
    place = f"/staff/cases/imports/{CaseImport.objects.get().pk}/"
    assert answer.url == place
    assert "0 of 2 cases" in chidi.get(place).content.decode()
    run_line("case_imports")
    assert not Case.objects.exists()
    shown = chidi.get(place).content.decode()
    assert "What would happen" in shown
    assert "Cases that are new" in shown

    with django_capture_on_commit_callbacks(execute=True):
        chidi.post(f"{place}start/")
        assert "Being brought in" in chidi.get(place).content.decode()
        run_line("case_imports")
    assert Case.objects.count() == 2
    assert not [path for path in settings.AMPARO_VAR.rglob("*.sealed") if path.is_file()]
    assert "Take it back…" in chidi.get(place).content.decode()

    chidi.post(f"{place}undo/")
    assert not Case.objects.exists()
    assert CaseImport.objects.get().state == "undone"


def test_what_is_wrong_stands_with_its_cell_on_the_screen_and_in_a_table(chidi, organization):
    hand_over(chidi, organization, FLAT.replace("2026-12-14", "soon"))
    place = f"/staff/cases/imports/{CaseImport.objects.get().pk}/"

    shown = chidi.get(place).content.decode()
    table = chidi.get(f"{place}problems/")

    assert "<td>I2</td>" in shown
    assert "Bring them in…" in shown
    assert table["Content-Type"].startswith("text/csv")
    assert ",2,I,day,MT-1," in table.content.decode()


def test_a_file_that_is_none_is_answered_with_a_sentence_and_nothing_is_kept(chidi, organization, settings):
    answer = hand_over(chidi, organization, "%PDF-1.4")

    assert "neither a table of text nor a workbook" in answer.content.decode()
    assert not CaseImport.objects.exists()
    assert not [path for path in settings.AMPARO_VAR.rglob("*") if path.is_file()]


def test_too_large_a_file_and_none_at_all_are_answered(chidi, organization, monkeypatch):
    from amparo.cases import import_views

    answer = chidi.post("/staff/cases/imports/add/", {"organization": organization.pk, "existing": "add"})
    assert "Choose a file." in answer.content.decode()
    monkeypatch.setattr(import_views, "MOST_BYTES", 10)
    assert "more than 20 MB" in hand_over(chidi, organization).content.decode()
    monkeypatch.undo()
    monkeypatch.setattr(import_views, "MOST_RECORDS", 3)
    assert "amparo cases import" in hand_over(chidi, organization).content.decode()
    assert not CaseImport.objects.exists()


def test_a_file_that_is_not_brought_in_can_be_removed(
    chidi, organization, settings, django_capture_on_commit_callbacks
):
    hand_over(chidi, organization)
    with django_capture_on_commit_callbacks(execute=True):
        chidi.post(f"/staff/cases/imports/{CaseImport.objects.get().pk}/forget/")

    assert CaseImport.objects.get().state == "forgotten"
    assert not list(settings.AMPARO_VAR.rglob("*.sealed"))


def test_the_empty_workbook_is_handed_out(chidi):
    answer = chidi.get("/staff/cases/imports/template/")
    assert ZipFile(io.BytesIO(answer.content)).testzip() is None


def test_bruno_exports_without_restricted_columns_even_if_he_asks_for_them(bruno, organization):
    frame = {"organization": organization, "entered_at": NOW, "changed_at": NOW}
    Contact.objects.create(case=a_case(organization), role="mother", name="Kanarek", **frame)

    shown = bruno.get("/staff/cases/export/").content.decode()
    form = {"organization": organization.pk, "form": "json", "restricted": "on"}
    answer = bruno.post("/staff/cases/export/", form)

    assert 'name="restricted"' not in shown
    assert answer["Content-Disposition"].endswith('.json"')
    assert "Ilan Sarr" in answer.content.decode()
    assert "Kanarek" not in answer.content.decode()


def test_chidi_exports_one_case_with_what_is_restricted(chidi, organization):
    case = a_case(organization)
    a_case(organization, reference="other", slug="other", title="Another case")
    frame = {"organization": organization, "entered_at": NOW, "changed_at": NOW}
    Contact.objects.create(case=case, role="mother", name="Kanarek", **frame)

    answer = chidi.post(f"/staff/cases/{case.pk}/export/", {"form": "json", "restricted": "on"})

    assert "Kanarek" in answer.content.decode()
    assert "Another case" not in answer.content.decode()


def test_an_export_asks_for_a_fresh_second_factor(organization):
    case = a_case(organization)
    stale = signed_in(a_member_of_staff(organization), minutes_ago=6)

    assert stale.get(f"/staff/cases/{case.pk}/export/").status_code == 302
    answer = stale.post(f"/staff/cases/{case.pk}/export/", {"form": "json"})

    assert answer["Content-Type"].startswith("text/html")
    assert "second factor" in answer.content.decode()


def test_the_dossier_is_made_for_readers_or_for_us(chidi, bruno, organization, monkeypatch):
    from amparo.cases import dossier

    made = []
    monkeypatch.setattr(dossier, "internal", lambda **what: made.append(what["restricted"]) or b"%PDF")
    place = f"/staff/cases/{a_case(organization).pk}/dossier/"

    refused = chidi.post(place, {"kind": "public", "language": "ar"})
    answers = [browser.post(place, {"kind": "internal", "language": "ar"}) for browser in (chidi, bruno)]

    assert "Nothing of this case is public" in refused.content.decode()
    assert {answer.content for answer in answers} == {b"%PDF"}
    assert made == [True, False]
