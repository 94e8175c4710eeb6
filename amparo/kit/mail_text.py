"""Plain text for mail as RFC 3676 has it: lines short enough for any reader, joined again by narrow screens.

A line that ends in a space goes on in the next ("soft" break); quoted lines start with `>`; a line that
would be mistaken for something else is "stuffed" with one space in front. Send it as `text/plain;
charset=utf-8; format=flowed`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: RFC 3676, 4.2: no line longer than 78 characters, with its quote marks and its trailing space.
WIDTH = 78
SIGNATURE = "-- "
_LINE_ENDS = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_QUOTED = re.compile(r"(>*)(.*)", re.DOTALL)


class _Line(NamedTuple):
    depth: int
    content: str


def flowed(text: str) -> str:
    """The text with soft breaks, stuffing and quotes; its paragraphs are the lines it came with.

    Lines are broken at spaces only, so a long link stays whole and text in any direction keeps its order.
    """
    return "\n".join(piece for line in _lines(text) for piece in _broken(line))


def unflowed(encoded: str) -> str:
    """The text that `flowed` was given, as `tidied` leaves it: what a reader's program does."""
    lines: list[_Line] = []
    goes_on = False
    for raw in encoded.split("\n"):
        marks, rest = _split_quote(raw)
        content = rest.removeprefix(" ")
        if goes_on and lines[-1].depth == marks:
            lines[-1] = _Line(marks, lines[-1].content + content)
        else:
            lines.append(_Line(marks, content))
        goes_on = content.endswith(" ") and content != SIGNATURE
    return "\n".join(_shown(line) for line in lines)


def tidied(text: str) -> str:
    """The text with one kind of line end, nothing trailing on a line, and quote marks written one way."""
    return "\n".join(_shown(line) for line in _lines(text))


def _lines(text: str) -> list[_Line]:
    found = []
    for raw in _LINE_ENDS.sub("\n", text).split("\n"):
        depth, content = _split_quote(raw)
        if depth:
            content = content.removeprefix(" ")
        found.append(_Line(depth, content if content == SIGNATURE else content.rstrip(" \t")))
    return found


def _split_quote(raw: str) -> tuple[int, str]:
    match = _QUOTED.fullmatch(raw)
    assert match is not None
    return len(match[1]), match[2]


def _shown(line: _Line) -> str:
    if not line.depth:
        return line.content
    return ">" * line.depth + (f" {line.content}" if line.content else "")


def _broken(line: _Line) -> list[str]:
    if line.content == SIGNATURE:
        return [_stuffed(line.depth, line.content)]
    pieces = []
    rest = line.content
    room = max(WIDTH - line.depth - 1, WIDTH // 2)
    while len(rest) > room:
        end = _break_at(rest, room)
        if end is None:
            break
        pieces.append(_stuffed(line.depth, rest[:end]))
        rest = rest[end:]
    return [*pieces, _stuffed(line.depth, rest)]


def _break_at(rest: str, room: int) -> int | None:
    """Where to break: after the last space that fits, or else after the first one that follows."""
    end = rest.rfind(" ", 0, room) + 1
    if end and rest[:end] != SIGNATURE:
        return end
    end = rest.find(" ", max(room, len(SIGNATURE))) + 1
    return end or None


def _stuffed(depth: int, content: str) -> str:
    if depth:
        return ">" * depth + (f" {content}" if content else "")
    return f" {content}" if content.startswith((" ", ">", "From ")) else content


#: Languages written with the Arabic comma.
_ARABIC_COMMA = {"ar", "fa", "ur"}


def with_comma(words: str, *, language: str) -> str:
    """A salutation or a closing formula as it stands on a line of its own."""
    return words + ("،" if language.partition("-")[0] in _ARABIC_COMMA else ",")
