"""The counter shows what was confirmed, once each, whatever is restarted in between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.actions import counting
from amparo.actions.lines_of_work import Counting
from amparo.actions.models import Action, Tally
from tests.factories.letters import an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return an_email_page(an_organization())


def some_actions(page, number, **fields):
    for i in range(number):
        supporter = a_supporter(page.organization, email=f"{fields.get('state', 'x')}{i}@example.org")
        an_action(page, supporter=supporter, **fields)


def test_confirmed_actions_are_added_once(page, now):
    some_actions(page, 3)

    assert counting.count_page(page.pk, now=now) == 3
    assert counting.count_page(page.pk, now=now) == 0

    assert Tally.objects.get().confirmed == counting.true_count(page) == 3


def test_a_count_that_dies_half_way_counts_nothing_twice(page, now, monkeypatch):
    some_actions(page, 2)
    true_filter = Tally.objects.filter

    def die(*args, **kwargs):
        if Action.objects.filter(counted_at__isnull=False).exists():
            raise SystemExit
        return true_filter(*args, **kwargs)

    monkeypatch.setattr(Tally.objects, "filter", die)
    with pytest.raises(SystemExit):
        counting.count_page(page.pk, now=now)
    monkeypatch.undo()

    assert counting.count_page(page.pk, now=now) == 2
    assert Tally.objects.get().confirmed == 2


def test_those_who_have_yet_to_confirm_are_shown_apart(page, now):
    some_actions(page, 2, state=Action.State.PENDING)

    counting.count_waiting()

    tally = Tally.objects.get()
    assert (tally.confirmed, tally.awaiting) == (0, 2)


def test_a_page_on_which_people_act_all_the_time_is_counted_once_a_second(page, now):
    line, later = Counting(), now + timedelta(seconds=2)
    some_actions(page, 2)
    assert line.claim(limit=9, now=now) == [page.pk]
    line.perform([page.pk], now=now)

    some_actions(page, 3, state=Action.State.CONFIRMED)
    assert (line.due(now=now), line.claim(limit=9, now=now)) == (1, [])
    assert line.claim(limit=9, now=later) == [page.pk]

    line.perform([page.pk], now=later)
    assert Tally.objects.get().confirmed == counting.true_count(page) == 5

    an_action(page, supporter=a_supporter(page.organization, email="amina@example.org"))
    assert line.claim(limit=9, now=now) == [page.pk], "a clock that was set back stops no counter"


def test_staffs_own_tests_are_not_counted(page, now):
    some_actions(page, 1, is_test=True)

    assert counting.pages_to_count() == []
