"""CSV and its kin: in which encoding and with which separator, found out from the file itself."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from charset_normalizer import from_bytes
from django.utils.translation import gettext_lazy as _

from amparo.kit.tables.headings import LONGEST_CELL, Table, Unreadable

#: What spreadsheets write when it is not Unicode: Windows' code pages by language. Staff may choose among them too.
CODE_PAGES = {
    "cp1252": _("Western European"),
    "cp1250": _("Central European"),
    "cp1251": _("Cyrillic"),
    "cp1253": _("Greek"),
    "cp1254": _("Turkish"),
    "cp1255": _("Hebrew"),
    "cp1256": _("Arabic"),
}
ENCODINGS = {"utf-8-sig": _("Unicode (UTF-8)"), "utf-16": _("Unicode (UTF-16)"), **CODE_PAGES}
#: Among these one is guessed; the others look too much like Western European to be told apart by a machine.
_GUESSED = ["cp1252", "cp1255", "cp1256", "cp1251", "cp1253"]
DELIMITERS = ",;\t|"
#: What is looked at to find the separator.
SAMPLE = 64 * 1024
#: A row of a list is far shorter; beyond this it is no text in lines.
LONGEST_LINE = 1 << 20

Opener = Callable[[], IO[bytes]]


class CellTooLong(Unreadable):
    sentence = _(
        "From row %(row)d on this file cannot be read: a cell is longer than %(most)d characters. Probably a quotation"
        " mark is missing there."
    )


class NotText(Unreadable):
    sentence = _(
        "This file is neither a table of text nor a workbook. Save the list as CSV or XLSX, and try again."
    )


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file of text is to be read."""

    encoding: str
    delimiter: str
    #: Whether its first line says what separates cells, as Excel writes it ("sep=;").
    says_so: bool = False


def text_table(name: str, opener: Opener, *, encoding: str = "") -> Table:
    """The table in a file of text; in `encoding`, or in what it is found to be. Raises `NotText`."""
    dialect = find_dialect(opener, encoding=encoding)
    return Table(name, lambda: _rows(opener, dialect), encoding=dialect.encoding)


def find_dialect(opener: Opener, *, encoding: str = "") -> Dialect:
    """Encoding and separator of a file. Raises `NotText`."""
    with opener() as file:
        sample = file.read(SAMPLE)
    found = encoding or _find_encoding(opener, sample)
    text = sample.decode(found, errors="replace").replace("\0", "")
    first, _break, rest = text.lstrip("\ufeff").partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == len("sep=") + 1:
        return Dialect(found, first.strip()[-1], says_so=True)
    if first.strip().lower() == "sep=":
        return Dialect(found, "\t", says_so=True)
    return Dialect(found, _find_delimiter(text if rest else first))


def _find_encoding(opener: Opener, sample: bytes) -> str:
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in sample:
        # Half the bytes of Latin text in UTF-16 are zero, and it is always the same half.
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if odd > len(sample) / 8 and not even:
            return "utf-16-le"
        if even > len(sample) / 8 and not odd:
            return "utf-16-be"
        raise NotText
    telling = _what_is_not_utf8(opener)
    if not telling:
        return "utf-8-sig"
    guess = from_bytes(telling, cp_isolation=_GUESSED).best()
    return guess.encoding if guess is not None else "cp1252"


def _what_is_not_utf8(opener: Opener) -> bytes:
    """Nothing when the whole file is UTF-8; otherwise the lines that can say what it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opener() as file:
        try:
            while block := file.read(SAMPLE):
                decoder.decode(block)
        except UnicodeDecodeError:
            pass
        else:
            # A file that was cut off within a letter is UTF-8 all the same.
            return b""
    telling = bytearray()
    with opener() as file:
        while len(telling) < SAMPLE and (line := file.readline(LONGEST_LINE)):
            if not line.isascii():
                telling += line
    return bytes(telling)


def _find_delimiter(sample: str) -> str:
    """What splits most lines into the same number of cells, and into most."""
    lines = sample.splitlines(keepends=True)[:50]
    if len(lines) > 1 and len(sample) >= SAMPLE // 4:
        lines = lines[:-1]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        width = max(set(widths), key=widths.count, default=1)
        if width < 2:
            continue
        score = (round(widths.count(width) / len(widths), 1), width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _rows(opener: Opener, dialect: Dialect) -> Iterator[list[str]]:
    number = 0
    with opener() as file:
        text = io.TextIOWrapper(file, encoding=dialect.encoding, errors="replace", newline="")
        try:
            if dialect.says_so:
                text.readline(LONGEST_LINE)
            for row in csv.reader(_lines(text), delimiter=dialect.delimiter):
                number += 1
                yield [cell.strip() for cell in row]
        except csv.Error:
            raise CellTooLong(row=number + 1, most=LONGEST_CELL) from None
        finally:
            text.detach()


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            raise csv.Error
        yield line.replace("\0", "") if "\0" in line else line
