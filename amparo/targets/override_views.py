"""Where staff know better than the sources: other contacts for a target, and where a postcode lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.targets import contacting, finding, overriding
from amparo.targets.models import ContactOverride, PostcodeOverride
from amparo.targets.register_views import TARGETS
from amparo.targets.staff_forms import ContactForm, PostcodeForm

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.organizations.models import Organization
    from amparo.targets.reaching import Target

CONTACTS = (gettext_lazy("Other contacts"), "staff_contact_overrides")
POSTCODES = (gettext_lazy("Postcodes"), "staff_postcode_overrides")


class ContactOverrides(StaffList):
    """Where the user's organizations write elsewhere than the sources say."""

    least_role = Role.ADMINISTRATOR
    page_title = gettext_lazy("Other contacts")
    header_icon = "mail"
    index_url_name = "staff_contact_overrides"
    index_results_url_name = "staff_contact_overrides_results"
    search_fields = ["target_key", "value"]
    default_ordering = "target_key"
    verbose_name_plural = gettext_lazy("other contacts")
    columns = [
        TitleColumn(
            "target_key",
            label=gettext_lazy("Target"),
            get_url=lambda row: reverse("staff_target", args=[row.target_key]),
            sort_key="target_key",
        ),
        Column("type", label=gettext_lazy("Letters go"), accessor="get_type_display"),
        Column("value", label=gettext_lazy("To")),
        Column("reason", label=gettext_lazy("How we know"), classname="staff-wide"),
        Column("recorded_by", label=gettext_lazy("Who"), classname="staff-wide"),
        DateColumn("recorded_at", label=gettext_lazy("When"), classname="staff-wide"),
        Column(
            "organization",
            label=gettext_lazy("Organization"),
            accessor="organization.name",
            classname="staff-wide",
        ),
    ]

    def rows(self) -> QuerySet[Any]:
        mine = ContactOverride.objects.filter(organization__in=self.organizations)
        return mine.select_related("organization", "recorded_by")


class OverrideContact(StaffDeed):
    """Another way to reach one target, for one organization."""

    least_role = Role.ADMINISTRATOR
    above = (TARGETS,)
    header_icon = "crosshairs"
    form_class = ContactForm
    button = gettext_lazy("Record it")

    @cached_property
    def organization(self) -> Organization:
        wanted: UUID = self.kwargs["organization"]
        found = next((mine for mine in self.organizations if mine.pk == wanted), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def target(self) -> Target:
        found = finding.target_by_key(self.kwargs["key"], organization=self.organization, now=self.now)
        if found is None:
            raise Http404
        return found

    def get_page_title(self) -> str:
        return self.target.holder or self.target.label

    def get_initial(self) -> dict[str, Any]:
        rows = ContactOverride.objects.filter(organization=self.organization)
        own = rows.filter(target_key=self.target.key).first()
        if own is not None:
            return {"type": own.type, "value": own.value, "reason": own.reason}
        return {"type": self.target.channel, "value": self.target.address or self.target.form_url}

    def consequences(self) -> list[str]:
        return [
            _("From now on letters of %(organization)s to %(office)s go there, whatever the sources say.")
            % {"organization": self.organization.name, "office": self.target.label},
            _("Letters that still wait go there too. Other organizations are not affected."),
        ]

    def act(self, form: ContactForm) -> str:
        said = form.cleaned_data
        contacting.record_override(
            organization=self.organization,
            target_key=self.target.key,
            type=said["type"],
            value=said["value"] if said["type"] != "none" else "",
            reason=said["reason"],
            by=self.user,
            now=self.now,
        )
        return _("It is recorded.")

    def after(self) -> str:
        return reverse("staff_target", args=[self.target.key])


class RemoveContactOverride(StaffDeed):
    """Believe the sources again."""

    least_role = Role.ADMINISTRATOR
    above = (CONTACTS,)
    header_icon = "mail"
    button = gettext_lazy("Believe the source again")

    @cached_property
    def override(self) -> ContactOverride:
        found: ContactOverride = self.find(
            ContactOverride.objects.select_related("organization"), pk=self.kwargs["pk"]
        )
        return found

    def get_page_title(self) -> str:
        return self.override.target_key

    def consequences(self) -> list[str]:
        return [_("Letters go where the source says again; those that still wait, too.")]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        contacting.remove_override(
            organization=self.override.organization,
            target_key=self.override.target_key,
            by=self.user,
            now=self.now,
        )
        return _("The source is believed again.")


class PostcodeOverrides(StaffList):
    """Where postcodes lie, whatever the tables say; for every organization on this server."""

    only_superusers = True
    page_title = gettext_lazy("Postcodes")
    header_icon = "site"
    index_url_name = "staff_postcode_overrides"
    index_results_url_name = "staff_postcode_overrides_results"
    search_fields = ["postcode", "area_code"]
    default_ordering = "postcode"
    verbose_name_plural = gettext_lazy("postcodes")
    columns = [
        TitleColumn(
            "postcode",
            label=gettext_lazy("Postcode"),
            get_url=lambda row: reverse("staff_postcode_override_remove", args=[row.pk]),
            sort_key="postcode",
        ),
        Column("slug", label=gettext_lazy("Source"), sort_key="slug"),
        Column("area_code", label=gettext_lazy("Code of the area")),
        Column("reason", label=gettext_lazy("How we know")),
        Column("recorded_by", label=gettext_lazy("Who"), classname="staff-wide"),
        DateColumn("recorded_at", label=gettext_lazy("When"), classname="staff-wide"),
    ]

    def rows(self) -> QuerySet[Any]:
        return PostcodeOverride.objects.select_related("recorded_by")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(_("Place a postcode"), url=reverse("staff_postcode_override_add"), icon_name="plus")
        ]


class OverridePostcode(StaffDeed):
    """Place one postcode."""

    only_superusers = True
    above = (POSTCODES,)
    page_title = gettext_lazy("Place a postcode")
    header_icon = "site"
    form_class = PostcodeForm
    button = gettext_lazy("Place it")

    def consequences(self) -> list[str]:
        return [_("From now on this postcode leads to this area, for every organization on this server.")]

    def act(self, form: PostcodeForm) -> str:
        overriding.override_postcode(**form.cleaned_data, by=self.user, now=self.now)
        return _("The postcode is placed.")


class RemovePostcodeOverride(StaffDeed):
    """Believe the table again."""

    only_superusers = True
    above = (POSTCODES,)
    header_icon = "site"
    button = gettext_lazy("Believe the table again")

    @cached_property
    def override(self) -> PostcodeOverride:
        found: PostcodeOverride = get_object_or_404(PostcodeOverride, pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return str(self.override)

    def consequences(self) -> list[str]:
        return [_("The postcode leads again where the table says, for every organization on this server.")]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        overriding.remove_postcode_override(
            slug=self.override.slug, postcode=self.override.postcode, by=self.user, now=self.now
        )
        return _("The table is believed again.")
