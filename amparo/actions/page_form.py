"""The editor's form of every action page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wagtail.admin.forms import WagtailAdminPageForm

from amparo.content.models import Campaign

if TYPE_CHECKING:
    from amparo.organizations.models import Organization


class ActionPageForm(WagtailAdminPageForm):
    """Offers the campaigns of the page's own organization, and nobody else's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "campaign" in self.fields:
            self.fields["campaign"].queryset = Campaign.objects.filter(organization=self._organization())

    def _organization(self) -> Organization | None:
        if self.instance.organization_id is not None:
            owner: Organization = self.instance.organization
            return owner
        return self.parent_page.specific.owning_organization if self.parent_page is not None else None
