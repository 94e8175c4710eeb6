"""The editor's form of a case page."""

from __future__ import annotations

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm


class CasePageForm(WagtailAdminPageForm):
    """Offers the cases of the organization whose site the page stands in, and nobody else's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        above = self.parent_page if self.parent_page is not None else self.instance.get_parent()
        if "case" in self.fields:
            owner = above.specific.owning_organization
            self.fields["case"].queryset = self.fields["case"].queryset.filter(organization=owner)
