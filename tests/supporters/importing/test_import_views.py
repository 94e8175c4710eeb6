"""The screens on which a list is brought in: who may, what they say before they act, and the whole way."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from amparo.accounts.models import AuditEntry, Role
from amparo.kit.work import run_line
from amparo.supporters.importing import stored_file
from amparo.supporters.importing.claiming import LINE
from amparo.supporters.models import ImportRun, Supporter
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, signed_in
from tests.supporters.importing.lists import PLAIN, brought_in, checked

pytestmark = pytest.mark.django_db


@pytest.fixture
def chidi():
    """Chidi approves."""
    return signed_in(a_member_of_staff(an_organization(), Role.APPROVER, email="chidi@example.org"))


@pytest.fixture
def bruno():
    """Bruno edits."""
    return signed_in(a_member_of_staff(an_organization(), Role.EDITOR, email="bruno@example.org"))


def text(response):
    """What a reader reads, with runs of white space as one space."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def hand_over(browser, data=PLAIN, name="list.csv"):
    file = SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)
    return browser.post(reverse("staff_list_add"), {"file": file, "organization": an_organization().pk})


def screen(name, run):
    return reverse(f"staff_list_{name}", args=[run.pk])


def test_the_whole_way_by_the_screens(chidi):
    answer = hand_over(chidi)
    run = ImportRun.objects.get()
    assert answer.url == screen("source", run)
    answer = chidi.post(answer.url, {"source": "spreadsheet", "encoding": ""})
    assert answer.url == screen("columns", run)
    page = chidi.get(answer.url)
    assert "Okafor" in text(page)
    assert 'dir="ltr"' in page.content.decode()
    chosen = {f"column-{place}": column["field"] for place, column in enumerate(run.columns)}
    answer = chidi.post(answer.url, chosen)
    assert answer.url == screen("consent", run)
    answer = chidi.post(
        answer.url,
        {
            "basis": "imported",
            "questions": ["news email"],
            "where": "the form on our old site",
            "given_on": "2024-03-05",
            "proof": "its export",
        },
    )
    assert answer.url == screen("rest", run)
    answer = chidi.post(answer.url, {"existing": "fill", "tags": "old site", "country": "United Kingdom"})
    assert answer.url == reverse("staff_list", args=[run.pk])
    assert "Look again" in chidi.get(answer.url).content.decode()
    run_line(LINE, now_source=lambda: NOW)
    page = text(chidi.get(answer.url))
    assert "New people 2" in page
    assert Supporter.objects.count() == 0
    assert "New people: 2." in text(chidi.get(screen("start", run)))
    chidi.post(screen("start", run))
    run_line(LINE, now_source=lambda: NOW)
    assert "Brought in" in text(chidi.get(answer.url))
    assert Supporter.objects.get(country="GB", pk=min(Supporter.objects.values_list("pk", flat=True)))
    assert "2 people came with this list" in text(chidi.get(screen("undo", run)))
    chidi.post(screen("undo", run))
    run_line(LINE, now_source=lambda: NOW)
    assert "2 people were removed again." in text(chidi.get(answer.url))
    verbs = set(AuditEntry.objects.filter(subject_id=str(run.pk)).values_list("verb", flat=True))
    assert verbs == {
        "receive_list",
        "say_consent_of_list",
        "start_import",
        "finish_import",
        "undo_import",
        "finish_undoing_import",
    }


def test_bruno_may_not(bruno):
    run = checked(PLAIN)
    assert bruno.get(reverse("staff_lists")).status_code in {302, 403}
    assert hand_over(bruno).status_code in {302, 403}
    assert bruno.post(screen("start", run)).status_code in {302, 403}
    assert ImportRun.objects.get().state == "checked"


def test_the_form_is_guarded_although_the_file_is_sealed_as_it_arrives(settings, tmp_path):
    user = a_member_of_staff(an_organization(), Role.APPROVER)
    browser = signed_in(user, enforce_csrf_checks=True)
    assert hand_over(browser).status_code == 403
    assert ImportRun.objects.count() == 0
    assert not list((tmp_path / "imports").rglob("*.sealed"))


def test_nothing_of_a_file_lies_open(chidi, tmp_path):
    rows = PLAIN + "".join(
        f"canary{number}@supporters.example.net,Zeldanary,,,,,,\n" for number in range(40_000)
    )
    assert hand_over(chidi, rows).status_code == 302
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert not any(b"canary" in path.read_bytes() or b"Amina" in path.read_bytes() for path in kept)
    run = ImportRun.objects.get()
    with stored_file.open_file(run) as file:
        assert io.TextIOWrapper(file).read() == rows.replace("\r\n", "\n")


def test_a_file_that_cannot_be_read_is_answered_with_one_sentence_and_not_kept(chidi, tmp_path):
    answer = hand_over(chidi, b"PK\x03\x04 and then nothing", name="audience.zip")
    assert answer.status_code == 200
    assert "This ZIP file is damaged" in text(answer)
    assert ImportRun.objects.count() == 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_no_file_and_too_large_a_file_are_answered(chidi, monkeypatch):
    from amparo.supporters import import_views

    answer = chidi.post(reverse("staff_list_add"), {"organization": an_organization().pk})
    assert "Choose a file." in text(answer)
    monkeypatch.setattr(import_views, "MOST_BYTES", 10)
    assert "more than 300 MB" in text(hand_over(chidi))


def test_a_refused_answer_keeps_what_was_typed(chidi):
    run = checked(PLAIN)
    answer = chidi.post(screen("consent", run), {"basis": "imported", "where": "the old site", "proof": ""})
    assert "Say what they agreed to" in text(answer)
    assert 'value="the old site"' in answer.content.decode()


def test_problems_come_as_a_table_without_formulas(chidi):
    run = brought_in("email,=cmd|x\nnonsense,1\namina@supporters.example.net,2,3\n")
    page = text(chidi.get(reverse("staff_list", args=[run.pk])))
    assert "2 lines, as a table" in page
    answer = chidi.get(reverse("staff_list_problems", args=[run.pk, "run"]))
    table = b"".join(answer.streaming_content).decode()
    assert answer["Content-Type"].startswith("text/csv")
    assert "nonsense" not in table
    assert '2,,row,"That is not an e-mail address' in table
    assert chidi.get(reverse("staff_list_problems", args=[run.pk, "x"])).status_code == 404


def test_an_arabic_list_is_shown_from_right_to_left(chidi):
    hand_over(chidi, "البريد,الاسم,المدينة\namina@supporters.example.net,أمينة رحال,بيروت\n".encode("cp1256"))
    run = ImportRun.objects.get()
    page = chidi.get(screen("columns", run)).content.decode()
    assert 'class="staff-scroll" dir="rtl"' in page
    assert "أمينة رحال" in page
    assert [column["field"] for column in run.columns] == ["email", "full_name", "city"]


def test_pausing_cancelling_and_removing_the_file(chidi, django_capture_on_commit_callbacks):
    from amparo.supporters.importing import preparing

    run = checked(PLAIN)
    preparing.start(run=run, by=None, now=NOW)
    chidi.post(screen("pause", run))
    run.refresh_from_db()
    assert run.state == "paused"
    assert "It goes on after row 0." in text(chidi.get(screen("resume", run)))
    chidi.post(screen("cancel", run))
    run.refresh_from_db()
    assert run.state == "cancelled"
    with django_capture_on_commit_callbacks(execute=True):
        chidi.post(screen("forget", run))
    run.refresh_from_db()
    assert run.file_removed_at
    assert not stored_file.path_of(run).exists()
    assert "Removed" in text(chidi.get(reverse("staff_list", args=[run.pk])))


def test_what_was_said_about_columns_is_offered_for_the_next_list(chidi):
    hand_over(chidi)
    run = ImportRun.objects.get()
    chosen = {f"column-{place}": column["field"] for place, column in enumerate(run.columns)}
    place = [column["header"] for column in run.columns].index("city")
    chidi.post(screen("columns", run), chosen | {f"column-{place}": "region"})
    hand_over(chidi)
    again = ImportRun.objects.exclude(pk=run.pk).get()
    assert again.columns[place] == {"header": "city", "field": "region"}
