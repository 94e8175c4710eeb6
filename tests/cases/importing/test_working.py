"""Spreadsheets of cases are worked on by workers: one at a time, and on from where a dead one stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.cases.importing import running, stored_file, undoing, working
from amparo.cases.models import Case, CaseImport
from amparo.kit.work import run_line
from tests.cases.importing.spreadsheets import FLAT
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _state(settings, tmp_path):
    settings.AMPARO_VAR = tmp_path


@pytest.fixture
def run(now):
    return running.hand_over(
        [FLAT.encode()],
        organization=an_organization(),
        file_name="cases.csv",
        existing="refuse",
        by=None,
        now=now,
    )


def work(now):
    return run_line("case_imports", now_source=lambda: now)


def begun(run, now):
    work(now)
    run.refresh_from_db()
    running.begin(run=run, by=None, now=now)


def dies_after(monkeypatch, cases):
    """The worker is gone after so many cases, and leaves its claim."""
    write = running.CaseWriter.write

    def die(writer, entries):
        if Case.objects.count() == cases:
            raise SystemExit
        write(writer, entries)

    monkeypatch.setattr(running.CaseWriter, "write", die)


def test_a_file_is_tried_and_then_brought_in(run, now):
    begun(run, now)
    assert not Case.objects.exists()

    work(now)
    run.refresh_from_db()
    assert (run.state, run.cases_done, Case.objects.count()) == ("done", 2, 2)
    assert run.claimed_by is None


def test_what_a_worker_took_no_other_takes(run, now):
    assert working.claim(limit=1, now=now) == [run.pk]
    assert working.claim(limit=1, now=now) == []
    assert working.reclaim(now=now) == 0
    assert working.reclaim(now=now + working.LEASE + timedelta(seconds=1)) == 1
    assert working.claim(limit=1, now=now) == [run.pk]


def test_another_worker_goes_on_where_one_died_and_all_of_it_can_be_taken_back(run, now, monkeypatch):
    begun(run, now)
    dies_after(monkeypatch, 1)
    with pytest.raises(SystemExit):
        work(now)
    run.refresh_from_db()
    assert (run.state, run.cases_done, Case.objects.count()) == ("running", 1, 1)
    monkeypatch.undo()

    later = now + timedelta(hours=1)
    working.reclaim(now=later)
    work(later)
    run.refresh_from_db()
    assert (run.state, run.cases_done, Case.objects.count()) == ("done", 2, 2)
    assert run.counts["new cases"] == 2
    assert running.problems_of(run) == []
    undoing.undo(run=run, by=None, now=later)
    assert not Case.objects.exists()


def test_a_worker_that_lost_its_claim_brings_in_nothing_more(run, now, monkeypatch):
    begun(run, now)
    (pk,) = working.claim(limit=1, now=now)
    note = running._note_how_far

    def taken_over(*args, **kwargs):
        CaseImport.objects.update(claimed_by=run.organization_id)
        note(*args, **kwargs)

    monkeypatch.setattr(running, "_note_how_far", taken_over)
    assert working.go_on(pk, now=now)
    assert not Case.objects.exists()
    assert CaseImport.objects.get().state == "running"


def test_a_file_that_our_program_breaks_over_is_given_up_and_what_came_in_can_be_taken_back(
    run, now, monkeypatch
):
    begun(run, now)
    dies_after(monkeypatch, 1)
    write = running.CaseWriter.write

    def breaks(writer, entries):
        try:
            write(writer, entries)
        except SystemExit:
            raise ValueError from None

    monkeypatch.setattr(running.CaseWriter, "write", breaks)
    assert work(now).failed == working.MOST_FAULTS
    run.refresh_from_db()
    assert run.state == "failed"
    with pytest.raises(FileNotFoundError):
        stored_file.open_file(run)
    undoing.undo(run=run, by=None, now=now)
    assert not Case.objects.exists()
