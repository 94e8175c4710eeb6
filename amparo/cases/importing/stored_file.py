"""The spreadsheet of an import: sealed where the server keeps its state, until it was brought in or 30 days passed."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings

from amparo.kit import sealing
from amparo.kit.sealed_files import SealedReader, SealedWriter

if TYPE_CHECKING:
    from uuid import UUID

    from amparo.cases.models import CaseImport

#: Long enough to correct what is wrong with it; the register itself is what is kept.
KEPT = timedelta(days=30)


def store(blocks: Iterable[bytes], *, organization_id: UUID, run_id: UUID) -> None:
    """Seal the file of a run as it comes."""
    path = _path(organization_id, run_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = sealing.data_key_for(organization_id)
    writer = SealedWriter(path, key=key, aad=_place(organization_id, run_id))
    try:
        for block in blocks:
            writer.write(block)
        writer.close()
    except BaseException:
        writer.abandon()
        path.unlink(missing_ok=True)
        raise


def open_file(run: CaseImport) -> IO[bytes]:
    """The file from its beginning, seekable. Raises `Unsealable`, and `FileNotFoundError` when it was removed."""
    key = sealing.data_key_for(run.organization_id)
    place = _place(run.organization_id, run.pk)
    return io.BufferedReader(SealedReader(_path(run.organization_id, run.pk), key=key, aad=place))


def remove(run: CaseImport) -> None:
    _path(run.organization_id, run.pk).unlink(missing_ok=True)


def _path(organization_id: UUID, run_id: UUID) -> Path:
    return Path(settings.AMPARO_VAR) / "case-imports" / str(organization_id) / f"{run_id}.sealed"


def _place(organization_id: UUID, run_id: UUID) -> str:
    return f"{organization_id}|case import|{run_id}|file"
