"""A line of work as an app would write it, over the workshop's chores."""

from __future__ import annotations

import uuid

from amparo.kit.claims import claim_rows, transition
from amparo.kit.work import LineOfWork, one_by_one
from tests.workshop.models import Chore


class ChoresLine(LineOfWork[int]):
    """Does chores one by one; `deed(chore)` may be given and may raise."""

    name = "chores"
    batch_size = 10

    def __init__(self, *, using="default", deed=lambda chore: True):
        self.using = using
        self.deed = deed

    @property
    def rows(self):
        return Chore.objects.using(self.using)

    def waiting(self, now):
        return self.rows.filter(state="waiting", due_at__lte=now)

    def due(self, *, now):
        return self.waiting(now).count()

    def claim(self, *, limit, now):
        return claim_rows(
            self.waiting(now),
            limit=limit,
            order_by=("due_at", "pk"),
            claimed_by=uuid.uuid4(),
            values={"state": "claimed"},
        )

    def perform(self, batch, *, now):
        return one_by_one(batch, self.do, line=self.name, give_back=self.give_back)

    def do(self, pk):
        chore = self.rows.get(pk=pk)
        succeeded = self.deed(chore)
        transition(
            self.rows.filter(pk=pk, state="claimed"),
            values={"state": "dropped" if succeeded is False else "done"},
        )
        return succeeded

    def give_back(self, pks):
        self.rows.filter(pk__in=pks, state="claimed").update(state="waiting", claimed_by=None)

    def reclaim(self, *, now):
        return self.rows.filter(state="claimed").update(state="waiting", claimed_by=None)

    def oldest_waiting(self, *, now):
        return self.waiting(now).order_by("due_at").values_list("due_at", flat=True).first()

    def counts(self, *, now):
        return {"claimed": self.rows.filter(state="claimed").count()}
