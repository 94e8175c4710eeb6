"""Try several subjects on a part of an audience, and give the others the one on which most readers acted.

What decides is what people did: how many took part after following a link of a variant, of those to whom it was
delivered. Who opened a mail nobody knows. The others are frozen with everybody else and wait; the variant they get is
set by one conditional UPDATE, so that it is decided once, by a person or by itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.claims import transition
from amparo.kit.refusal import Refusal
from amparo.mailings import outcomes, steering
from amparo.mailings.compiling import choose_text
from amparo.mailings.composer import composing
from amparo.mailings.models import AudienceChunk, Mailing
from amparo.mailings.registry import mailing_results

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.mailings.models.mailing import MailingQuerySet

#: Fewer people who acted on the whole sample tell nothing: of 20, a variant on which twice as many act is found in nine
#: tests of ten (binomial, two equal halves), of 10 in fewer than eight.
FEWEST_ACTED = 20
#: The wait begins when nine tenths of the sample have left; a server that says “later” to some does not hold it up.
STILL_WAITING = 0.1
#: The result that decides (`registry.mailing_results`).
DECIDES = "acted"
WAITS = ord("?")
#: Chunks that wait for a variant are set far ahead (`delivering_mailings`); nothing else is.
_FAR_AHEAD = timedelta(days=30)
Decision = Mailing.Decision


class NothingToTry(Refusal):
    sentence = _("There is one subject only. Add a variant first.")


@dataclass(frozen=True, slots=True)
class Tried:
    """One variant: how many were to get it, how many have not yet, how many have it, how many of them acted."""

    variant: str
    subject: str
    people: int
    waiting: int
    delivered: int
    acted: int

    @property
    def per_thousand(self) -> float | None:
        return 1000 * self.acted / self.delivered if self.delivered else None


def choose(*, mailing: Mailing, share: int, hours: int | None, by: User | None, now: datetime) -> None:
    """Try the variants of a draft on `share` of a hundred, to equal parts, and decide `hours` after these have left.

    With a hundred everybody is in it, and nobody waits. Raises `NothingToTry` and `composing.NoDraft`.
    """
    letters = sorted(set(mailing.texts.values_list("variant", flat=True)))
    if len(letters) < 2:
        raise NothingToTry
    part, more = divmod(share, len(letters))
    shares = {letter: part + (at < more) for at, letter in enumerate(letters)}
    with transaction.atomic():
        draft = Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.DRAFT)
        values = {"variant_shares": shares, "test_hours": hours if share < 100 else None, "changed_at": now}
        if not transition(draft, values=values):
            raise composing.NoDraft
        audit.record(
            verb="choose_test",
            subject=mailing,
            by=by,
            organization=mailing.organization,
            now=now,
            details={"share": share, "hours": values["test_hours"]},
        )
    mailing.refresh_from_db()


def somebody_waits(mailing: Mailing) -> bool:
    """Whether a part of the audience gets the variant that does better."""
    return bool(mailing.variant_shares) and sum(map(int, mailing.variant_shares.values())) < 100


def tried(mailing: Mailing) -> list[Tried]:
    """What became of each variant so far, in the order of their letters; those who wait for the outcome are in none."""
    if not mailing.variant_shares:
        return []
    counted: Counter[tuple[str, int]] = Counter()
    chosen = mailing.winner
    for letters, became in (
        mailing.chunks.exclude(variants=None).order_by().values_list("variants", "outcomes")
    ):
        for (letter, byte), number in Counter(zip(bytes(letters or b""), bytes(became), strict=True)).items():
            counted[chosen if letter == WAITS else chr(letter), byte] += number
    acted = mailing_results.get(DECIDES)().by_variant(mailing) if DECIDES in mailing_results else {}
    usual = mailing.organization.locale
    texts = list(mailing.texts.all())
    found = []
    for letter in sorted(mailing.variant_shares):
        text = choose_text(texts, language=usual, variant=letter, usual=usual)
        numbers = {byte: number for (variant, byte), number in counted.items() if variant == letter}
        found.append(
            Tried(
                variant=letter,
                subject=text.subject if text else "",
                people=sum(numbers.values()),
                waiting=numbers.get(outcomes.QUEUED, 0) + numbers.get(outcomes.IN_FLIGHT, 0),
                delivered=numbers.get(outcomes.SENT, 0) + numbers.get(outcomes.COMPLAINED, 0),
                acted=acted.get(letter, 0),
            )
        )
    return found


def better(found: Sequence[Tried]) -> tuple[str, Decision]:
    """Which variant the others get, and why: the one on which most acted of those who have it.

    Where fewer than `FEWEST_ACTED` people acted in all it is the first; of several that do equally well, the first.
    """
    if sum(one.acted for one in found) < FEWEST_ACTED:
        return found[0].variant, Decision.FEW
    rates = [Fraction(one.acted, max(one.delivered, 1)) for one in found]
    best = max(rates)
    because = Decision.EQUAL if rates.count(best) > 1 else Decision.ACTIONS
    return found[rates.index(best)].variant, because


# --- In the background ----------------------------------------------------------------------------


def begin_to_wait(*, now: datetime) -> int:
    """Set the hour of the decision for mailings whose sample has left; how many."""
    begun = 0
    for mailing in _undecided().filter(decide_at__isnull=True).select_related("organization"):
        found = tried(mailing)
        if not somebody_waits(mailing) or sum(one.waiting for one in found) > STILL_WAITING * sum(
            one.people for one in found
        ):
            continue
        same = Mailing.objects.filter(pk=mailing.pk, decide_at__isnull=True, winner="")
        begun += transition(same, values={"decide_at": now + timedelta(hours=mailing.test_hours or 0)})
    return begun


def due(*, now: datetime) -> list[Mailing]:
    """Mailings for which it is to be decided now, the longest due first."""
    found = _undecided().filter(decide_at__lte=now).select_related("organization")
    return list(found.order_by("decide_at", "pk"))


def decide(*, mailing: Mailing, now: datetime) -> bool:
    """Give those who wait the better variant; False where a person was faster, or it was stopped."""
    found = tried(mailing)
    variant, because = better(found)
    try:
        steering.choose_winner(
            mailing=mailing,
            variant=variant,
            by=None,
            now=now,
            because=because,
            figures={one.variant: f"{one.acted} of {one.delivered}" for one in found},
        )
    except steering.MovedOn:
        return False
    return True


def wake_those_who_waited(*, now: datetime) -> int:
    """Chunks that a session put off in the moment in which the variant was chosen are due; how many."""
    put_off = AudienceChunk.objects.filter(
        mailing__state=Mailing.State.SENDING,
        is_open=True,
        claimed_by__isnull=True,
        next_attempt_at__gt=now + _FAR_AHEAD,
    ).exclude(mailing__winner="")
    return AudienceChunk.objects.filter(
        pk__in=list(put_off.values_list("pk", flat=True)), claimed_by__isnull=True
    ).update(next_attempt_at=now)


def _undecided() -> MailingQuerySet:
    return Mailing.objects.filter(state=Mailing.State.SENDING, winner="", test_hours__isnull=False).exclude(
        variant_shares={}
    )
