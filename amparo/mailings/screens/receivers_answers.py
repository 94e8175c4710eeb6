"""What receivers answered to the mailings of the last 30 days: called junk, came back; and how much is too much."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from amparo.mailings.deliverability import Finding
from amparo.mailings.models import Mailing
from amparo.mailings.progress import Progress, progress
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.mailings.deliverability import Level
    from amparo.organizations.models import Organization

LATELY = timedelta(days=30)
#: Of fewer mails a single answer is already one of a hundred.
FEWEST = 100
#: Of a thousand: Gmail and Yahoo ask senders to stay below one complaint, and never to reach three.
JUNK_NOTE, JUNK_BAD = 1.0, 3.0
#: Of a thousand: what large providers of bulk mail take for a list in order, and for one they stop sending to.
BACK_NOTE, BACK_BAD = 20.0, 50.0


@dataclass(frozen=True, slots=True)
class Answers:
    """How many mails of how many mailings were counted, and what is to be said of them."""

    mailings: int
    sent: int
    findings: list[Finding]


def lately(organization: Organization, *, now: datetime) -> Answers:
    """Mailings and automations that began in the last 30 days, together."""
    begun = Mailing.objects.for_organization(organization).filter(
        started_at__gte=now - LATELY, channel=Channel.EMAIL
    )
    counted: Counter[str] = Counter()
    mailings = 0
    for mailing in begun:
        mailings += 1
        counted.update(progress(mailing).by_outcome)
    came = Progress(dict(counted))
    tried = came.sent + came.failed
    if tried < FEWEST:
        return Answers(mailings, came.sent, [])
    junk = 1000 * counted["complained"] / max(came.sent, 1)
    back = 1000 * (counted["came_back"] + came.failed) / tried
    return Answers(mailings, came.sent, [_junk(junk), _back(back)])


def _junk(rate: float) -> Finding:
    return _judged(
        _level(rate, JUNK_NOTE, JUNK_BAD),
        _("Called junk"),
        _("%(rate).1f of a thousand readers pressed “junk”.") % {"rate": rate},
        why=_("Gmail and Yahoo want fewer than one, and hold back mail from three on."),
        mend=_(
            "Write to those who took part lately, and less often; say in the first line who you are and why they get"
            " it. Who pressed it gets nothing more by itself."
        ),
    )


def _back(rate: float) -> Finding:
    return _judged(
        _level(rate, BACK_NOTE, BACK_BAD),
        _("Came back, or was refused"),
        _("%(rate).1f of a thousand mails did not arrive.") % {"rate": rate},
        why=_("Above twenty, receivers take a list for old or bought."),
        mend=_(
            "Look at “What mail servers said” in the report of a mailing, and leave out of a segment who has not taken"
            " part for long. Addresses that do not exist are left out by themselves."
        ),
    )


def _judged(level: Level, subject: str, said: str, *, why: str, mend: str) -> Finding:
    """What was counted; where it is too much, also why, and what helps."""
    return (
        Finding(subject, level, said) if level == "good" else Finding(subject, level, f"{said} {why}", mend)
    )


def _level(rate: float, note: float, bad: float) -> Level:
    return "bad" if rate >= bad else "note" if rate >= note else "good"
