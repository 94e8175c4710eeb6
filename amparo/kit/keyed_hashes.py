"""HMAC-SHA-256 for many values under one key, and base32 in small letters: faster than asked singly.

A mailing makes five tokens a reader. The key's two blocks (RFC 2104) are hashed once and copied for each value.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BLOCK = 64
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]


def hasher(key: bytes) -> Callable[[bytes], bytes]:
    """`hmac.digest(key, …, "sha256")` for this key, of at most 64 bytes."""
    if len(key) > _BLOCK:
        raise ValueError("A key of more than a block would have to be hashed first.")
    whole = key.ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in whole)).copy
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in whole)).copy

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
