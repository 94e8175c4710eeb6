"""The master key file: the one secret that lives outside the database and outside its backups.

A text file, one key a line, `key-id:base64url(32 bytes)`; blank lines and lines starting with `#` are
skipped. The first key is the current one: it wraps new data keys, the others only unwrap. One line is called
`index`; it never changes, because what is looked up by it (fingerprints across the installation, links in
mails already sent) must outlive every rotation. It is therefore written once, when the file is made, and
kept when master keys come and go.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import stat
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

KEY_BYTES = 32
INDEX = "index"
KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class KeyFileRefused(Refusal):
    """The master key file is missing, open to others, or not what it should be."""


@dataclass(frozen=True)
class MasterKeys:
    """The keys of one file: the current one, those it replaced, and the index key."""

    current_id: str
    keys: dict[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> MasterKeys:
        """Read and check a key file. Raises `KeyFileRefused`, never showing a key."""
        return cls.parse(_text_of(path), name=str(path))

    @classmethod
    def parse(cls, text: str, *, name: str) -> MasterKeys:
        """The keys in `text`; `name` is how the file is called in a refusal."""
        keys: dict[str, bytes] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            key_id, key = _read_line(line, place=f"{name}, line {number}")
            if key_id in keys:
                raise KeyFileRefused(_("%(name)s has two keys called %(key)s."), name=name, key=key_id)
            keys[key_id] = key
        index_key = keys.pop(INDEX, None)
        if index_key is None or not keys:
            raise KeyFileRefused(
                _("%(name)s must hold at least one master key and the index line it was made with."),
                name=name,
            )
        return cls(current_id=next(iter(keys)), keys=keys, index_key=index_key)


def create_master_key_file(path: Path) -> str:
    """Write a new key file that only its owner may read; the id of the key in it.

    It is on the disk, with its directory entry, when this returns. Raises `KeyFileRefused` when there is a
    file already: a key file is never overwritten, since what it sealed would be lost.
    """
    key_id = f"key-{secrets.token_hex(4)}"
    text = (
        "# Seals the personal data of this installation. Keep a copy apart from the database and its\n"
        "# backups: without this file nothing sealed can be read again, by anyone.\n"
        f"{key_id}:{_written(secrets.token_bytes(KEY_BYTES))}\n"
        f"{INDEX}:{_written(secrets.token_bytes(KEY_BYTES))}\n"
    )
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileRefused(
            _("%(name)s is already there; a key file is never overwritten."), name=path
        ) from None
    except OSError as error:
        raise KeyFileRefused(
            _("%(name)s cannot be written: %(why)s."), name=path, why=error.strerror
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    _settle(path.parent)
    return key_id


def add_master_key(path: Path) -> str:
    """Put a new key on the first line of the file and keep the others; the new key's id.

    The file is replaced in one step. Rewrap the data keys afterwards; an old line may go once nothing is
    wrapped by it.
    """
    old = _text_of(path)
    MasterKeys.parse(old, name=str(path))
    key_id = f"key-{secrets.token_hex(4)}"
    owner = path.stat()
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise KeyFileRefused(
            _("%(name)s cannot be replaced: %(why)s."), name=path, why=error.strerror
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{key_id}:{_written(secrets.token_bytes(KEY_BYTES))}\n{old}")
        file.flush()
        os.fsync(file.fileno())
        if os.geteuid() == 0:
            # The administrator may rotate as root; the server must still be able to read its file.
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
    Path(beside).replace(path)
    _settle(path.parent)
    return key_id


@lru_cache(maxsize=1)
def master_keys() -> MasterKeys:
    """The keys of this installation, read once from `settings.AMPARO_MASTER_KEY_FILE`."""
    return MasterKeys.read(Path(settings.AMPARO_MASTER_KEY_FILE))


def _text_of(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read()
    except FileNotFoundError:
        raise KeyFileRefused(
            _("There is no master key file at %(name)s; make one with “amparo keys create %(name)s”."),
            name=path,
        ) from None
    except (OSError, UnicodeDecodeError):
        raise KeyFileRefused(_("The master key file %(name)s cannot be read."), name=path) from None
    if mode & 0o077 and _modes_are_kept_in(path.parent):
        raise KeyFileRefused(
            _("Others may read the master key file %(name)s; type “chmod 600 %(name)s”."), name=path
        )
    return text


def _modes_are_kept_in(directory: Path) -> bool:
    """Whether a file made for its owner alone shows as such here: some mounted file systems cannot say."""
    try:
        handle, probe = tempfile.mkstemp(dir=directory)
    except OSError:
        return True
    try:
        return not os.fstat(handle).st_mode & 0o077
    finally:
        os.close(handle)
        Path(probe).unlink()


def _read_line(line: str, *, place: str) -> tuple[str, bytes]:
    key_id, _colon, written = line.strip().partition(":")
    if KEY_ID.fullmatch(key_id) is None:
        raise KeyFileRefused(_("%(place)s: a key is written as key-id:key."), place=place)
    try:
        key = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyFileRefused(_("%(place)s: a key is 32 bytes, written in base64url."), place=place)
    return key_id, key


def _written(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode("ascii")


def _settle(directory: Path) -> None:
    """Make the directory entry survive a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
