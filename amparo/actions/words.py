"""What a kind of action calls itself in the mails and on the pages that all kinds share.

A kind of page has a class method `words()` that hands out one of these, in the language of the moment; `neutral()` is
what a kind says that has none of its own, and what is said of several kinds at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Whole sentences, each for one place."""

    #: The subject of the mail with the link.
    mail_subject: str
    #: How that mail begins when one thing waits at the link; `%(page)s` is the page's title.
    mail_one: str
    #: The same when several do; the titles follow as a list.
    mail_several: str
    #: What does not happen before the button is pressed. The link follows.
    mail_until: str
    mail_not_you: str
    #: The page behind the link: its heading, a sentence, the button, and what somebody does whose deed it was not.
    confirm_heading: str
    confirm_sentence: str
    confirm_button: str
    confirm_not_you: str
    #: Afterwards: asking others to do the same, and why.
    ask_others: str
    ask_others_why: str
    #: The button on a card elsewhere.
    call: str
    #: Said to those who come too late, and to those whose network sends too much.
    closed: str
    too_many: str
    #: After confirming, where the page has no thanks of its own.
    thanks: str = ""


def neutral(number: int) -> Words:
    """For a kind without words of its own, and for several kinds that wait at one link."""
    return Words(
        mail_subject=_("Please confirm that it was you"),
        mail_one=_("Somebody, we hope you, took part with this address: %(page)s."),
        mail_several=_("Somebody, we hope you, took part in these with this address:"),
        mail_until=_("Nothing is sent or counted until you confirm it. Open this page and press the button:"),
        mail_not_you=_(
            "If it was not you, do nothing: nothing is sent or counted, and what was typed is removed."
        ),
        confirm_heading=_("Confirm that it was you"),
        confirm_sentence=ngettext(
            "Press the button and you have taken part.",
            "Press the button and you have taken part in all %(number)s.",
            number,
        )
        % {"number": number},
        confirm_button=_("Yes, it was me"),
        confirm_not_you=_(
            "It was not you? Close this page. Without your confirmation nothing is sent or counted, and it is all"
            " erased after a week."
        ),
        ask_others=_("Ask someone else to take part"),
        ask_others_why=_("Each person counts. The best thing you can do now is to ask two friends."),
        call=_("Take part"),
        closed=_("This action is over. Nothing was sent or stored."),
        too_many=_(
            "Many forms have come from your network in the last hour. Please try again in an hour; nothing was stored."
        ),
        thanks=_("You have taken part, and you are counted."),
    )
