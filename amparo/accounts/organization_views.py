"""The screens on which administrators say who their organization is, and whose law it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn

from amparo.accounts import describing
from amparo.accounts.models import Role
from amparo.accounts.organization_form import OrganizationForm
from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from django.db.models import QuerySet

ORGANIZATIONS = (gettext_lazy("The organization"), "staff_organizations")


class Organizations(StaffList):
    """Those that the user administers; mostly one."""

    least_role = Role.ADMINISTRATOR
    page_title = gettext_lazy("The organization")
    header_icon = "home"
    index_url_name = "staff_organizations"
    index_results_url_name = "staff_organizations_results"
    default_ordering = "name"
    verbose_name_plural = gettext_lazy("organizations")
    columns = [
        TitleColumn(
            "name",
            label=gettext_lazy("Name"),
            get_url=lambda row: reverse("staff_organization", args=[row.pk]),
            sort_key="name",
        ),
        Column("jurisdiction", label=gettext_lazy("Law"), accessor="get_jurisdiction_display"),
        BooleanColumn("is_statutory_charity", label=gettext_lazy("Registered charity")),
        Column("locale", label=gettext_lazy("Language"), classname="staff-wide"),
        Column("time_zone", label=gettext_lazy("Time zone"), classname="staff-wide"),
    ]

    def rows(self) -> QuerySet[Organization]:
        return Organization.objects.filter(pk__in=[found.pk for found in self.organizations])


class DescribeOrganization(StaffDeed):
    """Name, law, language, senders and boilerplate of one organization."""

    least_role = Role.ADMINISTRATOR
    above = (ORGANIZATIONS,)
    header_icon = "home"
    form_class = OrganizationForm
    button = gettext_lazy("Save")

    @cached_property
    def organization(self) -> Organization:
        mine = Organization.objects.filter(pk__in=[found.pk for found in self.organizations])
        return get_object_or_404(mine, pk=self.kwargs["pk"])

    def get_page_title(self) -> str:
        return self.organization.name

    def consequences(self) -> list[str]:
        return [
            _("Name, address and boilerplate change on every public page and in every mail from then on."),
            _(
                "The law decides which consent counts from then on. What the ledger holds already stays as it is:"
                " look at docs/safety/law.md before you change it."
            ),
            _("The audit trail notes which of these you changed."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        # A row of its own: what is typed and refused must not stand in the title.
        return {**super().get_form_kwargs(), "instance": Organization.objects.get(pk=self.organization.pk)}

    def act(self, form: OrganizationForm) -> str:
        changed = describing.describe(
            organization=self.organization, said=form.cleaned_data, by=self.user, now=self.now
        )
        return _("Saved.") if changed else _("Nothing was changed.")
