"""Thanks after an action, with the next ask: mail that asks for something, so it goes to those who agreed to news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.actions.models import Action, ActionPage
from amparo.content.models import Campaign
from amparo.mailings.automations.registry import in_words
from amparo.mailings.automations.series import Series
from amparo.mailings.models import Enrolment, Mailing
from amparo.supporters.models import Supporter
from amparo.supporters.registry import people_with

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from amparo.mailings.automations.registry import Block
    from amparo.mailings.models import Automation
    from amparo.organizations.models import Organization
    from amparo.supporters.models import SupporterQuerySet

    PageField = forms.ModelChoiceField[ActionPage]
    CampaignField = forms.ModelChoiceField[Campaign]
else:
    PageField = CampaignField = forms.ModelChoiceField

Stopped = Enrolment.Stopped


class Thanks(Series):
    """After an action on one page, or on any page of a campaign."""

    label = gettext_lazy("Thanks with the next ask")
    explains = gettext_lazy(
        "To whoever takes part and agreed to news: thanks, and what to do next. Who has done that already gets none,"
        " and nobody gets it once it is over."
    )
    mailing_kind = Mailing.Kind.THANKS

    def fields(self, organization: Organization) -> Mapping[str, forms.Field]:
        pages = ActionPage.objects.filter(organization=organization, live=True).order_by("title", "pk")
        return {
            "page": PageField(
                pages,
                label=gettext_lazy("After an action on"),
                required=False,
                help_text=gettext_lazy("In any of its languages."),
            ),
            "campaign": CampaignField(
                Campaign.objects.for_organization(organization).order_by("title", "pk"),
                label=gettext_lazy("Or on any page of the campaign"),
                required=False,
                help_text=gettext_lazy("Left empty where one page is chosen above."),
            ),
            "ask": PageField(
                pages,
                label=gettext_lazy("The next ask"),
                help_text=gettext_lazy(
                    "Put a button to it into the text. Who took part there already gets no mail."
                ),
            ),
        }

    def lacks(self, automation: Automation) -> str:
        if automation.page_id is None and automation.campaign_id is None:
            return _("Choose after which action, or in which campaign, it thanks.")
        if automation.ask_id is None:
            return _("Choose the next ask.")
        if (
            automation.ask_id in _pages_thanked_for(automation).values_list("pk", flat=True)
            and automation.page_id
        ):
            return _("The next ask is the very action that it thanks for.")
        return "" if _is_open(automation, now=timezone.now()) else _("The next ask is over.")

    def newcomers(self, automation: Automation, *, since: datetime, now: datetime) -> SupporterQuerySet:  # noqa: ARG002
        done = Action.objects.for_organization(automation.organization).confirmed()
        done = done.filter(
            page__in=_pages_thanked_for(automation).values("pk"), confirmed_at__gte=since, is_test=False
        )
        people = Supporter.objects.for_organization(automation.organization).present()
        return people.filter(pk__in=done.order_by().values("supporter"))

    def further_reasons(self, automation: Automation, *, now: datetime) -> Mapping[Enrolment.Stopped, Q]:
        if not _is_open(automation, now=now):
            return {Stopped.OVER: Q(pk__isnull=False)}
        taken = Action.objects.for_organization(automation.organization).confirmed()
        asked = taken.filter(page__in=_twins(automation, automation.ask_id).values("pk"))
        return {Stopped.DONE: people_with(asked, of_absorbed=True).asked()}

    def first_words(self, organization: Organization) -> tuple[str, Sequence[Block]]:  # noqa: ARG002
        return _("Thank you"), [
            in_words(
                _("Dear {first name|friend},"),
                _("Thank you for taking part. There is one more thing that you can do:"),
            )
        ]


def _pages_thanked_for(automation: Automation) -> QuerySet[ActionPage]:
    if automation.page_id is not None:
        return _twins(automation, automation.page_id)
    return ActionPage.objects.filter(organization=automation.organization_id, campaign=automation.campaign_id)


def _twins(automation: Automation, pk: int | None) -> QuerySet[ActionPage]:
    """A page of the organization in all its languages; none where it was deleted."""
    key = ActionPage.objects.filter(pk=pk).values("translation_key")
    return ActionPage.objects.filter(organization=automation.organization_id, translation_key__in=key)


def _is_open(automation: Automation, *, now: datetime) -> bool:
    """Whether the next ask, in any of its languages, takes actions."""
    return any(page.takes_actions(now=now) for page in _twins(automation, automation.ask_id))
