"""The case register in the staff menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component

from amparo.accounts.models import Role, User
from amparo.accounts.roles import organizations_of
from amparo.accounts.staff_screens import StaffMenuItem
from amparo.cases import cautioning, staff_urls
from amparo.cases.caution_views import Cautions
from amparo.cases.evidence_views import Figures
from amparo.cases.keeping_views import Laws
from amparo.cases.staff_views import Cases

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.urls import URLPattern


class ToLookAt(Component):
    """On the dashboard, how many things in the register somebody should look at."""

    name = "cautions"
    template_name = "cases/staff/panel.html"
    order = 60

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        user = cast("User", parent_context["request"].user)
        today = timezone.now().date()
        organizations = organizations_of(user, at_least=Role.EDITOR)
        return {"count": sum(cautioning.count(each, today=today) for each in organizations)}


@hooks.register("construct_homepage_panels")
def dashboard(request: HttpRequest, panels: list[Component]) -> None:  # noqa: ARG001
    panels.append(ToLookAt())


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    return staff_urls.urlpatterns


@hooks.register("register_admin_menu_item")
def menu() -> StaffMenuItem:
    return StaffMenuItem(
        _("Cases"),
        reverse_lazy("staff_cases"),
        screen=Cases,
        name="cases",
        icon_name="folder-open-inverse",
        order=180,
    )


@hooks.register("register_admin_menu_item")
def figures() -> StaffMenuItem:
    return StaffMenuItem(
        _("Figures in texts"),
        reverse_lazy("staff_cited_figures"),
        screen=Figures,
        name="figures",
        icon_name="order",
        order=181,
    )


@hooks.register("register_admin_menu_item")
def laws() -> StaffMenuItem:
    return StaffMenuItem(
        _("Laws"), reverse_lazy("staff_laws"), screen=Laws, name="laws", icon_name="list-ul", order=182
    )


@hooks.register("register_admin_menu_item")
def cautions() -> StaffMenuItem:
    return StaffMenuItem(
        _("Look at this"),
        reverse_lazy("staff_cautions"),
        screen=Cautions,
        name="cautions",
        icon_name="warning",
        order=183,
    )
