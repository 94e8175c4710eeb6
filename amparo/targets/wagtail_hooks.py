"""Targets and their sources in the staff menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, SubmenuMenuItem

from amparo.accounts.staff_screens import StaffMenuItem
from amparo.targets import staff_urls
from amparo.targets.hand_views import Entered
from amparo.targets.override_views import ContactOverrides, PostcodeOverrides
from amparo.targets.register_views import Areas, Mistakes, Targets
from amparo.targets.staff_views import Sources

if TYPE_CHECKING:
    from django.urls import URLPattern

    from amparo.accounts.staff_screens import StaffScreen

_SCREENS: tuple[tuple[type[StaffScreen], str, str], ...] = (
    (Targets, "staff_targets", "crosshairs"),
    (Areas, "staff_areas", "globe"),
    (Sources, "staff_sources", "download"),
    (Entered, "staff_entered", "edit"),
    (ContactOverrides, "staff_contact_overrides", "mail"),
    (PostcodeOverrides, "staff_postcode_overrides", "site"),
    (Mistakes, "staff_mistakes", "comment"),
)


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    return staff_urls.urlpatterns


@hooks.register("register_admin_menu_item")
def menu() -> SubmenuMenuItem:
    items = [
        StaffMenuItem(screen.page_title, reverse_lazy(name), screen=screen, icon_name=icon, order=order)
        for order, (screen, name, icon) in enumerate(_SCREENS)
    ]
    return SubmenuMenuItem(_("Targets"), Menu(items=items), name="targets", icon_name="crosshairs", order=210)
