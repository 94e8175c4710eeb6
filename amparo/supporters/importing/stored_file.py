"""The file of an import: sealed where the server keeps its state, for thirty days."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings

from amparo.kit import sealing
from amparo.kit.sealed_files import SealedReader, SealedWriter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from amparo.supporters.models import ImportRun

#: Long enough to look at what went wrong and to do it again; nobody needs the list twice.
KEPT = timedelta(days=30)


def path_of(run: ImportRun) -> Path:
    return _path(run.organization_id, run.pk)


def store(blocks: Iterable[bytes], *, organization_id: UUID, run_id: UUID) -> tuple[int, bytes]:
    """Seal the file of a run as it comes; its size, and the mark by which the same file is known again."""
    path = _path(organization_id, run_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = sealing.data_key_for(organization_id)
    whole = _Counted(key)
    writer = SealedWriter(path, key=key, aad=_place(organization_id, run_id))
    try:
        for block in blocks:
            writer.write(block)
            whole.take(block)
        writer.close()
    except BaseException:
        writer.abandon()
        path.unlink(missing_ok=True)
        raise
    _settle(path)
    return whole.size, whole.mark


def open_file(run: ImportRun) -> IO[bytes]:
    """The file from its beginning, seekable. Raises `Unsealable`, and `FileNotFoundError` when it was removed."""
    reader = SealedReader(
        path_of(run),
        key=sealing.data_key_for(run.organization_id),
        aad=_place(run.organization_id, run.pk),
    )
    return io.BufferedReader(reader, buffer_size=64 * 1024)


def remove(run: ImportRun) -> None:
    """Forget the file, and what was noted beside it."""
    for path in (path_of(run), seen_path(run)):
        path.unlink(missing_ok=True)


def seen_path(run: ImportRun) -> Path:
    """Where it is noted which row a person stands in first: keyed marks and numbers, nothing else."""
    return path_of(run).with_suffix(".seen")


class _Counted:
    """Size and mark of what passes by."""

    def __init__(self, key: sealing.DataKey) -> None:
        import hashlib

        self.size = 0
        self._key = key
        self._digest = hashlib.sha256()

    def take(self, block: bytes) -> None:
        self.size += len(block)
        self._digest.update(block)

    @property
    def mark(self) -> bytes:
        return sealing.fingerprint(self._digest.hexdigest(), key=self._key, purpose="import file")


def _path(organization_id: UUID, run_id: UUID) -> Path:
    return Path(settings.AMPARO_VAR) / "imports" / str(organization_id) / f"{run_id}.sealed"


def _place(organization_id: UUID, run_id: UUID) -> str:
    return f"{organization_id}|import|{run_id}|file"


def _settle(path: Path) -> None:
    """On the disk, before anybody relies on it."""
    for place, flags in ((path, os.O_RDONLY), (path.parent, os.O_RDONLY | os.O_DIRECTORY)):
        descriptor = os.open(place, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
