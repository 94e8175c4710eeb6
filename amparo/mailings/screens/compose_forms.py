"""What staff fill in to compose a mailing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.blocks.base import BlockField

from amparo.accounts.models import User
from amparo.accounts.staff_forms import OrganizationChoice
from amparo.content.models import Campaign
from amparo.mailings.composer import languages
from amparo.mailings.composer.block_kinds import stream_for
from amparo.mailings.composer.composing import VARIANTS, NoTexts
from amparo.mailings.models import Mailing
from amparo.mailings.texts import senders
from amparo.mailings.trying_mailings import staff_of
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amparo.organizations.models import Organization

    CampaignField = forms.ModelChoiceField[Campaign]
    StaffField = forms.ModelMultipleChoiceField[User]
else:
    CampaignField = forms.ModelChoiceField
    StaffField = forms.ModelMultipleChoiceField


class _CampaignChoice(CampaignField):
    """A campaign of these organizations, or none; whose it is stands beside it where there are several."""

    def __init__(self, organizations: Sequence[Organization]) -> None:
        self._several = len(organizations) > 1
        super().__init__(
            Campaign.objects.filter(organization__in=organizations).select_related("organization"),
            label=_("Campaign"),
            required=False,
            help_text=_("Pausing the campaign pauses its mailings."),
        )

    def label_from_instance(self, campaign: Campaign) -> str:
        return f"{campaign.title} ({campaign.organization})" if self._several else campaign.title


class NewMailingForm(forms.Form):
    """What a new mailing is."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("For you and your colleagues; readers never see it.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Mailing.Kind.choices)
    channel = forms.ChoiceField(
        label=_("Leaves as"),
        choices=[(channel.value, channel.label) for channel in (Channel.EMAIL, Channel.SMS)],
        initial=Channel.EMAIL,
        help_text=_("Each goes to those who agreed to it. Every part of a text message is paid for."),
    )
    language = forms.ChoiceField(
        label=_("First language"),
        choices=languages.choices,
        help_text=_("You can add others. Each reader gets the mailing in their own language."),
    )

    def __init__(self, *args: Any, organizations: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not any(senders.sender_of(organization) for organization in organizations):
            del self.fields["channel"]
        self.fields["campaign"] = _CampaignChoice(organizations)
        self.fields["organization"] = OrganizationChoice(organizations)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        campaign, organization = cleaned.get("campaign"), cleaned.get("organization")
        if campaign and organization and campaign.organization_id != organization.pk:
            self.add_error("campaign", _("This campaign belongs to another organization."))
        cleaned["channel"] = Channel(cleaned.get("channel") or Channel.EMAIL)
        if organization and cleaned["channel"] == Channel.SMS and senders.sender_of(organization) is None:
            self.add_error("channel", str(NoTexts.sentence))
        return cleaned


class MailingForm(forms.Form):
    """What may be changed of a draft beside its texts."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Mailing.Kind.choices,
        help_text=_("It decides whose consent is needed: an appeal goes to those who agreed to appeals."),
    )
    sender_name = forms.CharField(
        label=_("From"),
        max_length=200,
        required=False,
        help_text=_("The name in the reader's mailbox. Empty: that of your organization."),
    )

    def __init__(
        self,
        *args: Any,
        organization: Organization,
        channel: Channel | str = Channel.EMAIL,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"] = _CampaignChoice([organization])
        if channel == Channel.SMS:
            # What a text comes from is the number that the installation has for the organization.
            del self.fields["sender_name"]


class NewTextForm(forms.Form):
    """One more language, or one more variant."""

    language = forms.ChoiceField(label=_("Language"), choices=languages.choices)
    variant = forms.ChoiceField(
        label=_("Variant"),
        choices=[(letter, letter) for letter in VARIANTS],
        help_text=_(
            "Variant a is the usual one. Another letter tries another subject and preview on some of the readers; its"
            " body is that of variant a until you write one."
        ),
    )

    def __init__(self, *args: Any, channel: Channel | str = Channel.EMAIL, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if channel == Channel.SMS:
            # A text message has no subject that could be tried.
            del self.fields["variant"]


class TextForm(forms.Form):
    """Subject, preview and blocks of one text."""

    subject = forms.CharField(
        label=_("Subject"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text=_("Telephones show about 40 letters, a desk 60."),
    )
    preview = forms.CharField(
        label=_("Preview"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text=_("Shown after the subject in the list of mails; one sentence that adds something."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["blocks"] = BlockField(stream_for(organization), label=_("Blocks"), required=False)


class StaffChoice(StaffField):
    """Staff by their names and addresses."""

    def label_from_instance(self, user: User) -> str:
        name = user.get_full_name()
        return f"{name} <{user.email}>" if name else user.email


class TrialForm(forms.Form):
    """To whom a test goes."""

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(pk__in=[user.pk for user in staff_of(organization)]).order_by("email")
        self.fields["to"] = StaffChoice(staff, label=_("To"), widget=forms.CheckboxSelectMultiple)
