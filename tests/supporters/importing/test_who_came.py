"""Who came with a list can be asked for, as long as the list was not taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.supporters import identity, questions
from amparo.supporters.merging_people import merging
from amparo.supporters.segmentation import segments
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.people import a_supporter
from tests.supporters.importing.lists import PLAIN, brought_in, undone

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
OTHERS = "email,first name\r\ndana@supporters.example.net,Dana\r\n"


def came_with(*runs):
    return {"filter": "came-with-list", "lists": [str(run.pk) for run in runs]}


def those(question):
    found = segments.ask(question, organization=an_organization(), now=LATER)
    return sorted(supporter.given_name for supporter in found)


def test_each_list_by_itself_and_both_together():
    first, second = brought_in(PLAIN), brought_in(OTHERS, now=LATER)
    assert those(came_with(first)) == ["Amina", "Suzie"]
    assert those(came_with(second)) == ["Dana"]
    assert those(came_with(first, second)) == ["Amina", "Dana", "Suzie"]
    assert those({"not": came_with(first)}) == ["Dana"]


def test_whoever_was_known_before_did_not_come_with_it():
    a_supporter(an_organization(), given_name="Amina", email="amina@supporters.example.net")
    assert those(came_with(brought_in(PLAIN))) == ["Suzie"]


def test_a_record_that_was_merged_counts_for_the_person():
    kept = a_supporter(an_organization(), given_name="Susan")
    run = brought_in(PLAIN)
    suzie = identity.find(organization=an_organization(), email="suzie@supporters.example.net")
    merging.merge(survivor=kept, absorbed=suzie, by=None, now=LATER)
    assert those(came_with(run)) == ["Amina", "Susan"]


def test_a_list_that_was_taken_back_brought_nobody():
    run = brought_in(PLAIN)
    a_supporter(an_organization(), given_name="Bruno")
    undone(run, now=LATER)
    assert those(came_with(run)) == []
    assert those({"not": came_with(run)}) == ["Bruno"]


def test_lists_of_others_are_not_known_here():
    run = brought_in(PLAIN)
    with pytest.raises(questions.NotAQuestion):
        segments.ask(came_with(run), organization=an_organization("elsewhere"), now=LATER)


def test_it_is_read_aloud():
    run = brought_in(PLAIN)
    root = questions.read(came_with(run), organization=an_organization())
    assert questions.sentence(root) == "Everybody who came with the list “list.csv” of 22 November 2026."
    turned = questions.read({"not": came_with(run)}, organization=an_organization())
    assert "did not come with the list" in questions.sentence(turned)
