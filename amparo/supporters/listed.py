"""People who stand in lists of ids that other tables keep: who acted, who has a tag, who was asked.

A database may look each person up in such a list, or join with it. PostgreSQL joins best, and shares the join among
its processes, where the whole question hangs on it; inside an “or” it can only look up. SQLite looks up everywhere. So
a condition stays a `Listed` until it is known where in the question it stands (`questions.condition`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import connections, router
from django.db.models import Exists, OuterRef, Q

from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Ids:
    """One list: rows, and the column of theirs that says whose they are. Grouped rows can only be asked all at once."""

    rows: QuerySet[Any]
    column: str
    is_grouped: bool = False

    def whole(self) -> QuerySet[Any]:
        return self.rows.order_by().values(self.column)

    def has_none(self) -> Q:
        """Whoever is not in it, said so that it can be joined."""
        if self.is_grouped:
            return ~Q(pk__in=self.whole())
        return Q(~Exists(self.rows.order_by().filter(**{self.column: OuterRef("pk")})))


@dataclass(frozen=True, slots=True)
class Listed:
    """Those who are in one of the lists; turned round, those who are in none."""

    lists: tuple[Ids, ...]
    turned: bool = False

    def __invert__(self) -> Listed:
        return replace(self, turned=not self.turned)

    def __or__(self, other: Listed) -> Listed:
        """Those of either, neither of them turned round."""
        assert (self.turned, other.turned) == (False, False)
        return Listed(self.lists + other.lists)

    def asked(self, *, joined: bool = False) -> Q:
        """What is asked of the database; `joined` where the whole question hangs on it."""
        if connections[router.db_for_read(Supporter)].vendor != "postgresql":
            found = _any(~Q(~Q(pk__in=ids.whole())) for ids in self.lists)
        elif joined and self.turned:
            return Q(*(ids.has_none() for ids in self.lists))
        else:
            first, *others = (ids.whole() for ids in self.lists)
            found = Q(pk__in=first.union(*others, all=True) if others else first)
        return ~found if self.turned else found


def _any(conditions: Any) -> Q:
    return Q(*conditions, _connector=Q.OR)
