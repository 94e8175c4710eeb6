"""Put a backup back. What was sent since must not be sent again, so a restored installation sends nothing at first."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.utils.translation import gettext_lazy as _

from amparo.kit import sealing
from amparo.kit.heartbeat import read_heartbeat
from amparo.kit.master_keys import MasterKeys
from amparo.kit.published import note_publication
from amparo.kit.refusal import Refusal
from amparo.organizations.models import Organization
from amparo.organizations.pausing import pause_installation
from amparo.supporters.rights import erasure
from amparo.web.backing_up import (
    CHUNK,
    FORMAT,
    MANIFEST,
    POSTGRES,
    SQLITE,
    STATE,
    Manifest,
    digest_of,
    run_postgres_tool,
)

if TYPE_CHECKING:
    from datetime import datetime

#: An engine shows itself every few seconds; one that was heard this lately may be sending.
LIVES = timedelta(seconds=60)
#: Where what was here before is kept, for whoever restored the wrong file.
BEFORE = "before-restore"


class CannotRestore(Refusal):
    sentence = _("Nothing was restored: %(why)s.")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: the manifest, and how many people were erased again."""

    manifest: Manifest
    erased_again: int


def restore(*, backup: Path, over_what_is_here: bool, now: datetime) -> Restored:
    """Check a backup whole, then put it in place of what is here, paused.

    What was here is kept beside it (SQLite), and people who were erased since the backup are erased again. Raises
    `CannotRestore`, having changed nothing.
    """
    _refuse_while_somebody_works(over_what_is_here=over_what_is_here, now=now)
    state = Path(settings.AMPARO_VAR)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=state) as scratch:
        manifest = _unpack(backup, into=Path(scratch))
        _refuse_unreadable(manifest)
        because = f"restored from the backup of {manifest.made_at[:16].replace('T', ' ')}"
        if settings.AMPARO_ON_SQLITE:
            _put_sqlite_in_place(Path(scratch) / SQLITE, because=because, now=now)
        else:
            run_postgres_tool(
                "pg_restore",
                "--clean",
                "--if-exists",
                "--no-owner",
                "--single-transaction",
                f"--dbname={settings.DATABASES['default']['NAME']}",
                str(Path(scratch) / POSTGRES),
                refusal=CannotRestore,
            )
        _put_files_in_place(Path(scratch) / STATE.rstrip("/"), state)
    sealing.forget_keys()
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    pause_installation(because=because, now=now)
    again = erasure.replay(now=now)
    note_publication()
    return Restored(manifest, again)


def _refuse_while_somebody_works(*, over_what_is_here: bool, now: datetime) -> None:
    beat = read_heartbeat()
    if beat is not None and beat.age(now=now) < LIVES:
        raise CannotRestore(why="a worker is running; stop it and the web server, and wait a minute")
    try:
        inhabited = Organization.objects.exists()
    except DatabaseError:
        inhabited = False
    connections.close_all()
    if inhabited and not over_what_is_here:
        raise CannotRestore(
            why="there is an installation here already; say --over-what-is-here to put the backup in its place"
        )


def _unpack(backup: Path, *, into: Path) -> Manifest:
    """Everything the manifest names, each with its hash as it says, and nothing else."""
    try:
        with tarfile.open(backup, mode="r|") as archive:
            manifest: Manifest | None = None
            for entry in archive:
                content = archive.extractfile(entry) if entry.isfile() else None
                if content is None:
                    raise CannotRestore(why=f"{backup} holds something that is not a file: {entry.name}")
                if manifest is None:
                    manifest = _manifest(entry.name, content.read(CHUNK * 16))
                    continue
                if entry.name not in manifest.files:
                    raise CannotRestore(
                        why=f"{backup} holds a file that its manifest does not name: {entry.name}"
                    )
                _take_out(content, to=into / _safe(entry.name))
    except (tarfile.TarError, OSError, EOFError) as error:
        raise CannotRestore(why=f"{backup} cannot be read: {error}") from None
    if manifest is None:
        raise CannotRestore(why=f"{backup} is empty")
    for name, digest in manifest.files.items():
        file = into / _safe(name)
        if not file.is_file():
            raise CannotRestore(why=f"{backup} is not whole: {name} is missing")
        if digest_of(file) != digest:
            raise CannotRestore(why=f"{backup} is damaged: {name} is not what was backed up")
    return manifest


def _manifest(name: str, text: bytes) -> Manifest:
    try:
        manifest = Manifest.read(text) if name == MANIFEST else None
    except (ValueError, TypeError):
        manifest = None
    if manifest is None or manifest.format != FORMAT:
        raise CannotRestore(why="this is not a backup that this version can read")
    wanted = SQLITE if settings.AMPARO_ON_SQLITE else POSTGRES
    if manifest.database != wanted:
        raise CannotRestore(
            why=f"the backup holds {manifest.database}, and DATABASE_URL names another kind of database"
        )
    return manifest


def _safe(name: str) -> Path:
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        raise CannotRestore(why=f"the backup names a place outside itself: {name}")
    return path


def _take_out(content: IO[bytes], *, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as file:
        shutil.copyfileobj(content, file, CHUNK)


def _refuse_unreadable(manifest: Manifest) -> None:
    """A backup whose keys we do not have would come back unreadable."""
    keys = MasterKeys.read(Path(settings.AMPARO_MASTER_KEY_FILE))
    missing = [key for key in manifest.keys if key not in keys.keys]
    if missing:
        raise CannotRestore(
            why=f"the key file {settings.AMPARO_MASTER_KEY_FILE} lacks {', '.join(missing)}, with which it is sealed"
        )


def _put_sqlite_in_place(copy: Path, *, because: str, now: datetime) -> None:
    """Pause the copy before anybody can open it, and put it in place in one step."""
    with sqlite3.connect(copy) as opened:
        opened.execute(
            "INSERT INTO organizations_installation (id, sending_paused_at, paused_because) VALUES (1, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET sending_paused_at = excluded.sending_paused_at,"
            " paused_because = excluded.paused_because",
            (now.isoformat(sep=" ").removesuffix("+00:00"), because),
        )
    opened.close()
    place = Path(settings.DATABASES["default"]["NAME"])
    kept = Path(settings.AMPARO_VAR) / BEFORE / f"{now:%Y%m%dT%H%M%S}"
    for ending in ("", "-wal", "-shm"):
        old = place.with_name(place.name + ending)
        if old.exists():
            kept.mkdir(parents=True, exist_ok=True, mode=0o700)
            old.replace(kept / old.name)
    copy.chmod(0o600)
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    shutil.move(copy, place)


def _put_files_in_place(found: Path, state: Path) -> None:
    if found.is_dir():
        shutil.copytree(found, state, dirs_exist_ok=True)
