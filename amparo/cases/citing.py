"""What proves what: cite a source for one column of a record, or for the whole of it, and see what has no proof yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.cases import publishing, register
from amparo.cases.models import Case, Citation, Clearance, Source
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime
    from uuid import UUID

    from amparo.accounts.models import User
    from amparo.cases.models.record import Record

#: Kinds of record that are proofs themselves.
PROOFS = frozenset({"Source", "Citation"})


class NotCited(Refusal):
    sentence = _("Choose a source of this case, and something of this record that can be proved.")


def cite(
    *,
    source: Source,
    record: Record,
    column: str,
    passage: str,
    page: str,
    case: Case,
    by: User,
    now: datetime,
) -> Citation:
    """Say which source proves a column; an empty `column` is the record as a whole. Raises `NotCited`.

    Nothing of it is public: readers see a number at the column once that is, and the source's words once those are.
    """
    kind = register.kind_of(record)
    if source.case_id != case.pk or kind.name in PROOFS or (column and column not in columns_of(kind)):
        raise NotCited
    citation = Citation(
        organization=case.organization,
        source=source,
        record_type=kind.name,
        record_id=record.pk,
        column=column,
        passage=passage or None,
        page=page,
        entered_at=now,
        changed_at=now,
    )
    with transaction.atomic():
        citation.save(force_insert=True)
        audit.record(
            verb="cite_source",
            subject=citation,
            by=by,
            organization=case.organization,
            now=now,
            details={"case": str(case.pk), "record": kind.name, "column": column},
        )
    return citation


def columns_of(kind: register.Kind) -> list[str]:
    """What of a record of this kind can be proved: everything that is told in it, restricted or not."""
    return [column.name for column in kind.columns if column.can_be_public or column.restricted]


def citations_of(case: Case) -> list[Citation]:
    """Every citation of the case, in the order in which they were made."""
    rows = Citation.objects.for_organization(case.organization).filter(source__case=case)
    return list(rows.select_related("source").order_by("entered_at", "id"))


def unproven(columns: Iterable[str], *, citations: Collection[Citation]) -> list[str]:
    """Those of a record's columns that none of its citations is about."""
    proved = {citation.column for citation in citations}
    return [] if "" in proved else [column for column in columns if column not in proved]


def take_back(source: Source, *, by: User, now: datetime) -> None:
    """Take off the page what was cleared of a source that stays unnamed from now on, and of what is cited from it."""
    rows = Clearance.objects.for_organization(source.organization)
    own = Q(record_type="Source", record_id=source.pk)
    cited = Q(record_type="Citation", record_id__in=source.citations.values("pk"))
    for clearance in rows.filter(own | cited, state__in=[Clearance.State.ASKED, Clearance.State.CLEARED]):
        decide = publishing.withdraw if clearance.state == Clearance.State.CLEARED else publishing.refuse
        decide(clearance=clearance, by=by, now=now)


def forget_citations(record: Record) -> None:
    """Take out what was cited for a record, and for everything that hangs below it and leaves with it."""
    wanted = _with_everything_below(record)
    rows = Citation.objects.filter(organization=record.organization_id)
    for kind_name, pks in wanted.items():
        rows.filter(record_type=kind_name, record_id__in=pks).delete()


def _with_everything_below(record: Record) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {type(record).__name__: [record.pk]}
    waiting = [type(record).__name__]
    while waiting:
        above = waiting.pop()
        for kind in register.KINDS.values():
            parent: Any = kind.model._meta.get_field(kind.parent) if kind.parent else None
            if parent is None or parent.related_model is not register.KINDS[above].model:
                continue
            rows = kind.model._default_manager.filter(**{f"{kind.parent}__in": found[above]})
            found[kind.name] = list(rows.values_list("pk", flat=True))
            waiting.append(kind.name)
    return found
