"""What was said of a public case, and who spoke up for the person: quotations, claims, designations, interventions.

Each is a few words with the numbers of its sources. An entry of which too little was cleared to make sense is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext

from amparo.kit import part_dates

if TYPE_CHECKING:
    from amparo.cases.public_view import PublicCase, PublicRecord
    from amparo.cases.references import References


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody's words, or what somebody says is so."""

    text: str
    by: str = ""
    role: str = ""
    when: str = ""
    #: Such as: denies it; not checked. Empty for plain words.
    notes: tuple[str, ...] = ()
    refs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SpokeUp:
    """Who did something for the person, what, and what came of it."""

    who: str
    what: str
    when: str = ""
    to: str = ""
    how_many: str = ""
    text: str = ""
    answer: str = ""
    impact: str = ""
    refs: tuple[int, ...] = ()


def quotations(public: PublicCase, refs: References) -> list[Said]:
    """Exact words, with who said them."""
    return [
        Said(
            text=record["words"],
            by=record["speaker"],
            role=record["role"],
            when=_day(record["dated"]),
            refs=refs.at("Quotation", record),
        )
        for record in public.of("Quotation")
        if record["words"] and record["speaker"]
    ]


def claims(public: PublicCase, refs: References) -> list[Said]:
    """What somebody says is so. It is never shown without who says it."""
    return [
        Said(
            text=record["value"],
            by=record["attributed_to"],
            when=_day(record["dated"]),
            # "Says so" is what a claim is; what differs from it is worth a word.
            notes=tuple(
                record.label(column)
                for column in ("stance", "verification")
                if record.values.get(column) not in {None, "", "says"}
            ),
            refs=refs.at("Claim", record),
        )
        for record in public.of("Claim")
        if record["value"] and record["attributed_to"]
    ]


def designations(public: PublicCase, refs: References) -> list[Said]:
    """What a body called the person, and by which rules."""
    return [
        Said(
            text=record["title"],
            by=record["by"],
            when=_day(record["dated"]),
            notes=tuple(record[column] for column in ("criteria", "reference") if record[column]),
            refs=refs.at("Designation", record),
        )
        for record in public.of("Designation")
        if record["title"] and record["by"]
    ]


def interventions(public: PublicCase, refs: References) -> list[SpokeUp]:
    """Who has spoken up, in the order of their days."""
    return [
        _spoke_up(record, refs)
        for record in public.of("Intervention")
        if record["by"] and (record["kind"] or record["about"])
    ]


def _spoke_up(record: PublicRecord, refs: References) -> SpokeUp:
    people = record["people"]
    return SpokeUp(
        who=record["by"],
        what=capfirst(record.label("kind")),
        when=_day(record["dated"]),
        to=record["addressed_to"],
        how_many=_people(people) if people != "" else "",
        text=record["about"],
        answer=record.label("response") if record["response"] else "",
        impact=record.label("impact") if record["impact"] else "",
        refs=refs.at("Intervention", record),
    )


def _people(number: int) -> str:
    said = ngettext("%(number)s person took part", "%(number)s people took part", number)
    return said % {"number": intcomma(number)}


def _day(text: str) -> str:
    return part_dates.parse(text).in_words(language=get_language() or "en") if text else ""
