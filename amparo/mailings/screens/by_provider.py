"""How a mailing goes at each provider: what stands behind the @, counted, and nobody in particular.

Addresses are sealed, so that each that is looked at is opened. Of a large audience an even part is looked at, and the
numbers are of that part. Providers of a few readers are told together: a domain of their own would name them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from amparo.kit.sealing import Unsealable
from amparo.mailings import outcomes
from amparo.mailings.models.audience_chunk import ID_BYTES
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amparo.mailings.models import Mailing

#: Addresses opened for one look; a thousand take some tens of milliseconds.
MOST_LOOKED_AT = 2000
#: Providers shown by name, and how many readers of the part looked at one needs for it.
MOST_SHOWN, FEWEST = 8, 5
#: Ids in one question to the database.
_AT_ONCE = 500
_RETURNED = bytes([outcomes.CAME_BACK]) + outcomes.REFUSED


@dataclass(frozen=True, slots=True)
class Provider:
    """How many have it, wait for it, or did not take it."""

    name: str
    sent: int
    waiting: int
    returned: int


@dataclass(frozen=True, slots=True)
class Providers:
    """The largest providers of an audience, and of how many readers that was counted."""

    rows: list[Provider]
    looked_at: int
    is_sample: bool


def providers(mailing: Mailing) -> Providers | None:
    """None before the audience is frozen, and where no provider has enough readers to be named."""
    chunks = mailing.chunks.order_by("snapshot", "number")
    audience = sum(len(packed) for packed in chunks.values_list("outcomes", flat=True))
    step = max(1, -(-audience // MOST_LOOKED_AT))
    looked_at: dict[UUID, int] = {}
    place = 0
    for ids, became in chunks.values_list("ids", "outcomes").iterator(chunk_size=100):
        for position in range(-place % step, len(became), step):
            at = position * ID_BYTES
            looked_at[UUID(bytes=bytes(ids[at : at + ID_BYTES]))] = became[position]
        place += len(became)
    rows = _rows(_counted(mailing, looked_at))
    return Providers(rows, len(looked_at), is_sample=step > 1) if rows else None


def _counted(mailing: Mailing, looked_at: dict[UUID, int]) -> dict[str, Counter[int]]:
    """What became of readers, by what stands behind the @ of their address."""
    found: dict[str, Counter[int]] = {}
    people = list(looked_at)
    for start in range(0, len(people), _AT_ONCE):
        some = Supporter.objects.for_organization(mailing.organization).filter(
            pk__in=people[start : start + _AT_ONCE]
        )
        for reader in some.order_by().only("organization", "email"):
            domain = _domain_of(reader)
            if domain:
                found.setdefault(domain, Counter())[looked_at[reader.pk]] += 1
    return found


def _domain_of(reader: Supporter) -> str:
    """Empty for whoever has no address any more, and where its seal is broken."""
    try:
        return (reader.email or "").rpartition("@")[2].lower()
    except Unsealable:
        return ""


def _rows(counted: dict[str, Counter[int]]) -> list[Provider]:
    """The largest first; those of a few readers, and what is too much for the table, together."""
    ordered = sorted(counted.items(), key=lambda each: (-each[1].total(), each[0]))
    named = [each for each in ordered if each[1].total() >= FEWEST][:MOST_SHOWN]
    if not named:
        return []
    names = {name for name, _became in named}
    others: Counter[int] = Counter()
    for name, became in ordered:
        if name not in names:
            others.update(became)
    rows = [_row(name, became) for name, became in named]
    return [*rows, _row(_("all others"), others)] if others else rows


def _row(name: str, became: Counter[int]) -> Provider:
    return Provider(
        name=name,
        sent=_sum(became, outcomes.ACCEPTED) - became[outcomes.CAME_BACK],
        waiting=_sum(became, outcomes.OPEN),
        returned=_sum(became, _RETURNED),
    )


def _sum(became: Counter[int], these: Iterable[int]) -> int:
    return sum(became[byte] for byte in these)
