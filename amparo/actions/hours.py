"""The hour that an action is about: how it is said, and the hearing of the case register that it may be bound to.

A page that is kept somewhere for a while must not show a wrong number. So the day is said plainly, what is left until
then says when it was counted, and a script in the reader's browser counts again (`static/js/countdown.js`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta, get_timezone_location
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from datetime import date

    from amparo.cases.models import Hearing
    from amparo.organizations.models import Organization

#: Until this long before, whole days are counted; after it, hours.
IN_HOURS = timedelta(hours=48)
#: A hearing that is postponed again and again is followed this far.
MOST_POSTPONED = 12


class HasHour(Protocol):
    """A page with an hour, as far as it matters here; `ActionPage` is one."""

    organization: Organization
    deadline: datetime | None
    deadline_label: str
    hard_stop: datetime | None
    bundle_at: datetime | None
    hearing: Hearing | None
    followed_at: datetime | None
    hour_zone: str


@dataclass(frozen=True, slots=True)
class Hour:
    """A moment as a page says it, on the clock of the place where it happens."""

    moment: datetime
    day: date
    #: The time of day; empty when only the day is known.
    clock: str
    #: Whose clock, where it is not the organization's own; empty otherwise.
    place: str
    label: str
    #: What is left, such as “9 days left”, and when that was counted; both empty once it has passed.
    left: str = ""
    counted: str = ""
    has_passed: bool = False
    #: For the script that counts again: the time zone, the unit where only the day is known, the sentence around it.
    zone: str = "UTC"
    unit: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a hearing has come to: its moment (None while no day is known) and its time zone."""

    moment: datetime | None
    zone: str
    has_hour: bool = True


def hour_of(page: HasHour, *, now: datetime) -> Hour | None:
    """The deadline of a page as it is shown; None without one."""
    if page.deadline is None:
        return None
    own = page.organization.time_zone
    zone = ZoneInfo(page.hour_zone or own)
    local, here = page.deadline.astimezone(zone), now.astimezone(zone)
    left, counted = _left(local, here)
    return Hour(
        moment=page.deadline,
        day=local.date(),
        clock="" if local.time() == time() else formats.time_format(local, "H:i"),
        place=_city(zone) if zone.key != own else "",
        label=page.deadline_label,
        left=left,
        counted=counted,
        has_passed=page.deadline <= now,
        zone=zone.key,
        unit="day" if local.time() == time() else "",
        text=_("%(time)s left") % {"time": "{time}"},
    )


def _left(moment: datetime, now: datetime) -> tuple[str, str]:
    """What is left, and when that was counted; by the calendar of the place while it is days."""
    if moment <= now:
        return "", ""
    day_only = moment.time() == time()
    if moment - now > IN_HOURS or day_only:
        days = (moment.date() - now.date()).days
        return (left_words("day", days) if days else _("Today")), formats.date_format(now, _("j F Y"))
    hours = int((moment - now) / timedelta(hours=1))
    words = left_words("hour", hours) if hours else _("less than an hour left")
    return words, formats.date_format(now, _("j F Y, H:i"))


def left_words(unit: Literal["day", "hour"], number: int) -> str:
    """Such as “9 days left”: the unit in the words of Unicode's CLDR, which the script in the browser uses too."""
    length = timedelta(**{f"{unit}s": number})
    # A threshold that nothing reaches keeps the unit that was asked for.
    counted = format_timedelta(length, granularity=unit, threshold=1e9, locale=_babel_language())
    return _("%(time)s left") % {"time": counted}


def _city(zone: ZoneInfo) -> str:
    return str(get_timezone_location(zone.key, locale=_babel_language(), return_city=True))


def _babel_language() -> str:
    return (get_language() or "en").replace("-", "_")


# --- A hearing of the case register ----------------------------------------------------------------


def standing_of(hearing: Hearing) -> Standing:
    """When a hearing is to be held as far as the register knows, through every postponement.

    A hearing without a time of day begins with its day: letters should not come on a day on which the court may sit.
    """
    found = hearing
    for _turn in range(MOST_POSTPONED):
        if found.status != found.Status.POSTPONED or found.postponed_to is None:
            break
        found = found.postponed_to
    if found.status in {found.Status.POSTPONED, found.Status.CANCELLED}:
        return Standing(None, found.time_zone)
    local = datetime.combine(found.day, found.hour or time(), tzinfo=ZoneInfo(found.time_zone))
    return Standing(local, found.time_zone, found.hour is not None)


def bind(page: HasHour) -> None:
    """Take the hour from the hearing that the page was bound to; nothing for a page that has none."""
    if page.hearing is None:
        page.followed_at, page.hour_zone = None, ""
        return
    standing = standing_of(page.hearing)
    page.deadline = page.followed_at = standing.moment
    page.hour_zone = standing.zone


def move(page: HasHour, *, to: datetime | None, zone: str) -> None:
    """The hour of a bound page moves, and what comes before it moves with it.

    While no day is known there is no deadline to show, and letters still stop where they would have.
    """
    if to is not None and page.followed_at is not None:
        by = to - page.followed_at
        page.hard_stop = page.hard_stop and page.hard_stop + by
        page.bundle_at = page.bundle_at and page.bundle_at + by
    page.deadline = to
    page.followed_at = to or page.followed_at
    page.hour_zone = zone
