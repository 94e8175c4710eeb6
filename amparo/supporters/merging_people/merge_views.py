"""Two records of one person, for staff: which look alike, what merging would do, merging, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList, StaffPage
from amparo.kit.refusal import Refusal
from amparo.supporters import looking_up
from amparo.supporters.deeds import deeds_of
from amparo.supporters.merging_people import merging
from amparo.supporters.models import Merge, Supporter
from amparo.supporters.screens import SUPPORTERS, NamesScreen, OneSupporter, SupporterDeed
from amparo.supporters.showing import names_of, short_number
from amparo.supporters.staff_forms import LookUpForm

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

DUPLICATES = (gettext_lazy("Duplicates"), "staff_duplicates")
MERGES = (gettext_lazy("Merged records"), "staff_merges")


class Duplicates(NamesScreen, StaffPage):
    """Pairs of records that may be one person."""

    page_title = gettext_lazy("Duplicates")
    header_icon = "group"
    template_name = "supporters/staff/duplicates.html"
    above = (SUPPORTERS,)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pairs = [
            pair
            for organization in self.organizations
            for pair in merging.likely_duplicates(organization=organization)
        ]
        people = [who for pair in pairs for who in (pair.survivor, pair.absorbed)]
        names = names_of(people, readable=self.open_organizations)
        return super().get_context_data(**kwargs) | {
            "pairs": [(pair, names[pair.survivor.pk], names[pair.absorbed.pk]) for pair in pairs],
            "several": len(self.organizations) > 1,
        }


class ChooseOther(SupporterDeed):
    """Which record is the same person as this one."""

    page_title = gettext_lazy("Merge with another record")
    header_icon = "search"
    form_class = LookUpForm
    button = gettext_lazy("Compare the two")

    def consequences(self) -> list[str]:
        return [
            _("You are shown both records side by side first. Nothing is changed on this screen."),
            _("The audit trail notes that you looked, and whom you found; not what you typed."),
        ]

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            found = looking_up.look_up(
                form.cleaned_data["words"],
                organizations=[self.supporter.organization],
                by=self.user,
                now=self.now,
            )
        except Refusal as refusal:
            form.add_error("words", str(refusal))
            return self.form_invalid(form)
        others = [person for person in found if person.pk != self.supporter.pk]
        if not others:
            form.add_error("words", _("Nobody else has exactly this."))
            return self.form_invalid(form)
        return HttpResponseRedirect(reverse("staff_compare", args=[self.supporter.pk, others[0].pk]))


class Compare(OneSupporter, StaffDeed):
    """Both records side by side and what would become of them; administrators may merge them from here."""

    above = (DUPLICATES,)
    page_title = gettext_lazy("One person or two?")
    template_name = "supporters/staff/compare.html"
    button = gettext_lazy("Merge them")
    serious = True

    @cached_property
    def absorbed(self) -> Supporter:
        found: Supporter = self.find(
            Supporter.objects.filter(organization=self.supporter.organization).select_related("organization"),
            pk=self.kwargs["other"],
        )
        return found

    @cached_property
    def may_merge(self) -> bool:
        both = (self.supporter, self.absorbed)
        somebody = all(who.merged_into_id is None and who.anonymized_at is None for who in both)
        return somebody and self.may(Role.ADMINISTRATOR, self.supporter.organization_id)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may(Role.ADMINISTRATOR, self.supporter.organization_id):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def consequences(self) -> list[str]:
        return [
            _("The second record is filed under the first. Nothing is deleted, and it can be undone."),
            _(
                "What the first record lacks is filled in from the second. Nothing that stands there is replaced."
            ),
            _("Mail goes to the first record's address alone; whoever uses another one is recognised."),
            _("To each question of consent the later answer holds, as the table shows."),
            *self.preview.sentences,
        ]

    @cached_property
    def preview(self) -> merging.Preview:
        return merging.preview(survivor=self.supporter, absorbed=self.absorbed)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        both = [self.supporter, self.absorbed]
        names = names_of(both, readable=self.open_organizations)
        return super().get_context_data(**kwargs) | {
            "both": [{"supporter": who, "named": names[who.pk], "deeds": len(deeds_of(who))} for who in both],
            "preview": self.preview,
            "open_to_read": self.sees(self.supporter),
            "may_merge": self.may_merge,
            "swapped": reverse("staff_compare", args=[self.absorbed.pk, self.supporter.pk]),
        }

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        merging.merge(survivor=self.supporter, absorbed=self.absorbed, by=self.user, now=self.now)
        return _("The two records are one person now.")

    def after(self) -> str:
        done = self.request.method == "POST"
        return reverse("staff_supporter", args=[self.supporter.pk]) if done else super().after()


def _number(supporter: Supporter) -> str:
    return _("Supporter %(number)s") % {"number": short_number(supporter.pk)}


class Merges(StaffList):
    """Every merge, with the way to undo it."""

    page_title = gettext_lazy("Merged records")
    header_icon = "history"
    index_url_name = "staff_merges"
    index_results_url_name = "staff_merges_results"
    default_ordering = "-merged_at"
    verbose_name_plural = gettext_lazy("merges")
    columns = [
        TitleColumn(
            "survivor",
            label=gettext_lazy("Person"),
            accessor=lambda row: _number(row.survivor),
            get_url=lambda row: reverse("staff_supporter", args=[row.survivor_id]),
        ),
        TitleColumn(
            "absorbed",
            label=gettext_lazy("Record merged into them"),
            accessor=lambda row: _number(row.absorbed),
            get_url=lambda row: reverse("staff_supporter", args=[row.absorbed_id]),
        ),
        DateColumn("merged_at", label=gettext_lazy("Merged"), sort_key="merged_at"),
        DateColumn("undone_at", label=gettext_lazy("Undone"), classname="staff-wide"),
        TitleColumn(
            "undo",
            label="",
            accessor=lambda row: "" if row.undone_at else _("Undo…"),
            get_url=lambda row: None if row.undone_at else reverse("staff_merge_undo", args=[row.pk]),
        ),
        Column("organization", label=gettext_lazy("Organization"), accessor="organization.name"),
    ]

    def rows(self) -> QuerySet[Merge]:
        mine = Merge.objects.filter(organization__in=self.organizations)
        return mine.select_related("survivor", "absorbed", "organization")


class UndoMerge(StaffDeed):
    """Tell two records apart again."""

    least_role = Role.ADMINISTRATOR
    above = (MERGES,)
    header_icon = "undo"
    page_title = gettext_lazy("Tell the two apart again")
    button = gettext_lazy("Undo the merge")
    serious = True

    @cached_property
    def merge(self) -> Merge:
        found: Merge = self.find(
            Merge.objects.select_related("survivor", "absorbed", "organization"), pk=self.kwargs["pk"]
        )
        return found

    def consequences(self) -> list[str]:
        return [
            _("%(first)s and %(second)s are two people again, each with their own answers, deeds and tags.")
            % {"first": _number(self.merge.survivor), "second": _number(self.merge.absorbed)},
            _("What was done while they were one stays with the first."),
            _("What the first got from the second is taken back, unless somebody changed it since."),
            _(
                "What was said while they were one may have come from either: a no holds for both, a yes for neither,"
                " unless the first had said yes before."
            ),
        ]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        merging.undo(merge=self.merge, by=self.user, now=self.now)
        return _("They are two people again.")
