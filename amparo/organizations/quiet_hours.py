"""Hours in which an organization sends no mailing: by its own clock, or by that of the readers of a part of one.

What answers somebody (confirmations, receipts, reminders) is never held by them.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from collections.abc import Iterable


def clock(organization: Organization, zone: str = "") -> ZoneInfo:
    """The clock of a time zone, where this machine knows it; else the organization's own."""
    for name in (zone, organization.time_zone):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


def is_quiet(organization: Organization, *, at: datetime, zone: str = "") -> bool:
    """Whether `at` lies in the quiet hours, by the clock of `zone` or the organization's own."""
    if organization.quiet_from is None or organization.quiet_until is None:
        return False
    return _lies_within(
        at.astimezone(clock(organization, zone)).time(), organization.quiet_from, organization.quiet_until
    )


def over_at(organization: Organization, *, at: datetime, zone: str = "") -> datetime | None:
    """When the quiet hours are over in which `at` lies; None where it lies in none."""
    if not is_quiet(organization, at=at, zone=zone) or organization.quiet_until is None:
        return None
    here = clock(organization, zone)
    local = at.astimezone(here)
    day = local.date() + timedelta(days=organization.quiet_until <= local.time())
    return datetime.combine(day, organization.quiet_until, here).astimezone(UTC)


def quiet_now(*, now: datetime, zones: Iterable[str] = ()) -> dict[Organization, list[str]]:
    """The organizations that are quiet somewhere, each with the `zones` in which it is.

    The empty name among them stands for its own clock.
    """
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    among = tuple(sorted(zones))
    found = {}
    for organization in Organization.objects.filter(quiet_from__isnull=False):
        quiet = ["" for _own in range(is_quiet(organization, at=now))]
        if among and organization.quiet_from is not None and organization.quiet_until is not None:
            quiet += _quiet_among(among, organization.quiet_from, organization.quiet_until, minute)
        if quiet:
            found[organization] = quiet
    return found


@lru_cache(maxsize=64)
def _quiet_among(zones: tuple[str, ...], begin: time, end: time, minute: datetime) -> tuple[str, ...]:
    """Asked by every look at what is due, several times a second: it changes once a minute."""
    found = []
    for zone in zones:
        try:
            here = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            continue
        if _lies_within(minute.astimezone(here).time(), begin, end):
            found.append(zone)
    return tuple(found)


def _lies_within(hour: time, begin: time, end: time) -> bool:
    """Whether an hour lies between two; the night between 22:00 and 08:00 is one stretch."""
    return begin <= hour < end if begin < end else hour >= begin or hour < end
