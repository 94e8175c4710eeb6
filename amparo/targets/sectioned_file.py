"""A file of named sections that is replaced whole or not at all, and read where it lies.

Indexes and outlines are kept in such files. A reader maps the file into memory, so workers share one copy
and opening costs no parsing; a file that is cut short, damaged, foreign or from another kind of machine
is refused before anything is read from it. A writer never touches the file that is in use: it renames a
complete, synced new one into its place, and readers of the old one keep it until they close it.
"""

from __future__ import annotations

import json
import mmap
import os
import secrets
import struct
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

Typecode = Literal["B", "H", "I", "Q", "d"]

# Magic, byte-order mark, header's length, header's CRC-32, length of the whole file; then the header as JSON.
_PRELUDE = struct.Struct("=8sIIIQ")
_BYTE_ORDER_MARK = 0x01020304
_ALIGNMENT = 8


class UnreadableFile(Refusal):
    """The file is not one of ours, or not any more; say which (`file=`) and `why=`, without a full stop."""

    sentence = _("%(file)s cannot be used: %(why)s.")


class UnwritableFile(Refusal):
    """The file could not be written (a full disk, a missing permission); the former one is still in place."""

    sentence = _("%(file)s could not be written (%(why)s); nothing was changed.")


class FileKind(NamedTuple):
    """What a file is: the eight bytes it opens with (the last is its layout's version), and its refusal."""

    magic: bytes
    refusal: type[UnreadableFile]


class SectionedFile:
    """One open file: `about` is what its writer noted, `read` gives a section.

    Sections are views into the mapped file. They end with `close`, which therefore is for readers that
    nobody else is using; a reader that is merely dropped frees its map when the last view of it is gone.
    """

    def __init__(
        self, content: mmap.mmap, *, about: Mapping[str, Any], places: Mapping[str, list[int]]
    ) -> None:
        self.about = about
        self._content = content
        self._places = places
        self._views: list[memoryview[Any]] = []

    @classmethod
    def open(cls, path: Path, *, kind: FileKind) -> Self:
        """Map the file and check every byte of it; raise the kind's refusal if it is not as it should be."""
        try:
            with path.open("rb") as file:
                content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise kind.refusal(file=path, why=_("it is empty")) from None
        except OSError as problem:
            raise kind.refusal(file=path, why=problem.strerror) from problem
        try:
            header = _checked_header(content, path=path, kind=kind)
        except BaseException:
            content.close()
            raise
        return cls(content, about=header["about"], places=header["places"])

    def read(self, name: str, typecode: Typecode = "B") -> memoryview[Any]:
        """Return a section as a view of items of the type (as in `array`), without copying."""
        start, length = self._places[name]
        view: memoryview[Any] = memoryview(self._content)[start : start + length].cast(typecode)
        self._views.append(view)
        return view

    def close(self) -> None:
        """Let go of the file; every view of its sections is void from now on."""
        for view in self._views:
            view.release()
        self._views.clear()
        self._content.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def write(path: Path, *, kind: FileKind, about: Mapping[str, Any], sections: Mapping[str, bytes]) -> int:
    """Put a new file in the place of `path` in one step, synced to disk; return its size in bytes.

    Raises `UnwritableFile` and leaves everything as it was when the disk refuses. A process that is
    killed may leave a hidden `*.new` file beside it, which nothing reads.
    """
    parts = _assemble(kind=kind, about=about, sections=sections)
    new = path.with_name(f".{path.name}.{secrets.token_hex(6)}.new")
    try:
        with new.open("xb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as problem:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise UnwritableFile(file=path, why=problem.strerror) from problem
    _sync_folder(path.parent)
    return sum(map(len, parts))


def _assemble(*, kind: FileKind, about: Mapping[str, Any], sections: Mapping[str, bytes]) -> list[bytes]:
    body: list[bytes] = []
    places: dict[str, list[int]] = {}
    offset = 0
    for name, content in sections.items():
        places[name] = [offset, len(content)]
        body += [content, bytes(-len(content) % _ALIGNMENT)]
        offset += len(content) + len(body[-1])
    checksum = 0
    for part in body:
        checksum = zlib.crc32(part, checksum)
    header = json.dumps({"about": about, "places": places, "checksum": checksum}).encode()
    header += b" " * (-(_PRELUDE.size + len(header)) % _ALIGNMENT)
    total = _PRELUDE.size + len(header) + offset
    prelude = _PRELUDE.pack(kind.magic, _BYTE_ORDER_MARK, len(header), zlib.crc32(header), total)
    return [prelude, header, *body]


def _checked_header(content: mmap.mmap, *, path: Path, kind: FileKind) -> dict[str, Any]:
    if len(content) < _PRELUDE.size:
        raise kind.refusal(file=path, why=_("it is cut short"))
    magic, mark, length, checksum, total = _PRELUDE.unpack_from(content)
    if magic != kind.magic:
        same_kind = magic[:-1] == kind.magic[:-1]
        why = (
            _("another version of Amparo made it; load the data again")
            if same_kind
            else _("it is something else")
        )
        raise kind.refusal(file=path, why=why)
    if mark != _BYTE_ORDER_MARK:
        raise kind.refusal(file=path, why=_("another kind of machine made it; load the data again here"))
    if total != len(content):
        raise kind.refusal(file=path, why=_("it is not as long as it should be"))
    start = _PRELUDE.size + length
    with memoryview(content) as whole:
        if start > total or zlib.crc32(whole[_PRELUDE.size : start]) != checksum:
            raise kind.refusal(file=path, why=_("its header is damaged"))
        header: dict[str, Any] = json.loads(bytes(whole[_PRELUDE.size : start]))
        if zlib.crc32(whole[start:]) != header["checksum"]:
            raise kind.refusal(file=path, why=_("it is damaged"))
    header["places"] = {name: [start + offset, size] for name, (offset, size) in header["places"].items()}
    return header


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
