"""Parts of a document joined into one PDF that is written while they come, so that nothing of them stays in memory.

What makes a document readable aloud is kept: tags, language, title, bookmarks. A part is read, its objects are given
numbers of their own and are written (ISO 32000-1, 7.5.7 and 7.5.8: those that are no streams share compressed ones),
and it is let go. What stays is where each object lies, eight bytes for each, and a few references for each part.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

if TYPE_CHECKING:
    Write = Callable[[bytes], object]
    Renumber = Callable[[IndirectObject], int]

_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
#: Objects in one compressed stream: a reader unpacks all of them to get one.
_TOGETHER = 200
#: How an object lies, in the file's index: at a place of its own, or inside a stream (ISO 32000-1, table 18).
_FREE, _AT, _IN = 0, 1, 2
#: Bytes of an entry of the index: how, where, and the place inside a stream.
_ENTRY = (1, 5, 2)
_LONG = sum(_ENTRY)
_KEYS = ("/StructParents", "/StructParent")


class _Ours(IndirectObject):
    """A reference to an object by the number it has in the whole."""

    def __init__(self, number: int) -> None:
        super().__init__(number, 0, None)


class Joiner:
    """Writes one document through `write`, part by part; `finish` ends it."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._written = 0
        self._index = bytearray()
        self._count = 0
        self.pages = 0
        self._next_key = 0
        self._parts: list[_Part] = []
        self._put(_HEAD)
        self._new(1)  # number 0 is nobody's
        self._catalog, self._info, self._page_tree = self._new(1), self._new(1), self._new(1)
        self._tags, self._document, self._bookmarks = self._new(1), self._new(1), self._new(1)

    def add(self, content: bytes, *, in_front: bool = False) -> None:
        """Put a part behind the others, or before them; what is read aloud, and the bookmarks, follow the pages."""
        reader = PdfReader(io.BytesIO(content))
        size: Any = reader.trailer["/Size"]
        part = _Part(reader, base=self._new(int(size)), keys_from=self._next_key)
        part.stand_in(page_tree=self._page_tree, tags=self._document, bookmarks=self._bookmarks)
        waiting: list[tuple[int, bytes]] = [part.leaf()]
        for number, found in part.objects():
            if isinstance(found, StreamObject):
                self._put_object(number, _stream(found, part.renumber))
            else:
                waiting.append((number, _text(found, part.renumber)))
        for start in range(0, len(waiting), _TOGETHER):
            self._put_together(waiting[start : start + _TOGETHER])
        self.pages += part.pages
        self._next_key = part.keys_until
        part.let_go()
        reader.close()
        self._parts.insert(0 if in_front else len(self._parts), part)

    def finish(self, *, title: str, language: str) -> None:
        """Write what holds the parts together. What the first part says of its conformity (PDF/UA-1) holds for all."""
        kids = ArrayObject(_Ours(part.page_tree) for part in self._parts)
        self._put_plain(
            self._page_tree, {"/Type": "/Pages", "/Count": NumberObject(self.pages), "/Kids": kids}
        )
        self._put_tags()
        catalog: dict[str, Any] = {
            "/Type": "/Catalog",
            "/Pages": _Ours(self._page_tree),
            "/Lang": TextStringObject(language),
            "/StructTreeRoot": _Ours(self._tags),
            "/MarkInfo": _dictionary({"/Marked": BooleanObject(True)}),
            "/ViewerPreferences": _dictionary({"/DisplayDocTitle": BooleanObject(True)}),
            "/Metadata": _Ours(self._parts[0].metadata),
        }
        if self._put_bookmarks():
            catalog["/Outlines"] = _Ours(self._bookmarks)
        self._put_plain(self._catalog, catalog)
        said = {"/Title": TextStringObject(title), "/Producer": TextStringObject("Amparo")}
        self._put_plain(self._info, said)
        self._put_index()

    # --- What holds the parts together ----------------------------------------------------------------------

    def _put_tags(self) -> None:
        """One document of all parts, and the tree in which every page finds its tags (ISO 32000-1, 14.7.4.4)."""
        parts = ArrayObject(_Ours(number) for part in self._parts for number in part.tags)
        of_all = {"/Type": "/StructElem", "/S": "/Document", "/P": _Ours(self._tags), "/K": parts}
        self._put_plain(self._document, of_all)
        numbers = self._new(1)
        leaves = [part.leaf_number for part in sorted(self._parts, key=lambda part: part.keys_from)]
        self._put_plain(numbers, {"/Kids": ArrayObject(map(_Ours, leaves))})
        root = {
            "/Type": "/StructTreeRoot",
            "/K": ArrayObject([_Ours(self._document)]),
            "/ParentTree": _Ours(numbers),
            "/ParentTreeNextKey": NumberObject(self._next_key),
        }
        self._put_plain(self._tags, root)

    def _put_bookmarks(self) -> bool:
        """The bookmarks of all parts in one row; False when there are none."""
        rows = [part for part in self._parts if part.bookmarks]
        for before, after in pairwise(rows):
            before.held[before.bookmarks[-1]][NameObject("/Next")] = _Ours(after.bookmarks[0])
            after.held[after.bookmarks[0]][NameObject("/Prev")] = _Ours(before.bookmarks[-1])
        for part in rows:
            for number, item in part.held.items():
                self._put_object(number, _text(item, part.renumber))
        if rows:
            ends = {"/First": _Ours(rows[0].bookmarks[0]), "/Last": _Ours(rows[-1].bookmarks[-1])}
            count = NumberObject(sum(part.open_bookmarks for part in rows))
            self._put_plain(self._bookmarks, {"/Type": "/Outlines", **ends, "/Count": count})
        return bool(rows)

    # --- Writing --------------------------------------------------------------------------------------------

    def _new(self, count: int) -> int:
        """The first of so many new numbers."""
        first = self._count
        self._count += count
        self._index += bytes(_LONG * count)
        return first

    def _lies(self, number: int, how: int, where: int, place: int = 0) -> None:
        entry = b"".join(
            value.to_bytes(length, "big") for value, length in zip((how, where, place), _ENTRY, strict=True)
        )
        self._index[_LONG * number : _LONG * (number + 1)] = entry

    def _put(self, content: bytes) -> None:
        self._write(content)
        self._written += len(content)

    def _put_object(self, number: int, content: bytes) -> None:
        self._lies(number, _AT, self._written)
        self._put(b"%d 0 obj\n%b\nendobj\n" % (number, content))

    def _put_plain(self, number: int, entries: dict[str, Any]) -> None:
        self._put_object(number, _text(_dictionary(entries), _as_it_is))

    def _put_together(self, objects: list[tuple[int, bytes]]) -> None:
        """Several objects in one compressed stream."""
        holder = self._new(1)
        names, at = [], 0
        for place, (number, content) in enumerate(objects):
            names.append(b"%d %d" % (number, at))
            at += len(content) + 1
            self._lies(number, _IN, holder, place)
        head = b" ".join(names) + b"\n"
        packed = zlib.compress(head + b"\n".join(content for _number, content in objects))
        said = b"/Type /ObjStm /N %d /First %d" % (len(objects), len(head))
        self._put_object(holder, _packed(said, packed))

    def _put_index(self) -> None:
        """Where every object lies; itself a stream (ISO 32000-1, 7.5.8)."""
        number = self._new(1)
        begins = self._written
        self._lies(number, _AT, begins)
        said = b"/Type /XRef /Size %d /W [%d %d %d] /Root %d 0 R /Info %d 0 R" % (
            self._count,
            *_ENTRY,
            self._catalog,
            self._info,
        )
        self._put_object(number, _packed(said, zlib.compress(self._index)))
        self._put(b"startxref\n%d\n%%%%EOF\n" % begins)


class _Part:
    """One part while it is read, and what has to be known of it at the end."""

    def __init__(self, reader: PdfReader, *, base: int, keys_from: int) -> None:
        root: Any = reader.trailer["/Root"]
        self._reader: Any = reader
        self._root = root
        self.base, self.keys_from = base, keys_from
        self.pages = len(reader.pages)
        self.page_tree, self.metadata = base + self._number("/Pages"), base + self._number("/Metadata")
        self.tags = [base + kid.idnum for kid in root["/StructTreeRoot"]["/K"]]
        self._keyed = root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
        self.keys_until = keys_from + 1 + max((int(key) for key in self._keyed[::2]), default=-1)
        #: The part has no root of tags any more; the leaf of our tree that holds its pages' keys takes its number.
        self.leaf_number = base + self._number("/StructTreeRoot")
        self._instead: dict[int, int] = {}
        self._parent = 0
        #: The first and the last bookmark, which are written when their neighbours are known.
        self.bookmarks: list[int] = []
        self.held: dict[int, Any] = {}
        self.open_bookmarks = 0
        self._hold_bookmarks()

    def stand_in(self, *, page_tree: int, tags: int, bookmarks: int) -> None:
        """What the part's own roots of tags and bookmarks are in the whole, and what its pages hang below."""
        self._parent = page_tree
        self._instead = {self._number("/StructTreeRoot"): tags, self._number("/Outlines"): bookmarks}

    def renumber(self, reference: IndirectObject) -> int:
        """The number in the whole of what `reference` leads to."""
        if isinstance(reference, _Ours):
            return reference.idnum
        return self._instead.get(reference.idnum) or self.base + reference.idnum

    def objects(self) -> Iterator[tuple[int, Any]]:
        """Every object that goes over, under its number in the whole."""
        left_out = {
            0,
            self._reader.trailer.raw_get("/Root").idnum,
            self._number("/StructTreeRoot"),
            self._number("/Outlines"),
            getattr(self._root["/StructTreeRoot"].raw_get("/ParentTree"), "idnum", 0),
        }
        numbers = {*self._reader.xref.get(0, {}), *self._reader.xref_objStm} - left_out
        for number in sorted(numbers):
            found = self._reader.get_object(number)
            if found is None or self.base + number in self.held:
                continue
            if isinstance(found, DictionaryObject):
                if found.get("/Type") in {"/ObjStm", "/XRef"}:
                    continue
                self._adapt(self.base + number, found)
            yield self.base + number, found

    def _adapt(self, number: int, found: Any) -> None:
        for key in _KEYS:
            if key in found:
                found[NameObject(key)] = NumberObject(int(found[key]) + self.keys_from)
        if number == self.page_tree:
            found[NameObject("/Parent")] = _Ours(self._parent)
        elif number in self.tags:
            found[NameObject("/S")] = NameObject("/Part")

    def leaf(self) -> tuple[int, bytes]:
        """The leaf of the tree of numbers for the part's pages."""
        shifted = ArrayObject()
        for key, tags in zip(self._keyed[::2], self._keyed[1::2], strict=True):
            shifted += [NumberObject(int(key) + self.keys_from), tags]
        limits = ArrayObject(
            [NumberObject(self.keys_from), NumberObject(max(self.keys_until - 1, self.keys_from))]
        )
        return self.leaf_number, _text(_dictionary({"/Limits": limits, "/Nums": shifted}), self.renumber)

    def let_go(self) -> None:
        """Keep nothing of the part but what is needed at the end."""
        # Held bookmarks lead to pages of the reader: from here on by number.
        self.held = {number: _final(item, self.renumber) for number, item in self.held.items()}
        self._reader = self._root = self._keyed = None

    def _hold_bookmarks(self) -> None:
        root = self._root.get("/Outlines")
        if root is None or "/First" not in root:
            return
        ends = [root.raw_get("/First"), root.raw_get("/Last")]
        self.bookmarks = [self.base + end.idnum for end in ends]
        self.held = {self.base + end.idnum: end.get_object() for end in ends}
        self.open_bookmarks = abs(int(root.get("/Count", 1)))

    def _number(self, key: str) -> int:
        """The number of what the part's catalogue names there; 0 when it names nothing."""
        return int(self._root.raw_get(key).idnum) if key in self._root else 0


# --- Objects as they are written ----------------------------------------------------------------------------


def _as_it_is(reference: IndirectObject) -> int:
    return reference.idnum


def _text(found: Any, renumber: Renumber) -> bytes:
    """An object that is no stream."""
    if isinstance(found, IndirectObject):
        return b"%d 0 R" % renumber(found)
    if isinstance(found, DictionaryObject):
        return b"<< %b >>" % _entries(found, renumber)
    if isinstance(found, ArrayObject):
        return b"[%b]" % b" ".join(_text(item, renumber) for item in list.__iter__(found))
    written = io.BytesIO()
    found.write_to_stream(written)
    return written.getvalue()


def _entries(found: DictionaryObject, renumber: Renumber) -> bytes:
    pairs: Iterable[tuple[Any, Any]] = dict.items(found)
    return b" ".join(_text(key, renumber) + b" " + _text(value, renumber) for key, value in pairs)


def _stream(found: StreamObject, renumber: Renumber) -> bytes:
    """A stream as it lies in its part, packed or not."""
    said = DictionaryObject(found)
    said.pop("/Length", None)
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (
        _entries(said, renumber),
        len(found._data),
        found._data,
    )


def _packed(said: bytes, content: bytes) -> bytes:
    return b"<< %b /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream" % (said, len(content), content)


def _final(found: Any, renumber: Renumber) -> Any:
    """A copy whose references lead into the whole, and hold nothing of the part."""
    if isinstance(found, IndirectObject):
        return _Ours(renumber(found))
    if isinstance(found, DictionaryObject):
        return _dictionary({key: _final(value, renumber) for key, value in dict.items(found)})
    if isinstance(found, ArrayObject):
        return ArrayObject(_final(item, renumber) for item in list.__iter__(found))
    return found


def _dictionary(entries: dict[str, Any]) -> DictionaryObject:
    """A dictionary; a plain word in it is a name."""
    return DictionaryObject(
        {
            NameObject(key): NameObject(value) if type(value) is str else value
            for key, value in entries.items()
        }
    )
