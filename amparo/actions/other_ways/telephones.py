"""Reaching a target by telephone: its numbers as links, the hours in which it answers, and what to say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import get_timezone_location
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amparo.actions.addressing import Way

if TYPE_CHECKING:
    from amparo.actions.models import CallPage
    from amparo.targets.finding import Target

#: An extension at the end of a number, as offices write it (see `targets.contacts.PHONE`).
_EXTENSION = re.compile(r"\s*(?:x|ext\.?|#)\s*(\d{1,6})\s*$", re.IGNORECASE)
#: Weekdays on which an office answers; Monday is 0.
_DAYS = {"weekdays": frozenset(range(5)), "sun_thu": frozenset({6, 0, 1, 2, 3}), "every": frozenset(range(7))}


def _why_not(target: Target) -> str:
    if target.status != "held":
        return str(target.sentence)
    return _("No telephone number is known for %(name)s.") % {"name": target.holder or target.label}


#: By telephone.
CALLED = Way(lambda target: bool(target.ways("phone")), _why_not)


@dataclass(frozen=True, slots=True)
class Number:
    """One number as it is shown, with the link that dials it, and which of the holder's offices it is."""

    shown: str
    link: str
    office: str


def numbers_of(target: Target, *, country: str) -> list[Number]:
    """Every number of a target, each once. `country` (ISO 3166) says how numbers without a + are dialled."""
    found: dict[str, Number] = {}
    for contact in target.ways("phone"):
        number = Number(
            contact.value, tel_link(contact.value, country=country), contact.office or contact.note
        )
        found.setdefault(number.link, number)
    return list(found.values())


def tel_link(written: str, *, country: str) -> str:
    """The link that dials a number (RFC 3966): the whole number where the country is known, else as it is written."""
    extension = _EXTENSION.search(written)
    plain = _EXTENSION.sub("", written)
    try:
        parsed = phonenumbers.parse(plain, country or None)
        digits = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        digits = ("+" if plain.strip().startswith("+") else "") + re.sub(r"\D", "", plain)
    return f"tel:{digits}" + (f";ext={extension[1]}" if extension else "")


@dataclass(frozen=True, slots=True)
class Hours:
    """When an office answers, in a sentence, and whether it does now."""

    sentence: str
    open_now: bool
    now_sentence: str


def hours_of(page: CallPage, *, now: datetime) -> Hours | None:
    """The page's best hours on the office's clock; None when it names none."""
    if page.hours_from is None or page.hours_until is None:
        return None
    zone = ZoneInfo(page.hours_zone or page.organization.time_zone)
    here = now.astimezone(zone)
    values = {
        "days": page.get_hours_days_display(),
        "from": formats.time_format(page.hours_from, "H:i"),
        "until": formats.time_format(page.hours_until, "H:i"),
        "place": _place(zone),
        "time": formats.time_format(here.time(), "H:i"),
    }
    open_now = here.weekday() in _DAYS[page.hours_days] and page.hours_from <= here.time() < page.hours_until
    if open_now:
        said = _("It is %(time)s there now: a good moment.") % values
    else:
        said = (
            _("It is %(time)s there now: probably nobody answers. You can leave a message, or come back.")
            % values
        )
    return Hours(_("Best %(days)s, from %(from)s to %(until)s (%(place)s time).") % values, open_now, said)


def _place(zone: ZoneInfo) -> str:
    language = (get_language() or "en").replace("-", "_")
    return str(get_timezone_location(zone.key, locale=language, return_city=True))


def next_opening(page: CallPage, *, now: datetime) -> datetime | None:
    """When the office answers next; None while it does, or when the page names no hours."""
    hours = hours_of(page, now=now)
    if hours is None or hours.open_now or page.hours_from is None:
        return None
    here = now.astimezone(ZoneInfo(page.hours_zone or page.organization.time_zone))
    for days in range(8):
        day = here + timedelta(days=days)
        begins = datetime.combine(day.date(), page.hours_from, tzinfo=here.tzinfo)
        if begins > here and begins.weekday() in _DAYS[page.hours_days]:
            return begins
    return None
