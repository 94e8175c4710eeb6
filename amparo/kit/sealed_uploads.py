"""A file on its way from the browser: sealed while it arrives, so that it never lies on the disk as it is."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopFutureHandlers

from amparo.kit import sealing
from amparo.kit.sealed_files import SealedWriter, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    UploadedFileBase = UploadedFile[bytes]
else:
    UploadedFileBase = UploadedFile

_PLACE = "a file that arrives"


class ArrivedFile(UploadedFileBase):
    """A file that lies sealed under a key which only this request has."""

    def __init__(self, path: Path, key: sealing.DataKey, *, name: str, size: int) -> None:
        super().__init__(name=name, size=size)
        self._path, self._key = path, key

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:  # noqa: ARG002 - frames have a size of their own
        yield from pieces(self._path, key=self._key, aad=_PLACE)

    def discard(self) -> None:
        self._path.unlink(missing_ok=True)


class SealingUploadHandler(FileUploadHandler):
    """Seals what arrives; a file of more than `most_bytes` is read and forgotten, and `too_large` says so."""

    def __init__(self, request: Any = None, *, most_bytes: int) -> None:
        super().__init__(request)
        self.most_bytes = most_bytes
        self.too_large = False
        self._writer: SealedWriter | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin one file; no other handler is asked."""
        super().new_file(*args, **kwargs)
        folder = Path(settings.AMPARO_VAR) / "imports" / "arriving"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / secrets.token_hex(16)
        self._key = sealing.DataKey(sealing.new_data_key())
        self._writer = SealedWriter(self._path, key=self._key, aad=_PLACE)
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Seal one piece of it."""
        if start + len(raw_data) > self.most_bytes:
            self.too_large = True
            self._discard()
            raise SkipFile
        if self._writer is not None:
            self._writer.write(raw_data)

    def file_complete(self, file_size: int) -> ArrivedFile | None:
        """The whole file."""
        if self._writer is None:
            return None
        self._writer.close()
        self._writer = None
        return ArrivedFile(self._path, self._key, name=self.file_name or "", size=file_size)

    def upload_interrupted(self) -> None:
        """Whoever sent it went away."""
        self._discard()

    def _discard(self) -> None:
        if self._writer is not None:
            self._writer.abandon()
            self._writer = None
            self._path.unlink(missing_ok=True)
