"""An import is taken back whole, as long as nothing of it was changed or built upon since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.cases import recording
from amparo.cases.importing import undoing
from amparo.cases.models import Case, CaseImport, Figure, Person, PersonName, Source
from tests.cases.importing.spreadsheets import FLAT, brought_in, handed_over, workbook
from tests.factories.cases import a_case, a_case_page, a_development, a_figure, a_publication_consent
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture(autouse=True)
def _state(settings, tmp_path):
    settings.AMPARO_VAR = tmp_path


def take_back(run, now):
    return undoing.undo(run=CaseImport.objects.get(pk=run.pk), by=None, now=now + timedelta(hours=1))


def test_everything_that_came_goes_and_what_was_there_stays(organization, now):
    there = a_case(organization, reference="MT-1")
    run = brought_in(FLAT, organization, existing=CaseImport.Existing.ADD)
    assert Case.objects.count() == 2

    take_back(run, now)

    assert list(Case.objects.all()) == [there]
    assert [name.text for name in PersonName.objects.all()] == ["Ilan Sarr"]
    assert (there.spells.count(), there.proceedings.count(), Person.objects.count()) == (0, 0, 1)
    assert CaseImport.objects.get().state == CaseImport.State.UNDONE


def test_it_is_taken_back_once_and_only_after_it_came(organization, now):
    with pytest.raises(undoing.NotBroughtIn):
        take_back(handed_over(FLAT, organization), now)
    run = brought_in(FLAT, organization)
    take_back(run, now)
    with pytest.raises(undoing.NotBroughtIn):
        take_back(run, now)


def test_people_without_a_case_go_too(organization, now):
    book = {
        "Cases": [["reference"], ["A-1"]],
        "Names": [["case", "text"], ["A-1", "Mira Talvik"]],
        "Relations": [["case", "kind", "other"], ["A-1", "lawyer", "Dana Ruiz"]],
    }
    run = brought_in(workbook(**book), organization)
    assert Person.objects.count() == 2

    take_back(run, now)

    assert not Person.objects.exists()


def _changed(case, organization, now):
    name = case.person.names.first()
    name.text = "Mira T."
    by = a_member_of_staff(organization)
    recording.change(record=name, columns=["text"], case=case, by=by, now=now + timedelta(minutes=1))


def _removed(case, organization, now):
    recording.remove(record=case.spells.get(), case=case, by=a_member_of_staff(organization), now=now)


@pytest.mark.parametrize(
    "since",
    [
        _changed,
        _removed,
        lambda case, organization, now: a_development(case, "2026-03-03", "Moved"),
        lambda case, organization, now: a_case_page(case),
        lambda case, organization, now: a_publication_consent(case.person, "name"),
        lambda case, organization, now: a_figure(organization, case=case),
        lambda case, organization, now: a_figure(organization, source=Source.objects.get()),
    ],
    ids=["changed", "removed", "added", "page", "consent", "figure", "figure of its source"],
)
def test_what_was_changed_or_built_upon_stays_whole(organization, now, since):
    run = brought_in(FLAT, organization)
    since(Case.objects.get(reference="MT-1"), organization, now)
    before = (Case.objects.count(), Person.objects.count(), Source.objects.count(), Figure.objects.count())

    with pytest.raises(undoing.ChangedSince):
        take_back(run, now)

    assert before == (
        Case.objects.count(), Person.objects.count(), Source.objects.count(), Figure.objects.count(),
    )  # fmt: skip
    assert CaseImport.objects.get().state == CaseImport.State.DONE
