"""What this floor does when a lower one announces something."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from wagtail.signals import page_published

from amparo.actions import doubling, erasing, locating
from amparo.actions.followers import following
from amparo.actions.models import OpenLetterPage
from amparo.actions.signatures import versions
from amparo.supporters.models import Merge, Supporter
from amparo.supporters.signals import (
    everything_stopped,
    merge_considered,
    postal_code_changed,
    supporter_erased,
    supporters_merged,
    supporters_separated,
)


@receiver(merge_considered)
def say_what_becomes_of_actions(survivor: Supporter, absorbed: Supporter, **_signal: Any) -> list[str]:
    """One sentence about pages on which both acted."""
    return doubling.what_merging_does(survivor=survivor, absorbed=absorbed)


@receiver(postal_code_changed)
def find_where_they_live(supporter: Supporter, before: str, now: datetime, **_signal: Any) -> str:
    """Another postcode: the area, where the tables are sure of it."""
    return locating.area_of(supporter, before=before, now=now)


@receiver(supporters_merged)
def count_one_person_once(merge: Merge, now: datetime, **_signal: Any) -> None:
    """Two actions on one page are one."""
    doubling.supersede(merge=merge, now=now)


@receiver(supporters_separated)
def count_two_people_twice(merge: Merge, now: datetime, **_signal: Any) -> None:
    """And two again."""
    doubling.restore(merge=merge, now=now)


@receiver(supporter_erased)
def withdraw_what_waits(supporter: Supporter, now: datetime, **_signal: Any) -> None:
    """No letter leaves in the name of somebody who is gone."""
    erasing.withdraw_everything(supporter=supporter, now=now)


@receiver(page_published)
def keep_what_is_signed(instance: Any, **_signal: Any) -> None:
    """A letter that is published is a version of it."""
    if isinstance(instance, OpenLetterPage):
        versions.keep(instance, now=timezone.now())


@receiver(everything_stopped)
def follow_nothing(supporter: Supporter, now: datetime, **_signal: Any) -> None:
    """Unsubscribed from everything: no news of any case either."""
    following.end_all_of(supporter=supporter, now=now)
