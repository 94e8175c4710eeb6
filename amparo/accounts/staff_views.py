"""The screens about people and roles, and the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts import appointing
from amparo.accounts.models import AuditEntry, Role, StaffRole
from amparo.accounts.staff_forms import InvitationForm, RoleForm
from amparo.accounts.staff_screens import StaffDeed, StaffList, in_words
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from django.db.models import QuerySet

PEOPLE = (gettext_lazy("People"), "staff_people")


class People(StaffList):
    """Who has which role in the user's organizations."""

    least_role = Role.ADMINISTRATOR
    page_title = gettext_lazy("People")
    header_icon = "group"
    index_url_name = "staff_people"
    index_results_url_name = "staff_people_results"
    search_fields = ["user__email", "user__first_name", "user__last_name"]
    default_ordering = "user__email"
    verbose_name_plural = gettext_lazy("people")
    columns = [
        TitleColumn(
            "user",
            label=gettext_lazy("Person"),
            get_url=lambda row: reverse("staff_person", args=[row.pk]),
            sort_key="user__last_name",
        ),
        Column("email", label=gettext_lazy("E-mail address"), accessor="user.email", sort_key="user__email"),
        Column("role", label=gettext_lazy("Role"), accessor="get_role_display", sort_key="role"),
        Column("organization", label=gettext_lazy("Organization"), accessor="organization.name"),
        BooleanColumn("second_factor", label=gettext_lazy("Second factor")),
        DateColumn("last_login", label=gettext_lazy("Last signed in"), accessor="user.last_login"),
    ]

    def rows(self) -> QuerySet[StaffRole]:
        from allauth.mfa.models import Authenticator

        enrolled = Authenticator.objects.filter(user=OuterRef("user"))
        return (
            StaffRole.objects.filter(organization__in=self.organizations)
            .select_related("user", "organization")
            .annotate(second_factor=Exists(enrolled))
        )

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Appoint somebody"), url=reverse("staff_person_add"), icon_name="plus")]


class Invite(StaffDeed):
    """Appoint somebody, known to the installation or not."""

    least_role = Role.ADMINISTRATOR
    above = (PEOPLE,)
    page_title = gettext_lazy("Appoint somebody")
    header_icon = "user"
    form_class = InvitationForm
    button = gettext_lazy("Appoint")

    def consequences(self) -> list[str]:
        return [
            _("They can sign in from then on, and see only what belongs to the organization."),
            _("Before anything else they have to set up a second factor: a passkey or a one-time code."),
            _("No mail is sent. You are shown a link to hand to them, with which they choose a password."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def act(self, form: InvitationForm) -> str:
        chosen = form.cleaned_data
        self.appointed = appointing.invite(
            email=chosen["email"],
            first_name=chosen["first_name"],
            last_name=chosen["last_name"],
            organization=chosen["organization"],
            role=Role(chosen["role"]),
            by=self.user,
            now=self.now,
        )
        return _("%(person)s is appointed.") % {"person": self.appointed.user}

    def after(self) -> str:
        appointed: StaffRole | None = getattr(self, "appointed", None)
        return reverse("staff_person", args=[appointed.pk]) if appointed else super().after()


class _OnePerson(StaffDeed):
    """A deed about one role in one of the user's organizations."""

    least_role = Role.ADMINISTRATOR
    above = (PEOPLE,)
    header_icon = "user"

    @cached_property
    def staff_role(self) -> StaffRole:
        found: StaffRole = self.find(
            StaffRole.objects.select_related("user", "organization"), pk=self.kwargs["pk"]
        )
        return found

    def get_page_title(self) -> str:
        return str(self.staff_role.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"staff_role": self.staff_role}


class ChangeRole(_OnePerson):
    """One person's role, with the ways to take it away or to hand them their first link."""

    template_name = "accounts/staff/person.html"
    form_class = RoleForm
    button = gettext_lazy("Change the role")

    def consequences(self) -> list[str]:
        return [
            _(
                "%(person)s holds the role “%(role)s” in %(organization)s. Another one holds from the next click on."
            )
            % {
                "person": self.staff_role.user,
                "role": self.staff_role.get_role_display(),
                "organization": self.staff_role.organization,
            }
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "staff_role": self.staff_role}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        awaited = appointing.has_not_arrived(self.staff_role.user)
        return super().get_context_data(**kwargs) | {"awaited": awaited}

    def act(self, form: RoleForm) -> str:
        role = Role(form.cleaned_data["role"])
        appointing.change_role(staff_role=self.staff_role, role=role, by=self.user, now=self.now)
        return _("The role is now: %(role)s") % {"role": role.label}


class RemoveRole(_OnePerson):
    """Take a role away."""

    button = gettext_lazy("Remove this person")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _("%(person)s loses the role “%(role)s” in %(organization)s at once.")
            % {
                "person": self.staff_role.user,
                "role": self.staff_role.get_role_display(),
                "organization": self.staff_role.organization,
            },
            _(
                "What they did stays in the audit trail. Their account, and roles elsewhere, stay as they are."
            ),
        ]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        appointing.dismiss(staff_role=self.staff_role, by=self.user, now=self.now)
        return _("%(person)s has no role here any more.") % {"person": self.staff_role.user}


class FirstLink(_OnePerson):
    """Shows, once, the link by which somebody newly appointed chooses a password."""

    button = gettext_lazy("Make the link")

    def consequences(self) -> list[str]:
        return [
            _("You are shown a link for %(person)s, to hand over on a way you trust.")
            % {"person": self.staff_role.user},
            _("Whoever opens it first chooses the password. It works once, and for three days."),
        ]

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            path = appointing.first_link(staff_role=self.staff_role, by=self.user, now=self.now)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        context = self.get_context_data(form=form) | {"link": settings.BASE_URL + path}
        return render(self.request, "accounts/staff/first_link.html", context)


def _verbs() -> list[tuple[str, str]]:
    verbs = AuditEntry.objects.order_by("verb").values_list("verb", flat=True).distinct()
    return [(verb, in_words(verb)) for verb in verbs]


class TrailFilters(WagtailFilterSet):
    """What the trail can be narrowed to."""

    verb = django_filters.ChoiceFilter(label=gettext_lazy("Deed"), choices=_verbs)
    recorded_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("When"))

    class Meta:
        model = AuditEntry
        fields = ["verb", "recorded_at"]


def _moment(entry: AuditEntry) -> str:
    return formats.date_format(timezone.localtime(entry.recorded_at), "j M Y, H:i T")


class Trail(StaffList):
    """Who did what, for ever. Nothing can be changed here, nor by anybody elsewhere."""

    least_role = Role.ADMINISTRATOR
    page_title = gettext_lazy("Audit trail")
    header_icon = "history"
    index_url_name = "staff_trail"
    index_results_url_name = "staff_trail_results"
    filterset_class = TrailFilters
    default_ordering = "-id"
    verbose_name_plural = gettext_lazy("entries")
    columns = [
        Column("recorded_at", label=gettext_lazy("When"), accessor=_moment),
        Column(
            "actor", label=gettext_lazy("Who"), accessor=lambda entry: entry.actor or _("the installation")
        ),
        Column("verb", label=gettext_lazy("Deed"), accessor=lambda entry: in_words(entry.verb)),
        Column(
            "subject_type",
            label=gettext_lazy("What"),
            accessor=lambda entry: entry.subject_type.partition(".")[2],
            classname="staff-wide",
        ),
        Column("subject_id", label=gettext_lazy("Which"), classname="staff-wide"),
        Column("details", label=gettext_lazy("Details"), accessor=lambda entry: _details(entry)),
        Column(
            "organization",
            label=gettext_lazy("Organization"),
            accessor=lambda entry: entry.organization or _("all"),
        ),
    ]

    def rows(self) -> QuerySet[Any]:
        entries = AuditEntry.objects.select_related("actor", "organization")
        mine = entries.filter(organization__in=self.organizations)
        return mine | entries.filter(organization=None) if self.user.is_superuser else mine


def _details(entry: AuditEntry) -> str:
    return ", ".join(f"{name}: {value}" for name, value in entry.details.items())
