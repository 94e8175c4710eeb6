"""The evidence of the demonstration's case: sources, what each proves, who spoke up, and what was said."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from amparo.cases import citing, recording
from amparo.cases.models import Claim, Designation, Intervention, Quotation, Source

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.cases.models import Case
    from amparo.cases.models.record import Record
    from amparo.web.demo.texts import Days

Columns = list[tuple["Record", list[str]]]


def add(
    case: Case, words: dict[str, Any], days: Days, *, records: Columns, by: User, now: datetime
) -> Columns:
    """Everything, and the columns of it that readers see."""

    def ago(entry: dict[str, Any]) -> str:
        return (days.today - timedelta(days=int(entry["days_ago"]))).isoformat()

    sources = {entry["key"]: _source(case, entry, dated=ago(entry), days=days) for entry in words["source"]}
    spoke_up = [_intervention(case, entry, dated=ago(entry)) for entry in words["intervention"]]
    designation = _designation(case, words["designation"], dated=ago(words["designation"]))
    quotation = _quotation(case, words["quotation"], dated=days.letter.isoformat())
    claim = _claim(case, words["claim"], dated=ago(words["claim"]))
    for record in [*sources.values(), *spoke_up, designation, quotation, claim]:
        recording.add(record=record, case=case, by=by, now=now)
    named = _by_name([record for record, _columns in records], spoke_up, quotation)
    passages: Columns = []
    for entry in words["citation"]:
        citation = citing.cite(
            source=sources[entry["source"]],
            record=named[entry["of"]],
            column=entry.get("column", ""),
            passage=entry.get("passage", ""),
            page=entry.get("page", ""),
            case=case,
            by=by,
            now=now,
        )
        if citation.passage:
            passages.append((citation, ["passage", "page"]))
    open_ones = [source for source in sources.values() if not source.is_confidential]
    return [
        *((source, ["title", "publisher", "kind", "published", *_links(source)]) for source in open_ones),
        *passages,
        *(
            (each, ["by", "kind", "dated", "addressed_to", "people", "about", "response"])
            for each in spoke_up
        ),
        (designation, ["title", "by", "criteria", "dated"]),
        (quotation, ["words", "speaker", "role", "dated"]),
        (claim, ["value", "attributed_to", "stance", "dated"]),
    ]


def _links(source: Source) -> list[str]:
    return ["url", "read_on", "archived_url"] if source.url else []


def _by_name(records: list[Record], spoke_up: list[Intervention], quotation: Quotation) -> dict[str, Record]:
    """Records by the names that the texts give them: the first spell, developments and interventions by number."""
    found: dict[str, Record] = {"quotation": quotation}
    developments = 0
    for record in records:
        if type(record).__name__ == "CustodySpell":
            found["spell"] = record
        elif type(record).__name__ == "Development":
            developments += 1
            found[f"development {developments}"] = record
    return found | {f"intervention {number}": each for number, each in enumerate(spoke_up, start=1)}


def _source(case: Case, entry: dict[str, Any], *, dated: str, days: Days) -> Source:
    return Source(
        case=case,
        title=entry["title"],
        publisher=entry.get("publisher"),
        kind=entry["kind"],
        reliability=Source.Reliability.GOOD,
        published=dated,
        url=entry.get("url"),
        archived_url=entry.get("archived_url"),
        read_on=days.listed if entry.get("url") else None,
        is_confidential="confidential" in entry,
    )


def _intervention(case: Case, entry: dict[str, Any], *, dated: str) -> Intervention:
    return Intervention(
        case=case,
        by=entry["by"],
        by_kind=entry["by_kind"],
        kind=entry["kind"],
        dated=dated,
        addressed_to=entry.get("to"),
        people=int(entry["people"]),
        about=entry["about"],
        response=entry["response"],
        status=entry["status"],
    )


def _designation(case: Case, entry: dict[str, Any], *, dated: str) -> Designation:
    return Designation(
        case=case, title=entry["title"], by=entry["by"], criteria=entry["criteria"], dated=dated
    )


def _quotation(case: Case, entry: dict[str, Any], *, dated: str) -> Quotation:
    return Quotation(
        case=case, words=entry["words"], speaker=entry["speaker"], role=entry["role"], dated=dated
    )


def _claim(case: Case, entry: dict[str, Any], *, dated: str) -> Claim:
    return Claim(
        case=case,
        subject=entry["subject"],
        value=entry["value"],
        attributed_to=entry["by"],
        stance=entry["stance"],
        dated=dated,
    )
