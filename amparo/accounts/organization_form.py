"""What administrators type about their organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from amparo.accounts.describing import DESCRIBED
from amparo.kit import addresses
from amparo.kit.refusal import Refusal
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    OrganizationModelForm = forms.ModelForm[Organization]
else:
    OrganizationModelForm = forms.ModelForm


class HourInput(forms.TimeInput):
    """An hour of the day, by the browser's own clock face where it has one."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class OrganizationForm(OrganizationModelForm):
    """Everything that pages and mails say about the organization, and whose law it follows."""

    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = Organization
        fields = DESCRIBED
        labels = {
            "name": _("Name"),
            "jurisdiction": _("Law on data and mail"),
            "is_statutory_charity": _("A registered charity"),
            "sender_name": _("Name in supporters' mailboxes"),
            "contact_email": _("E-mail address to write to you"),
            "postal_address": _("Postal address"),
            "boilerplate": _("Boilerplate"),
            "second_person_above": _("Mailings need a second person above so many people"),
            "quiet_from": _("Quiet hours: no mailing leaves from"),
            "quiet_until": _("Quiet hours: until"),
        }
        help_texts = {
            "jurisdiction": _("Where you are established. It decides which consent counts."),
            "quiet_from": _(
                "By your clock, such as 21:00. Confirmations and answers to people are never held. Both empty: none."
            ),
            "quiet_until": _("The next morning, such as 08:00."),
        }
        widgets = {"quiet_from": HourInput(), "quiet_until": HourInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(available_timezones() | {self.instance.time_zone})
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]  # type: ignore[attr-defined]
        known = dict(settings.LANGUAGES)
        if self.instance.locale not in known:
            own = (self.instance.locale, self.instance.locale)
            self.fields["locale"].choices = [own, *settings.LANGUAGES]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        begin, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if (begin is None) != (end is None):
            self.add_error(
                "quiet_until" if end is None else "quiet_from", _("Quiet hours need a beginning and an end.")
            )
        elif begin is not None and begin == end:
            self.add_error("quiet_until", _("These hours are the whole day: nothing would ever leave."))
        return cleaned

    def clean_name(self) -> str:
        return addresses.one_line(self.cleaned_data["name"], 200)

    def clean_sender_name(self) -> str:
        return addresses.one_line(self.cleaned_data["sender_name"], 200)

    def clean_contact_email(self) -> str:
        try:
            return addresses.parse(self.cleaned_data["contact_email"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None
