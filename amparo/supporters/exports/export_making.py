"""Making the file of an export in the background: piece by piece, sealed, with one invented person among the rows."""

from __future__ import annotations

import secrets
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from amparo.kit.claims import claim_rows, transition
from amparo.kit.tables import writing
from amparo.supporters.exports import canaries, export_files, exporting
from amparo.supporters.exports.canaries import Canary
from amparo.supporters.exports.export_columns import Further
from amparo.supporters.exports.exporting import SECOND_PERSON_ABOVE
from amparo.supporters.models import ExportRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from amparo.supporters.models import Supporter

State, Form = ExportRequest.State, ExportRequest.Form
#: People read at once: as many sealed names are in memory.
PIECE = 500
#: A worker that said nothing for so long is dead; it speaks after every piece.
LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 3
#: People join while a list waits for its second person; by more than this share it has to be asked about again.
MAY_HAVE_GROWN = 1.1
RETRY_AFTER = timedelta(minutes=5)


class ClaimLost(Exception):  # noqa: N818 - a fact: another worker makes it now, or somebody ended it
    """This export is not ours any more."""


class Grown(Exception):  # noqa: N818 - a fact about the list
    """There are more people on the list than were asked or approved for."""


def claim(*, limit: int, now: datetime) -> Sequence[UUID]:
    """Take exports to make."""
    return claim_rows(
        ExportRequest.objects.to_make(now=now),
        limit=limit,
        order_by=["due_at", "pk"],
        claimed_by=uuid4(),
        values={"state": State.MAKING, "claimed_until": now + LEASE, "written": 0},
    )


def make(pk: UUID, *, now: datetime) -> bool:
    """Write the file of a claimed export; False when that failed, and it is tried again or given up."""
    export = ExportRequest.objects.select_related("organization").get(pk=pk)
    token = export.claimed_by
    if export.state != State.MAKING or token is None:
        return False
    try:
        canary = _write(export, token=token, now=now)
        return _finish(export, canary=canary, token=token, now=now)
    except ClaimLost:
        export_files.remove(export, claim=token)
        return False
    except Grown:
        export_files.remove(export, claim=token)
        _ask_again(export, token=token, now=now)
        return True
    except Exception:
        export_files.remove(export, claim=token)
        _try_later(export, token=token, now=now)
        raise


def reclaim(*, now: datetime) -> int:
    """Free what a worker died over; the next one starts from the beginning."""
    dead = ExportRequest.objects.filter(state=State.MAKING, claimed_until__lte=now)
    hopeless = dead.filter(attempts__gte=MOST_ATTEMPTS - 1)
    given_up = hopeless.update(state=State.FAILED, claimed_by=None, claimed_until=None)
    freed = dead.update(
        state=State.QUEUED, claimed_by=None, claimed_until=None, due_at=now, attempts=F("attempts") + 1
    )
    export_files.sweep()
    return given_up + freed


def expire(*, now: datetime) -> int:
    """End what has lain here long enough; how many."""
    over = ExportRequest.objects.to_remove(now=now).select_related("organization")
    ended = sum(exporting.end(export=export, by=None, now=now) for export in over)
    export_files.sweep()
    return ended


def _write(export: ExportRequest, *, token: UUID, now: datetime) -> Canary:
    expected = exporting.people_of(export, now=now).count()
    most = _allowed(export)
    if expected > most:
        raise Grown
    canary = canaries.invent(export.organization)
    rows = _rows(
        export, canary=canary, after=secrets.randbelow(expected + 1), most=most, token=token, now=now
    )
    file = export_files.new_file(export, claim=token)
    try:
        if export.form == Form.XLSX:
            writing.write_xlsx({"Supporters": rows}, into=file)
        else:
            writing.write_csv(rows, into=file, byte_order_mark=export.byte_order_mark)
    except BaseException:
        file.abandon()
        raise
    file.close()
    return canary


def _rows(
    export: ExportRequest, *, canary: Canary, after: int, most: float, token: UUID, now: datetime
) -> Iterator[list[str]]:
    """The headings, the people in the order in which they joined, and the invented one among them."""
    yield [name.rpartition(":")[2] for name in export.columns]
    written, started = 0, monotonic()
    for piece in _pieces(export, now=now):
        further = Further(piece, columns=export.columns)
        for person in piece:
            if written == after:
                yield _invented(export, canary, beside=person, further=further, now=now)
            yield [further.cell(person, name, now=now) for name in export.columns]
            written += 1
        if written > most:
            raise Grown
        _still_ours(export, token=token, written=written, now=now + timedelta(seconds=monotonic() - started))
    if written <= after:
        yield _invented(export, canary, beside=None, further=Further([], columns=()), now=now)


def _pieces(export: ExportRequest, *, now: datetime) -> Iterator[list[Supporter]]:
    """The people, a piece at a time; by the last id seen, so that nothing is kept open while a piece is written."""
    people = exporting.people_of(export, now=now).order_by("pk")
    last = None
    while piece := list((people.filter(pk__gt=last) if last else people)[:PIECE]):
        last = piece[-1].pk
        yield piece


def _invented(
    export: ExportRequest, canary: Canary, *, beside: Supporter | None, further: Further, now: datetime
) -> list[str]:
    """The invented row: plain columns as in the row beside it, so that it does not stand out; nothing personal."""
    own = {"first_name": canary.given_name, "last_name": canary.family_name, "email": canary.email}
    like_beside = {"country", "language", "area", "joined", "state", "agreed_to", "tags"}
    if beside is not None:
        # As old as the row beside it: the first bits of a UUIDv7 are a moment (RFC 9562, section 5.7).
        own["id"] = str(UUID(int=beside.pk.int >> 62 << 62 | secrets.randbits(62)))
    return [
        own.get(name) or (further.cell(beside, name, now=now) if beside and name in like_beside else "")
        for name in export.columns
    ]


def _still_ours(export: ExportRequest, *, token: UUID, written: int, now: datetime) -> None:
    """Say how far we are, and that we live."""
    mine = ExportRequest.objects.filter(pk=export.pk, claimed_by=token, state=State.MAKING)
    if not transition(mine, values={"written": written, "claimed_until": now + LEASE}):
        raise ClaimLost


@transaction.atomic
def _finish(export: ExportRequest, *, canary: Canary, token: UUID, now: datetime) -> bool:
    done = transition(
        ExportRequest.objects.filter(pk=export.pk, claimed_by=token, state=State.MAKING),
        values={
            "state": State.READY,
            "made_at": now,
            "expires_at": now + ExportRequest.KEPT_FOR,
            "canary": canaries.mark_of(canary.email, organization=export.organization),
            "claimed_until": None,
        },
    )
    if not done:
        raise ClaimLost
    exporting.note("make_export", export, by=None, now=now)
    return True


@transaction.atomic
def _ask_again(export: ExportRequest, *, token: UUID, now: datetime) -> None:
    """Back to waiting for a second person, who is told the new number."""
    export.rows = exporting.people_of(export, now=now).count()
    transition(
        ExportRequest.objects.filter(pk=export.pk, claimed_by=token, state=State.MAKING),
        values={
            "state": State.WAITING,
            "rows": export.rows,
            "approved_by": None,
            "approved_at": None,
            "approved_rows": None,
            "claimed_by": None,
            "claimed_until": None,
            "expires_at": now + ExportRequest.KEPT_FOR,
        },
    )
    exporting.note("outgrow_export", export, by=None, now=now)


def _try_later(export: ExportRequest, *, token: UUID, now: datetime) -> None:
    last = export.attempts + 1 >= MOST_ATTEMPTS
    transition(
        ExportRequest.objects.filter(pk=export.pk, claimed_by=token, state=State.MAKING),
        values={
            "state": State.FAILED if last else State.QUEUED,
            "attempts": export.attempts + 1,
            "due_at": now + RETRY_AFTER,
            "claimed_by": None,
            "claimed_until": None,
        },
    )


def _allowed(export: ExportRequest) -> float:
    """With how many people the list may be made without asking anybody again."""
    if export.approved_rows is None:
        return SECOND_PERSON_ABOVE
    return max(SECOND_PERSON_ABOVE, export.approved_rows * MAY_HAVE_GROWN)
