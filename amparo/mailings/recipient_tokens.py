"""Opaque names of one recipient of one mailing: in the return address, in Message-ID, and in links to an ask.

A token in a return address is 32 letters and digits in any case: six bytes of the chunk's number, two of the position
in it, twelve of proof that we made it. It leads to nobody without our database.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from typing import TYPE_CHECKING, NamedTuple

from amparo.kit.keyed_hashes import base32_many, hasher
from amparo.kit.sealing import installation_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: What the token behind the `#` of a link to an ask is for: whom `tokens.read(ASK, …)` names takes part by one press.
ASK = "ask"
LETTERS = 32
_PLACE_BYTES, _PROOF_BYTES = 8, 12
_PURPOSE = "recipients of mailings"
#: As it stands in an address (after the plus) and in Message-ID.
_FOUND = re.compile(rf"(?:\+|<)m([a-z2-7]{{{LETTERS}}})@", re.IGNORECASE)


class Place(NamedTuple):
    """Where a recipient stands: the chunk's number, and the position in it."""

    chunk: int
    position: int


def maker() -> Callable[[int, Sequence[int]], list[bytes]]:
    """Makes the tokens of many recipients at once: the chunk, and the positions in it."""
    digest = hasher(installation_key(_PURPOSE))

    def make(chunk: int, positions: Sequence[int]) -> list[bytes]:
        before = chunk.to_bytes(6)
        places = [before + position.to_bytes(2) for position in positions]
        named = b"".join([place + digest(place)[:_PROOF_BYTES] for place in places])
        return base32_many(named, each=_PLACE_BYTES + _PROOF_BYTES)

    return make


def read(token: str) -> Place | None:
    """Whose token this is, in any case of letters; None when we did not make it."""
    try:
        content = base64.b32decode(token.strip().upper().encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        return None
    place, proof = content[:_PLACE_BYTES], content[_PLACE_BYTES:]
    ours = hasher(installation_key(_PURPOSE))(place)[:_PROOF_BYTES]
    if not hmac.compare_digest(proof, ours):
        return None
    return Place(int.from_bytes(place[:6]), int.from_bytes(place[6:]))


def find(text: str) -> Place | None:
    """The recipient whose return address or Message-ID stands in `text`."""
    for found in _FOUND.finditer(text[:2000]):
        place = read(found.group(1))
        if place is not None:
            return place
    return None
