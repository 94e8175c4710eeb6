"""Write what became of recipients: compare, merge, write again, so that nothing that is known is ever overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from amparo.mailings import outcomes
from amparo.mailings.models import AudienceChunk

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Writers of one chunk at one moment are two or three; who loses this often has met a mistake in the code.
MOST_TRIES = 50


def write(
    *, chunk: int, there: bytes, ours: bytes, held_by: UUID, values: Mapping[str, Any]
) -> tuple[bytes, bool]:
    """Write `ours` over `there`, what we believe stands; what stands now, and whether the chunk is still ours.

    `values` are further columns, such as the lease's end, written only while it is ours. Of a chunk that somebody else
    holds only what is settled for good is written: that cannot be wrong, whoever holds it.
    """
    for _try in range(MOST_TRIES):
        stands = outcomes.merged(there, ours)
        same = AudienceChunk.objects.filter(pk=chunk, outcomes=there)
        columns = {"outcomes": stands, "is_open": outcomes.is_open(stands)}
        if same.filter(claimed_by=held_by).update(**columns, **values):
            return stands, True
        row = AudienceChunk.objects.filter(pk=chunk).values_list("outcomes", "claimed_by").first()
        if row is None:
            return there, False
        there = bytes(row[0])
        if row[1] == held_by:
            continue
        ours = bytes(new if outcomes.is_final(new) else old for old, new in zip(there, ours, strict=True))
        stands = outcomes.merged(there, ours)
        if stands == there:
            return there, False
        same = AudienceChunk.objects.filter(pk=chunk, outcomes=there)
        if same.update(outcomes=stands, is_open=outcomes.is_open(stands)):
            return stands, False
    raise RuntimeError(f"chunk {chunk} kept changing while it was written")


def set_one(*, chunk: int, position: int, outcome: int) -> bool:
    """Write what came back about one recipient; whether that was news."""
    for _try in range(MOST_TRIES):
        row = AudienceChunk.objects.filter(pk=chunk).values_list("outcomes", flat=True).first()
        there = bytes(row) if row is not None else b""
        if position >= len(there):
            return False
        ours = there[:position] + bytes([outcome]) + there[position + 1 :]
        stands = outcomes.merged(there, ours)
        if stands == there:
            return False
        if AudienceChunk.objects.filter(pk=chunk, outcomes=there).update(
            outcomes=stands, is_open=outcomes.is_open(stands)
        ):
            return True
    raise RuntimeError(f"chunk {chunk} kept changing while it was written")
