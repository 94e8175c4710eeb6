"""Names in a bundle: whose they are is fixed when it is made, and they are told once it arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.actions.hand_over import names_document, names_news, names_of, names_table
from amparo.actions.models import HandedName, HandOver
from amparo.kit.published import note_publication

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.hand_over.addressees import Addressee
    from amparo.actions.hand_over.bundle_contents import Beat, Drawn, Write


def gather(hand_over: HandOver, *, now: datetime) -> None:
    """Note whose names are in it: those that were confirmed when it was due. Made again, it holds the same people."""
    for signatures in names_of.in_parts(names_of.to_gather(hand_over, until=min(now, hand_over.due_at))):
        HandedName.objects.bulk_create(
            [HandedName(hand_over=hand_over, signature=signature) for signature in signatures],
            ignore_conflicts=True,
        )
    in_it = names_of.members(hand_over).values("pk")
    HandedName.objects.filter(hand_over=hand_over).exclude(signature__in=in_it).delete()


def standing(hand_over: HandOver) -> tuple[int, int] | None:
    """How many names it holds that count, and of how many people who are still somebody."""
    return names_of.standing(hand_over)


def draw(hand_over: HandOver, *, addressee: Addressee, write: Write, beat: Beat, now: datetime) -> Drawn:
    """A cover letter with the counts, and everybody who wants to be named."""
    found = names_of.members(hand_over)
    return names_document.draw(hand_over, found=found, addressee=addressee, write=write, beat=beat, now=now)


def beside(hand_over: HandOver, *, now: datetime) -> None:  # noqa: ARG001
    """The same names as a table, and the figures that the page will name."""
    names_table.make(hand_over)
    figures = names_of.figures(hand_over, names_of.members(hand_over))
    hand_over.names.named, hand_over.names.on_paper = figures.named, figures.on_paper
    hand_over.names.save(update_fields=["named", "on_paper"])


def follow(hand_over: HandOver, *, now: datetime) -> None:
    """Let the page say so, and tell those who signed, once it is certain that it arrived."""
    if hand_over.state == HandOver.State.UNCERTAIN:
        return
    note_publication()
    if hand_over.names.tells_signers:
        names_news.tell(hand_over, now=now)


def give_back(hand_over: HandOver, *, reason: str, now: datetime) -> None:  # noqa: ARG001
    """The names can be in another bundle."""
    HandedName.objects.filter(hand_over=hand_over).delete()


def lapse(hand_over: HandOver, *, now: datetime) -> None:
    """Names do not come too late."""


def come_back(hand_over: HandOver, *, now: datetime) -> None:
    """The names are still in it, and wait with it."""
