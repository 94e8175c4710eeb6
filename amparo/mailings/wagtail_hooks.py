"""Mailings in the staff menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, SubmenuMenuItem

from amparo.accounts.staff_screens import StaffMenuItem
from amparo.mailings import staff_urls
from amparo.mailings.automations.staff_views import Automations
from amparo.mailings.screens.compose_views import Mailings
from amparo.mailings.screens.deliverability_views import Senders

if TYPE_CHECKING:
    from django.urls import URLPattern

    from amparo.accounts.staff_screens import StaffScreen

#: In the order of the menu: the screen, the name of its address, its icon.
_SCREENS: tuple[tuple[type[StaffScreen], str, str], ...] = (
    (Mailings, "staff_mailings", "mail"),
    (Automations, "staff_automations", "rotate"),
    (Senders, "staff_senders", "view"),
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
    return SubmenuMenuItem(_("Mailings"), Menu(items=items), name="mailings", icon_name="mail", order=195)
