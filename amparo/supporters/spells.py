"""When something was: from a day, until a day, or within the last so many days."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q
from django.utils import formats
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from amparo.supporters.registry import SegmentFilter

if TYPE_CHECKING:
    from datetime import date

#: A hundred years: nobody's list is older.
MOST_DAYS = 36_500


class DateInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class SpellFilter(SegmentFilter):
    """A filter with a time: three fields, any of which may stay empty, and what they come to.

    Days are the organization's own, in its time zone, and both are included.
    """

    #: Whether it asks nothing at all without a time.
    needs_time = False

    since = forms.DateField(label=_("From"), required=False, input_formats=["%Y-%m-%d"], widget=DateInput())
    until = forms.DateField(
        label=_("Up to and including"), required=False, input_formats=["%Y-%m-%d"], widget=DateInput()
    )
    days = forms.IntegerField(
        label=_("Within the last … days"), required=False, min_value=1, max_value=MOST_DAYS
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until, days = (cleaned.get(name) for name in ("since", "until", "days"))
        if self.needs_time and not self.errors and not (since or until or days):
            raise forms.ValidationError(_("Give a day, or a number of days."))
        if since and until and since > until:
            self.add_error("until", _("This is before the day it begins."))
        return cleaned

    def during(self, column: str, *, now: datetime) -> Q:
        """That `column`, which is never empty, lies in the time."""
        asked, found = self.cleaned_data, Q()
        if asked["since"]:
            found &= Q(**{f"{column}__gte": self._midnight(asked["since"])})
        if asked["until"]:
            found &= Q(**{f"{column}__lt": self._midnight(asked["until"] + timedelta(days=1))})
        if asked["days"]:
            found &= Q(**{f"{column}__gte": now - timedelta(days=asked["days"])})
        return found

    def when(self) -> str:
        """The time in words, beginning with a space, or nothing."""
        asked, said = self.cleaned_data, []
        if asked["since"]:
            said.append(gettext("since %(day)s") % {"day": _in_words(asked["since"])})
        if asked["until"]:
            said.append(gettext("up to %(day)s") % {"day": _in_words(asked["until"])})
        if asked["days"]:
            days = asked["days"]
            said.append(
                ngettext("within the last day", "within the last %(days)d days", days) % {"days": days}
            )
        return "".join(f" {each}" for each in said)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=ZoneInfo(self.organization.time_zone))


def _in_words(day: date) -> str:
    return formats.date_format(day, "j F Y")
