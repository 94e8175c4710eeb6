"""People and the audit trail in the staff menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, SubmenuMenuItem

from amparo.accounts import staff_urls
from amparo.accounts.organization_views import Organizations
from amparo.accounts.staff_screens import StaffMenuItem
from amparo.accounts.staff_views import People, Trail

if TYPE_CHECKING:
    from django.urls import URLPattern
    from django.utils.safestring import SafeString


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    return staff_urls.urlpatterns


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    people = StaffMenuItem(
        _("People"), reverse_lazy("staff_people"), screen=People, icon_name="group", order=1
    )
    trail = StaffMenuItem(
        _("Audit trail"), reverse_lazy("staff_trail"), screen=Trail, icon_name="history", order=2
    )
    organization = StaffMenuItem(
        _("The organization"),
        reverse_lazy("staff_organizations"),
        screen=Organizations,
        icon_name="home",
        order=3,
    )
    return SubmenuMenuItem(
        _("People"), Menu(items=[people, trail, organization]), name="people", icon_name="group", order=700
    )


@hooks.register("insert_global_admin_css")
def css() -> SafeString:
    """The few rules that our own screens add to Wagtail's."""
    return format_html('<link rel="stylesheet" href="{}">', static("staff/staff.css"))
