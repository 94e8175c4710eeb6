"""One file with everything that cannot be made again: the database and the state directory, without any key.

The file is a tar archive that begins with a manifest: what is in it, with the SHA-256 of each, and which master keys
the data is sealed with. The key file itself is never inside: whoever has the backup alone reads no name in it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.kit.sealing import wrapped_by
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

MANIFEST = "manifest.json"
FORMAT = 1
STATE = "state/"
SQLITE, POSTGRES = "database.sqlite3", "database.dump"
CHUNK = 1 << 20
#: What is made anew by itself, belongs to running processes, or must outlive a restore: the database has a list of its
#: own of whom was erased until then.
_LEFT_OUT = {
    "static",
    "engine.json",
    "published",
    "demo-mailbox",
    "demo-login.json",
    "secret_key",
    "before-restore",
    "erasures.log",
    "audit.head",
}
_LEFT_OUT_ENDINGS = (".key", ".lock", ".part", ".sock", ".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".log")


class CannotBackUp(Refusal):
    sentence = _("No backup was made: %(why)s.")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself."""

    format: int
    amparo: str
    made_at: str
    database: str
    keys: list[str]
    files: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: bytes) -> Manifest:
        """Raises `ValueError` and `TypeError` for what is no manifest."""
        return cls(**json.loads(text))


def back_up(*, to: Path, now: datetime) -> Manifest:
    """Write a backup to a file that is not there yet; whole or not at all. Raises `CannotBackUp`."""
    if to.exists():
        raise CannotBackUp(why=f"{to} is there already, and a backup is never overwritten")
    if not to.parent.is_dir():
        raise CannotBackUp(why=f"there is no directory {to.parent}")
    unfinished = to.with_name(f"{to.name}.part")
    try:
        with tempfile.TemporaryDirectory(prefix=".amparo-backup-", dir=to.parent) as scratch:
            database = _copy_database(Path(scratch))
            manifest = _write(unfinished, database=database, now=now)
        unfinished.chmod(0o600)
        unfinished.replace(to)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _write(path: Path, *, database: Path, now: datetime) -> Manifest:
    """The archive, in which the manifest comes first: whoever reads it knows what to expect."""
    members = [(database.name, database), *((f"{STATE}{name}", file) for name, file in state_files())]
    manifest = Manifest(
        format=FORMAT,
        amparo=version("amparo"),
        made_at=now.isoformat(),
        database=database.name,
        keys=sorted(
            {
                wrapped_by(bytes(key))
                for key in Organization.objects.values_list("wrapped_data_key", flat=True)
            }
        ),
        files={name: digest_of(file) for name, file in members},
    )
    text = json.dumps(asdict(manifest), indent=2).encode()
    with _private(path) as file, tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mtime, entry.mode = len(text), int(now.timestamp()), 0o600
        archive.addfile(entry, io.BytesIO(text))
        for name, member in members:
            archive.add(member, arcname=name, recursive=False)
        archive.close()
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _private(path: Path) -> Any:
    """A new file that only we may read: it holds staff accounts, and everything sealed."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def state_files() -> Iterator[tuple[str, Path]]:
    """Everything of the state directory that cannot be made again, and that is no key."""
    state = Path(settings.AMPARO_VAR)
    for top, directories, files in os.walk(state):
        here = Path(top)
        if here == state:
            directories[:] = [
                name for name in directories if name not in _LEFT_OUT and not name.startswith(".")
            ]
        for name in sorted(files):
            path = here / name
            if _belongs(path, at_top=here == state):
                yield path.relative_to(state).as_posix(), path


def _belongs(path: Path, *, at_top: bool) -> bool:
    if not path.is_file() or path.is_symlink() or path.name.endswith(_LEFT_OUT_ENDINGS):
        return False
    return not (at_top and path.name in _LEFT_OUT) and not _is_a_key(path)


def _is_a_key(path: Path) -> bool:
    """The master key file under any name, or a copy of it: none is ever in a backup."""
    if path.resolve() == Path(settings.AMPARO_MASTER_KEY_FILE).resolve():
        return True
    with path.open("rb") as file:
        return any(line.startswith(b"index:") for line in file.read(4096).splitlines())


def digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


# --- The database ---------------------------------------------------------------------------------------------------


def _copy_database(scratch: Path) -> Path:
    return _copy_sqlite(scratch / SQLITE) if settings.AMPARO_ON_SQLITE else _dump_postgres(scratch / POSTGRES)


def _copy_sqlite(to: Path) -> Path:
    """The online backup of SQLite: a whole copy of one moment, while others go on writing."""
    source = sqlite3.connect(str(settings.DATABASES["default"]["NAME"]))
    target = sqlite3.connect(to)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    return to


def _dump_postgres(to: Path) -> Path:
    run_postgres_tool("pg_dump", "--format=custom", "--no-owner", f"--file={to}", refusal=CannotBackUp)
    return to


def run_postgres_tool(tool: str, *arguments: str, refusal: type[Refusal]) -> None:
    """Run one of PostgreSQL's own programs on our database; the password never stands on its command line."""
    if shutil.which(tool) is None:
        raise refusal(why=f"{tool} is not installed; it comes with PostgreSQL's client programs")
    connections.close_all()
    own = settings.DATABASES["default"]
    names = {
        "HOST": "PGHOST",
        "PORT": "PGPORT",
        "USER": "PGUSER",
        "PASSWORD": "PGPASSWORD",
        "NAME": "PGDATABASE",
    }
    environment = os.environ | {variable: str(own[key]) for key, variable in names.items() if own.get(key)}
    done = subprocess.run(  # noqa: S603 - a fixed program and our own arguments
        [tool, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise refusal(why=f"{tool} failed: {said.rstrip('.')}")
