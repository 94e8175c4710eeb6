"""Where somebody lives who gave another postcode: found as a letter would find it, and only where that is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.kit.refusal import Refusal
from amparo.targets import current, finding
from amparo.targets.models import Dataset

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.supporters.models import Supporter

#: What the table says of a postcode as a whole, or staff who know better than the table; all else is a guess.
SURE = frozenset({"exact", "override"})


def area_of(supporter: Supporter, *, before: str, now: datetime) -> str:
    """The area of their postcode, such as uk/E14001063; empty unless the tables are sure of a single one.

    They are those of the country whose area they lived in `before`; where none was known, those of the country that
    stands in their record. Read from memory: no other server is asked.
    """
    slug, _stroke, code = before.partition("/")
    tables = Dataset.objects.active().visible_to(supporter.organization).filter(has_postcodes=True)
    if supporter.country:
        tables = tables.filter(country__in=["", supporter.country])
    elif not slug:
        return ""
    if slug:
        tables = tables.filter(slug=slug)
    found = {area for table in tables for area in _areas_in(table, supporter, former=code, now=now)}
    return found.pop() if len(found) == 1 else ""


def _areas_in(table: Dataset, supporter: Supporter, *, former: str, now: datetime) -> set[str]:
    """What one table is sure of, in the division of the country of which the `former` area was a part."""
    organization = supporter.organization
    try:
        register = current.register(table.slug, organization=organization)
        answer = finding.find(
            slug=table.slug, postcode=supporter.postal_code or "", organization=organization, now=now
        )
    except Refusal:
        return set()
    divisions = {division for division, _code in register.snapshot.by_code.get(former, ())}
    return {
        f"{table.slug}/{candidate.area_code}"
        for candidate in answer.candidates
        if candidate.area_set in (divisions or {table.postcode_area_set})
        and candidate.certain
        and candidate.evidence in SURE
    }
