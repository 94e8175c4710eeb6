"""What staff fill in about whom a mailing is for, and when it leaves."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.mailings.models import Mailing
from amparo.organizations import quiet_hours
from amparo.organizations.quiet_hours import clock
from amparo.supporters.models import Channel, Segment
from amparo.supporters.spells import DateInput

if TYPE_CHECKING:
    SegmentField = forms.ModelChoiceField[Segment]
else:
    SegmentField = forms.ModelChoiceField

#: How long an approved mailing waits at least, so that somebody can think better of it.
TO_THINK_BETTER = timedelta(minutes=10)
#: A mailing that is approved for later than this was approved for another world.
FARTHEST = timedelta(days=60)
#: Days of a plan to warm up.
MOST_DAYS = 42
_DOMAIN_AND_NUMBER = re.compile(
    r"@?([A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,})\s*[:=,]?\s*([0-9]{1,7})", re.ASCII
)


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
    unknown_policy = forms.ChoiceField(
        label=_("When the line breaks and nobody knows whether somebody got it"),
        choices=Mailing.Unknown.choices,
        required=False,
    )

    def __init__(self, *args: Any, mailing: Mailing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if mailing.resend_of_id is not None:
            # Whom it is for was decided when it was begun: those of the first mailing who have not acted.
            del self.fields["segment"], self.fields["leave_out_takers"]
            return
        organization = mailing.organization
        own = Segment.objects.for_organization(organization).order_by("name")
        self.fields["segment"].queryset = own  # type: ignore[attr-defined]


class PaceForm(forms.Form):
    """How fast it goes out at most."""

    per_minute = forms.IntegerField(
        label=_("At most so many a minute"),
        required=False,
        min_value=1,
        help_text=_("Left empty: as fast as the mail server takes them."),
    )
    per_domain = forms.CharField(
        label=_("At most so many a minute to one provider"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "gmail.com 600"}),
        help_text=_("One in a line: what stands behind the @, and a number."),
    )
    per_day = forms.CharField(
        label=_("A plan to warm up: how many on each of the first days"),
        required=False,
        max_length=200,
        help_text=_(
            "For an address that has not sent to many yet, such as: 500, 1000, 2000, 4000, 8000. The rest leaves"
            " on the day after the last. Providers hold back mail from those whom they do not know."
        ),
    )

    def __init__(self, *args: Any, channel: Channel | str = Channel.EMAIL, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if channel == Channel.SMS:
            del self.fields["per_domain"], self.fields["per_day"]
            self.fields["per_minute"].help_text = _(
                "Left empty: as fast as the provider takes them. Some numbers may send one text a second."
            )

    def clean_per_domain(self) -> dict[str, int]:
        found = {}
        for line in self.cleaned_data["per_domain"].splitlines():
            if not line.strip():
                continue
            read = _DOMAIN_AND_NUMBER.fullmatch(line.strip())
            if read is None or int(read[2]) < 1:
                raise forms.ValidationError(
                    _("“%(line)s” is not a domain and a number, as gmail.com 600 is."),
                    params={"line": line.strip()},
                )
            found[read[1].lower()] = int(read[2])
        return found

    def clean_per_day(self) -> list[int]:
        typed = self.cleaned_data["per_day"].replace(",", " ").split()
        if len(typed) > MOST_DAYS or not all(number.isdecimal() and int(number) for number in typed):
            raise forms.ValidationError(
                _("Write up to %(most)s numbers with commas between them."), params={"most": MOST_DAYS}
            )
        return [int(number) for number in typed]


class TestForm(forms.Form):
    """On how many the subjects are tried, and how long before the others get the better one."""

    share = forms.TypedChoiceField(
        label=_("Who tries them"),
        coerce=int,
        choices=[
            (10, _("10 of a hundred; the others get the better one")),
            (20, _("20 of a hundred; the others get the better one")),
            (30, _("30 of a hundred; the others get the better one")),
            (50, _("50 of a hundred; the others get the better one")),
            (100, _("Everybody: each subject to an equal part, and nobody waits")),
        ],
        widget=forms.RadioSelect,
        initial=20,
    )
    hours = forms.TypedChoiceField(
        label=_("How long the others wait"),
        coerce=int,
        choices=[(1, _("1 hour")), (2, _("2 hours")), (4, _("4 hours")), (8, _("8 hours")), (24, _("a day"))],
        initial=4,
        help_text=_(
            "From the moment at which the sample has left. Most of those who act do so within hours."
        ),
    )


class HourForm(forms.Form):
    """When it leaves: soon, at an hour of the organization's own clock, or at that hour where each reader is."""

    when = forms.ChoiceField(label=_("When"), widget=forms.RadioSelect, initial="soon")
    day = forms.DateField(
        label=_("Day"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=DateInput(),
        help_text=_("Not needed where it leaves in ten minutes."),
    )
    hour = forms.TimeField(
        label=_("Hour"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Left empty: nine in the morning."),
    )
    in_quiet_hours = forms.BooleanField(label=_("Send it in quiet hours too"), required=False)
    because = forms.CharField(
        label=_("Why it cannot wait"),
        required=False,
        max_length=200,
        help_text=_("Stands in the audit trail."),
    )

    def __init__(self, *args: Any, mailing: Mailing, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organization = mailing.organization
        self._organization, self._zone, self._now = organization, clock(organization), now
        self.fields["when"].choices = [  # type: ignore[attr-defined]
            ("soon", _("In ten minutes, so that there is time to think better of it")),
            (
                "at",
                _("On the day and at the hour below, by your clock (%(zone)s)")
                % {"zone": organization.time_zone},
            ),
            # A sample and those who wait for it cannot each have an hour of their own.
            *(
                []
                if mailing.variant_shares
                else [("local", _("On that day, at that hour where each reader is"))]
            ),
        ]
        if organization.quiet_from is None or not mailing.is_urgent or mailing.channel == Channel.SMS:
            del self.fields["in_quiet_hours"], self.fields["because"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("in_quiet_hours") and not cleaned.get("because"):
            self.add_error("because", _("Say why it cannot wait until the quiet hours are over."))
        if cleaned.get("when") not in {"at", "local"}:
            return {**cleaned, "moment": self._now + TO_THINK_BETTER}
        if not cleaned.get("day"):
            self.add_error("day", _("Choose the day."))
            return cleaned
        hour = cleaned["hour"] = cleaned.get("hour") or time(9)
        moment = datetime.combine(cleaned["day"], hour, self._zone)
        if moment < self._now + TO_THINK_BETTER:
            self.add_error("day", _("This is earlier than in ten minutes."))
        elif moment > self._now + FARTHEST:
            self.add_error("day", _("This is more than two months away. Approve it nearer to the day."))
        is_quiet = quiet_hours.is_quiet(self._organization, at=moment)
        if cleaned["when"] == "local" and is_quiet and not cleaned.get("in_quiet_hours"):
            self.add_error(
                "hour", _("This hour lies in your quiet hours, which go by each reader's clock then.")
            )
        return {**cleaned, "moment": moment}


class WriteAgainForm(forms.Form):
    """What the new draft is called, and whether a third mail is meant."""

    name = forms.CharField(label=_("Name"), max_length=120)
    is_meant = forms.BooleanField(label=_("It was written again already, and I mean it"), required=False)

    def __init__(self, *args: Any, was_written_again: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not was_written_again:
            del self.fields["is_meant"]


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
