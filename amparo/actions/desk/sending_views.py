"""What waits to be sent, whether it makes its hard stop, and the switches that stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffPage
from amparo.actions import pacing
from amparo.actions.desk import moderating
from amparo.actions.models import ActionPage, HandOver, Message
from amparo.content.models import Campaign
from amparo.organizations.models import Installation, Organization

if TYPE_CHECKING:
    from django.db.models import QuerySet

SENDING = (gettext_lazy("Sending"), "staff_sending")


@dataclass(frozen=True, slots=True)
class PagePlan:
    """One page with what waits on it."""

    page: ActionPage
    plan: pacing.Plan
    uncertain: int
    bundles: int = 0
    #: Bundles that wait for our staff to hand them over.
    ready: int = 0


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """One campaign with its pages; a page without letters is named only when something is paused."""

    campaign: Campaign
    pages: list[PagePlan]


class Sending(StaffPage):
    """For each organization of the user: campaigns, pages, what waits, and who may pause what."""

    template_name = "actions/staff/sending.html"
    page_title = gettext_lazy("Sending")
    header_icon = "time"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "sections": [self._section(organization) for organization in self.organizations],
            "installation": Installation.objects.filter(sending_paused_at__isnull=False).first(),
            "may_pause_installation": self.user.is_superuser,
            "pace_minutes": max(round(pacing.gap().total_seconds() / 60), 1),
        }

    def _section(self, organization: Organization) -> dict[str, Any]:
        return {
            "organization": organization,
            "campaigns": [
                self._campaign(campaign) for campaign in Campaign.objects.filter(organization=organization)
            ],
            "may_pause": self.may(Role.APPROVER, organization.pk),
            "may_pause_organization": self.may(Role.ADMINISTRATOR, organization.pk),
        }

    def _campaign(self, campaign: Campaign) -> CampaignPlan:
        pages = ActionPage.objects.filter(organization=campaign.organization_id, campaign=campaign)
        return CampaignPlan(campaign, [self._page(page) for page in pages.order_by("title")])

    def _page(self, page: ActionPage) -> PagePlan:
        uncertain = Message.objects.filter(page=page, state=Message.State.UNCERTAIN).count()
        bundles = HandOver.objects.filter(page=page, of=HandOver.Of.LETTERS)
        ready = bundles.filter(state=HandOver.State.MADE, way=HandOver.Way.BY_HAND)
        return PagePlan(page, pacing.plan(page=page, now=self.now), uncertain, bundles.count(), ready.count())


class _Switch(StaffDeed):
    """A pause switch: `paused` says which way it is turned by this screen."""

    above = (SENDING,)
    header_icon = "time"
    #: Whether this screen pauses; otherwise it resumes.
    pauses = True
    #: The verbs of `moderating` that turn it.
    pause: Callable[..., bool]
    resume: Callable[..., bool]

    def turned(self) -> dict[str, Any]:
        """What the verbs are given: the thing itself. 404 when it is not the user's."""
        raise NotImplementedError

    def name(self) -> str:
        raise NotImplementedError

    def letters(self) -> QuerySet[Message]:
        """The letters that this switch holds back."""
        raise NotImplementedError

    def get_page_title(self) -> str:
        sentence = _("Pause: %(name)s") if self.pauses else _("Resume: %(name)s")
        return sentence % {"name": self.name()}

    @property
    def button(self) -> str:  # type: ignore[override]
        return _("Pause sending") if self.pauses else _("Resume sending")

    def consequences(self) -> list[str]:
        waiting = self.letters().filter(state=Message.State.QUEUED).count()
        counted = ngettext("%(count)d letter is waiting.", "%(count)d letters are waiting.", waiting)
        more = _WHEN_PAUSED if self.pauses else _WHEN_RESUMED
        return [counted % {"count": waiting}, *(str(sentence) for sentence in more)]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        verb = type(self).pause if self.pauses else type(self).resume
        turned = verb(**self.turned(), by=self.user, now=self.now)
        if not turned:
            return _("It was so already.")
        return _("Nothing of it leaves any more.") if self.pauses else _("Letters leave again.")


_WHEN_PAUSED = [
    gettext_lazy(
        "Nothing of it leaves until somebody resumes sending. One that is being handed over may still arrive."
    ),
    gettext_lazy("People can go on writing; their letters wait with the others."),
    gettext_lazy("The hard stop does not move: letters that still wait then are never sent."),
]
_WHEN_RESUMED = [
    gettext_lazy("They leave again, one after another for each target, the most urgent first."),
    gettext_lazy("Other switches stay as they are: a page stays paused while its campaign is."),
]


class PageSwitch(_Switch):
    """Pause or resume one page."""

    least_role = Role.APPROVER
    pause = staticmethod(moderating.pause_page)
    resume = staticmethod(moderating.resume_page)

    @cached_property
    def page(self) -> ActionPage:
        found: ActionPage = self.find(ActionPage.objects.select_related("organization"), pk=self.kwargs["pk"])
        return found

    def turned(self) -> dict[str, Any]:
        return {"page": self.page}

    def name(self) -> str:
        return str(self.page.title)

    def letters(self) -> QuerySet[Message]:
        return Message.objects.filter(page=self.page)


class CampaignSwitch(_Switch):
    """Pause or resume every page of a campaign."""

    least_role = Role.APPROVER
    pause = staticmethod(moderating.pause_campaign)
    resume = staticmethod(moderating.resume_campaign)

    @cached_property
    def campaign(self) -> Campaign:
        found: Campaign = self.find(Campaign.objects.select_related("organization"), pk=self.kwargs["pk"])
        return found

    def turned(self) -> dict[str, Any]:
        return {"campaign": self.campaign}

    def name(self) -> str:
        return self.campaign.title

    def letters(self) -> QuerySet[Message]:
        return Message.objects.filter(page__campaign=self.campaign)


class OrganizationSwitch(_Switch):
    """Pause or resume everything of one organization, mail to supporters included."""

    least_role = Role.ADMINISTRATOR
    pause = staticmethod(moderating.pause_organization)
    resume = staticmethod(moderating.resume_organization)

    @cached_property
    def organization(self) -> Organization:
        for organization in self.organizations:
            if organization.pk == self.kwargs["pk"]:
                return organization
        raise Http404

    def turned(self) -> dict[str, Any]:
        return {"organization": self.organization}

    def name(self) -> str:
        return self.organization.name

    def letters(self) -> QuerySet[Message]:
        return Message.objects.filter(organization=self.organization)

    def consequences(self) -> list[str]:
        if not self.pauses:
            return super().consequences()
        return [
            *super().consequences(),
            _(
                "Mails to supporters wait too, confirmations among them: letters written meanwhile stay unconfirmed."
            ),
        ]


class WhyForm(forms.Form):
    """Why everything stands still, for everybody to see."""

    because = forms.CharField(label=gettext_lazy("Why"), max_length=200)


class InstallationSwitch(_Switch):
    """Pause or resume everything on this server."""

    only_superusers = True
    pause = staticmethod(moderating.pause_installation)
    resume = staticmethod(moderating.resume_installation)

    def get_form_class(self) -> Any:
        return WhyForm if self.pauses else forms.Form

    def form_valid(self, form: Any) -> Any:
        self.because = form.cleaned_data.get("because", "")
        return super().form_valid(form)

    def turned(self) -> dict[str, Any]:
        return {"because": self.because} if self.pauses else {}

    def name(self) -> str:
        return _("this whole server")

    def letters(self) -> QuerySet[Message]:
        return Message.objects.all()
