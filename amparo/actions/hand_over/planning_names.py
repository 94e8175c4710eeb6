"""Names to be handed over: one of our staff plans it, another agrees; then the bundle is made when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.actions.hand_over import names_of, planning_bundles
from amparo.actions.hand_over.addressees import FREE, target_for
from amparo.actions.models import HandOver, NamesBundle
from amparo.actions.signatures import versions
from amparo.kit import bell
from amparo.kit.claims import transition
from amparo.kit.ids import new_id
from amparo.kit.inserting import insert_if_new
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.accounts.models import User
    from amparo.actions.models import SignedPage
    from amparo.actions.models.signature import SignatureQuerySet
    from amparo.organizations.models import Organization

State, Way = HandOver.State, HandOver.Way


class NobodyThere(Refusal):
    sentence = _("There is no office with this key. Look it up under Targets, or write the addressee's name.")


class NobodyNamed(Refusal):
    sentence = _("Say to whom the names go: the key of an office, or a name.")


class NoWayByMail(Refusal):
    sentence = _(
        "For this addressee we have no e-mail address. Write one, or hand the names over yourselves."
    )


class NothingNew(Refusal):
    sentence = _("There is no signature that this addressee has not had yet.")


class HandOverIsOpen(Refusal):
    sentence = _("There is a hand-over to this addressee already, which has not taken place yet.")


class OwnHandOver(Refusal):
    sentence = _("You planned this hand-over yourself. Somebody else has to agree to it.")


class AnsweredAlready(Refusal):
    sentence = _("Somebody has answered this already.")


@dataclass(frozen=True, slots=True)
class Wish:
    """A hand-over as staff want it: to whom, when, whose names, and what is said with them."""

    target_key: str = ""
    name: str = ""
    office: str = ""
    email: str = ""
    salutation: str = ""
    way: str = Way.BY_HAND
    due_at: datetime | None = None
    reach: str = NamesBundle.Reach.NEW
    comments: str = NamesBundle.Comments.NONE
    chosen: Sequence[str] = field(default=())
    letter: str = ""
    tells_signers: bool = True


def propose(*, page: SignedPage, wish: Wish, by: User, now: datetime) -> HandOver:
    """Plan a hand-over; nothing is made before somebody else agreed.

    Raises `NobodyNamed`, `NobodyThere`, `NoWayByMail`, `NothingNew` and `HandOverIsOpen`.
    """
    hand_over = _as_wished(page, wish, by=by, now=now)
    names = NamesBundle(
        hand_over=hand_over,
        organization=page.organization,
        reach=wish.reach,
        comments=wish.comments,
        chosen=list(wish.chosen),
        letter=wish.letter.strip(),
        salutation=wish.salutation.strip().rstrip(","),
        email="" if wish.target_key else wish.email,
        tells_signers=wish.tells_signers,
        version=versions.current(page),
    )
    hand_over.names = names
    with transaction.atomic():
        if not names_of.to_gather(hand_over, until=now).exists():
            raise NothingNew
        if not insert_if_new(hand_over):
            raise HandOverIsOpen
        names.save(force_insert=True)
        audit.record(
            verb="propose_hand_over", subject=hand_over, by=by, organization=page.organization, now=now
        )
    return hand_over


def _as_wished(page: SignedPage, wish: Wish, *, by: User, now: datetime) -> HandOver:
    key, name, label, address = wish.target_key.strip(), wish.name.strip(), wish.office.strip(), wish.email
    if key:
        target = target_for(key, organization=page.organization, now=now)
        if target is None:
            raise NobodyThere
        name, label = target.holder, target.label
        address = target.address if target.channel == "email" else ""
    elif not (name or label):
        raise NobodyNamed
    if wish.way == Way.MAIL and not address:
        raise NoWayByMail
    return HandOver(
        id=new_id(),
        organization=page.organization,
        page_id=page.pk,
        of=HandOver.Of.NAMES,
        target_key=key or f"{FREE}{slugify(label or name, allow_unicode=True)}"[:140],
        target_name=name if label else "",
        target_label=label or name,
        way=wish.way,
        state=State.PROPOSED,
        due_at=wish.due_at or now,
        next_attempt_at=wish.due_at or now,
        proposed_by=by,
        created_at=now,
    )


def agree(*, hand_over: HandOver, by: User, now: datetime) -> None:
    """Let a hand-over be made that somebody else planned. Raises `OwnHandOver` and `AnsweredAlready`."""
    if hand_over.proposed_by_id == by.pk:
        raise OwnHandOver
    proposed = HandOver.objects.filter(pk=hand_over.pk, state=State.PROPOSED).exclude(proposed_by=by)
    due_at = max(hand_over.due_at, now)
    values = {
        "state": State.PLANNED,
        "agreed_by": by,
        "agreed_at": now,
        "due_at": due_at,
        "next_attempt_at": due_at,
    }
    with transaction.atomic():
        if not transition(proposed, values=values):
            raise AnsweredAlready
        audit.record(
            verb="agree_to_hand_over", subject=hand_over, by=by, organization=hand_over.organization, now=now
        )
        transaction.on_commit(partial(bell.ring, planning_bundles.LINE))


def waiting_for(by: User, *, organizations: Sequence[Organization]) -> QuerySet[HandOver]:
    """Hand-overs of these organizations that somebody else planned and `by` may agree to, the first due first."""
    proposed = HandOver.objects.filter(organization__in=organizations, state=State.PROPOSED)
    return proposed.exclude(proposed_by=by).select_related("page").order_by("due_at", "pk")


def refuse(*, hand_over: HandOver, reason: str, by: User, now: datetime) -> None:
    """Say no to a hand-over that was planned, or take one's own plan back. Raises `AnsweredAlready`."""
    proposed = HandOver.objects.filter(pk=hand_over.pk, state=State.PROPOSED)
    with transaction.atomic():
        if not transition(proposed, values={"state": State.REFUSED, "reason": reason[:300]}):
            raise AnsweredAlready
        audit.record(
            verb="refuse_hand_over", subject=hand_over, by=by, organization=hand_over.organization, now=now
        )


def would_hold(hand_over: HandOver, *, now: datetime) -> SignatureQuerySet:
    """Whose names it holds, or would hold if it were made now."""
    if hand_over.state in {State.PROPOSED, State.PLANNED}:
        return names_of.to_gather(hand_over, until=now)
    return names_of.members(hand_over)
