"""What staff fill in about whom a mailing is for, and when it leaves."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.mailings.models import Mailing
from amparo.supporters.models import Segment
from amparo.supporters.spells import DateInput

if TYPE_CHECKING:
    from amparo.organizations.models import Organization

    SegmentField = forms.ModelChoiceField[Segment]
else:
    SegmentField = forms.ModelChoiceField

#: How long an approved mailing waits at least, so that somebody can think better of it.
TO_THINK_BETTER = timedelta(minutes=10)
#: A mailing that is approved for later than this was approved for another world.
FARTHEST = timedelta(days=60)


class AudienceForm(forms.Form):
    """For whom, without whom, how urgent and how fast."""

    segment = SegmentField(
        Segment.objects.none(),
        label=_("Segment"),
        empty_label=None,
        help_text=_("Whoever did not agree, is suppressed or rests is left out of it by itself."),
    )
    leave_out_takers = forms.BooleanField(
        label=_("Leave out those who did already what its buttons ask for"), required=False, initial=True
    )
    urgency = forms.TypedChoiceField(
        label=_("Urgency"),
        choices=Mailing.Urgency.choices,
        coerce=int,
        help_text=_(
            "Urgent mailings leave before others, and also reach those who only want to hear what is urgent."
        ),
    )
    per_minute = forms.IntegerField(
        label=_("At most so many a minute"),
        required=False,
        min_value=1,
        help_text=_("Left empty: as fast as the mail server takes them."),
    )
    unknown_policy = forms.ChoiceField(
        label=_("When the line breaks and nobody knows whether somebody got it"),
        choices=Mailing.Unknown.choices,
        required=False,
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Segment.objects.for_organization(organization).order_by("name")
        self.fields["segment"].queryset = own  # type: ignore[attr-defined]


class HourForm(forms.Form):
    """When it leaves: soon, or on a day and at an hour of the organization's own time zone."""

    when = forms.ChoiceField(
        label=_("When"),
        choices=[
            ("soon", _("In ten minutes, so that there is time to think better of it")),
            ("at", _("At this hour")),
        ],
        widget=forms.RadioSelect,
        initial="soon",
    )
    day = forms.DateField(label=_("Day"), required=False, input_formats=["%Y-%m-%d"], widget=DateInput())
    hour = forms.TimeField(
        label=_("Hour"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, *args: Any, organization: Organization, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone, self._now = ZoneInfo(organization.time_zone), now
        self.fields["hour"].help_text = _("By the clock of %(zone)s.") % {"zone": organization.time_zone}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("when") != "at":
            return {**cleaned, "moment": self._now + TO_THINK_BETTER}
        if not cleaned.get("day"):
            self.add_error("day", _("Choose the day."))
            return cleaned
        moment = datetime.combine(cleaned["day"], cleaned.get("hour") or time(9), self._zone)
        if moment < self._now + TO_THINK_BETTER:
            self.add_error("day", _("This is earlier than in ten minutes."))
        elif moment > self._now + FARTHEST:
            self.add_error("day", _("This is more than two months away. Approve it nearer to the day."))
        return {**cleaned, "moment": moment}


class WinnerForm(forms.Form):
    """Which variant those get who wait for the better one."""

    variant = forms.ChoiceField(label=_("Variant"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, variants: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["variant"].choices = variants  # type: ignore[attr-defined]


class SelectorForm(forms.Form):
    """Under which name the mail server signs."""

    selector = forms.CharField(
        label=_("Selector of the mail server's signature"),
        required=False,
        max_length=63,
        help_text=_("Needed only where Amparo does not sign itself. It is the word before ._domainkey."),
    )
