"""Mailings in the staff menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from amparo.accounts.staff_screens import StaffMenuItem
from amparo.mailings import staff_urls
from amparo.mailings.screens.compose_views import Mailings

if TYPE_CHECKING:
    from django.urls import URLPattern


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    return staff_urls.urlpatterns


@hooks.register("register_admin_menu_item")
def menu() -> StaffMenuItem:
    return StaffMenuItem(
        _("Mailings"),
        reverse_lazy("staff_mailings"),
        screen=Mailings,
        name="mailings",
        icon_name="mail",
        order=195,
    )
