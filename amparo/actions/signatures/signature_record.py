"""What signers are told of their own signature: which version of a letter they signed, and to whom it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.defaultfilters import date as written
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.actions.models import HandOver
from amparo.supporters.deeds import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amparo.actions.models import Action, LetterVersion

#: What is asked of the database besides an action, for all of them at once.
RELATED = ("signature__version",)
BESIDE = ("signature__handed__hand_over",)


def title_of(action: Action) -> str:
    """What was signed, and of an open letter in which version."""
    version = _version(action)
    if version is None:
        return action.page.title
    return _("%(title)s (version %(number)s of %(day)s)") % {
        "title": version.content["title"],
        "number": version.number,
        "day": written(version.made_at, _("j F Y")),
    }


def url_of(action: Action) -> str:
    """Where it can be read as it was signed; nowhere once its page was taken down."""
    if not action.page.live:
        return ""
    version = _version(action)
    return (
        reverse("letter_version", args=[version.page_id, version.number])
        if version
        else (action.page.url or "")
    )


def outcomes_of(action: Action) -> Sequence[Outcome]:
    """To whom the signature was handed over."""
    if not hasattr(action, "signature"):
        return []
    arrived = [
        name.hand_over
        for name in action.signature.handed.all()
        if name.hand_over.state in {HandOver.State.SENT, HandOver.State.HANDED_OVER}
    ]
    return [
        Outcome(
            to=hand_over.target_label,
            state="good",
            name=_("handed over"),
            sentence=_("Your signature was handed over together with the others."),
            changed=hand_over.sent_at or hand_over.created_at,
        )
        for hand_over in sorted(arrived, key=lambda one: one.sent_at or one.created_at)
    ]


def _version(action: Action) -> LetterVersion | None:
    return action.signature.version if hasattr(action, "signature") else None
