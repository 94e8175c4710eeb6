"""The plain-text twin of a mail: narrow lines, links on lines of their own, merge fields never torn apart."""

from __future__ import annotations

import textwrap
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from amparo.mailings.merge_fields import FIELD

if TYPE_CHECKING:
    from collections.abc import Iterable

#: RFC 5322, 2.1.1 wants lines below 78 characters; two are left for the mark of somebody who quotes.
WIDTH = 76
_GLUE = "\ue000"
_BULLET, _INDENT = "• ", "  "


def wrapped(text: str) -> str:
    """The text in lines of at most `WIDTH` characters, broken at spaces alone, so that addresses stay whole."""
    return "\n".join(
        line for paragraph in text.strip().split("\n") for line in _lines(paragraph.rstrip(), indent="")
    )


def joined(parts: Iterable[str]) -> str:
    """Blocks one below the other, with an empty line between."""
    return "\n\n".join(wrapped(part) for part in parts if part.strip())


def link(words: str, url: str) -> str:
    """A link as plain words: what it is, and the address on a line of its own."""
    return f"{words.strip()}:\n{url}" if words.strip() and words.strip() != url else url


def underlined(text: str) -> str:
    """A heading."""
    lines = wrapped(" ".join(text.split())).split("\n")
    return "\n".join([*lines, "-" * max(len(line) for line in lines)])


def plain_from(html: str) -> str:
    """Rich text in plain words: its paragraphs and lists, and each link below the paragraph that it stands in."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_paragraph()
    return "\n\n".join(reader.paragraphs)


class _Reader(HTMLParser):
    """Reads what the composer's narrowed rich text may hold: paragraphs, lists, links, bold and italic."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self._words = ""
        self._items: list[str] | None = None
        self._numbered = False
        self._links: list[tuple[str, str]] = []
        self._open: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"ol", "ul"}:
            self.end_paragraph()
            self._items, self._numbered = [], tag == "ol"
        elif tag == "a":
            self._open = (dict(attrs).get("href") or "", len(self._words))
        elif tag == "br":
            self._words += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open:
            url, since = self._open
            if url:
                self._links.append((self._words[since:], url))
            self._open = None
        elif tag == "li" and self._items is not None:
            mark = f"{len(self._items) + 1}. " if self._numbered else _BULLET
            self._items.append("\n".join(_lines(self._taken(), indent=_INDENT, mark=mark)))
        elif tag in {"ol", "ul"} and self._items is not None:
            self.paragraphs.append("\n".join(self._items))
            self._items = None
        elif tag == "p":
            self.end_paragraph()

    def handle_data(self, data: str) -> None:
        self._words += data

    def end_paragraph(self) -> None:
        words = self._taken()
        if words.strip():
            self.paragraphs.append(words.strip())

    def _taken(self) -> str:
        """The words so far, and below them the addresses of their links."""
        words = "\n".join(" ".join(line.split()) for line in self._words.split("\n"))
        several = len(self._links) > 1
        for said, url in self._links:
            told = " ".join(said.split())
            words += f"\n{told}:\n{url}" if several and told != url else f"\n{url}"
        self._words, self._links = "", []
        return words


def _lines(paragraph: str, *, indent: str, mark: str = "") -> list[str]:
    found: list[str] = []
    for line in paragraph.split("\n"):
        glued = FIELD.sub(lambda field: field[0].replace(" ", _GLUE), line)
        first = mark if not found else " " * len(mark) if mark else indent
        found += textwrap.wrap(
            glued,
            WIDTH,
            initial_indent=first,
            subsequent_indent=" " * len(mark),
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return [line.replace(_GLUE, " ") for line in found]
