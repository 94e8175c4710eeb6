"""Supporters in the staff menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, SubmenuMenuItem

from amparo.accounts.staff_screens import StaffMenuItem
from amparo.supporters import staff_urls
from amparo.supporters.asking_views import Questions
from amparo.supporters.exports.export_views import Exports
from amparo.supporters.filing_views import Changes, Fields, Tags
from amparo.supporters.import_run_views import Lists
from amparo.supporters.merging_people.merge_views import Duplicates
from amparo.supporters.rights.complaint_views import Complaints
from amparo.supporters.rights.rights_views import DataProtection
from amparo.supporters.segmentation.segment_views import Segments
from amparo.supporters.staff_views import Supporters
from amparo.supporters.suppression_views import Suppressions

if TYPE_CHECKING:
    from django.urls import URLPattern

    from amparo.accounts.staff_screens import StaffScreen

#: In the order of the menu: the screen, the name of its address, its icon.
_SCREENS: tuple[tuple[type[StaffScreen], str, str], ...] = (
    (Supporters, "staff_supporters", "group"),
    (Segments, "staff_segments", "list-ul"),
    (Tags, "staff_tags", "tag"),
    (Lists, "staff_lists", "upload"),
    (Changes, "staff_changes", "history"),
    (Exports, "staff_exports", "download"),
    (Fields, "staff_fields", "form"),
    (Questions, "staff_questions", "help"),
    (Complaints, "staff_complaints", "warning"),
    (Duplicates, "staff_duplicates", "copy"),
    (Suppressions, "staff_suppressions", "no-view"),
    (DataProtection, "staff_data_protection", "lock"),
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
    return SubmenuMenuItem(
        _("Supporters"), Menu(items=items), name="supporters", icon_name="group", order=190
    )
