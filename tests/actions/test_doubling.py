"""One person's two actions on one page count once, and twice again when the merge is undone."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amparo.actions import confirming, counting, doubling
from amparo.actions.models import Action, Message, Tally
from amparo.supporters.merging_people import merging
from amparo.supporters.models import Supporter
from tests.factories.letters import a_letter, an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(db):
    return an_email_page(an_organization())


def two(page):
    return (
        a_supporter(page.organization, given_name="Suzie", email="suzie@example.org"),
        a_supporter(page.organization, given_name="Susan", email="susan@example.net"),
    )


def counter(page, now):
    counting.count_page(page.pk, now=now)
    return Tally.objects.get(page=page.pk).confirmed


def states(*actions):
    return [Action.objects.get(pk=action.pk).state for action in actions]


@pytest.mark.parametrize("counted_before", [True, False])
def test_merging_takes_one_off_the_counter_and_undoing_puts_it_back(page, now, counted_before):
    suzie, susan = two(page)
    hers, again = an_action(page, supporter=suzie), an_action(page, supporter=susan)
    an_action(page, supporter=a_supporter(page.organization))
    if counted_before:
        assert counter(page, now) == 3

    merged = merging.merge(survivor=suzie, absorbed=susan, by=None, now=now)
    assert states(hers, again) == ["confirmed", "superseded"]
    assert counter(page, now) == counting.true_count(page) == 2

    merging.undo(merge=merged, by=None, now=now)
    assert states(hers, again) == ["confirmed", "confirmed"]
    assert counter(page, now) == counting.true_count(page) == 3


def test_who_did_it_already_is_known_by_any_of_their_records(page, now):
    suzie, susan = two(page)
    merging.merge(survivor=suzie, absorbed=susan, by=None, now=now)
    third = a_supporter(page.organization, email="s@example.org")
    merging.merge(survivor=suzie, absorbed=third, by=None, now=now)
    amina = a_supporter(page.organization, email="amina@example.org")
    an_action(page, supporter=susan)

    def acted(*people):
        return [doubling.already_acted(page_id=page.pk, supporter_id=one.pk) for one in people]

    assert acted(suzie, susan, third, amina) == [True, True, True, False]


@pytest.mark.sqlite_only
def test_what_one_person_did_is_found_without_looking_at_everybody_on_the_page(page):
    suzie, _susan = two(page)
    with CaptureQueriesContext(connection) as asked:
        doubling.already_acted(page_id=page.pk, supporter_id=suzie.pk)
    for query in asked.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            steps = [row[3] for row in cursor.fetchall()]
        assert not [step for step in steps if step.startswith("SCAN")], steps
        assert all("supporter_id=?" in step for step in steps if "actions_action" in step), steps


def test_a_test_never_moves_the_counter(page, now):
    suzie, susan = two(page)
    an_action(page, supporter=suzie)
    an_action(page, supporter=susan, is_test=True)
    assert counter(page, now) == 1

    merging.merge(survivor=suzie, absorbed=susan, by=None, now=now)
    assert counter(page, now) == 1


def test_deeds_on_different_pages_all_count(page, now):
    suzie, susan = two(page)
    other = an_email_page(page.organization, slug="another", title="Another")
    mine, theirs = an_action(page, supporter=suzie), an_action(other, supporter=susan)

    merging.merge(survivor=suzie, absorbed=susan, by=None, now=now)

    assert states(mine, theirs) == ["confirmed", "confirmed"]


def test_undoing_restores_only_what_the_merge_superseded(page, now):
    suzie, susan = two(page)
    earlier = an_action(page, supporter=susan, state=Action.State.SUPERSEDED)
    an_action(page, supporter=suzie)

    merged = merging.merge(survivor=suzie, absorbed=susan, by=None, now=now)
    merging.undo(merge=merged, by=None, now=now)

    assert states(earlier) == ["superseded"]


def test_the_preview_says_that_a_page_counts_one_less(page, now):
    suzie, susan = two(page)
    assert merging.preview(survivor=suzie, absorbed=susan).sentences == []
    an_action(page, supporter=suzie)
    an_action(page, supporter=susan)

    assert merging.preview(survivor=suzie, absorbed=susan).sentences == [
        "Both acted on one page: it counts one less from then on."
    ]


def test_nobody_gets_two_waiting_letters_of_one_person(page, now):
    suzie, susan = two(page)
    a_letter(page, action=an_action(page, supporter=suzie), state="sent", target_key="exa/a/1")
    second = an_action(page, supporter=susan)
    same = a_letter(page, action=second, target_key="exa/a/1")
    other = a_letter(page, action=second, target_key="exa/a/2")

    merged = merging.merge(survivor=suzie, absorbed=susan, by=None, now=now)
    letters = Message.objects.in_bulk([same.pk, other.pk])
    assert (letters[same.pk].state, letters[other.pk].state) == ("held", "queued")
    assert letters[same.pk].reason == doubling.WRITTEN_ALREADY

    merging.undo(merge=merged, by=None, now=now)
    assert Message.objects.get(pk=same.pk).state == "queued"


@pytest.mark.parametrize("survivor_acted", [True, False])
def test_what_the_absorbed_one_confirms_later_counts_once(page, now, survivor_acted):
    suzie, susan = two(page)
    merging.merge(survivor=suzie, absorbed=susan, by=None, now=now)
    if survivor_acted:
        an_action(page, supporter=suzie)
    waiting = an_action(page, supporter=Supporter.objects.get(pk=susan.pk), state=Action.State.PENDING)

    confirming._confirm_action(waiting, waiting.confirmation, letters=False, now=now)

    assert Action.objects.confirmed().count() == 1


def test_a_restored_action_yields_to_one_that_was_confirmed_meanwhile(page, now):
    suzie, susan = two(page)
    kept, lost = an_action(page, supporter=suzie), an_action(page, supporter=susan)
    merged = merging.merge(survivor=suzie, absorbed=susan, by=None, now=now)
    Action.objects.filter(pk=kept.pk).update(state=Action.State.INVALIDATED)
    an_action(page, supporter=susan)

    merging.undo(merge=merged, by=None, now=now)

    assert states(lost) == ["superseded"]
