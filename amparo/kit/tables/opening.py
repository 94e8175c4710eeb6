"""From a file to its tables: what kind of file it is, by its first bytes; and nothing that could fill the memory."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext_lazy as _

from amparo.kit.sealing import Unsealable
from amparo.kit.tables.headings import EmptyList, Headed, Table, Unreadable, find_headers
from amparo.kit.tables.text import NotText, text_table

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
#: Excel before 2007, and any workbook under a password.
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
#: First bytes of files that are mistaken for lists: PDF, gzip, PNG, JPEG, RAR, 7z.
_OTHERS = (b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf")
TEXT_ENDINGS = {".csv", ".tsv", ".txt"}
#: An audience of Mailchimp's has three or four files.
MOST_ENTRIES = 200
#: A list of a million people is some 200 MB of text.
MOST_BYTES = 2 * 1024**3
#: Text in columns shrinks to a tenth, seldom to a thirtieth; a bomb to a thousandth. Small files may be all alike.
MOST_RATIO = 200
SMALL = 1 << 20


class OldWorkbook(Unreadable):
    sentence = _(
        "This is a workbook in Excel's old format, or one under a password. Open it, and save it as XLSX or CSV without"
        " a password."
    )


class OpenDocument(Unreadable):
    sentence = _("This is a sheet of LibreOffice. Open it, and save it as XLSX or CSV.")


class DamagedArchive(Unreadable):
    sentence = _("This ZIP file is damaged, or its end is missing. Download it again.")


class LockedArchive(Unreadable):
    sentence = _("This ZIP file is under a password. Unpack it first, and bring in the list that is in it.")


class TooMuchInside(Unreadable):
    sentence = _("This ZIP file would unpack to far more than a list can be, so it is not opened.")


class NoListInside(Unreadable):
    sentence = _("There is no list (CSV, TSV or TXT) in this ZIP file.")


def open_tables(
    opener: Callable[[], IO[bytes]], *, encoding: str = "", every_sheet: bool = False
) -> list[Headed]:
    """Every table of a file that says anything. `opener` gives the file from its beginning, seekable, each time.

    Of a workbook that is its first sheet, unless every one is asked for.

    Raises `Unreadable` and its kin, whose sentences say what to do.
    """
    with guarded():
        with opener() as file:
            head = file.read(8)
        if head.startswith(OLD_OFFICE):
            raise OldWorkbook
        if head.startswith(_OTHERS):
            raise NotText
        if head.startswith((ZIP, EMPTY_ZIP)):
            tables = _open_archive(opener, encoding=encoding, every_sheet=every_sheet)
        else:
            tables = [text_table("", opener, encoding=encoding)]
        headed = []
        for table in tables:
            try:
                headed.append(find_headers(replace(table, read=_guarding(table.read))))
            except EmptyList:
                if len(tables) == 1:
                    raise
    if not headed:
        raise EmptyList
    return headed


@contextmanager
def guarded() -> Iterator[None]:
    """What a file that ends too early, or that lies about itself, makes the libraries raise, in one sentence."""
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise DamagedArchive from None
    except Unsealable:
        raise Unreadable(_("The stored copy of this file is damaged. Bring the file in again.")) from None


def _guarding(read: Callable[[], Iterator[list[str]]]) -> Callable[[], Iterator[list[str]]]:
    def rows() -> Iterator[list[str]]:
        with guarded():
            yield from read()

    return rows


def _open_archive(opener: Callable[[], IO[bytes]], *, encoding: str, every_sheet: bool) -> list[Table]:
    file = opener()
    try:
        archive = ZipFile(file)
    except (BadZipFile, ValueError, OSError):
        raise DamagedArchive from None
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise TooMuchInside
    if any(_is_a_bomb(entry) for entry in entries):
        raise TooMuchInside
    if "xl/workbook.xml" in names:
        # Here, not above: what reads workbooks takes a tenth of a process's start, and few processes read any.
        from amparo.kit.tables.workbook import workbook_table, workbook_tables

        return workbook_tables(file) if every_sheet else [workbook_table("", file)]
    if "content.xml" in names and "mimetype" in names:
        raise OpenDocument
    lists = [entry for entry in entries if _is_a_list(entry)]
    if not lists:
        raise NoListInside
    if any(entry.flag_bits & 1 for entry in lists):
        raise LockedArchive
    return [
        text_table(PurePosixPath(entry.filename).name[:200], _member(archive, entry), encoding=encoding)
        for entry in sorted(lists, key=lambda entry: entry.filename)
        if entry.file_size
    ]


def _is_a_list(entry: ZipInfo) -> bool:
    place = PurePosixPath(entry.filename)
    hidden = place.name.startswith((".", "._")) or "__MACOSX" in place.parts
    return not entry.is_dir() and not hidden and place.suffix.lower() in TEXT_ENDINGS


def _is_a_bomb(entry: ZipInfo) -> bool:
    return entry.file_size > SMALL and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)


def _member(archive: ZipFile, entry: ZipInfo) -> Callable[[], IO[bytes]]:
    # A ZipFile hands out at most what the entry states, so a lie about the size cannot fill the memory.
    return lambda: io.BufferedReader(archive.open(entry))  # type: ignore[type-var]
