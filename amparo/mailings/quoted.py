"""Quoted-printable and encoded words, written so that a value filled in later can break neither a line nor a header.

Bodies come out in the form in which DKIM reads them (RFC 6376, 3.4.4: relaxed): no spaces at the end of a line, never
two in a row, no tabs. No line of ours begins with a dot, so that SMTP needs no dot-stuffing (RFC 5321, 4.5.2).
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from amparo.kit.addresses import one_line

#: RFC 2045, 6.7: 76 characters with the "=" of a soft break.
WIDTH = 75
CRLF = b"\r\n"
#: Ends a line that goes on in the next; a slot stands between two of them.
SOFT = b"=\r\n"
#: Characters of a value that are kept: a name, or a link.
LONGEST_VALUE = 400
#: RFC 2047, 2: an encoded word has 75 characters at most, of which its frame takes twelve.
WORD = 75 - len("=?utf-8?q??=")

_QUOTED = [
    bytes([byte]) if 33 <= byte <= 126 and byte != ord("=") else b"=%02X" % byte for byte in range(256)
]
_QUOTED[ord(" ")] = b" "
_SPACE, _QUOTED_SPACE, _QUOTED_DOT = b" ", b"=20", b"=2E"
#: What may stand in an encoded word within a phrase (RFC 2047, 5 (3)), as itself.
_PLAIN_IN_WORDS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
#: A name that may stand in a header and in a line of text as it is.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9-]+(?: [A-Za-z0-9-]+)*")
LONGEST_PLAIN_NAME = 60


def quoted_lines(text: str) -> bytes:
    """Text of one or more lines as quoted-printable, without a line's end after the last."""
    return CRLF.join(
        _quoted_line(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    )


@lru_cache(maxsize=4096)
def quoted_value(text: str) -> bytes:
    """A value on lines of its own, to be put between two soft breaks; whatever it holds becomes one line."""
    if _is_plain(text):
        return text.encode("ascii")
    return _quoted_line(one_line(text, LONGEST_VALUE), width=WIDTH - 3)


@lru_cache(maxsize=4096)
def quoted_html(text: str) -> bytes:
    """The same within HTML, where no value is markup."""
    return quoted_value(escape(text))


def _is_plain(name: str) -> bool:
    return len(name) <= LONGEST_PLAIN_NAME and _PLAIN_NAME.fullmatch(name) is not None


def _quoted_line(line: str, *, width: int = WIDTH) -> bytes:
    lines: list[bytes] = []
    row = bytearray()
    before = b""
    data = line.encode("utf-8", "replace")
    last = len(data) - 1
    for at, byte in enumerate(data):
        piece = _QUOTED[byte]
        if piece == _SPACE and (before == _SPACE or at == last):
            piece = _QUOTED_SPACE
        if len(row) + len(piece) > width:
            lines.append(bytes(row))
            row.clear()
        if not row and piece == b".":
            piece = _QUOTED_DOT
        row += piece
        before = piece
    lines.append(bytes(row))
    return SOFT.join(lines)


@lru_cache(maxsize=4096)
def words_for(text: str) -> bytes:
    """A value as encoded words (RFC 2047), folded; a lone space where there is nothing, since no line may be empty."""
    return b"\r\n ".join(_words(one_line(text, LONGEST_VALUE) or " "))


def words_for_constant(text: str) -> bytes:
    """The same for what an editor wrote, whose spaces at the ends stand beside a value and are kept."""
    return b"\r\n ".join(_words(text))


def _words(text: str) -> list[bytes]:
    found: list[bytes] = []
    row = b""
    for letter in text:
        piece = _letter_in_words(letter)
        if len(row) + len(piece) > WORD:
            found.append(row)
            row = b""
        row += piece
    found.append(row)
    return [b"=?utf-8?q?" + row + b"?=" for row in found]


@lru_cache(maxsize=4096)
def _letter_in_words(letter: str) -> bytes:
    return b"".join(
        bytes([byte]) if byte in _PLAIN_IN_WORDS else b"_" if byte == 0x20 else b"=%02X" % byte
        for byte in letter.encode("utf-8", "replace")
    )


def phrase_for(name: str) -> bytes:
    """A name before an address: as it is where it is plain, else as encoded words; with the space that follows."""
    if not _is_plain(name):
        name = one_line(name, 100)
        if not _is_plain(name):
            return _words_of_name(name) + b" " if name else b""
    return name.encode("ascii") + b" "


def _words_of_name(name: str) -> bytes:
    """As `words_for`; names of many people have few parts, each of which is then worked out once."""
    inside = b"_".join([_part_in_words(part) for part in name.split(" ")])
    return b"=?utf-8?q?" + inside + b"?=" if len(inside) <= WORD else words_for(name)


@lru_cache(maxsize=8192)
def _part_in_words(part: str) -> bytes:
    return b"".join(map(_letter_in_words, part))


def header_text(text: str) -> bytes:
    """What an editor wrote, for a header without values: as it is, or as encoded words; folded."""
    line = one_line(text, 300)
    if not line.isascii() or "=?" in line:
        return words_for_constant(line)
    rows: list[str] = []
    for word in line.split(" "):
        if rows and len(rows[-1]) + 1 + len(word) <= 64:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    if any(len(row) > 900 for row in rows):
        return words_for_constant(line)
    return "\r\n ".join(rows).encode("ascii")


def unfolded(header: bytes) -> bytes:
    """A header's value as DKIM's relaxed form reads it (RFC 6376, 3.4.2)."""
    return b" ".join(header.split()) if b"\r\n" in header or b"  " in header else header.strip()
