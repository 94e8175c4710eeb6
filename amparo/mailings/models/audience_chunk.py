from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.lookups import Exact

from amparo.mailings.models.mailing import Mailing
from amparo.organizations import quiet_hours
from amparo.supporters import time_zones
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from datetime import datetime

#: Recipients of one chunk at most: half a million are a thousand rows.
MOST_IN_A_CHUNK = 500
ID_BYTES = 16


class Octets(models.Func):
    """How many bytes a column holds."""

    function = "OCTET_LENGTH"
    output_field = models.IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQLite learned OCTET_LENGTH in 3.43; LENGTH of a blob is the same."""
        return self.as_sql(compiler, connection, function="LENGTH", **extra)


class Place(models.Func):
    """Where some bytes stand in a column of bytes, from 1 on; 0 where they do not."""

    function = "INSTR"
    output_field = models.IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """PostgreSQL's INSTR is its STRPOS, which is for text alone."""
        swapped = self.copy()
        swapped.set_source_expressions(self.get_source_expressions()[::-1])
        return swapped.as_sql(
            compiler,
            connection,
            function="POSITION",
            arg_joiner=" IN ",
            template="%(function)s(%(expressions)s)",
            **extra,
        )


class AudienceChunkQuerySet(models.QuerySet["AudienceChunk"]):
    def sendable(self, *, now: datetime, channel: Channel = Channel.EMAIL) -> Self:
        """Those of one channel in which somebody waits, that nobody holds, and whose time has come."""
        return self.that_may_leave(now=now).filter(
            Q(not_before__isnull=True) | Q(not_before__lte=now),
            mailing__channel=channel,
            is_open=True,
            claimed_by__isnull=True,
            next_attempt_at__lte=now,
        )

    def that_may_leave(self, *, now: datetime) -> Self:
        """Those of mailings that are being sent, that nobody pauses, and whose readers have no quiet hours now."""
        found = self.filter(
            Q(mailing__campaign__isnull=True) | Q(mailing__campaign__sending_paused_at__isnull=True),
            mailing__state=Mailing.State.SENDING,
            mailing__organization__sending_paused_at__isnull=True,
        )
        for organization, zones in quiet_hours.quiet_now(now=now, zones=time_zones.every()).items():
            quiet = Q(mailing__organization=organization.pk, zone__in=zones)
            found = found.exclude(quiet, mailing__keeps_quiet_hours=True)
        return found


class AudienceChunk(models.Model):
    """Up to 500 recipients of one mailing: their ids packed, one byte each for what became of them.

    Too many for a row each: half a million are a thousand rows of 9 kB. `snapshot` is 1 for those who were frozen
    when the mailing began, and one more each time late joiners were added. Whoever sends holds a chunk by a lease.
    """

    id: models.BigAutoField[int, int]
    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="chunks")
    snapshot = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    ids = models.BinaryField()
    outcomes = models.BinaryField()
    variants = models.BinaryField(null=True)
    is_open = models.BooleanField(default=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    not_before = models.DateTimeField(
        null=True,
        help_text="The hour of its readers, where a mailing leaves at each reader's own; else none.",
    )
    zone = models.CharField(max_length=40, blank=True, db_default="", help_text="The time zone of that hour.")
    claimed_by = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField()

    objects = AudienceChunkQuerySet.as_manager()

    class Meta:
        ordering = ["mailing", "snapshot", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["mailing", "snapshot", "number"], name="one_chunk_per_number_and_snapshot"
            ),
            models.CheckConstraint(
                condition=Exact(Octets("outcomes") * ID_BYTES, Octets("ids")),
                name="one_outcome_for_each_recipient",
            ),
            models.CheckConstraint(
                condition=Exact(Octets("variants"), Octets("outcomes")), name="one_variant_for_each_recipient"
            ),
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=True) | Q(claimed_until__isnull=False),
                name="a_lease_has_an_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["mailing", "next_attempt_at"], name="chunks_to_send", condition=Q(is_open=True)
            ),
            models.Index(
                fields=["claimed_until"], name="chunks_on_lease", condition=Q(claimed_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"chunk {self.pk}"

    @property
    def people(self) -> list[UUID]:
        """The supporters' ids, in the order of their outcomes."""
        packed = bytes(self.ids)
        return [UUID(bytes=packed[at : at + ID_BYTES]) for at in range(0, len(packed), ID_BYTES)]
