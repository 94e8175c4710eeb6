"""Words in braces, in the texts of pages: {figure:held-without-trial}, filled in anew for each reader.

An upper floor registers what a word stands for, in a module of this name; this one fills it in. What cannot be filled
in is not shown half: a paragraph of a body, or a sentence of a standfirst, that names it is left out, and the editor is
told when the page is saved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.db import models
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from wagtail.fields import StreamField
from wagtail.models import Page, Site

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from amparo.organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Filled:
    """What readers read for a word, and the line below that says where it comes from (may be empty)."""

    text: str
    note: str = ""


class BraceWord(Protocol):
    """What stands before the colon, such as figure in {figure:held}."""

    def fill(self, names: Collection[str], *, organization: Organization) -> Mapping[str, Filled]:
        """What readers read for each of these names; one that is missing here must not be shown."""

    def wrong(self, name: str, *, organization: Organization) -> str:
        """Why a name cannot be shown, in a sentence for the editor."""


brace_words: Registry[BraceWord] = Registry("word in braces")

_WORD = re.compile(r"\{([a-z]+):\s*([^{}<>\n]{1,80}?)\s*\}")
#: The innermost paragraph or list item; what editors write is flat, so that it is the whole of it.
_PARAGRAPH = re.compile(r"<(p|li)\b[^>]*>(?:(?!<(?:p|li)\b).)*?</\1>", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?؟…])\s+")


@dataclass(frozen=True, slots=True)
class Told:
    """A text with its words filled in, and the lines below it."""

    text: str
    notes: tuple[str, ...] = ()


def tell(text: str, *, organization: Organization, whole: bool = False) -> Told:
    """Plain text, without the sentences that name what cannot be shown; with `whole` all of it, or nothing."""
    found = _filled(text, organization=organization)
    if found is None:
        return Told(text)
    return _told([text] if whole else _SENTENCE_END.split(text), found, joined=" ", escaped=str)


def tell_html(html: str, *, organization: Organization) -> Told:
    """Rich text, without the paragraphs and list items that name what cannot be shown."""
    found = _filled(html, organization=organization)
    if found is None:
        return Told(mark_safe(html))  # noqa: S308 - what came in as safe goes out as it came
    notes: dict[str, None] = {}

    def fill(match: re.Match[str]) -> str:
        told = _told([match.group(0)], found, joined="", escaped=escape)
        notes.update(dict.fromkeys(told.notes))
        return told.text

    # What stands in no paragraph is one of its own.
    filled = _told([_PARAGRAPH.sub(fill, html)], found, joined="", escaped=escape)
    notes.update(dict.fromkeys(filled.notes))
    return Told(mark_safe(filled.text), tuple(notes))  # noqa: S308 - rich text, and what was filled in is escaped


def wrong_in(texts: Collection[str], *, organization: Organization) -> list[str]:
    """A sentence for each word of these texts that cannot be shown."""
    said: dict[str, None] = {}
    for text in texts:
        found = _filled(text, organization=organization) or {}
        for (word, name), filled in found.items():
            if filled is None:
                said[brace_words.get(word).wrong(name, organization=organization)] = None
    return list(said)


def texts_of(page: Page) -> list[str]:
    """Everything that is written on a page: its plain texts and its blocks."""
    return list(_texts_of(page))


def named_on_pages(*, organization: Organization) -> dict[tuple[str, str], list[Page]]:
    """Each word with its name, and the live pages of the organization's sites that have it in a text."""
    found: dict[tuple[str, str], list[Page]] = {}
    for page in live_pages(organization):
        for named in dict.fromkeys(word for text in texts_of(page) for word in _words(text)):
            found.setdefault(named, []).append(page)
    return found


def live_pages(organization: Organization) -> Iterator[Page]:
    """What readers can open on the organization's sites, as pages of their own kinds."""
    for site in Site.objects.filter(siteidentity__organization=organization).select_related("root_page"):
        yield from site.root_page.get_descendants(inclusive=True).live().specific().iterator()


def _texts_of(page: Page) -> Iterator[str]:
    for field in page._meta.concrete_fields:
        value: Any = getattr(page, field.attname)
        if isinstance(field, StreamField):
            yield from _strings(list(value.raw_data))
        elif isinstance(field, models.TextField) and value:
            yield str(value)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _strings(each)


def _words(text: str) -> list[tuple[str, str]]:
    return [(word, name) for word, name in _WORD.findall(text) if word in brace_words]


def _filled(text: str, *, organization: Organization) -> dict[tuple[str, str], Filled | None] | None:
    """Each word of a text with what it stands for; None where there is none to fill in."""
    words = _words(text) if "{" in text else []
    if not words:
        return None
    found: dict[tuple[str, str], Filled | None] = dict.fromkeys(words)
    for word in {word for word, _name in words}:
        names = {name for each, name in words if each == word}
        filled = brace_words.get(word).fill(names, organization=organization)
        found |= {(word, name): filled.get(name) for name in names}
    return found


def _told(
    parts: Collection[str],
    found: Mapping[tuple[str, str], Filled | None],
    *,
    joined: str,
    escaped: Callable[[str], str | SafeString],
) -> Told:
    """The parts of which every word can be shown, with their words filled in."""
    kept: list[str] = []
    notes: dict[str, None] = {}
    for part in parts:
        words = _words(part)
        if any(found.get(word) is None for word in words):
            continue
        kept.append(_WORD.sub(lambda match: _said(match, found, escaped), part))
        notes.update({filled.note: None for word in words if (filled := found[word]) and filled.note})
    return Told(joined.join(kept), tuple(notes))


def _said(
    match: re.Match[str],
    found: Mapping[tuple[str, str], Filled | None],
    escaped: Callable[[str], str | SafeString],
) -> str:
    filled = found.get((match.group(1), match.group(2)))
    return str(escaped(filled.text)) if filled else match.group(0)
