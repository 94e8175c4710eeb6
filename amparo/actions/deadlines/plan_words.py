"""What pacing makes of a page's letters before its hour, in one sentence for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.models import ActionPage
    from amparo.actions.pacing import Plan


def in_a_sentence(page: ActionPage, plan: Plan) -> str:
    """Such as: At this pace 310 of 2,400 letters arrive in time; the rest go as one bundle at 08:00 on the day.

    Empty where nothing waits, or where nothing has to be in time.
    """
    if not plan.waiting or page.hard_stop is None:
        return ""
    if not plan.bundled:
        return ngettext(
            "At this pace the %(number)s letter that waits arrives in time.",
            "At this pace all %(number)s letters that wait arrive in time.",
            plan.waiting,
        ) % {"number": intcomma(plan.waiting)}
    values = {
        "alone": intcomma(plan.one_by_one),
        "number": intcomma(plan.waiting),
        "when": _when(page, plan.bundle_at),
    }
    targets = sum(1 for target in plan.targets if target.bundled)
    if targets == 1:
        return (
            _(
                "At this pace %(alone)s of %(number)s letters arrive in time; the rest go as one bundle %(when)s."
            )
            % values
        )
    return _(
        "At this pace %(alone)s of %(number)s letters arrive in time; the rest go as %(targets)s bundles, one for each"
        " target, %(when)s."
    ) % {**values, "targets": intcomma(targets)}


def _when(page: ActionPage, moment: datetime | None) -> str:
    """Such as: at 08:00 on the day, where that is the day of the page's hour."""
    zone = ZoneInfo(page.hour_zone or page.organization.time_zone)
    assert moment is not None
    local = moment.astimezone(zone)
    clock = formats.time_format(local, "H:i")
    hour = page.deadline or page.hard_stop
    if hour is not None and hour.astimezone(zone).date() == local.date():
        return _("at %(time)s on the day") % {"time": clock}
    return _("at %(time)s on %(day)s") % {"time": clock, "day": formats.date_format(local, "j F Y")}
