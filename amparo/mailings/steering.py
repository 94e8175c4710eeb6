"""Move a mailing on: make ready, approve for an hour, pause, resume, stop, finish. Each by one conditional UPDATE.

Whoever sends looks at the state every quarter of a second, so that pause and stop hold at once: what has been handed to
the mail server by then is on its way, and nothing else leaves.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit import bell
from amparo.kit.claims import transition
from amparo.kit.refusal import Refusal
from amparo.mailings import audience, outcomes, recovering
from amparo.mailings.composer import hints
from amparo.mailings.models import AudienceChunk, DeliveryFailure, Mailing
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime, time

    from amparo.accounts.models import User

State = Mailing.State
#: The lines of work that send, by what a mailing leaves as, and that freeze audiences first.
LINE = "mailings"
TEXTS = "texts"
FREEZING = "audiences"
#: Chunks settled in one transaction.
AT_ONCE = 100


class MovedOn(Refusal):
    """The mailing is not in the state any more from which this could be done."""

    sentence = _("This mailing has moved on meanwhile. Please look at it again.")


class NothingToSend(Refusal):
    sentence = _("Choose a segment and write a text first.")


class SecondPersonNeeded(Refusal):
    sentence = _(
        "This mailing goes to %(people)s people. Above %(most)s, somebody else has to approve it than whoever handed it"
        " on."
    )


class NotFit(Refusal):
    sentence = _("Mend this first: %(why)s")


class NobodyThere(Refusal):
    sentence = _("Nobody would get this mailing now. Look at its audience.")


class TextsKeepQuietHours(Refusal):
    sentence = _(
        "A text message rings beside a bed: it waits for the end of the quiet hours, however urgent it is."
    )


def line_of(mailing: Mailing) -> str:
    """The line of work that sends it."""
    return TEXTS if mailing.channel == Channel.SMS else LINE


def make_ready(*, mailing: Mailing, by: User | None, now: datetime) -> None:
    """The draft is whole and waits for approval. Raises `NothingToSend`, `NotFit` and `MovedOn`."""
    if mailing.step_id is not None:
        raise MovedOn
    if mailing.segment_id is None or not mailing.texts.exists():
        raise NothingToSend
    grave = [hint.sentence for hint in hints.of_mailing(mailing, now=now) if hint.is_grave]
    if grave:
        raise NotFit(why=grave[0])
    _move(mailing, [State.DRAFT], "make_mailing_ready", by=by, now=now, state=State.READY, ready_by=by)


def back_to_draft(*, mailing: Mailing, by: User | None, now: datetime) -> None:
    """It is written on; an approval is void. Raises `MovedOn`."""
    _move(
        mailing,
        [State.READY, State.SCHEDULED],
        "take_mailing_back",
        by=by,
        now=now,
        state=State.DRAFT,
        ready_by=None,
        approved_by=None,
        approved_at=None,
        scheduled_at=None,
        local_day=None,
        local_hour=None,
        keeps_quiet_hours=True,
    )


def approve(
    *,
    mailing: Mailing,
    at: datetime,
    by: User | None,
    now: datetime,
    local: tuple[date, time] | None = None,
    quiet_hours_broken_because: str = "",
) -> None:
    """It may leave at `at`: leave some minutes to think better of it.

    With `local` it leaves on that day, at that hour where each reader is, and `at` is when the first of them have it.
    With a reason, what is urgent leaves in the organization's quiet hours too.

    Raises `NothingToSend`, `NobodyThere`, `SecondPersonNeeded`, `TextsKeepQuietHours` and `MovedOn`.
    """
    if mailing.segment_id is None or not mailing.texts.exists():
        raise NothingToSend
    if quiet_hours_broken_because and mailing.channel == Channel.SMS:
        raise TextsKeepQuietHours
    people = audience.forecast(mailing=mailing, now=now).sendable
    if not people:
        raise NobodyThere
    most = mailing.organization.second_person_above
    others = Q() if by is None or people <= most else Q(ready_by__isnull=False) & ~Q(ready_by=by)
    if not Mailing.objects.filter(others, pk=mailing.pk).exists():
        raise SecondPersonNeeded(people=people, most=most)
    details = {"at": at.isoformat()}
    if local:
        details["where_each_reader_is"] = f"{local[0]} {local[1]:%H:%M}"
    if quiet_hours_broken_because and mailing.is_urgent:
        details["in_quiet_hours_because"] = quiet_hours_broken_because
    _move(
        mailing,
        [State.READY],
        "approve_mailing",
        by=by,
        now=now,
        only=others,
        details=details,
        state=State.SCHEDULED,
        local_day=local[0] if local else None,
        local_hour=local[1] if local else None,
        keeps_quiet_hours=not (quiet_hours_broken_because and mailing.is_urgent),
        approved_by=by,
        approved_at=now,
        scheduled_at=at,
        trouble="",
    )
    transaction.on_commit(partial(bell.ring, FREEZING))


def pause(*, mailing: Mailing, by: User | None, now: datetime, because: str = "") -> None:
    """Nothing more leaves until it is resumed. Raises `MovedOn`."""
    _move(
        mailing,
        [State.SENDING],
        "pause_mailing",
        by=by,
        now=now,
        details={"because": because} if because else None,
        state=State.PAUSED,
        paused_at=now,
        trouble=because[:300],
    )


def resume(*, mailing: Mailing, by: User | None, now: datetime) -> None:
    """It goes on where it was. Raises `MovedOn`."""
    _move(
        mailing,
        [State.PAUSED],
        "resume_mailing",
        by=by,
        now=now,
        state=State.SENDING,
        paused_at=None,
        trouble="",
    )
    transaction.on_commit(partial(bell.ring, line_of(mailing)))


def stop(*, mailing: Mailing, by: User | None, now: datetime, because: str = "") -> None:
    """Whoever has not got it will not. Not to be undone. Raises `MovedOn`."""
    _move(
        mailing,
        [State.SCHEDULED, State.FREEZING, State.SENDING, State.PAUSED],
        "stop_mailing",
        by=by,
        now=now,
        details={"because": because} if because else None,
        state=State.STOPPED,
        finished_at=now,
        trouble=because[:300],
        claimed_by=None,
        claimed_until=None,
    )
    settle_stopped()


def choose_winner(
    *,
    mailing: Mailing,
    variant: str,
    by: User | None,
    now: datetime,
    because: Mailing.Decision = Mailing.Decision.PERSON,
    figures: Mapping[str, str] | None = None,
) -> None:
    """Those who waited for it get this variant; who decides first decides. Raises `MovedOn`."""
    with transaction.atomic():
        under_way = [State.SENDING, State.PAUSED]
        chosen = Mailing.objects.filter(pk=mailing.pk, winner="", state__in=under_way).exclude(
            variant_shares={}
        )
        values = {"winner": variant, "winner_because": because, "changed_at": now}
        if not transition(chosen, values=values):
            raise MovedOn
        mailing.chunks.filter(is_open=True).update(next_attempt_at=now)
        details = {"variant": variant, "because": str(because), **(figures or {})}
        _note("choose_variant", mailing, by=by, now=now, details=details)
        transaction.on_commit(partial(bell.ring, line_of(mailing)))


def send_to_unknown_again(*, mailing: Mailing, by: User | None, now: datetime) -> int:
    """Send to those whose answer never came, who may then have it twice; how many. Raises `MovedOn`."""
    again = 0
    with transaction.atomic():
        held = Mailing.objects.filter(pk=mailing.pk, state__in=[State.SENDING, State.PAUSED, State.FINISHED])
        if not held.update(changed_at=now):
            raise MovedOn
        for chunk in mailing.chunks.filter(claimed_by=None).iterator(chunk_size=AT_ONCE):
            there = bytes(chunk.outcomes)
            number = there.count(outcomes.UNKNOWN)
            if not number:
                continue
            fresh = there.replace(bytes([outcomes.UNKNOWN]), bytes([outcomes.QUEUED]))
            same = AudienceChunk.objects.filter(pk=chunk.pk, outcomes=there, claimed_by=None)
            again += number * same.update(outcomes=fresh, is_open=True, next_attempt_at=now)
        if again:
            Mailing.objects.filter(pk=mailing.pk, state=State.FINISHED).update(
                state=State.SENDING, finished_at=None
            )
        _note("send_to_unknown_again", mailing, by=by, now=now, details={"people": again})
        transaction.on_commit(partial(bell.ring, line_of(mailing)))
    return again


# --- What follows by itself -----------------------------------------------------------------------


def finish_what_is_done(*, now: datetime) -> int:
    """Mailings in which everybody is settled are finished; how many. The database refuses any other."""
    finished = 0
    waits = AudienceChunk.objects.filter(mailing=OuterRef("pk"), is_open=True)
    held = AudienceChunk.objects.filter(mailing=OuterRef("pk"), claimed_by__isnull=False)
    done = Mailing.objects.filter(~Exists(waits), ~Exists(held), state=State.SENDING)
    for mailing in list(done.select_related("organization")):
        with transaction.atomic():
            moved = transition(
                done.filter(pk=mailing.pk), values={"state": State.FINISHED, "finished_at": now}
            )
            if moved:
                _note("finish_mailing", mailing, by=None, now=now)
                finished += 1
    return finished


def settle_stopped() -> int:
    """Whoever waits in a mailing that was stopped is skipped; how many chunks.

    Those on lease follow when whoever holds them, or takes them back from the dead, has said what became of whom.
    """
    settled, last = 0, 0
    left = AudienceChunk.objects.filter(mailing__state=State.STOPPED, is_open=True, claimed_by=None)
    while True:
        with transaction.atomic():
            rows = left.filter(pk__gt=last).order_by("pk").select_for_update(of=("self",))
            chunks = list(rows[:AT_ONCE])
            if not chunks:
                return settled
            named = DeliveryFailure.objects.filter(chunk__in=chunks, reason__in=recovering.MAY_HAVE_IT)
            may_have_it = defaultdict(set)
            for number, position in named.order_by().values_list("chunk", "position"):
                may_have_it[number].add(position)
            settled += sum(_skip_who_waits(chunk, may_have_it[chunk.pk]) for chunk in chunks)
        last = chunks[-1].pk


def _skip_who_waits(chunk: AudienceChunk, may_have_it: Collection[int]) -> int:
    """Settle one chunk of a mailing that was stopped; whether it still stood as we read it."""
    there = bytes(chunk.outcomes)
    stands = bytearray(there.translate(_STOPPED))
    unknown = [position for position in may_have_it if there[position] in outcomes.OPEN]
    for position in unknown:
        # They were to be sent to again, for the answer to their first mail never came.
        stands[position] = outcomes.UNKNOWN
    same = AudienceChunk.objects.filter(pk=chunk.pk, outcomes=there, claimed_by=None)
    written = same.update(outcomes=bytes(stands), is_open=False)
    if written and unknown:
        rows = chunk.failures.filter(position__in=unknown, reason__in=recovering.MAY_HAVE_IT)
        rows.update(outcome=chr(outcomes.UNKNOWN), reason=recovering.HELD)
    return written


#: Who was in flight when the process died may have it.
_STOPPED = bytes.maketrans(
    bytes([outcomes.QUEUED, outcomes.TEMPORARY, outcomes.IN_FLIGHT]),
    bytes([outcomes.STOPPED, outcomes.STOPPED, outcomes.UNKNOWN]),
)


def _move(
    mailing: Mailing,
    come_from: Sequence[State],
    verb: str,
    *,
    by: User | None,
    now: datetime,
    details: dict[str, Any] | None = None,
    only: Q | None = None,
    **values: Any,
) -> None:
    with transaction.atomic():
        there = Mailing.objects.filter(only or Q(), pk=mailing.pk, state__in=come_from)
        if not transition(there, values={**values, "changed_at": now}):
            raise MovedOn
        _note(verb, mailing, by=by, now=now, details=details)
    mailing.refresh_from_db()


def _note(
    verb: str, mailing: Mailing, *, by: User | None, now: datetime, details: dict[str, Any] | None = None
) -> None:
    audit.record(
        verb=verb, subject=mailing, by=by, organization=mailing.organization, now=now, details=details
    )
