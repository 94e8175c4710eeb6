"""What the screens have in common that do something with everybody whom a list shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from amparo.accounts.staff_screens import StaffDeed
from amparo.supporters import choosing
from amparo.supporters.list_filters import SupporterFilters
from amparo.supporters.models import Supporter
from amparo.supporters.screens import SEES_NAMES

if TYPE_CHECKING:
    from amparo.organizations.models import Organization


class OfOneOrganization(StaffDeed):
    """A deed on the people that a list shows, all of one organization."""

    least_role = SEES_NAMES

    @cached_property
    def organization(self) -> Organization:
        """The one that the address names, or the first of the user's own."""
        named = self.request.GET.get("organization", "")
        return next((each for each in self.organizations if str(each.pk) == named), self.organizations[0])

    @cached_property
    def chosen(self) -> dict[str, str]:
        """The list's filters, as codes; an address with a broken filter chooses nobody."""
        people = Supporter.objects.for_organization(self.organization)
        filters = SupporterFilters(self.request.GET, people, request=self.request)
        return filters.codes() if filters.is_valid() else {"state": "unknown"}

    def in_words(self) -> list[str]:
        """Whom the filters mean."""
        said = choosing.in_words(self.chosen) or [_("Nothing is filtered: this means everybody.")]
        if len(self.organizations) > 1:
            said.insert(0, _("Supporters of %(organization)s.") % {"organization": self.organization})
        return said

    def after(self) -> str:
        query = QueryDict(mutable=True)
        query.update(self.chosen)
        return reverse("staff_supporters") + (f"?{query.urlencode()}" if query else "")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        others = [each for each in self.organizations if each != self.organization]
        return super().get_context_data(**kwargs) | {
            "action": self.request.get_full_path(),
            "others": [(each, self._place_for(each)) for each in others],
        }

    def _place_for(self, organization: Organization) -> str:
        query = self.request.GET.copy()
        query["organization"] = str(organization.pk)
        return f"{self.request.path}?{query.urlencode()}"
