"""A mailing that does harm is paused, and administrators are told: too much comes back, too many call it junk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from amparo.mailings import breaking, steering
from amparo.mailings.posting import post_notice
from amparo.mailings.progress import progress

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.mailings.models import Mailing

#: The kind of notice that tells administrators (`notice_kinds`).
PAUSED = "mailing_paused"
#: Providers look into a sender at 5 of 100 that come back; Gmail's line for complaints is 3 of 1,000
#: (support.google.com/a/answer/81126). Few of few say nothing.
MOST_CAME_BACK, LEAST_CAME_BACK = 0.05, 20
MOST_COMPLAINED, LEAST_COMPLAINED = 0.003, 5
#: Notices about one mailing: one a day to each administrator.
_DAYS = 1000


def pause_for(*, mailing: Mailing, because: str, now: datetime) -> bool:
    """Pause it and tell administrators; False when it was not being sent any more."""
    with transaction.atomic():
        try:
            steering.pause(mailing=mailing, by=None, now=now, because=because)
        except steering.MovedOn:
            return False
        organization = mailing.organization
        for person in breaking.administrators_of(organization):
            post_notice(
                organization=organization,
                kind=PAUSED,
                subject_id=mailing.pk,
                ordinal=person.pk * _DAYS + now.date().toordinal() % _DAYS,
                recipient=person.email,
                language=organization.locale,
                urgency=0,
                now=now,
            )
    return True


def pause_if_it_does_harm(*, mailing: Mailing, now: datetime) -> bool:
    """Look at what came back so far; whether it was paused for that."""
    counts = progress(mailing).by_outcome
    came_back = counts.get("came_back", 0) + counts.get("failed", 0)
    complained = counts.get("complained", 0)
    tried = sum(counts.get(name, 0) for name in ("sent", "came_back", "complained", "failed"))
    if complained >= LEAST_COMPLAINED and complained > MOST_COMPLAINED * tried:
        return pause_for(mailing=mailing, because=f"{complained} of {tried} readers called it junk", now=now)
    if came_back >= LEAST_CAME_BACK and came_back > MOST_CAME_BACK * tried:
        return pause_for(mailing=mailing, because=f"{came_back} of {tried} mails came back", now=now)
    return False
