"""The numbers at the facts of a public case, and the sources they stand for.

A citation is public as far as what it proves is: a column that was cleared, or any column of its record. What is told
of its source is what was cleared of the source. A source of which no title was cleared, and one that stays unnamed for
good, look alike: one line, that there is a source known to us, however many they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import get_language

from amparo.cases import citing
from amparo.kit import part_dates
from amparo.kit.part_dates import NotADate

if TYPE_CHECKING:
    from amparo.cases.models import Case, Citation
    from amparo.cases.public_view import PublicCase, PublicRecord


@dataclass(slots=True)
class Reference:
    """One line of the sources, under its number. Without a title it is a source that readers are not told."""

    number: int
    title: str = ""
    publisher: str = ""
    kind: str = ""
    published: str = ""
    url: str = ""
    read_on: str = ""
    archived_url: str = ""
    passages: list[Passage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Passage:
    """What was cited from a source, word for word, and on which page."""

    text: str
    page: str = ""


@dataclass(slots=True)
class References:
    """Gives each source its number when the first fact that it proves is drawn, in the order of the page."""

    public: PublicCase
    _citations: dict[tuple[str, UUID], list[Citation]]
    found: list[Reference] = field(default_factory=list)
    _by_source: dict[UUID | None, Reference] = field(default_factory=dict)
    _told: set[UUID] = field(default_factory=set)

    def at(self, kind: str, record: PublicRecord | None, *columns: str) -> tuple[int, ...]:
        """The numbers of the sources that prove these public columns of a record; all its columns, if none is named."""
        if record is None:
            return ()
        shown = [column for column in (columns or record.values) if column in record.values]
        numbers = {
            self._number(citation)
            for citation in self._citations.get((kind, record.pk), [])
            if shown and (not citation.column or citation.column in shown)
        }
        return tuple(sorted(numbers))

    def _number(self, citation: Citation) -> int:
        source = self._source(citation)
        key = source.pk if source else None
        reference = self._by_source.get(key)
        if reference is None:
            reference = _reference(len(self.found) + 1, source)
            self._by_source[key] = reference
            self.found.append(reference)
        if source and citation.pk not in self._told:
            self._told.add(citation.pk)
            self._add_passage(reference, citation)
        return reference.number

    def _source(self, citation: Citation) -> PublicRecord | None:
        """What readers may know of its source; None while that is not even a title."""
        for record in self.public.of("Source"):
            if record.pk == citation.source_id and record["title"]:
                return record
        return None

    def _add_passage(self, reference: Reference, citation: Citation) -> None:
        for record in self.public.of("Citation"):
            if record.pk == citation.pk and (record["passage"] or record["page"]):
                reference.passages.append(Passage(record["passage"], record["page"]))


def references_of(public: PublicCase, *, case: Case) -> References:
    """Numbers for this case, none given yet."""
    by_record: dict[tuple[str, UUID], list[Citation]] = {}
    for citation in citing.citations_of(case):
        by_record.setdefault((citation.record_type, citation.record_id), []).append(citation)
    return References(public, by_record)


def _reference(number: int, source: PublicRecord | None) -> Reference:
    if source is None:
        return Reference(number)
    return Reference(
        number,
        title=source["title"],
        publisher=source["publisher"],
        kind=source.label("kind"),
        published=_day(source["published"]),
        url=_link(source["url"]),
        read_on=_day(source["read_on"].isoformat()) if source["read_on"] else "",
        archived_url=_link(source["archived_url"]),
    )


def _day(text: str) -> str:
    try:
        return part_dates.parse(text).in_words(language=get_language() or "en")
    except NotADate:
        return ""


def _link(url: str) -> str:
    """An address that may stand behind a link; nothing for anything else."""
    return url if url.startswith(("https://", "http://")) else ""
