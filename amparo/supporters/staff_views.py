"""The supporters, for staff: a list, looking somebody up, and one person's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import AuditEntry, Role
from amparo.accounts.staff_screens import StaffDeed, StaffList, StaffPage, in_words
from amparo.kit.refusal import Refusal
from amparo.supporters import choosing, consent, custom_fields, looking_up, suppression
from amparo.supporters.deeds import deeds_of, mails_to
from amparo.supporters.list_filters import SupporterFilters
from amparo.supporters.models import (
    CustomValue,
    Merge,
    Note,
    OtherAddress,
    Supporter,
    Suppression,
)
from amparo.supporters.screens import FURTHER, SUPPORTERS, NamesScreen, OneSupporter
from amparo.supporters.showing import Named, names_of, without_names
from amparo.supporters.staff_forms import LookUpForm

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.utils.safestring import SafeString

#: States that somebody should look at.
_TROUBLE = {"suppressed", "bounced", "complained"}


class Supporters(NamesScreen, StaffList):
    """The supporters of the user's organizations, the newest first; names for those who may read them."""

    page_title = _("Supporters")
    header_icon = "group"
    template_name = "supporters/staff/supporters.html"
    index_url_name = "staff_supporters"
    index_results_url_name = "staff_supporters_results"
    results_template_name = "supporters/staff/supporters_results.html"
    filterset_class = SupporterFilters
    default_ordering = "-created_at"
    verbose_name_plural = _("supporters")

    @property
    def columns(self) -> list[BaseColumn]:
        listed: list[BaseColumn] = [
            TitleColumn(
                "name",
                label=_("Supporter"),
                accessor=lambda row: self.named(row).name,
                get_url=lambda row: reverse("staff_supporter", args=[row.pk]),
            ),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=lambda row: choosing.STATES[choosing.state_of(row, now=self.now)],
                primary=lambda row: choosing.state_of(row, now=self.now) in _TROUBLE,
            ),
            Column("agreed", label=_("Agreed to"), accessor=agreed_in_words, classname="staff-wide"),
            Column("tags", label=_("Tags"), accessor=_tags_in_words),
            Column("country", label=_("Country"), sort_key="country", classname="staff-wide"),
            Column("language", label=_("Language"), sort_key="language", classname="staff-wide"),
            DateColumn("created_at", label=_("Joined"), sort_key="created_at"),
        ]
        if self.open_organizations:
            email = Column(
                "email",
                label=_("E-mail address"),
                accessor=lambda row: self.named(row).email,
                classname="staff-wide",
            )
            listed.insert(1, email)
        if len(self.organizations) > 1:
            listed.append(Column("organization", label=_("Organization"), classname="staff-wide"))
        return listed

    def rows(self) -> QuerySet[Supporter]:
        mine = Supporter.objects.filter(organization__in=self.organizations).present()
        return without_names(mine).select_related("organization").prefetch_related("taggings__tag")

    @cached_property
    def _names(self) -> dict[Any, Named]:
        return names_of(self.page_of_rows, readable=self.open_organizations)

    def named(self, row: Supporter) -> Named:
        """How somebody on this page of the list is called, for this user."""
        return self._names.get(row.pk) or Named.unseen(row)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.open_organizations:
            return []
        query = self.request.GET.urlencode()
        after = f"?{query}" if query else ""
        return [
            HeaderButton(_("Tag them…"), url=reverse("staff_tag_many") + after, icon_name="tag"),
            HeaderButton(_("Export them…"), url=reverse("staff_export_ask") + after, icon_name="download"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        self.page_of_rows = list(context["object_list"])
        context["object_list"] = self.page_of_rows
        if self.open_organizations and self.page_of_rows:
            looking_up.note_list(
                organizations=[each for each in self.organizations if each.pk in self.open_organizations],
                filters=self.filters.codes() if self.filters else {},
                by=self.user,
                now=self.now,
            )
        return context | {
            "look_up": LookUpForm(),
            "may_look_up": bool(self.open_organizations),
        }


class LookUp(NamesScreen, StaffDeed):
    """Find somebody by their whole address or number. What was typed travels by POST and is kept nowhere."""

    least_role = Role.APPROVER
    above = (SUPPORTERS,)
    page_title = _("Find a supporter")
    header_icon = "search"
    template_name = "supporters/staff/look_up.html"
    form_class = LookUpForm
    button = _("Find")

    def consequences(self) -> list[str]:
        return [str(_("The audit trail notes that you looked, and whom you found; not what you typed."))]

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            found = looking_up.look_up(
                form.cleaned_data["words"], organizations=self.organizations, by=self.user, now=self.now
            )
        except Refusal as refusal:
            form.add_error("words", str(refusal))
            return self.form_invalid(form)
        if len(found) == 1:
            return HttpResponseRedirect(reverse("staff_supporter", args=[found[0].pk]))
        context = self.get_context_data(form=form) | {
            "looked": True,
            "people": [(person, Named.seen(person)) for person in found],
        }
        return self.render_to_response(context)


class SupporterPage(OneSupporter, StaffPage):
    """One person: who, what they agreed to, what they did, what staff noted, and what can be done."""

    template_name = "supporters/staff/supporter.html"
    above = (SUPPORTERS,)

    @cached_property
    def named(self) -> Named:
        return names_of([self.supporter], readable=self.open_organizations)[self.supporter.pk]

    def get_page_title(self) -> str:
        return self.named.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        supporter = self.supporter
        open_to_read = self.sees(supporter)
        looking_up.note_view(supporter=supporter, by=self.user, with_names=open_to_read, now=self.now)
        state = choosing.state_of(supporter, now=self.now)
        return super().get_context_data(**kwargs) | {
            "supporter": supporter,
            "named": self.named,
            "open_to_read": open_to_read,
            "state": choosing.STATES[state],
            "in_trouble": state in _TROUBLE,
            "others": list(OtherAddress.objects.filter(supporter=supporter)) if open_to_read else [],
            "suppressions": self._suppressions() if open_to_read else [],
            "present": _present(supporter),
            "ledger": consent.ledger_of(supporter),
            "tags": [tagging.tag for tagging in supporter.taggings.select_related("tag")],
            "answers": self._answers(open_to_read),
            "notes": list(Note.objects.filter(supporter=supporter).select_related("written_by"))
            if open_to_read
            else [],
            "note_count": Note.objects.filter(supporter=supporter).count(),
            "deeds": deeds_of(supporter),
            "mails": [(mail, in_words(mail.kind), in_words(mail.state)) for mail in mails_to(supporter)]
            if open_to_read
            else [],
            "further": [(link, reverse(link.place, args=[supporter.pk])) for link in FURTHER],
            "merges": Merge.objects.filter(survivor=supporter).select_related("absorbed"),
            "trail": [(entry, in_words(entry.verb)) for entry in self._trail()],
        }

    def _suppressions(self) -> list[Suppression]:
        email = self.supporter.email
        return suppression.in_force(organization=self.supporter.organization, email=email) if email else []

    def _answers(self, open_to_read: bool) -> list[tuple[str, str]]:
        """Answers to the organization's own fields; sealed ones for those who may read names."""
        values = CustomValue.objects.filter(supporter=self.supporter).select_related("field")
        shown = values if open_to_read else values.filter(plain__isnull=False).defer("sealed")
        return [(value.field.label, custom_fields.shown(value)) for value in shown.order_by("field__label")]

    def _trail(self) -> QuerySet[AuditEntry]:
        entries = AuditEntry.objects.filter(
            organization=self.supporter.organization_id,
            subject_type=Supporter._meta.label_lower,
            subject_id=str(self.supporter.pk),
        )
        return entries.select_related("actor").order_by("-id")[:50]


def _present(supporter: Supporter) -> list[dict[str, Any]]:
    """The last answer to everything this person was ever asked, with its wording and the door by which it came."""
    return [
        {
            "line": last,
            "purpose": last.get_purpose_display(),
            "channel": last.get_channel_display(),
            "origin": last.get_origin_display(),
            "basis": last.get_legal_basis_display(),
        }
        for last in consent.present_answers(supporter).values()
    ]


def agreed_in_words(supporter: Supporter) -> str:
    """What somebody agreed to, as a list shows it."""
    return ", ".join(
        str(_("%(purpose)s (%(channel)s)") % {"purpose": purpose.label, "channel": channel.label})
        for purpose, channel in consent.standing_questions()
        if supporter.agreed_to & consent.bit(purpose, channel)
    )


def _tags_in_words(supporter: Supporter) -> SafeString:
    """Tags as small labels."""
    names = sorted(tagging.tag.name for tagging in supporter.taggings.all())
    return format_html_join(" ", '<span class="staff-chip">{}</span>', ((name,) for name in names))
