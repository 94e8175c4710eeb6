"""Where the files of exports lie: sealed, one for each export and each try to make it, in `AMPARO_VAR/exports`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from amparo.kit import sealing
from amparo.kit.sealed_files import SealedWriter, pieces
from amparo.supporters.models import ExportRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID


def new_file(export: ExportRequest, *, claim: UUID) -> SealedWriter:
    """An empty file for this try; another try writes another file, so two workers cannot mix theirs."""
    place = _path(export.pk, claim)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return SealedWriter(place, key=sealing.data_key_for(export.organization_id), aad=_bound_to(export, claim))


def read(export: ExportRequest) -> Iterator[bytes]:
    """The file in the clear, piece by piece. Raises `OSError` when it is gone, `Unsealable` when it was altered."""
    claim = export.claimed_by
    if claim is None:
        raise FileNotFoundError
    key = sealing.data_key_for(export.organization_id)
    return pieces(_path(export.pk, claim), key=key, aad=_bound_to(export, claim))


def remove(export: ExportRequest, *, claim: UUID | None = None) -> None:
    """Delete the file of one try, or of every try."""
    for found in _folder().glob(f"{export.pk}.{claim or '*'}.sealed"):
        found.unlink(missing_ok=True)


def sweep() -> int:
    """Delete files that no export can be waiting for, such as those of a worker that died; how many."""
    wanted = ExportRequest.objects.filter(
        state__in=[ExportRequest.State.MAKING, ExportRequest.State.READY], claimed_by__isnull=False
    )
    keep = {_path(pk, claim).name for pk, claim in wanted.values_list("pk", "claimed_by") if claim}
    left = [found for found in _folder().glob("*.sealed") if found.name not in keep]
    for found in left:
        found.unlink(missing_ok=True)
    return len(left)


def _folder() -> Path:
    return Path(settings.AMPARO_VAR) / "exports"


def _path(pk: UUID, claim: UUID) -> Path:
    return _folder() / f"{pk}.{claim}.sealed"


def _bound_to(export: ExportRequest, claim: UUID) -> str:
    return f"{export.organization_id}|export|{export.pk}|{claim}"
