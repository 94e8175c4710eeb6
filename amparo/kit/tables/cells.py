"""Text as a cell that no spreadsheet program evaluates, and back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import IO

Rows = Iterable[Sequence[str]]
#: A file to write into: in memory, or sealed while it is written.
Into = IO[bytes] | io.RawIOBase

#: What a spreadsheet program takes for the beginning of a formula, with the wide forms that some of them fold (OWASP,
#: "CSV Injection").
_SIGNS = "=+\\-@＝＋－＠"
#: Such a sign at the beginning: behind blanks, and behind what a program drops or does not show.
_BEGINS_A_FORMULA = re.compile(
    rf"[\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*[{_SIGNS}]"
)
#: Such a sign behind what some program takes for the end of a cell: Excel reads ; as the comma in many countries.
_BEGINS_A_CELL = re.compile(rf"([;\t\r\n]\s*)(?=[{_SIGNS}])")
#: What `harmless` put there.
_MADE_HARMLESS = re.compile(rf"([;\t\r\n]\s*)'(?=[{_SIGNS}])")
_BLANKS_THAT_MATTER = frozenset("\t\r\n")
#: Controls that XML 1.0 has no place for.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
#: The most characters that Excel's format holds in one cell, and in the title of a sheet.
LONGEST_CELL = 32_767
LONGEST_TITLE = 31


def harmless(text: str) -> str:
    """The text as a cell that no program evaluates: with an apostrophe before whatever could begin a formula.

    Controls that XML and most programs refuse are left out.
    """
    if not text:
        return text
    text = _BEGINS_A_CELL.sub(r"\1'", text)
    if text[0] in _BLANKS_THAT_MATTER or _BEGINS_A_FORMULA.match(text):
        text = f"'{text}"
    return _ILLEGAL.sub("", text)


def plain_again(text: str) -> str:
    """What `harmless` was given, for a file of ours that comes back; any other text as it is."""
    without = _MADE_HARMLESS.sub(r"\1", text)
    for candidate in (without.removeprefix("'"), without):
        if candidate != text and harmless(candidate) == text:
            return candidate
    return text
