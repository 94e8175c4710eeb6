"""The staff menu of letters, sending and campaigns; test letters; on the dashboard, what needs somebody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, SubmenuMenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import Button

from amparo.accounts.models import Role, User
from amparo.accounts.roles import organizations_of
from amparo.accounts.staff_screens import StaffMenuItem
from amparo.actions import staff_urls
from amparo.actions.abuse.abuse_views import Abuse, open_breakers
from amparo.actions.campaigns import answering, partner_links
from amparo.actions.campaigns.campaign_views import Campaigns
from amparo.actions.campaigns.settling_views import Answers
from amparo.actions.campaigns.stance_views import Stances
from amparo.actions.deadlines.hour_views import Hours
from amparo.actions.desk.sending_views import Sending
from amparo.actions.desk.staff_views import Letters
from amparo.actions.figure_views import FigurePages
from amparo.actions.hand_over import planning_names
from amparo.actions.models import EmailTargetPage, Message
from amparo.actions.signatures.signature_views import Signatures, SignedPages
from amparo.organizations.models import Installation

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.urls import URLPattern
    from wagtail.models import Page


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    return staff_urls.urlpatterns


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    items = [
        StaffMenuItem(_("Letters"), reverse_lazy("staff_letters"), screen=Letters, icon_name="mail", order=1),
        StaffMenuItem(_("Sending"), reverse_lazy("staff_sending"), screen=Sending, icon_name="time", order=2),
        StaffMenuItem(
            _("Campaigns"),
            reverse_lazy("staff_campaigns"),
            screen=Campaigns,
            icon_name="folder-open-inverse",
            order=3,
        ),
        StaffMenuItem(
            _("Signatures"),
            reverse_lazy("staff_signatures"),
            screen=Signatures,
            icon_name="edit",
            order=4,
        ),
        StaffMenuItem(
            _("Petitions"), reverse_lazy("staff_signed"), screen=SignedPages, icon_name="doc-full", order=5
        ),
        StaffMenuItem(
            _("Hours"), reverse_lazy("staff_hours"), screen=Hours, icon_name="calendar-alt", order=6
        ),
        StaffMenuItem(
            _("Figures"), reverse_lazy("staff_figures"), screen=FigurePages, icon_name="order", order=7
        ),
        StaffMenuItem(_("Stances"), reverse_lazy("staff_stances"), screen=Stances, icon_name="pick", order=6),
        StaffMenuItem(
            _("Answers"), reverse_lazy("staff_answers"), screen=Answers, icon_name="comment", order=7
        ),
        StaffMenuItem(_("Abuse"), reverse_lazy("staff_abuse"), screen=Abuse, icon_name="warning", order=9),
    ]
    return SubmenuMenuItem(_("Letters"), Menu(items=items), name="letters", icon_name="mail", order=200)


@hooks.register("register_page_header_buttons")
def trial_button(page: Page, user: User, **_where: Any) -> Iterator[Button]:
    """Beside an action page: send its letter to the editor."""
    specific = page.specific
    if isinstance(specific, EmailTargetPage) and specific.organization in organizations_of(
        user, at_least=Role.EDITOR
    ):
        yield Button(
            _("Send a test to me"), reverse("staff_trial", args=[page.pk]), icon_name="mail", priority=5
        )


class Attention(Component):
    """What somebody has to decide or should know: uncertain letters, and what is paused."""

    name = "attention"
    template_name = "actions/staff/attention.html"
    order = 50

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        user = cast("User", parent_context["request"].user)
        organizations = organizations_of(user, at_least=Role.EDITOR)
        approved = organizations_of(user, at_least=Role.APPROVER)
        letters = Message.objects.filter(organization__in=organizations)
        installation = Installation.objects.filter(sending_paused_at__isnull=False).first()
        return {
            "uncertain": letters.filter(state=Message.State.UNCERTAIN).count(),
            "failed": letters.filter(state__in=[Message.State.FAILED, Message.State.BOUNCED]).count(),
            "held": letters.filter(state=Message.State.HELD).count(),
            "paused": [organization for organization in organizations if organization.is_paused],
            "installation": installation if organizations else None,
            "unread": answering.to_read(approved).filter(looked_at__isnull=True).count(),
            "dead_links": partner_links.dead_links_of(organizations),
            "hand_overs": list(planning_names.waiting_for(user, organizations=approved)),
            "breakers": list(open_breakers(approved).select_related("organization")) if approved else [],
        }


@hooks.register("construct_homepage_panels")
def dashboard(request: HttpRequest, panels: list[Component]) -> None:  # noqa: ARG001
    panels.append(Attention())
