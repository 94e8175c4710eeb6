"""A case's records for its screen: what each says, what of it is public, which sources prove it, and what has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amparo.cases import citing, codes, register
from amparo.cases.models import Clearance, Source
from amparo.cases.screens import label_of, said_of, title_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from amparo.cases.models import Case, Citation
    from amparo.cases.models.record import Record

#: What of a source is for approvers alone while it stays unnamed.
WORDS_OF_A_SOURCE = frozenset({"title", "publisher", "url", "archived_url", "published", "archived_sha256"})


def sections_of(
    case: Case,
    *,
    clearances: Sequence[Clearance],
    reads_all: bool,
    is_withheld: Callable[[Record], bool],
) -> list[dict[str, Any]]:
    """Every kind of record that is written on the case's screen, with its rows and what may be added."""
    cited = _by_record(citing.citations_of(case))
    found = []
    for kind in register.KINDS.values():
        if kind.has_own_screen:
            continue
        is_open = reads_all or not any(column.restricted for column in kind.columns)
        parents = _parents(kind, case)
        rows = [
            _row(
                kind,
                record,
                clearances=clearances,
                reads_all=reads_all,
                citations=cited.get((kind.name, record.pk), []),
                withheld=is_withheld(record),
            )
            for record in kind.records_of(case)
        ]
        found.append(
            {
                "kind": kind,
                "rows": rows,
                "may_add": is_open and bool(parents),
                "is_open": is_open,
                "may_cite": is_open and kind.name not in citing.PROOFS,
                "parents": parents,
            }
        )
    _add_uses(found, cited)
    return found


def kind_above(kind: register.Kind) -> register.Kind:
    """The kind of record that one of this kind hangs below."""
    above: Any = kind.model._meta.get_field(kind.parent).related_model
    return next(one for one in register.KINDS.values() if one.model is above)


def _parents(kind: register.Kind, case: Case) -> list[Record]:
    if kind.parent == "case":
        return [case]
    if kind.parent == "person":
        return [case.person]
    return kind_above(kind).records_of(case) if kind.parent else []


def _by_record(citations: Sequence[Citation]) -> dict[tuple[str, UUID], list[Citation]]:
    found: dict[tuple[str, UUID], list[Citation]] = {}
    for citation in citations:
        found.setdefault((citation.record_type, citation.record_id), []).append(citation)
    return found


def _row(
    kind: register.Kind,
    record: Record,
    *,
    clearances: Sequence[Clearance],
    reads_all: bool,
    citations: Sequence[Citation],
    withheld: bool,
) -> dict[str, Any]:
    states = {
        one.column: one for one in clearances if one.record_type == kind.name and one.record_id == record.pk
    }
    public = [name for name, one in states.items() if one.state == Clearance.State.CLEARED]
    without = [] if kind.name in citing.PROOFS else citing.unproven(public, citations=citations)
    return {
        "record": record,
        "withheld": withheld,
        "cells": [
            _cell(
                kind,
                record,
                column,
                hidden=(column.restricted and not reads_all)
                or (withheld and column.name in WORDS_OF_A_SOURCE),
                clearance=states.get(column.name),
            )
            for column in kind.columns
        ],
        "citations": [_citation(kind, citation, reads_all=reads_all) for citation in citations],
        "without": [(name, label_of(kind, name)) for name in without],
    }


def _cell(
    kind: register.Kind, record: Record, column: register.Column, *, hidden: bool, clearance: Clearance | None
) -> dict[str, Any]:
    return {
        "label": label_of(kind, column.name),
        "value": None if hidden else said_of(record, column.name),
        "number": "" if hidden else codes.number_of(kind.model, column.name, getattr(record, column.name)),
        "withheld": hidden,
        "can_be_public": column.can_be_public,
        "clearance": clearance,
    }


def _citation(kind: register.Kind, citation: Citation, *, reads_all: bool) -> dict[str, Any]:
    hidden = citation.source.is_confidential and not reads_all
    return {
        "citation": citation,
        "source": title_for(citation.source, reads_all=reads_all),
        "column": label_of(kind, citation.column) if citation.column else "",
        "passage": "" if hidden else citation.passage or "",
        "withheld": hidden,
    }


def _add_uses(sections: list[dict[str, Any]], cited: dict[tuple[str, UUID], list[Citation]]) -> None:
    """Below each source, what it is cited for."""
    uses: dict[UUID, list[str]] = {}
    for (kind_name, _pk), citations in cited.items():
        if kind_name not in register.KINDS:
            continue
        kind = register.KINDS[kind_name]
        for citation in citations:
            what = f"{kind.title}: {label_of(kind, citation.column)}" if citation.column else str(kind.title)
            uses.setdefault(citation.source_id, []).append(what)
    for section in sections:
        if section["kind"].model is Source:
            for row in section["rows"]:
                row["cited_for"] = uses.get(row["record"].pk, [])
