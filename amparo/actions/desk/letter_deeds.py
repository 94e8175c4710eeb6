"""What staff can do with letters, with the words that say beforehand what will happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from amparo.actions.desk import moderating
from amparo.actions.models import Message

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet
    from django.utils.functional import _StrOrPromise

    from amparo.accounts.models import User

    Chosen = QuerySet[Message]


class NothingToSay(forms.Form):
    """A deed that needs no words."""


class ReasonForm(forms.Form):
    """Why: kept with each letter for whoever asks later."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Your colleagues see it beside each letter. Name no supporter in it."),
    )


class RetryForm(forms.Form):
    """Whether letters that have probably arrived are sent again too."""

    twice = forms.BooleanField(
        label=_("Send the uncertain letters again too, although they may then arrive twice"), required=False
    )


@dataclass(frozen=True, slots=True)
class LetterDeed:
    """One verb: which letters it touches, what it says before and after, and what it asks."""

    slug: str
    label: _StrOrPromise
    touches: Callable[[Chosen, datetime], Chosen]
    before: Any
    after: Any
    form: type[forms.Form]
    serious: bool = False

    def sentence_before(self, count: int) -> str:
        return str(self.before % {"count": count})

    def sentence_after(self, count: int) -> str:
        return str(self.after % {"count": count})

    def act(self, *, messages: Chosen, form: forms.Form, by: User, now: datetime) -> list[UUID]:
        """Do it; the ids of the letters that moved. Raises `moderating.MayArriveTwice`."""
        return _ACTS[self.slug](messages, form.cleaned_data, by, now)


def _retry(messages: Chosen, said: dict[str, Any], by: User, now: datetime) -> list[UUID]:
    """Only what was said: without the tick, uncertain letters are left out."""
    twice = bool(said["twice"])
    chosen = messages if twice else messages.exclude(state=Message.State.UNCERTAIN)
    return moderating.retry(messages=chosen, by=by, now=now, even_if_it_may_arrive_twice=twice)


_ACTS: dict[str, Callable[[Chosen, dict[str, Any], User, datetime], list[UUID]]] = {
    "hold": lambda messages, said, by, now: moderating.hold(
        messages=messages, reason=said["reason"], by=by, now=now
    ),
    "release": lambda messages, _said, by, now: moderating.release(messages=messages, by=by, now=now),
    "retry": _retry,
    "withdraw": lambda messages, said, by, now: moderating.withdraw(
        messages=messages, reason=said["reason"], by=by, now=now
    ),
}

DEEDS = {
    deed.slug: deed
    for deed in (
        LetterDeed(
            "hold",
            _("Hold"),
            lambda messages, _now: moderating.holdable(messages),
            ngettext_lazy(
                "%(count)d letter that waits its turn stays here until somebody releases it.",
                "%(count)d letters that wait their turn stay here until somebody releases them.",
                "count",
            ),
            ngettext_lazy("%(count)d letter is held.", "%(count)d letters are held.", "count"),
            ReasonForm,
        ),
        LetterDeed(
            "release",
            _("Release"),
            lambda messages, now: moderating.releasable(messages, now=now),
            ngettext_lazy(
                "%(count)d held letter goes back into the queue and leaves when its target's turn comes.",
                "%(count)d held letters go back into the queue; each leaves when its target's turn comes.",
                "count",
            ),
            ngettext_lazy("%(count)d letter is released.", "%(count)d letters are released.", "count"),
            NothingToSay,
        ),
        LetterDeed(
            "retry",
            _("Send again"),
            lambda messages, now: moderating.retriable(messages, now=now),
            ngettext_lazy(
                "%(count)d letter goes back into the queue and is sent again when its target's turn comes.",
                "%(count)d letters go back into the queue; each is sent again when its target's turn comes.",
                "count",
            ),
            ngettext_lazy(
                "%(count)d letter is queued again.", "%(count)d letters are queued again.", "count"
            ),
            RetryForm,
        ),
        LetterDeed(
            "withdraw",
            _("Withdraw"),
            lambda messages, _now: moderating.withdrawable(messages),
            ngettext_lazy(
                "%(count)d letter is never sent. This cannot be undone; its writer sees that it was withdrawn.",
                "%(count)d letters are never sent. This cannot be undone; their writers see that they were withdrawn.",
                "count",
            ),
            ngettext_lazy("%(count)d letter is withdrawn.", "%(count)d letters are withdrawn.", "count"),
            ReasonForm,
            serious=True,
        ),
    )
}


def deeds_for(letter: Message, *, now: datetime) -> list[LetterDeed]:
    """What can be done with this letter at this moment."""
    this = Message.objects.filter(pk=letter.pk)
    possible = [deed for deed in DEEDS.values() if deed.touches(this, now).exists()]
    # A held letter can be released, which is what trying it again would come to.
    is_held = letter.state == Message.State.HELD
    return [deed for deed in possible if not (is_held and deed.slug == "retry")]


def left_as_they_are(count: int) -> str:
    """About ticked letters that the deed does not fit."""
    return ngettext(
        "%(count)d of them stays as it is: it is in another state, or it could no longer arrive in time.",
        "%(count)d of them stay as they are: they are in another state, or could no longer arrive in time.",
        count,
    ) % {"count": count}
