"""The files of a source as they come: plain or gzipped, in a folder or in a zip, bounded, and honest about
damage.

A folder of data is input from outside. Nothing is unpacked to disk, nothing is read beyond a limit,
whatever the archive says about its own sizes, and a file that cannot be read says which it is and why.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

from amparo.targets.problems import Place, ProblemLog, UnreadableSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

#: The most one file may hold once unpacked. The United Kingdom's postcodes, the largest we know, take 53 MB.
MOST_BYTES = 512 * 2**20

#: The most members a zip may list. Shapefiles have five to eight.
MOST_MEMBERS = 256

#: The longest line of JSON Lines, in characters.
LONGEST_LINE = 1_000_000

#: What the libraries raise when a file is cut short or damaged: their own complaints, and what they stumble over.
DAMAGE = (
    EOFError, OSError, LookupError, OverflowError, RuntimeError, ValueError,
    struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class BoundedReader(io.RawIOBase):
    """Bytes from `source`, refusing to pass on more than `limit` and translating damage into
    `UnreadableSource`.

    `under` is what `source` itself reads from, when closing `source` would leave it open.
    """

    def __init__(self, source: Any, *, name: str, limit: int, under: Any = None) -> None:
        super().__init__()
        self._source = source
        self._under = under
        self._name = name
        self._limit = limit
        self._passed = 0

    def readable(self) -> bool:
        """Always: this is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as the source goes; 0 at the end."""
        try:
            piece: bytes = self._source.read(len(buffer))
        except DAMAGE as damage:
            raise UnreadableSource(file=self._name, why="it is damaged or cut short") from damage
        self._passed += len(piece)
        if self._passed > self._limit:
            why = f"it unpacks to more than {self._limit:,} bytes"
            raise UnreadableSource(file=self._name, why=why)
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Close the source too, and what it reads from."""
        self._source.close()
        if self._under is not None:
            self._under.close()
        super().close()


class SourceFiles:
    """The files of one source by name, from a folder, from a zip, or a single file.

    A name is found with or without `.gz`. Every file opened is remembered, so that `digest` covers what was
    read and nothing else. Raises `UnreadableSource` for whatever is missing, damaged or too large.
    """

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.path = path
        self._most_bytes = most_bytes
        self._used: set[str] = set()
        self._archive: zipfile.ZipFile | None = None
        self._inside = ""
        if path.is_dir():
            self._names = {entry.name for entry in path.iterdir() if entry.is_file()}
        elif path.is_file() and path.suffix.lower() == ".zip":
            self._open_archive()
        elif path.is_file():
            self._names = {path.name}
        else:
            raise UnreadableSource(file=str(path), why="there is no such file or folder")

    def _open_archive(self) -> None:
        try:
            self._archive = zipfile.ZipFile(self.path)
        except DAMAGE as damage:
            raise UnreadableSource(file=self.path.name, why="it is not a whole zip archive") from damage
        members = [name for name in self._archive.namelist() if not name.endswith("/")]
        if len(members) > MOST_MEMBERS:
            raise UnreadableSource(file=self.path.name, why=f"it lists more than {MOST_MEMBERS} files")
        # A zipped folder holds everything under one name; read it as if the folder had been given.
        tops = {name.partition("/")[0] if "/" in name else "" for name in members}
        if len(tops) == 1 and "" not in tops:
            self._inside = tops.pop() + "/"
        self._names = {name.removeprefix(self._inside) for name in members}

    def locate(self, name: str) -> str | None:
        """The name as it is there: `name` itself or gzipped; None when there is neither."""
        for candidate in (name, f"{name}.gz"):
            if candidate in self._names:
                return candidate
        return None

    def has(self, name: str) -> bool:
        """Whether the file is there, gzipped or not."""
        return self.locate(name) is not None

    def require(self, *names: str) -> None:
        """Refuse, naming the first of `names` that is missing."""
        for name in names:
            if not self.has(name):
                raise UnreadableSource(file=name, why=f"it is not in {self.path.name or self.path}")

    def place(self, name: str, line: int | None = None) -> Place:
        """Where something stands, under the name that the file really has."""
        return Place(self.locate(name) or name, line)

    def _raw(self, found: str) -> BinaryIO:
        try:
            if self._archive is not None:
                return self._archive.open(self._inside + found)  # type: ignore[return-value]
            return (self.path / found if self.path.is_dir() else self.path).open("rb")
        except DAMAGE as damage:
            raise UnreadableSource(file=found, why="it cannot be opened") from damage

    def open(self, name: str) -> io.BufferedReader:
        """The bytes of a file, unpacked, never more than the limit."""
        self.require(name)
        found = self.locate(name) or name
        self._used.add(found)
        raw = self._raw(found)
        source = gzip.GzipFile(fileobj=raw) if found.endswith(".gz") else raw
        bounded = BoundedReader(source, name=found, limit=self._most_bytes, under=raw)
        return io.BufferedReader(bounded, 1 << 18)

    def whole(self, name: str) -> bytes:
        """The whole file. Empty files are refused: they are cut short, never meant."""
        with self.open(name) as stream:
            content = stream.read()
        if not content.strip():
            raise UnreadableSource(file=self.locate(name), why="it is empty")
        return content

    def text(self, name: str) -> io.TextIOWrapper:
        """The lines of a file. Bytes that are not UTF-8 come through as lone surrogates; see `is_clean`."""
        stream = self.open(name)
        return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")

    def json(self, name: str) -> Any:
        """A JSON document."""
        try:
            return json.loads(self.whole(name).decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise UnreadableSource(file=self.locate(name), why="it is not UTF-8 text") from error
        except json.JSONDecodeError as error:
            why = f"it is not JSON: line {error.lineno}, {error.msg.lower()}"
            raise UnreadableSource(file=self.locate(name), why=why) from error
        except (RecursionError, ValueError) as error:
            raise UnreadableSource(file=self.locate(name), why="it holds what no such file would") from error

    def yaml(self, name: str) -> Any:
        """A YAML document, of plain values only, through libyaml: a tenth of the time of the pure parser."""
        import yaml  # heavy, and of use to one source

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            return yaml.load(self.whole(name), Loader=loader)  # noqa: S506 - either of the two is a safe loader
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f" at line {mark.line + 1}" if mark is not None else ""
            raise UnreadableSource(file=self.locate(name), why=f"it is not YAML{line}") from error
        except (RecursionError, ValueError) as error:
            raise UnreadableSource(file=self.locate(name), why="it holds what no such file would") from error

    def yaml_items(self, name: str, *, problems: ProblemLog) -> Iterator[tuple[int | None, dict[str, Any]]]:
        """The mappings of a YAML document that is a list of them, as (line, mapping).

        libyaml does not say where things stood, so items are counted by the dashes at the start of a line;
        when the two counts differ the line is None.
        """
        found = self.locate(name) or name
        items = self.yaml(name)
        if not isinstance(items, list):
            raise UnreadableSource(file=found, why="it is not a list")
        lines = self.whole(name).split(b"\n")
        starts: list[int | None] = [number for number, line in enumerate(lines, 1) if line.startswith(b"- ")]
        if len(starts) != len(items):
            starts = [None] * len(items)
        for line, item in zip(starts, items, strict=True):
            if isinstance(item, dict):
                yield line, item
            else:
                problems.error(Place(found, line), "the item is not a mapping", item)

    def rows(
        self, name: str, *, columns: Sequence[str], problems: ProblemLog
    ) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows of a CSV table with a heading, as (line, values by column), each value stripped.

        The heading must have all of `columns` and may have more. A row with too few or too many columns, or
        with bytes that are not UTF-8, is reported and left out.
        """
        found = self.locate(name) or name
        with self.text(name) as lines:
            table = self._table(found, lines)
            heading = [cell.strip() for cell in next(table, (0, []))[1]]
            missing = [column for column in columns if column not in heading]
            if missing:
                why = f"its first line lacks {', '.join(missing)}"
                raise UnreadableSource(file=found, why=why)
            for line, row in table:
                if not any(cell.strip() for cell in row):
                    continue
                if self._row_is_whole(Place(found, line), row, len(heading), problems):
                    yield line, {key: cell.strip() for key, cell in zip(heading, row, strict=True)}

    def plain_rows(
        self, name: str, *, columns: Sequence[str], problems: ProblemLog
    ) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows of a table without a heading, separated by tabs and without quotes (GeoNames')."""
        found = self.locate(name) or name
        with self.text(name) as lines:
            for line, text in enumerate(lines, start=1):
                row = text.rstrip("\r\n").split("\t")
                if row != [""] and self._row_is_whole(Place(found, line), row, len(columns), problems):
                    yield line, {key: cell.strip() for key, cell in zip(columns, row, strict=True)}

    def _table(self, found: str, lines: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(lines, strict=True)
        try:
            line = 1
            for row in reader:
                yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            why = f"it is not CSV: line {reader.line_num}, {error}"
            raise UnreadableSource(file=found, why=why) from error
        if reader.line_num == 0:
            raise UnreadableSource(file=found, why="it is empty")

    @staticmethod
    def _row_is_whole(place: Place, row: list[str], width: int, problems: ProblemLog) -> bool:
        if len(row) != width:
            problems.error(place, f"the row has {len(row)} columns, not {width}", row[0] if row else "")
            return False
        if not all(map(is_clean, row)):
            problems.error(place, "the row is not UTF-8 text", row[0])
            return False
        return True

    def json_lines(self, name: str, *, problems: ProblemLog) -> Iterator[tuple[int, dict[str, Any]]]:
        """The objects of a JSON Lines file, as (line, object). A line that is not one is reported and left out."""
        found = self.locate(name) or name
        with self.text(name) as lines:
            number = 0
            while line := lines.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise UnreadableSource(file=found, why=f"line {number} is longer than {LONGEST_LINE:,}")
                if line.strip():
                    value = parse_line(Place(found, number), line, problems)
                    if value is not None:
                        yield number, value

    def unpack(self, name: str) -> dict[str, bytes]:
        """The members of a zip inside the source (a shapefile), in memory, together never more than the limit."""
        found = self.locate(name) or name
        content = self.whole(name)
        members: dict[str, bytes] = {}
        left = self._most_bytes
        try:
            archive = zipfile.ZipFile(io.BytesIO(content))
            names = [member for member in archive.namelist() if not member.endswith("/")]
            if len(names) > MOST_MEMBERS:
                raise UnreadableSource(file=found, why=f"it lists more than {MOST_MEMBERS} files")
            for member in names:
                stream = io.BufferedReader(BoundedReader(archive.open(member), name=found, limit=left))
                with stream:
                    members[member] = stream.read()
                left -= len(members[member])
        except DAMAGE as damage:
            raise UnreadableSource(file=found, why="it is not a whole zip archive") from damage
        return members

    def digest(self) -> str:
        """SHA-256 over the names and bytes, as stored, of every file opened so far; hexadecimal."""
        whole = hashlib.sha256()
        for found in sorted(self._used):
            own = hashlib.sha256()
            with self._raw(found) as stream:
                while piece := stream.read(1 << 20):
                    own.update(piece)
            whole.update(f"{found}\0{own.hexdigest()}\n".encode())
        return whole.hexdigest()


def parse_line(place: Place, line: str, problems: ProblemLog) -> dict[str, Any] | None:
    """One JSON object, or None after reporting why it is not."""
    if not is_clean(line):
        problems.error(place, "the line is not UTF-8 text")
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        problems.error(place, "the line is not JSON", line.strip())
        return None
    if not isinstance(value, dict):
        problems.error(place, "the line is not a JSON object", value)
        return None
    return value


def is_clean(text: str) -> bool:
    """Whether every byte of it was UTF-8: others arrive as lone surrogates, which UTF-8 cannot write again."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
