"""Taking rows so that no two workers take the same one: one conditional UPDATE, then counting.

No lock is held while the work is done. A row is taken by changing its state in the very statement that checks
the state, which holds on every database; on PostgreSQL workers also step over rows another is just taking, so
that they do not queue behind one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connections, transaction
from django.db.models import BooleanField, F, Func, Model, QuerySet, Subquery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

M = TypeVar("M", bound=Model)


class SeveralRows(Exception):  # noqa: N818 - named as the fact; raised by a mistake in the code
    """A transition meant for one row matched several; nothing was changed."""


def claim_rows(
    queryset: QuerySet[M],
    *,
    limit: int,
    order_by: Sequence[str],
    claimed_by: UUID,
    values: Mapping[str, Any],
    stamp: str = "claimed_by",
) -> list[Any]:
    """Take up to `limit` rows of `queryset`, first in `order_by` first; the primary keys taken, in that order.

    `queryset` must say what unclaimed means (its conditions are checked again when a row's turn comes), `values`
    must end that condition (such as ``{"state": "claimed", "claimed_at": now}``), and `claimed_by` must be
    new for each call: it is written into the column named by `stamp` and the rows are read back by it. Rows
    beyond the limit, and rows that another worker took first, are left alone; fewer than `limit` does not
    mean that none are left.
    """
    if limit < 1:
        return []
    using = queryset.db
    with transaction.atomic(using=using):
        _taking(queryset, limit=limit, order_by=order_by, using=using).update(**{stamp: claimed_by}, **values)
        taken = queryset.model._base_manager.using(using).filter(**{stamp: claimed_by})
        return list(taken.order_by(*order_by).values_list("pk", flat=True))


def transition(queryset: QuerySet[M], *, values: Mapping[str, Any]) -> bool:
    """Move the one row that `queryset` describes, old state included, to `values`; False when it had moved already.

    Raises `SeveralRows`, having changed nothing, when the queryset was not narrowed to one row.
    """
    using = queryset.db
    with transaction.atomic(using=using):
        moved = _still(queryset.using(using).order_by(), using=using).update(**values)
        if moved > 1:
            raise SeveralRows(f"{moved} rows of {queryset.model._meta.label} matched a transition of one.")
    return moved == 1


def _taking(queryset: QuerySet[M], *, limit: int, order_by: Sequence[str], using: str) -> QuerySet[M]:
    """The rows to update: still unclaimed, and among the first `limit`."""
    first = queryset.using(using).order_by(*order_by)
    if connections[using].vendor != "postgresql":
        return queryset.using(using).order_by().filter(pk__in=first.values("pk")[:limit])
    return _locked(first, limit=limit, skip_locked=True)


def _still(queryset: QuerySet[M], *, using: str) -> QuerySet[M]:
    """The rows of `queryset` as they are when their turn comes, not as they were when we asked."""
    return _locked(queryset) if connections[using].vendor == "postgresql" else queryset


def _locked(queryset: QuerySet[M], *, limit: int | None = None, skip_locked: bool = False) -> QuerySet[M]:
    """Rows of `queryset`, locked and looked at again within the statement that uses this.

    Two traps of PostgreSQL are stepped around. Where the conditions look at other tables, Django writes the UPDATE's as
    IN (SELECT …), which is answered from before the wait for a row's lock: both of two workers would move it. FOR
    UPDATE looks again. And as IN (SELECT … LIMIT) the planner may run that question again for every row, each time
    stepping over what it has just taken, and so take more than the limit. ARRAY(SELECT …) is worked out once.
    """
    chosen = queryset.only("pk").select_for_update(skip_locked=skip_locked, of=("self",), no_key=True)[:limit]
    among = Func(
        F("pk"),
        Subquery(chosen, template="ARRAY(%(subquery)s)"),
        template="(%(expressions)s))",
        arg_joiner=" = ANY (",
        output_field=BooleanField(),
    )
    return queryset.model._base_manager.using(queryset.db).filter(among)
