"""Offices that no source knows, typed in by the organization that writes to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.targets import entering
from amparo.targets.models import Post
from amparo.targets.staff_forms import EntryForm

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.organizations.models import Organization

ENTERED = (gettext_lazy("Entered by hand"), "staff_entered")


class Entered(StaffList):
    """The offices that the user's organizations typed in."""

    least_role = Role.ADMINISTRATOR
    page_title = gettext_lazy("Entered by hand")
    header_icon = "edit"
    index_url_name = "staff_entered"
    index_results_url_name = "staff_entered_results"
    search_fields = ["label", "memberships__person__name"]
    default_ordering = "label"
    verbose_name_plural = gettext_lazy("targets entered by hand")
    columns = [
        TitleColumn(
            "label",
            label=gettext_lazy("Office"),
            get_url=lambda post: reverse("staff_entered_change", args=[post.pk]),
            sort_key="label",
        ),
        Column(
            "holder",
            label=gettext_lazy("Holder"),
            accessor=lambda post: entering.entry_of(post).holder or "–",
        ),
        Column(
            "email",
            label=gettext_lazy("E-mail address"),
            accessor=lambda post: entering.entry_of(post).email or "–",
        ),
        Column("key", label=gettext_lazy("Target key"), accessor="key", classname="staff-wide"),
        Column(
            "organization",
            label=gettext_lazy("Organization"),
            accessor="dataset.organization.name",
            classname="staff-wide",
        ),
    ]

    def rows(self) -> QuerySet[Any]:
        return entered_by(self.organizations).distinct()

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Enter a target"), url=reverse("staff_entered_add"), icon_name="plus")]


def entered_by(organizations: list[Organization]) -> QuerySet[Post]:
    """What these organizations typed in."""
    own = Post.objects.filter(dataset__by_hand=True, dataset__organization__in=organizations)
    return own.select_related("dataset__organization")


class Enter(StaffDeed):
    """A new office."""

    least_role = Role.ADMINISTRATOR
    above = (ENTERED,)
    page_title = gettext_lazy("Enter a target")
    header_icon = "edit"
    form_class = EntryForm
    button = gettext_lazy("Enter it")

    def consequences(self) -> list[str]:
        return [
            _("Pages of your organization can write to it at once, by its target key. Nobody else sees it."),
            _("No source keeps it up to date: whoever holds the office next has to be entered by you."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def act(self, form: EntryForm) -> str:
        post = entering.enter(
            organization=form.cleaned_data["organization"], entry=form.entry(), by=self.user, now=self.now
        )
        return _("Entered. Its target key: %(key)s") % {"key": post.key}


class _OneEntry(StaffDeed):
    least_role = Role.ADMINISTRATOR
    above = (ENTERED,)
    header_icon = "edit"

    @cached_property
    def entered(self) -> Post:
        found: Post = get_object_or_404(entered_by(self.organizations), pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return self.entered.label


class Amend(_OneEntry):
    """Another holder, another address."""

    template_name = "targets/staff/entered.html"
    form_class = EntryForm
    button = gettext_lazy("Save")

    def get_initial(self) -> dict[str, Any]:
        entry = entering.entry_of(self.entered)
        return {name: getattr(entry, name) for name in ("label", "holder", "salutation", "email")}

    def consequences(self) -> list[str]:
        return [
            _(
                "Letters that still wait go to whoever holds the office when they leave, and greet that person."
            ),
            _("Its target key stays: %(key)s") % {"key": self.entered.key},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"entered": self.entered}

    def act(self, form: EntryForm) -> str:
        entering.amend(post=self.entered, entry=form.entry(), by=self.user, now=self.now)
        return _("Saved.")


class Strike(_OneEntry):
    """Remove an office."""

    button = gettext_lazy("Remove it")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _("Pages that name it find nobody there any more, and letters that wait for it are held."),
            _("Letters that left stay as they are. It can be entered again."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        entering.strike(post=self.entered, by=self.user, now=self.now)
        return _("Removed.")
