"""The first row goes in, and everybody else is told that it was not theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from amparo.kit.inserting import insert_if_new
from tests.factories.moments import NOW
from tests.workshop.databases import at_once, workshop_database
from tests.workshop.models import Chore


@pytest.mark.django_db
def test_the_second_with_the_same_mark_is_told_so():
    assert insert_if_new(Chore(mark=7, due_at=NOW))
    assert not insert_if_new(Chore(mark=7, due_at=NOW + timedelta(days=1)))
    assert insert_if_new(Chore(mark=8, due_at=NOW))

    assert list(Chore.objects.order_by("mark").values_list("mark", "due_at")) == [(7, NOW), (8, NOW)]


@pytest.mark.django_db
def test_the_transaction_around_it_goes_on():
    with transaction.atomic():
        insert_if_new(Chore(mark=7, due_at=NOW))
        insert_if_new(Chore(mark=7, due_at=NOW))
        insert_if_new(Chore(mark=8, due_at=NOW))

    assert Chore.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_the_same_moment_one_is_the_first(request, tmp_path, monkeypatch):
    with workshop_database(request, tmp_path) as alias:
        monkeypatch.setattr("amparo.kit.inserting.router.db_for_write", lambda *_args, **_hints: alias)

        outcomes = at_once(*[lambda: insert_if_new(Chore(mark=9, due_at=NOW))] * 20)

        assert sorted(outcomes) == [False] * 19 + [True]
        assert Chore.objects.using(alias).count() == 1
