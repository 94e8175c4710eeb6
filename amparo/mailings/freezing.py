"""Freeze an audience: one INSERT … SELECT from the segment into chunks of 500, nothing row by row in Python.

Who is in is decided once. Whoever joins later is a second snapshot, which somebody asks for and which leaves out
everybody who was in an earlier one.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connections, router, transaction
from django.db.models import F, Max, Sum
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit import bell
from amparo.kit.claims import claim_rows, transition
from amparo.kit.refusal import Refusal
from amparo.mailings import audience, local_hours, outcomes, steering
from amparo.mailings.composer import composing
from amparo.mailings.models import AudienceChunk, Mailing
from amparo.mailings.models.audience_chunk import ID_BYTES, MOST_IN_A_CHUNK, Octets
from amparo.organizations.pausing import installation_is_paused
from amparo.supporters.segmentation import segments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.backends.base.base import BaseDatabaseWrapper

    from amparo.accounts.models import User
    from amparo.supporters.models import SupporterQuerySet

#: An audience of millions is frozen in seconds; who takes longer is dead.
LEASE = timedelta(minutes=10)
#: Below this many recipients somebody can look at each who is unknown, so they are held for a person to decide.
HELD_BELOW = 100
VARIANTS = tuple("abcdefgh")
#: Waits for the winner of a test of subjects (`Mailing.variant_shares`).
WAITS = ord("?")


class NoLateJoiners(Refusal):
    sentence = _("Late joiners can be added while a mailing is being sent, paused or finished.")


class LostTheClaim(Exception):  # noqa: N818 - named as the fact
    """Somebody stopped the mailing, or another process froze it, while we did."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """One snapshot: its number, and how many people are in it."""

    snapshot: int
    people: int


# --- Claiming -------------------------------------------------------------------------------------


def claim(*, limit: int, now: datetime) -> Sequence[Mailing]:
    """Take mailings whose hour has come, the most urgent first; they are then being frozen."""
    if installation_is_paused():
        return []
    taken = claim_rows(
        Mailing.objects.due(now=now),
        limit=limit,
        order_by=["urgency", "scheduled_at"],
        claimed_by=uuid.uuid4(),
        values={"state": Mailing.State.FREEZING, "claimed_until": now + LEASE},
    )
    found = Mailing.objects.select_related("organization", "segment").in_bulk(taken)
    return [found[pk] for pk in taken]


def reclaim(*, now: datetime) -> int:
    """Those whose freezer died are due again: nothing of theirs was written."""
    left = Mailing.objects.filter(state=Mailing.State.FREEZING, claimed_until__lt=now)
    return left.update(state=Mailing.State.SCHEDULED, claimed_by=None, claimed_until=None)


# --- Freezing -------------------------------------------------------------------------------------


def freeze(*, mailing: Mailing, now: datetime) -> Frozen:
    """Freeze a claimed mailing's audience and begin to send it, in one transaction. Raises `LostTheClaim`."""
    with transaction.atomic():
        # What its texts show may have changed since they were written: a case withdrawn, a figure corrected.
        composing.draw_anew(mailing=mailing, now=now)
        frozen = _add_snapshot(mailing, now=now)
        began = transition(
            Mailing.objects.filter(
                pk=mailing.pk, state=Mailing.State.FREEZING, claimed_by=mailing.claimed_by
            ),
            values={
                "state": Mailing.State.SENDING,
                "started_at": now,
                "claimed_by": None,
                "claimed_until": None,
                "unknown_policy": mailing.unknown_policy or policy_for(frozen.people),
            },
        )
        if not began:
            raise LostTheClaim
        _record("begin_mailing", mailing, frozen, by=None, now=now)
    return frozen


def begin(*, mailing: Mailing, now: datetime) -> bool:
    """Freeze and let the senders know; False when the mailing was stopped meanwhile."""
    try:
        freeze(mailing=mailing, now=now)
    except LostTheClaim:
        return False
    bell.ring(steering.line_of(mailing))
    return True


def add_late_joiners(*, mailing: Mailing, by: User | None, now: datetime) -> Frozen:
    """A further snapshot of those who match now and were in none before. Raises `NoLateJoiners`."""
    after_start = [Mailing.State.SENDING, Mailing.State.PAUSED, Mailing.State.FINISHED]
    with transaction.atomic():
        held = Mailing.objects.filter(pk=mailing.pk, state__in=after_start)
        if not held.update(claimed_by=F("claimed_by")):
            raise NoLateJoiners
        frozen = _add_snapshot(mailing, now=now)
        if frozen.people:
            Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.FINISHED).update(
                state=Mailing.State.SENDING, finished_at=None
            )
        _record("add_late_joiners", mailing, frozen, by=by, now=now)
    return frozen


def policy_for(people: int) -> Mailing.Unknown:
    """What becomes of unknown recipients where nobody chose: few are held, many are sent to again."""
    return Mailing.Unknown.HOLD if people < HELD_BELOW else Mailing.Unknown.RESEND


def _add_snapshot(mailing: Mailing, *, now: datetime) -> Frozen:
    people_now = audience.chosen(mailing=mailing, now=now)
    if next_snapshot(mailing) > 1:
        people_now = people_now.filter(~audience.those_who_had_it(mailing))
    return append_snapshot(mailing=mailing, people=people_now, now=now)


def next_snapshot(mailing: Mailing) -> int:
    """The number of the snapshot that would be added now; whoever asks holds the mailing's row."""
    last: int | None = mailing.chunks.aggregate(last=Max("snapshot"))["last"]
    return (last or 0) + 1


def append_snapshot(*, mailing: Mailing, people: SupporterQuerySet, now: datetime) -> Frozen:
    """Freeze these people as the next snapshot, in the caller's transaction, which holds the mailing's row."""
    snapshot = next_snapshot(mailing)
    database = connections[router.db_for_write(AudienceChunk)]
    turns = local_hours.turns_to_freeze(mailing, people=people)
    found = local_hours.with_turns(people.order_by(), turns) if turns else people.order_by().values("id")
    select, values = found.query.get_compiler(connection=database).as_sql()
    with segments.room_to_count(), database.cursor() as cursor:
        insert = _INSERT[database.vendor]
        if database.vendor == "sqlite":
            _teach(database, mailing)
        cursor.execute(
            insert.format(
                select=select, variant=_variant_sql(mailing), **(_in_turn(len(turns)) if turns else _AT_ONCE)
            ),
            [
                *(
                    value
                    for slot, turn in enumerate(turns)
                    for value in (slot, _moment(turn.at, database), turn.zone)
                ),
                _prepared(mailing.pk, database),
                snapshot,
                _moment(now, database),
                _moment(now, database),
                *values,
            ],
        )
    octets = mailing.chunks.filter(snapshot=snapshot).aggregate(octets=Sum(Octets("ids")))["octets"]
    return Frozen(snapshot=snapshot, people=(octets or 0) // ID_BYTES)


def _record(verb: str, mailing: Mailing, frozen: Frozen, *, by: User | None, now: datetime) -> None:
    audit.record(
        verb=verb,
        subject=mailing,
        by=by,
        organization=mailing.organization,
        now=now,
        details={"people": frozen.people, "snapshot": frozen.snapshot},
    )


# --- The statement --------------------------------------------------------------------------------

_COLUMNS = (
    "mailing_id, snapshot, number, ids, outcomes, variants, not_before, zone, is_open, attempts, next_attempt_at,"
    " frozen_at"
)
_QUEUED = chr(outcomes.QUEUED)
_INSERT = {
    "postgresql": f"""{{turns}}
INSERT INTO mailings_audiencechunk ({_COLUMNS})
SELECT %s, %s, {{number}}, string_agg(uuid_send(id), ''::bytea ORDER BY place),
       convert_to(repeat('{_QUEUED}', count(*)::int), 'SQL_ASCII'), {{variant}}, {{turn}}, true, 0, %s, %s
  FROM (SELECT chosen.*, (row_number() OVER ({{within}} ORDER BY id) - 1) / {MOST_IN_A_CHUNK} AS block,
               row_number() OVER ({{within}} ORDER BY id) AS place FROM ({{select}}) AS chosen) AS placed {{join}}
 GROUP BY {{group}}
""",  # noqa: S608 - our own names
    "sqlite": f"""{{turns}}
INSERT INTO mailings_audiencechunk ({_COLUMNS})
SELECT %s, %s, {{number}}, amparo_packed(id),
       CAST(replace(hex(zeroblob(count(*))), '00', '{_QUEUED}') AS BLOB), {{variant}}, {{turn}}, 1, 0, %s, %s
  FROM (SELECT chosen.*, (row_number() OVER ({{within}} ORDER BY id) - 1) / {MOST_IN_A_CHUNK} AS block
          FROM ({{select}}) AS chosen) AS placed {{join}}
 GROUP BY {{group}}
""",  # noqa: S608 - our own names
}
#: Everybody with the mailing itself.
_AT_ONCE = {
    "turns": "",
    "number": "block",
    "turn": "CAST(NULL AS timestamptz), ''",
    "within": "",
    "join": "",
    "group": "block",
}


def _in_turn(number: int) -> dict[str, str]:
    """Readers who live by one clock together, so that a chunk has one hour; the earliest of `number` turns first."""
    rows = ", ".join(["(%s, %s, %s)"] * number)
    return {
        "turns": f"WITH turns (slot, not_before, zone) AS (VALUES {rows})",
        "number": "row_number() OVER (ORDER BY slot, block) - 1",
        "turn": "turns.not_before, turns.zone",
        "within": "PARTITION BY slot",
        "join": "JOIN turns USING (slot)",
        "group": "slot, block, turns.not_before, turns.zone",
    }


def _thresholds(mailing: Mailing) -> list[tuple[int, int]]:
    """The letter of each variant, and below which number of a hundred somebody gets it."""
    found, upto = [], 0
    for letter, share in sorted(mailing.variant_shares.items()):
        if letter not in VARIANTS:
            raise ValueError("A variant is a letter from a to h.")
        upto += int(share)
        found.append((ord(letter), min(upto, 100)))
    return found


def _variant_sql(mailing: Mailing) -> str:
    """The variants of a chunk's people, drawn from the part of their ids that is chance."""
    thresholds = _thresholds(mailing)
    if mailing.winner:
        thresholds = [(WAITS, 100)]
    if not thresholds:
        return "NULL"
    if connections[router.db_for_write(AudienceChunk)].vendor == "sqlite":
        return "amparo_variants(id)"
    drawn = "(get_byte(uuid_send(id), 14) * 256 + get_byte(uuid_send(id), 15)) %% 100"
    cases = " ".join(f"WHEN {drawn} < {upto} THEN '{chr(letter)}'" for letter, upto in thresholds)
    return (
        f"string_agg(convert_to(CASE {cases} ELSE '{chr(WAITS)}' END, 'SQL_ASCII'), ''::bytea ORDER BY place)"
    )


def _teach(database: BaseDatabaseWrapper, mailing: Mailing) -> None:
    """SQLite has no aggregate that joins bytes, and before 3.41 no way from hexadecimal digits to them."""
    thresholds = [] if mailing.winner else _thresholds(mailing)

    class Packed:
        def __init__(self) -> None:
            self.found: list[str] = []

        def step(self, id: str) -> None:
            self.found.append(id)

        def finalize(self) -> bytes:
            return bytes.fromhex("".join(self.found))

    class Variants(Packed):
        def finalize(self) -> bytes:
            drawn = [int(id[-4:], 16) % 100 for id in self.found]
            return bytes(
                next((letter for letter, upto in thresholds if number < upto), WAITS) for number in drawn
            )

    database.connection.create_aggregate("amparo_packed", 1, Packed)
    database.connection.create_aggregate("amparo_variants", 1, Variants)


def _prepared(pk: UUID, database: BaseDatabaseWrapper) -> Any:
    return Mailing._meta.pk.get_db_prep_value(pk, database)


def _moment(now: datetime, database: BaseDatabaseWrapper) -> Any:
    return database.ops.adapt_datetimefield_value(now)
