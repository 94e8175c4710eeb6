"""What the screens about supporters have in common: whose they are, who sees names, and how a name is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffScreen
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from uuid import UUID

    from django.utils.functional import _StrOrPromise

SUPPORTERS = (_("Supporters"), "staff_supporters")
#: From this role on, a member of staff sees names and addresses; below it, states and counts.
SEES_NAMES = Role.APPROVER


@dataclass(frozen=True, slots=True)
class DeedLink:
    """A button on a supporter's page that leads to a screen about them; `place` is the name of its address."""

    label: _StrOrPromise
    place: str
    serious: bool = False


#: Screens about one supporter beside those of `supporter_views`; each takes the supporter's number as `pk`.
FURTHER: tuple[DeedLink, ...] = (
    DeedLink(_("Merge…"), "staff_supporter_merge"),
    DeedLink(_("Copy for the person…"), "staff_supporter_copy"),
    DeedLink(_("Erase…"), "staff_supporter_erase", serious=True),
)


class NamesScreen(StaffScreen):
    """A screen that shows names to approvers, and dots to editors."""

    least_role = Role.EDITOR

    @cached_property
    def open_organizations(self) -> set[UUID]:
        """Those whose supporters' names and addresses the user may read."""
        return {found.pk for found in self.organizations if self.may(SEES_NAMES, found.pk)}

    def sees(self, supporter: Supporter) -> bool:
        """Whether the user may read this supporter's name and addresses."""
        return supporter.organization_id in self.open_organizations


class OneSupporter(NamesScreen):
    """A screen about one supporter of the user's organizations."""

    header_icon = "user"

    @cached_property
    def supporter(self) -> Supporter:
        found: Supporter = self.find(
            Supporter.objects.select_related("organization", "merged_into"), pk=self.kwargs["pk"]
        )
        return found

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = super().get_breadcrumbs_items()
        place = reverse("staff_supporter", args=[self.supporter.pk])
        return [*items[:-1], {"url": place, "label": _("Supporter")}, items[-1]]


class SupporterDeed(OneSupporter, StaffDeed):
    """Something staff do about one supporter: for approvers, and back to the supporter's page afterwards."""

    least_role = SEES_NAMES
    above = (SUPPORTERS,)

    def after(self) -> str:
        return reverse("staff_supporter", args=[self.supporter.pk])
