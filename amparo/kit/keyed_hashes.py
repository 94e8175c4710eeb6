"""HMAC-SHA-256 for many values under one key, and base32 in small letters: faster than asked singly.

A mailing makes five tokens a reader. The key's two blocks (RFC 2104) are hashed once and copied for each value.
"""

from __future__ import annotations

import binascii
import string
from functools import lru_cache
from typing import TYPE_CHECKING

try:
    # The interpreter's own SHA-256: for a few bytes it takes half the time of OpenSSL's, which has a context to set up.
    from _sha2 import sha256  # type: ignore[import-not-found]
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]
    except ImportError:
        from hashlib import sha256

if TYPE_CHECKING:
    from collections.abc import Callable

_BLOCK = 64
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
#: From base64's letters, of which base32 has the first 32 places, to ours.
_FROM_BASE64 = bytes.maketrans((string.ascii_uppercase + "abcdef").encode(), _LETTERS.encode())


def hasher(key: bytes) -> Callable[[bytes], bytes]:
    """`hmac.digest(key, …, "sha256")` for this key, of at most 64 bytes."""
    if len(key) > _BLOCK:
        raise ValueError("A key of more than a block would have to be hashed first.")
    whole = key.ljust(_BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in whole)).copy
    outer = sha256(bytes(byte ^ 0x5C for byte in whole)).copy

    def digest(value: bytes) -> bytes:
        inside = inner()
        inside.update(value)
        outside = outer()
        outside.update(inside.digest())
        return outside.digest()

    return digest


def base32(content: bytes) -> str:
    """RFC 4648 in small letters, for lengths that need no padding: 5, 10, 15 … bytes."""
    bits, number = len(content) * 8, int.from_bytes(content)
    if bits % 10:
        raise ValueError("Only whole groups of five bytes.")
    return "".join([_PAIRS[number >> at & 0x3FF] for at in range(bits - 10, -1, -10)])


def base32_many(contents: bytes, *, each: int) -> list[bytes]:
    """`base32` of texts of `each` bytes that lie one after another, all worked out at once as one long number.

    Every five bytes are eight letters of five bits. Spread out to six bits, they are what base64 takes four of from
    three bytes.
    """
    if each % 5 or len(contents) % each:
        raise ValueError("Only whole groups of five bytes.")
    groups = len(contents) // 5
    wide = bytearray(6 * groups)
    for at in range(5):
        wide[at + 1 :: 6] = contents[at::5]
    number = int.from_bytes(wide)
    for low, high, places in _masks(groups):
        number = number & low | (number & high) << places
    letters = binascii.b2a_base64(number.to_bytes(len(wide)), newline=False).translate(_FROM_BASE64)
    width = each * 8 // 5
    return [letters[at : at + width] for at in range(0, len(letters), width)]


@lru_cache(maxsize=64)
def _masks(groups: int) -> list[tuple[int, int, int]]:
    """The halves of 40, of 20 and of 10 bits in each of so many groups, and how far the upper one moves."""

    def repeated(bits: int, every: int) -> int:
        field = sum(bits << at for at in range(0, 48, every))
        return int.from_bytes(field.to_bytes(6) * groups)

    return [
        (repeated(0xFFFFF, 48), repeated(0xFFFFF << 20, 48), 4),
        (repeated(0x3FF, 24), repeated(0x3FF << 10, 24), 2),
        (repeated(0x1F, 12), repeated(0x1F << 5, 12), 1),
    ]
