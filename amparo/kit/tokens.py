"""Signed links: a row's id and proof that we wrote it, in letters that survive any mail program.

A token is 48 letters and digits: 16 bytes of id and 14 of HMAC-SHA-256 in base32 without padding, in small
letters, as some mail programs change the case of links. It holds no state and never expires by itself; what
it may still do is decided by the row it names.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from amparo.kit.keyed_hashes import base32, base32_many, hasher
from amparo.kit.refusal import Refusal
from amparo.kit.sealing import installation_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ID_BYTES = 16
#: 112 bits: nobody guesses one over the network, and id and proof fill 48 base32 letters without a spare bit.
PROOF_BYTES = 14
TOKEN_LETTERS = 48


class BrokenLink(Refusal):
    """The token in a link is not one that we made for this purpose."""

    sentence = _("This link is broken. Please open it again from the message we sent you.")


def make(purpose: str, id: UUID) -> str:
    """The token by which a link for `purpose` names a row."""
    return base32(id.bytes + _proof(purpose, id.bytes))


def read(purpose: str, token: str) -> UUID:
    """The id in a token, in any case of letters. Raises `BrokenLink` if we did not make it for `purpose`."""
    try:
        content = base64.b32decode(token.strip().upper().encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        raise BrokenLink from None
    row_id, proof = content[:ID_BYTES], content[ID_BYTES:]
    if not hmac.compare_digest(proof, _proof(purpose, row_id)):
        raise BrokenLink
    return UUID(bytes=row_id)


def _proof(purpose: str, row_id: bytes) -> bytes:
    return hasher(installation_key(f"links: {purpose}"))(row_id)[:PROOF_BYTES]


def maker(purpose: str) -> Callable[[Sequence[bytes]], list[bytes]]:
    """Makes tokens of one purpose for many rows at once, each given by the 16 bytes of its id."""
    digest = hasher(installation_key(f"links: {purpose}"))

    def make(ids: Sequence[bytes]) -> list[bytes]:
        named = b"".join([row_id + digest(row_id)[:PROOF_BYTES] for row_id in ids])
        return base32_many(named, each=ID_BYTES + PROOF_BYTES)

    return make
