"""Follow a case: asked for on its page, confirmed from one's own mailbox, ended whenever the person likes.

The answer is the same for every address, known or not, and nothing holds before the button in the mail is pressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.actions import taking
from amparo.actions.models import CaseFollowing
from amparo.actions.words import Words
from amparo.cases import public_view, showing
from amparo.cases.models import CasePage
from amparo.kit import proof_of_work, tokens
from amparo.kit.claims import transition
from amparo.kit.group_commit import commit_together
from amparo.kit.refusal import Refusal
from amparo.supporters.identity import find_or_create
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from amparo.actions.models import Confirmation
    from amparo.cases.models import Case
    from amparo.cases.public_view import PublicCase

#: What the links at the foot of the news are for; the case is in none of them.
PURPOSE = "following"
Why = CaseFollowing.Why


class CannotBeFollowed(Refusal):
    sentence = gettext_lazy("This case cannot be followed at the moment. Nothing was stored.")


class LinkUnknown(Refusal):
    sentence = gettext_lazy("This link no longer works, or what it was about has ended already.")


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to follow, as they typed it, and the question they answered with yes."""

    email: str
    given_name: str
    language: str
    words: str


def question() -> str:
    """What somebody who follows a case agrees to."""
    return _("Write to me at this address when there is news of this case, and about nothing else.")


def words(number: int = 1) -> Words:
    """What following says in the mail with the link and on the page behind it."""
    return Words(
        mail_subject=_("Please confirm that you want to follow a case"),
        mail_one=_("Somebody, we hope you, wants news of a case at this address: %(page)s."),
        mail_several=_("Somebody, we hope you, wants news of these cases at this address:"),
        mail_until=_("You hear nothing from us until you confirm it. Open this page and press the button:"),
        mail_not_you=_(
            "If it was not you, do nothing: we do not write to you, and what was typed is removed."
        ),
        confirm_heading=_("Confirm that you want to follow"),
        confirm_sentence=ngettext(
            "Press the button and you hear when there is news.",
            "Press the button and you hear when there is news of all %(number)s.",
            number,
        )
        % {"number": number},
        confirm_button=_("Yes, tell me the news"),
        confirm_not_you=_(
            "It was not you? Close this page. Without your confirmation we do not write to you, and what was typed"
            " is erased after a week."
        ),
        ask_others=_("Ask someone else to follow"),
        ask_others_why=_(
            "Who is watched by many is safer. The best thing you can do now is to ask two friends."
        ),
        call=_("Follow"),
        closed=str(CannotBeFollowed.sentence),
        too_many=str(taking.TooManyFromNetwork.sentence),
        thanks=_("From now on you hear when there is news."),
    )


# --- What may be followed -----------------------------------------------------------------------------------------


def public_case(case: Case, *, today: date) -> PublicCase | None:
    """The case as readers may see it; None where it is not public, or lists may not name it."""
    try:
        found = public_view.view(case, today=today)
    except public_view.NotPublic:
        return None
    return found if found.is_listed else None


def heading(case: Case, *, today: date) -> str:
    """What the case is called in public today; a name that is not shown any more stands in no mail and on no list."""
    public = public_case(case, today=today)
    return showing.heading_of(public) if public else _("A case that you follow")


def page_of(case: Case, *, language: str) -> CasePage | None:
    """Where readers find it: in `language` if there is such a page."""
    pages = CasePage.objects.live().public().filter(case=case).select_related("locale").order_by("pk")
    return min(pages, key=lambda page: page.locale.language_code != language, default=None)


# --- Asking, confirming -------------------------------------------------------------------------------------------


def follow(*, case: Case, wish: Wish, network: str, proof: str, trapped: bool, now: datetime) -> None:
    """Note that somebody wants to follow, and ask their mailbox. The same for every address.

    Raises `CannotBeFollowed` and `taking.TooManyFromNetwork`.
    """
    if public_case(case, today=now.date()) is None:
        raise CannotBeFollowed
    challenge = proof_of_work.check(proof, now=now)
    admit = partial(
        taking.admit_stranger,
        email=wish.email,
        network=network,
        challenge=challenge,
        trapped=trapped,
        store=lambda proved: _store(case=case, wish=wish, proved=proved, now=now),
        now=now,
    )
    if not commit_together(admit):
        raise taking.TooManyFromNetwork


def _store(*, case: Case, wish: Wish, proved: bool, now: datetime) -> None:
    supporter = find_or_create(
        organization=case.organization,
        email=wish.email,
        given_name=wish.given_name,
        family_name="",
        postal_code="",
        postal_address="",
        country="",
        language=wish.language,
        area="",
        now=now,
    )
    confirmation = taking.open_confirmation(email=wish.email, now=now)
    waiting = CaseFollowing.objects.for_organization(case.organization).waiting()
    if not waiting.filter(supporter=supporter, case=case, confirmation=confirmation).exists():
        CaseFollowing.objects.create(
            organization=case.organization,
            supporter=supporter,
            case=case,
            confirmation=confirmation,
            words=wish.words,
            language=wish.language,
            asked_at=now,
        )
    if taking.may_be_asked(supporter, email=wish.email, only_to_write=True):
        taking.ask_to_confirm(
            confirmation=confirmation,
            organization=case.organization,
            email=wish.email,
            language=wish.language,
            proved=proved,
            now=now,
        )


def waiting_at(confirmation: Confirmation) -> list[CaseFollowing]:
    """What pressing the button would begin."""
    waiting = CaseFollowing.objects.waiting().filter(confirmation=confirmation)
    return list(
        waiting.select_related("organization", "case__organization", "supporter").order_by("asked_at")
    )


def begun_at(confirmation: Confirmation) -> list[CaseFollowing]:
    """What the button of a used link began."""
    return list(CaseFollowing.objects.in_force().filter(confirmation=confirmation))


def confirm_waiting(confirmation: Confirmation, *, now: datetime) -> list[CaseFollowing]:
    """Begin what waits at this link, in the caller's transaction. Whoever follows already goes on following."""
    begun = []
    for following in waiting_at(confirmation):
        Supporter.objects.filter(pk=following.supporter_id).update(confirmed_at=now)
        try:
            with transaction.atomic():
                CaseFollowing.objects.waiting().filter(pk=following.pk).update(since=now)
        except IntegrityError:
            held = CaseFollowing.objects.in_force().filter(
                supporter=following.supporter_id, case=following.case_id
            )
            held.update(confirmation=confirmation)
            CaseFollowing.objects.filter(pk=following.pk).delete()
        begun.append(following)
    return begun


def expire_waiting(confirmation_id: UUID, *, now: datetime) -> None:
    """The link ran out: what waited there ends before it began."""
    waiting = CaseFollowing.objects.waiting().filter(confirmation=confirmation_id)
    waiting.update(ended=now, ended_why=Why.NEVER_CONFIRMED)


# --- Ending ---------------------------------------------------------------------------------------------------------


def followed_by(supporter: Supporter) -> Sequence[CaseFollowing]:
    """What this person follows, the latest first."""
    people = Supporter.objects.for_organization(supporter.organization).of_one_person(supporter)
    mine = CaseFollowing.objects.for_organization(supporter.organization).in_force()
    found = mine.filter(supporter__in=people.values("pk")).select_related(
        "case__organization", "organization"
    )
    return list(found.order_by("-since", "-pk"))


def link_for(following_id: UUID) -> str:
    """The token of the page that ends one following."""
    return tokens.make(PURPOSE, following_id)


def behind(*, token: str) -> CaseFollowing:
    """The following that a link ends. Raises `LinkUnknown`, also for one that ended."""
    try:
        pk = tokens.read(PURPOSE, token)
    except tokens.BrokenLink:
        raise LinkUnknown from None
    rows = CaseFollowing.objects.in_force().select_related("case__organization", "organization", "supporter")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise LinkUnknown
    return found


def end(*, following: CaseFollowing, now: datetime, why: CaseFollowing.Why = Why.PERSON) -> bool:
    """No more news of this case; False when that had ended already."""
    held = CaseFollowing.objects.in_force().filter(pk=following.pk)
    return transition(held, values={"ended": now, "ended_why": why})


def end_all_of(*, supporter: Supporter, now: datetime) -> int:
    """Whoever unsubscribes from everything follows nothing any more; how many."""
    return sum(end(following=one, now=now, why=Why.UNSUBSCRIBED) for one in followed_by(supporter))
