"""The suppression list for staff: see it, add to it, find and lift one row, bring a list in, hand ours on."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import django_filters
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.supporters import suppression, suppression_lists
from amparo.supporters.models import InstallationSuppression, Suppression
from amparo.supporters.screens import SEES_NAMES
from amparo.supporters.suppression_forms import AddForm, AddressForm, LiftForm, ListForm, WhoseForm

if TYPE_CHECKING:
    from django.db.models import QuerySet

SUPPRESSIONS = (gettext_lazy("Suppression list"), "staff_suppressions")
EVERYWHERE = (gettext_lazy("Suppressed on the whole server"), "staff_suppressed_everywhere")


class SuppressionFilters(WagtailFilterSet):
    """Rows of one reason; those that hold, or those that were lifted."""

    reason = django_filters.ChoiceFilter(label=gettext_lazy("Reason"), choices=Suppression.Reason.choices)
    lifted = django_filters.BooleanFilter(
        label=gettext_lazy("Lifted"), field_name="lifted_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Suppression
        fields = ["reason"]


def _state(row: Suppression | InstallationSuppression) -> str:
    return _("Lifted") if row.lifted_at else _("In force")


def _common_columns() -> list[Column]:
    return [
        StatusTagColumn(
            "state", label=gettext_lazy("State"), accessor=_state, primary=lambda row: not row.lifted_at
        ),
        Column("source", label=gettext_lazy("Where it came from"), classname="staff-wide"),
        Column("lifted_because", label=gettext_lazy("Lifted because"), classname="staff-wide"),
        DateColumn("suppressed_at", label=gettext_lazy("Since"), sort_key="suppressed_at"),
    ]


class Suppressions(StaffList):
    """Every row of the user's organizations. Whose address it is cannot be read from it: only a keyed hash is kept."""

    least_role = SEES_NAMES
    page_title = gettext_lazy("Suppression list")
    header_icon = "no-view"
    index_url_name = "staff_suppressions"
    index_results_url_name = "staff_suppressions_results"
    filterset_class = SuppressionFilters
    default_ordering = "-suppressed_at"
    verbose_name_plural = gettext_lazy("suppressed addresses")
    columns = [
        TitleColumn(
            "reason",
            label=gettext_lazy("Reason"),
            accessor="get_reason_display",
            get_url=lambda row: reverse("staff_suppression_lift", args=[row.pk]),
            sort_key="reason",
        ),
        *_common_columns(),
        Column("organization", label=gettext_lazy("Organization"), accessor="organization.name"),
    ]

    def rows(self) -> QuerySet[Suppression]:
        return Suppression.objects.filter(organization__in=self.organizations).select_related("organization")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        buttons = [
            ("staff_suppression_add", _("Add an address"), "plus"),
            ("staff_suppression_find", _("Find an address"), "search"),
        ]
        if any(self.may(Role.ADMINISTRATOR, found.pk) for found in self.organizations):
            buttons += [
                ("staff_suppressions_import", _("Bring in a list"), "upload"),
                ("staff_suppressions_export", _("Hand ours on"), "download"),
            ]
        if self.user.is_superuser:
            buttons.append(("staff_suppressed_everywhere", _("The whole server"), "globe"))
        return [HeaderButton(label, url=reverse(name), icon_name=icon) for name, label, icon in buttons]


class _AboutTheList(StaffDeed):
    above = (SUPPRESSIONS,)
    header_icon = "no-view"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}


class Add(_AboutTheList):
    """Never write to one address again."""

    least_role = SEES_NAMES
    page_title = gettext_lazy("Add an address")
    form_class = AddForm
    button = gettext_lazy("Never write to it again")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _("No mailing of the organization goes to this address any more, whatever its owner agrees to."),
            _("Whoever unsubscribed may come back by their own yes. The other reasons end only when lifted."),
            _(
                "After a complaint or by law not even the mail is sent that asks to confirm a letter or signature."
            ),
        ]

    def act(self, form: AddForm) -> str:
        chosen = form.cleaned_data
        fresh = suppression.suppress_by_staff(
            organization=chosen["organization"],
            email=chosen["email"],
            reason=Suppression.Reason(chosen["reason"]),
            source=chosen["source"],
            by=self.user,
            now=self.now,
        )
        return _("The address is suppressed.") if fresh else _("The address was suppressed already.")


class Find(StaffDeed):
    """Look for the row of one address, and go to it."""

    least_role = SEES_NAMES
    above = (SUPPRESSIONS,)
    header_icon = "search"
    page_title = gettext_lazy("Find an address")
    form_class = AddressForm
    button = gettext_lazy("Find")

    def form_valid(self, form: Any) -> HttpResponse:
        email = form.cleaned_data["email"]
        for organization in self.organizations:
            for row in suppression.in_force(organization=organization, email=email):
                return HttpResponseRedirect(reverse("staff_suppression_lift", args=[row.pk]))
        told = (
            _("Nobody on this server may write to this address; whoever runs the server can say why.")
            if suppression.is_suppressed_everywhere(email)
            else str(suppression.NotSuppressed())
        )
        form.add_error("email", told)
        return self.form_invalid(form)


class Lift(StaffDeed):
    """Write to one address again, for a reason. Those who may not lift see the row."""

    least_role = SEES_NAMES
    above = (SUPPRESSIONS,)
    header_icon = "no-view"
    page_title = gettext_lazy("A suppressed address")
    template_name = "supporters/staff/suppression.html"
    form_class = LiftForm
    button = gettext_lazy("Lift the suppression")
    serious = True

    @cached_property
    def suppression(self) -> Suppression:
        found: Suppression = self.find(
            Suppression.objects.select_related("organization"), pk=self.kwargs["pk"]
        )
        return found

    @property
    def may_lift(self) -> bool:
        standing = not self.suppression.lifted_at and not self.suppression.is_own
        return standing and self.may(Role.ADMINISTRATOR, self.suppression.organization_id)

    def consequences(self) -> list[str]:
        return [
            _("Mailings may go to this address again, where its owner agreed to them."),
            _("The reason you give stays on record, with your name."),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "suppression": self.suppression,
            "may_lift": self.may_lift,
            "theirs_alone": str(suppression.TheirsAlone()) if self.suppression.is_own else "",
        }

    def act(self, form: LiftForm) -> str:
        if not self.may_lift:
            raise suppression.MayNotLift
        suppression.lift(
            suppression=self.suppression, because=form.cleaned_data["because"], by=self.user, now=self.now
        )
        return _("The suppression is lifted.")


class Import(_AboutTheList):
    """Bring in a list of addresses or hashes."""

    least_role = Role.ADMINISTRATOR
    page_title = gettext_lazy("Bring in a list")
    header_icon = "upload"
    template_name = "supporters/staff/suppression_import.html"
    form_class = ListForm
    button = gettext_lazy("Bring it in")

    def consequences(self) -> list[str]:
        return [
            _("Every address on the list is suppressed at once, for this organization alone."),
            _("Addresses are kept as hashes. What cannot be read is counted and named by its line."),
            _("A row ends only when an administrator lifts it, one by one."),
        ]

    def act(self, form: ListForm) -> str:
        lines = io.TextIOWrapper(form.cleaned_data["file"].file, encoding="utf-8-sig", errors="replace")
        outcome = suppression_lists.bring_in(
            lines,
            organization=form.cleaned_data["organization"],
            reason=Suppression.Reason.IMPORTED,
            source=form.cleaned_data["source"],
            by=self.user,
            now=self.now,
        )
        lines.detach()
        return outcome_in_words(outcome)


def outcome_in_words(outcome: suppression_lists.Outcome) -> str:
    """What became of a list, in sentences."""
    said = [
        ngettext("%(count)d address was added.", "%(count)d addresses were added.", outcome.added)
        % {"count": outcome.added},
        ngettext("%(count)d was there already.", "%(count)d were there already.", outcome.known)
        % {"count": outcome.known},
        ngettext("%(count)d supporter is marked.", "%(count)d supporters are marked.", outcome.supporters)
        % {"count": outcome.supporters},
    ]
    if outcome.unread:
        said.append(
            ngettext(
                "%(count)d line could not be read: %(lines)s.",
                "%(count)d lines could not be read: %(lines)s.",
                outcome.unread,
            )
            % {"count": outcome.unread, "lines": ", ".join(map(str, outcome.unread_lines))}
        )
    return " ".join(said)


class Export(_AboutTheList):
    """Hand our list on, as hashes."""

    least_role = Role.ADMINISTRATOR
    page_title = gettext_lazy("Hand ours on")
    header_icon = "download"
    form_class = WhoseForm
    button = gettext_lazy("Fetch the file")

    def consequences(self) -> list[str]:
        return [
            _(
                "You get a text file with the SHA-256 of each suppressed address, for the service or group that sends"
                " for you."
            ),
            _(
                "Whoever has a list of addresses can tell from it which of them are suppressed: hand it to nobody else."
            ),
            _("People who were erased are not in it. The audit trail notes that you fetched it."),
        ]

    def form_valid(self, form: Any) -> HttpResponse | StreamingHttpResponse:  # type: ignore[override]
        organization = form.cleaned_data["organization"]
        digests = suppression_lists.hand_on(organization=organization, by=self.user, now=self.now)
        response = StreamingHttpResponse(
            (f"{digest}\r\n" for digest in digests), content_type="text/plain; charset=us-ascii"
        )
        name = f"suppressed-{organization.slug}-{self.now:%Y-%m-%d}.txt"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


# --- The whole server -----------------------------------------------------------------------------


class Everywhere(StaffList):
    """Addresses that nobody on this server writes to."""

    only_superusers = True
    least_role = Role.ADMINISTRATOR
    page_title = gettext_lazy("Suppressed on the whole server")
    header_icon = "globe"
    index_url_name = "staff_suppressed_everywhere"
    index_results_url_name = "staff_suppressed_everywhere_results"
    default_ordering = "-suppressed_at"
    verbose_name_plural = gettext_lazy("suppressed addresses")
    columns = [
        TitleColumn(
            "reason",
            label=gettext_lazy("Reason"),
            accessor="get_reason_display",
            get_url=lambda row: reverse("staff_suppressed_everywhere_lift", args=[row.pk]),
            sort_key="reason",
        ),
        *_common_columns(),
    ]

    def rows(self) -> QuerySet[InstallationSuppression]:
        return InstallationSuppression.objects.all()

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        place = reverse("staff_suppressed_everywhere_add")
        return [HeaderButton(_("Add an address"), url=place, icon_name="plus")]


class AddEverywhere(StaffDeed):
    """Let nobody on this server write to one address again."""

    only_superusers = True
    least_role = Role.ADMINISTRATOR
    above = (EVERYWHERE,)
    header_icon = "globe"
    page_title = gettext_lazy("Add an address")
    form_class = AddForm
    button = gettext_lazy("Nobody writes to it again")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _(
                "No organization on this server writes to this address any more, not even to confirm a letter."
            ),
            _("No organization learns whether another one knew it."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": None}

    def act(self, form: AddForm) -> str:
        chosen = form.cleaned_data
        fresh = suppression.suppress_everywhere(
            email=chosen["email"],
            reason=Suppression.Reason(chosen["reason"]),
            source=chosen["source"],
            by=self.user,
            now=self.now,
        )
        return _("The address is suppressed.") if fresh else _("The address was suppressed already.")


class LiftEverywhere(StaffDeed):
    """Let organizations write to one address again."""

    only_superusers = True
    least_role = Role.ADMINISTRATOR
    above = (EVERYWHERE,)
    header_icon = "globe"
    page_title = gettext_lazy("A suppressed address")
    template_name = "supporters/staff/suppression.html"
    form_class = LiftForm
    button = gettext_lazy("Lift the suppression")
    serious = True

    @cached_property
    def suppression(self) -> InstallationSuppression:
        return get_object_or_404(InstallationSuppression, pk=self.kwargs["pk"])

    def consequences(self) -> list[str]:
        return [_("What an organization itself suppressed stays suppressed there.")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "suppression": self.suppression,
            "may_lift": not self.suppression.lifted_at,
        }

    def act(self, form: Form) -> str:
        suppression.lift_everywhere(
            suppression=self.suppression, because=form.cleaned_data["because"], by=self.user, now=self.now
        )
        return _("The suppression is lifted.")
