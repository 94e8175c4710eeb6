"""How many parts a text message has, each of which is paid for.

A telephone's own alphabet has seven bits a letter and a few signs of two (3GPP TS 23.038, 6.2.1); whatever is not in it
makes the whole message one of UCS-2, with sixteen. A message of several parts loses six octets of each to the header
that joins them (3GPP TS 23.040, 9.2.3.24.1), and no sign is ever cut in two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

#: 3GPP TS 23.038, 6.2.1: the default alphabet, without the escape to the table below.
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: 3GPP TS 23.038, 6.2.1.1: each takes two.
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
#: Of one message alone, and of each part where there are several.
_SEPTETS, _SEPTETS_OF_A_PART = 160, 153
_UNITS, _UNITS_OF_A_PART = 70, 67


@dataclass(frozen=True, slots=True)
class Length:
    """How long a message is: how many parts, how many of its letters' measure, and how many fit into these parts."""

    parts: int
    used: int
    room: int
    is_wide: bool

    @property
    def left(self) -> int:
        """How much more fits without another part."""
        return self.room - self.used


def measure(words: str) -> Length:
    """The length of one message, as every network counts it."""
    is_wide = not is_narrow(words)
    costs = [_cost(letter, is_wide=is_wide) for letter in words]
    alone, of_a_part = (_UNITS, _UNITS_OF_A_PART) if is_wide else (_SEPTETS, _SEPTETS_OF_A_PART)
    used = sum(costs)
    if used <= alone:
        return Length(1, used, alone, is_wide)
    parts = _packed(costs, size=of_a_part)
    return Length(parts, used, parts * of_a_part, is_wide)


def is_narrow(words: str) -> bool:
    """Whether all of it is in the telephones' own alphabet."""
    return all(letter in _BASIC or letter in _EXTENDED for letter in words)


def wide_letters(words: str) -> list[str]:
    """What makes a message one of UCS-2, each once, in order."""
    return list(dict.fromkeys(letter for letter in words if letter not in _BASIC | _EXTENDED))


def _cost(letter: str, *, is_wide: bool) -> int:
    if is_wide:
        return 2 if ord(letter) > 0xFFFF else 1
    return 2 if letter in _EXTENDED else 1


def _packed(costs: Iterable[int], *, size: int) -> int:
    """How many parts these letters fill, none cut in two."""
    parts, used = 1, 0
    for cost in costs:
        if used + cost > size:
            parts, used = parts + 1, 0
        used += cost
    return parts
