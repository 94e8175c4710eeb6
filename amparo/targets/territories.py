"""Postcodes that are written like a country's and stand in no table of it, and what is known of them all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from amparo.targets.records import AreaKey


@dataclass(frozen=True, slots=True)
class Territory:
    """Either the `area` in which the supporter's own one lies, or the `sentence` that says why there is none."""

    area: AreaKey | None = None
    sentence: str = ""


_NO_MEMBER = gettext_noop(
    "This postcode is not in the United Kingdom: nobody in its Parliament is elected there."
)
_FORCES = gettext_noop(
    "Forces’ addresses lie in no constituency. Use the postcode of the address at which you are registered to vote."
)

#: By the slug of the targets and the letters or digits that the postcode starts with. Northern Ireland's postcodes
#: (BT) are left out of the open tables by their licence. Crown dependencies and Gibraltar: Royal Mail's areas. ZIP
#: codes of forces and territories: U.S. Postal Service, Publication 65.
TERRITORIES: dict[str, dict[str, Territory]] = {
    "uk": {
        "BT": Territory(area=("uk-nations", "N92000002")),
        "GY": Territory(sentence=_NO_MEMBER),
        "JE": Territory(sentence=_NO_MEMBER),
        "IM": Territory(sentence=_NO_MEMBER),
        "GX": Territory(sentence=_NO_MEMBER),
        "BF": Territory(sentence=_FORCES),
    },
    "us": {
        **{f"09{digit}": Territory(sentence=_FORCES) for digit in range(10)},
        **{prefix: Territory(sentence=_FORCES) for prefix in ("340", "962", "963", "964", "965", "966")},
        "008": Territory(area=("us-states", "VI")),
        "96799": Territory(area=("us-states", "AS")),
        "9691": Territory(area=("us-states", "GU")),
        "9692": Territory(area=("us-states", "GU")),
        "9693": Territory(area=("us-states", "GU")),
        "9695": Territory(area=("us-states", "MP")),
    },
}


def territory_of(slug: str, compact: str) -> Territory | None:
    """What is known of a postcode that no table holds."""
    known = TERRITORIES.get(slug, {})
    return next((known[compact[:length]] for length in (5, 4, 3, 2) if compact[:length] in known), None)
