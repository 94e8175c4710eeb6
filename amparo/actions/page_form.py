"""The editor's form of every action page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.forms import ModelChoiceField
from wagtail.admin.forms import WagtailAdminPageForm

from amparo.cases.models import Hearing
from amparo.content.models import Campaign

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.organizations.models import Organization

    HearingField = ModelChoiceField[Hearing]
else:
    HearingField = ModelChoiceField


class CampaignPageForm(WagtailAdminPageForm):
    """Offers the campaigns of the organization whose site the page stands in, and nobody else's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "campaign" in self.fields:
            self.fields["campaign"].queryset = Campaign.objects.filter(organization=self._organization())

    def _organization(self) -> Organization | None:
        above = self.parent_page if self.parent_page is not None else self.instance.get_parent()
        owner: Organization = above.specific.owning_organization
        return owner


class HearingChoice(HearingField):
    """Hearings of the organization's own cases, by the reference of the case and the day."""

    def __init__(self, hearings: QuerySet[Hearing], **kwargs: Any) -> None:
        super().__init__(hearings.order_by("-day"), **kwargs)

    def label_from_instance(self, hearing: Hearing) -> str:
        return f"{hearing.proceeding.case.reference}: {hearing.day} ({hearing.get_status_display()})"


class ActionPageForm(CampaignPageForm):
    """The same, by the page's own organization; and the demands of its campaigns."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "demand_list" in self.formsets:
            formset = self.formsets["demand_list"]
            formset.form = _offering_demands_of(formset.form, self._organization())
        if "hearing" in self.fields:
            self.fields["hearing"] = HearingChoice(
                Hearing.objects.filter(organization=self._organization()).select_related("proceeding__case"),
                required=False,
                help_text=self.fields["hearing"].help_text,
            )

    def _organization(self) -> Organization | None:
        if self.instance.organization_id is not None:
            owner: Organization = self.instance.organization
            return owner
        return self.parent_page.specific.owning_organization if self.parent_page is not None else None


def _offering_demands_of(form: type[Any], organization: Organization | None) -> type[Any]:
    """The form of one row, also of the rows that a script adds, with this organization's demands to choose from."""

    class OwnDemands(form):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if "campaign_demand" in self.fields:
                chosen = self.fields["campaign_demand"]
                chosen.queryset = chosen.queryset.filter(organization=organization, withdrawn_at=None)

    return OwnDemands
