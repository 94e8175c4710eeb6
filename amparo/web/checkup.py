"""`amparo doctor`'s questions: each answers with what it found and, when something is wrong, what to do."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from amparo.kit.findings import Finding
from amparo.kit.master_keys import KeyFileRefused, master_keys
from amparo.kit.sealing import wrapped_by
from amparo.kit.smtp import DeliveryFailure, Security, parse_smtp_url
from amparo.kit.smtp.connection import BROKEN, Connection
from amparo.mailings.carriers import provider_checkup
from amparo.mailings.texts import checkup as text_checkup
from amparo.organizations.models import Organization
from amparo.supporters.models import Tombstone
from amparo.supporters.rights import erasure
from amparo.supporters.rights.tombstones import FILE_NAME
from amparo.web import overview
from amparo.web.readiness import pending_migrations

if TYPE_CHECKING:
    from datetime import datetime

#: Seconds the mail server may take to answer a question.
PATIENCE = 5.0
#: Below this much free space the next backup or a day of letters may not fit.
LEAST_FREE_BYTES = 1_000_000_000
LEAST_FREE_SHARE = 0.05
#: Memberships change by resignation and by-election; half a year is when a list begins to mislead.
OLD_TARGETS = timedelta(weeks=26)
LEAST_POSTGRESQL = 15


def examine(*, now: datetime) -> Iterator[Finding]:
    """Every question in turn. What needs the database is left out when it is away; the first of them says so."""
    yield from _settings()
    yield from _keys()
    yield from _disk()
    yield from _mail()
    database = list(_database())
    yield from database
    if any(finding.level == "bad" for finding in database):
        return
    for question in (_wrapped_keys, _erasures, _organizations, _engine, _pauses, _targets):
        yield from question(now)
    yield from provider_checkup.examine()
    yield from text_checkup.examine()


def _settings() -> Iterator[Finding]:
    parts = urlsplit(settings.BASE_URL)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        yield Finding(
            "settings", "bad", f"{settings.BASE_URL} is not encrypted: names and letters could be read on the way.",
            "Put a proxy with a certificate before the server and write https:// in BASE_URL.",
        )  # fmt: skip
    elif settings.AMPARO_DEMO:
        yield Finding(
            "settings", "note", "This is a demonstration: anybody who can reach it reads its mailbox."
        )
    else:
        yield Finding("settings", "good", f"complete, for {settings.BASE_URL}.")
    if parts.scheme == "https" and not settings.AMPARO_TRUSTED_PROXIES:
        yield Finding(
            "settings", "note", "no proxy is trusted, so every visitor who comes through one shares one limit.",
            "Write AMPARO_TRUSTED_PROXIES=1 if a proxy of yours stands before this server.",
        )  # fmt: skip


def _keys() -> Iterator[Finding]:
    path = Path(settings.AMPARO_MASTER_KEY_FILE)
    try:
        keys = master_keys()
    except KeyFileRefused as refusal:
        yield Finding(
            "keys", "bad", str(refusal), "Restore your copy of the key file; without it nothing can be read."
        )
        return
    yield Finding(
        "keys", "good", f"{path} holds {len(keys.keys)} master key(s); the current one is {keys.current_id}."
    )
    if path.resolve().is_relative_to(Path(settings.AMPARO_VAR).resolve()) and not settings.AMPARO_DEMO:
        yield Finding(
            "keys", "note", "the key file lies in the state directory, so a backup of that would hold both.",
            "Move it elsewhere and write its path in AMPARO_MASTER_KEY_FILE.",
        )  # fmt: skip


def _disk() -> Iterator[Finding]:
    usage = shutil.disk_usage(settings.AMPARO_VAR)
    free = f"{usage.free / 1e9:.1f} GB of {usage.total / 1e9:.1f} GB are free at {settings.AMPARO_VAR}."
    if usage.free < LEAST_FREE_BYTES or usage.free < LEAST_FREE_SHARE * usage.total:
        yield Finding("disk", "bad", free, "Make room: with a full disk no letter can be accepted.")
    else:
        yield Finding("disk", "good", free)


def _mail() -> Iterator[Finding]:
    server = parse_smtp_url(settings.SMTP_URL)
    where = f"{server.host}:{server.port}"
    try:
        wire = Connection(server, context=ssl.create_default_context())
        try:
            wire.noop()
        finally:
            wire.close()
    except (DeliveryFailure, *BROKEN) as error:
        yield Finding(
            "mail", "bad", f"{where} does not take us: {error}", "Look at SMTP_URL and at the mail server."
        )
        return
    yield Finding(
        "mail", "good", f"{where} answers" + ("." if server.security is Security.NONE else ", encrypted.")
    )
    if server.security is Security.NONE and server.host not in {"127.0.0.1", "localhost", "::1"}:
        yield Finding(
            "mail",
            "bad",
            f"letters travel to {where} unencrypted.",
            "Write ?tls=starttls or smtps:// in SMTP_URL.",
        )


def _database() -> Iterator[Finding]:
    try:
        yield from _sqlite() if connection.vendor == "sqlite" else _postgresql()
        waiting = pending_migrations()
    except Exception as error:  # noqa: BLE001 - whatever it is, the doctor says so and goes on
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        yield Finding(
            "database", "bad", f"cannot be used: {first_line}", "Look at DATABASE_URL, then at the database."
        )
        return
    if waiting:
        yield Finding(
            "migrations", "bad", f"{len(waiting)} are missing, from {waiting[0]}.", "Run `amparo migrate`."
        )
    else:
        yield Finding("migrations", "good", "the database is of this version.")


def _sqlite() -> Iterator[Finding]:
    found = {name: _asked(f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")}
    # 2 is FULL, 3 EXTRA (https://www.sqlite.org/pragma.html#pragma_synchronous).
    if found["journal_mode"] == "wal" and found["synchronous"] in {"2", "3"} and found["foreign_keys"] == "1":
        yield Finding("database", "good", "SQLite, write-ahead log, every commit on the disk.")
        return
    yield Finding(
        "database", "bad",
        f"SQLite would lose commits in a power cut: journal_mode={found['journal_mode']}, "
        f"synchronous={found['synchronous']}, foreign_keys={found['foreign_keys']}.",
        "Put the database on a local disk; a network share cannot keep a write-ahead log.",
    )  # fmt: skip


def _postgresql() -> Iterator[Finding]:
    names = ("fsync", "synchronous_commit", "full_page_writes")
    off = [name for name in names if _asked(f"SHOW {name}") == "off"]
    version = int(_asked("SHOW server_version_num")) // 10_000
    if off:
        yield Finding(
            "database", "bad", f"PostgreSQL {version} may lose commits: {', '.join(off)} is off.",
            "Switch it on in postgresql.conf and restart.",
        )  # fmt: skip
    elif version < LEAST_POSTGRESQL:
        yield Finding(
            "database",
            "bad",
            f"PostgreSQL {version} is older than {LEAST_POSTGRESQL}.",
            "Upgrade the server.",
        )
    else:
        yield Finding("database", "good", f"PostgreSQL {version}, every commit on the disk.")


def _asked(question: str) -> str:
    """The one value that the database answers with, over the connection in use and its settings."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    return str(row[0])


def _wrapped_keys(_now: datetime) -> Iterator[Finding]:
    known = master_keys_or_none()
    if known is None:
        return
    lost = [
        name
        for name, wrapped in Organization.objects.values_list("name", "wrapped_data_key")
        if wrapped_by(bytes(wrapped)) not in known
    ]
    if lost:
        yield Finding(
            "keys", "bad", f"the key file lacks the master key of: {', '.join(lost)}.",
            "Put back the line of that key from your copy of the file.",
        )  # fmt: skip


def master_keys_or_none() -> set[str] | None:
    """The ids in the key file; None when it cannot be read, which another question says."""
    try:
        return set(master_keys().keys)
    except KeyFileRefused:
        return None


def _erasures(now: datetime) -> Iterator[Finding]:
    """The one thing that the doctor mends at once: nobody should find there whom we promised to forget."""
    again = erasure.replay(now=now)
    if again:
        yield Finding(
            "erasures", "note", f"{again} who had been erased were in the database again, and are erased.",
            "It was restored from an older backup: look at what else changed since.",
        )  # fmt: skip
    stones = Tombstone.objects.count()
    yield Finding("erasures", "good", f"{stones} are remembered, in the database and in {FILE_NAME}.")


def _organizations(_now: datetime) -> Iterator[Finding]:
    count = Organization.objects.count()
    if count:
        yield Finding("organizations", "good", f"{count} on this server.")
    else:
        yield Finding(
            "organizations", "note", "none yet: there is nobody in whose name a letter could leave."
        )


def _engine(now: datetime) -> Iterator[Finding]:
    engine = overview.engine_state(now=now)
    if engine.lives:
        yield Finding("worker", "good", f"the {engine.kind} engine is running.")
    else:
        yield Finding(
            "worker", "bad", "none has been heard for a minute: nothing is sent.", "Run `amparo worker`."
        )


def _pauses(_now: datetime) -> Iterator[Finding]:
    for pause in overview.pauses():
        since = f"{pause.since:%Y-%m-%d %H:%M}"
        yield Finding("pause", "note", f"the {pause.of} {pause.name} has been paused since {since}.")


def _targets(now: datetime) -> Iterator[Finding]:
    in_use = overview.targets_in_use(now=now)
    for targets in in_use:
        weeks = f"{targets.slug}/{targets.version} was published {targets.days // 7} weeks ago"
        if targets.days > OLD_TARGETS.days:
            yield Finding(
                "targets",
                "bad",
                f"{weeks}.",
                f"Get newer files and run `amparo targets load {targets.slug}`.",
            )
        else:
            yield Finding("targets", "good", f"{weeks}.")
    if not in_use:
        yield Finding("targets", "note", "none are in use: only pages without a postcode can be answered.")
