"""The states of a letter in the words of staff; supporters read others (`showing.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from amparo.actions.models import Message

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

State = Message.State

STATES: dict[str, _StrOrPromise] = {
    State.PENDING: pgettext_lazy("letter, for staff", "awaiting confirmation"),
    State.QUEUED: pgettext_lazy("letter, for staff", "waiting its turn"),
    State.CLAIMED: pgettext_lazy("letter, for staff", "about to leave"),
    State.IN_FLIGHT: pgettext_lazy("letter, for staff", "being sent"),
    State.SENT: pgettext_lazy("letter, for staff", "sent"),
    State.UNCERTAIN: pgettext_lazy("letter, for staff", "uncertain"),
    State.FAILED: pgettext_lazy("letter, for staff", "failed"),
    State.BOUNCED: pgettext_lazy("letter, for staff", "came back"),
    State.EXPIRED: pgettext_lazy("letter, for staff", "too late"),
    State.HELD: pgettext_lazy("letter, for staff", "held"),
    State.WITHDRAWN: pgettext_lazy("letter, for staff", "withdrawn"),
    State.BY_FORM: pgettext_lazy("letter, for staff", "for the office's own form"),
    State.BY_FORM_DONE: pgettext_lazy("letter, for staff", "sent by form"),
    State.BUNDLED: pgettext_lazy("letter, for staff", "in a bundle"),
    State.HANDED_OVER: pgettext_lazy("letter, for staff", "handed over"),
}

#: What each state means for whoever looks after the letters.
MEANINGS: dict[str, _StrOrPromise] = {
    State.PENDING: gettext_lazy("The supporter has not yet pressed the button in the confirmation mail."),
    State.QUEUED: gettext_lazy("It leaves when its target's turn comes, unless something is paused."),
    State.CLAIMED: gettext_lazy("A worker has taken it and connects to the mail server."),
    State.IN_FLIGHT: gettext_lazy("A worker is handing it over at this moment."),
    State.SENT: gettext_lazy("The mail server accepted it."),
    State.UNCERTAIN: gettext_lazy(
        "The connection broke after the letter was handed over and before the answer came. It has probably arrived. It"
        " is not sent again unless you say so, because it could then arrive twice."
    ),
    State.FAILED: gettext_lazy("The mail server refused it for good. The supporter was told."),
    State.BOUNCED: gettext_lazy("It was accepted and came back later. The supporter was told."),
    State.EXPIRED: gettext_lazy(
        "It could not leave before the hard stop, or was never confirmed. It was not sent."
    ),
    State.HELD: gettext_lazy("It stays until somebody releases or withdraws it."),
    State.WITHDRAWN: gettext_lazy("It is never sent."),
    State.BY_FORM: gettext_lazy(
        "The office takes letters only through its own form; the supporter sends it there."
    ),
    State.BY_FORM_DONE: gettext_lazy("The supporter says they sent it through the office's own form."),
    State.BUNDLED: gettext_lazy(
        "It could not leave by itself before the hard stop, so it is in the bundle for its target. It leaves in no"
        " other way."
    ),
    State.HANDED_OVER: gettext_lazy("It reached the office in a bundle. The supporter was told."),
}


def reason_of(reason: str) -> str:
    """A reason from the journal in the reader's language, as far as it is one of our own sentences."""
    return _(reason) if reason else ""
