"""Files with personal data: sealed piece by piece while they are written, and unsealed piece by piece on reading.

A file is a row of frames: four bytes of length, a nonce, and AES-256-GCM ciphertext with its tag. Each frame is bound
to the place the file belongs to, to its number, and to whether it is the last; so frames can neither be moved, left
out nor cut off at the end without reading failing. Memory holds one frame at a time, however long the file is, and
plain text is never on the disk.
"""

from __future__ import annotations

import io
import secrets
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag

from amparo.kit.sealing import NONCE_BYTES, TAG_BYTES, VERSION, DataKey, Unsealable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typing_extensions import Buffer

#: Plain bytes in one frame.
FRAME = 64 * 1024
_LENGTH_BYTES = 4
_LARGEST = NONCE_BYTES + FRAME + TAG_BYTES


class SealedWriter(io.RawIOBase):
    """A file to be written from beginning to end; what is in it can be read only after `close()`."""

    def __init__(self, path: Path, *, key: DataKey, aad: str) -> None:
        super().__init__()
        self._file: BinaryIO = path.open("xb")
        self._key, self._aad = key, aad
        self._waiting = bytearray()
        self._number = 0
        self._file.write(VERSION)

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        piece = memoryview(data).cast("B")
        self._waiting += piece
        while len(self._waiting) > FRAME:
            self._frame(bytes(self._waiting[:FRAME]), last=False)
            del self._waiting[:FRAME]
        return len(piece)

    def close(self) -> None:
        """Write the last frame, so that a file whose writer died is not taken for a whole one."""
        if self.closed:
            return
        try:
            self._frame(bytes(self._waiting), last=True)
            self._waiting.clear()
        finally:
            self._file.close()
            super().close()

    def abandon(self) -> None:
        """Close without the last frame: nobody can read what was written."""
        self._file.close()
        super().close()

    def _frame(self, plain: bytes, *, last: bool) -> None:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._key.cipher.encrypt(nonce, plain, _bound_to(self._aad, self._number, last=last))
        self._file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)
        self._number += 1


def pieces(path: Path, *, key: DataKey, aad: str) -> Iterator[bytes]:
    """The plain bytes of a file, frame by frame. Raises `Unsealable` when it was altered, cut or moved."""
    with path.open("rb") as file:
        if file.read(1) != VERSION:
            raise Unsealable("Sealed in a way this version does not know.")
        head, number = file.read(_LENGTH_BYTES), 0
        if not head:
            raise Unsealable("A sealed file has no end.")
        while head:
            length = int.from_bytes(head, "big")
            if not NONCE_BYTES + TAG_BYTES <= length <= _LARGEST:
                raise Unsealable("A sealed file was altered.")
            sealed, head = file.read(length), file.read(_LENGTH_BYTES)
            try:
                plain = key.cipher.decrypt(
                    sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(aad, number, last=not head)
                )
            except (InvalidTag, ValueError):
                raise Unsealable("A sealed file was altered, cut short or moved.") from None
            yield plain
            number += 1


def _bound_to(aad: str, number: int, *, last: bool) -> bytes:
    return VERSION + f"{aad}|{number}|{'last' if last else 'more'}".encode()


class SealedReader(io.RawIOBase):
    """A sealed file from any place in it, for what is not read from beginning to end, as an archive is.

    Wrap it in `io.BufferedReader`. Raises `Unsealable` when the file was altered, cut short or moved; that its end is
    there is looked at first.
    """

    def __init__(self, path: Path, *, key: DataKey, aad: str) -> None:
        super().__init__()
        stored = path.stat().st_size - len(VERSION)
        self._file: BinaryIO = path.open("rb")
        self._key, self._aad = key, aad
        whole = _LENGTH_BYTES + _LARGEST
        self._last = max(stored - 1, 0) // whole
        self.size = stored - (self._last + 1) * (_LENGTH_BYTES + NONCE_BYTES + TAG_BYTES)
        self._at = 0
        self._kept: tuple[int, bytes] = (-1, b"")
        try:
            if self._file.read(1) != VERSION:
                raise Unsealable("Sealed in a way this version does not know.")
            self._frame(self._last)
        except Unsealable:
            self.close()
            raise

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("There is nothing before the beginning.")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._at >= self.size or not view:
            return 0
        number, inside = divmod(self._at, FRAME)
        plain = self._frame(number)[inside : inside + len(view)]
        view[: len(plain)] = plain
        self._at += len(plain)
        return len(plain)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def _frame(self, number: int) -> bytes:
        if self._kept[0] != number:
            self._file.seek(len(VERSION) + number * (_LENGTH_BYTES + _LARGEST) + _LENGTH_BYTES)
            sealed = self._file.read(_LARGEST)
            place = _bound_to(self._aad, number, last=number == self._last)
            try:
                plain = self._key.cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
            except (InvalidTag, ValueError):
                raise Unsealable("A sealed file was altered, cut short or moved.") from None
            self._kept = (number, plain)
        return self._kept[1]
