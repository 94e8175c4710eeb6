"""The letters, for staff: what state each is in and why; their words only for approvers, who leave a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn, StatusTagColumn, TitleColumn

from amparo.accounts import audit
from amparo.accounts.models import AuditEntry, Role
from amparo.accounts.roles import organizations_of
from amparo.accounts.staff_screens import StaffList, StaffPage, in_words
from amparo.actions.desk.letter_deeds import DEEDS, LetterDeed, deeds_for
from amparo.actions.desk.staff_words import MEANINGS, STATES, reason_of
from amparo.actions.models import ActionPage, Message, MessageEvent

if TYPE_CHECKING:
    from django.db.models import QuerySet

LETTERS = (_("Letters"), "staff_letters")
#: States that somebody should look at.
_TROUBLE = {"uncertain", "failed", "bounced", "held"}


def pages_of(request: HttpRequest | None) -> QuerySet[ActionPage]:
    """The pages whose letters this user may list."""
    if request is None:
        return ActionPage.objects.none()
    mine = organizations_of(request.user, at_least=Role.EDITOR)  # type: ignore[arg-type]
    return ActionPage.objects.filter(organization__in=mine).order_by("title")


class LetterFilters(WagtailFilterSet):
    """What the list can be narrowed to."""

    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=list(STATES.items()), widget=CheckboxSelectMultiple
    )
    page = django_filters.ModelChoiceFilter(label=_("Page"), queryset=pages_of)
    target_key = django_filters.CharFilter(label=_("Target key"))

    class Meta:
        model = Message
        fields = ["state", "page", "target_key"]


class TickColumn(BaseColumn):
    """A box to tick, for doing something with several letters at once."""

    cell_template_name = "actions/staff/tick_cell.html"


class Letters(StaffList):
    """Every letter of the user's organizations, the newest first; never a supporter's name, never the text."""

    least_role = Role.EDITOR
    page_title = _("Letters")
    header_icon = "mail"
    index_url_name = "staff_letters"
    index_results_url_name = "staff_letters_results"
    results_template_name = "actions/staff/letters_results.html"
    filterset_class = LetterFilters
    search_fields = ["target_label", "target_name", "target_key", "sent_to"]
    default_ordering = "-created_at"
    verbose_name_plural = _("letters")

    @property
    def columns(self) -> list[BaseColumn]:
        listed = [
            TitleColumn(
                "target",
                label=_("To"),
                accessor=lambda letter: letter.target_name or letter.target_label,
                get_url=lambda letter: reverse("staff_letter", args=[letter.pk]),
                sort_key="target_label",
            ),
            Column("office", label=_("Office"), accessor="target_label", classname="staff-wide"),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=lambda letter: STATES[letter.state],
                primary=lambda letter: letter.state in _TROUBLE,
                sort_key="state",
            ),
            Column("reason", label=_("Reason"), accessor=lambda letter: reason_of(letter.reason)),
            Column(
                "page", label=_("Page"), accessor="page.title", sort_key="page__title", classname="staff-wide"
            ),
            DateColumn("created_at", label=_("Written"), sort_key="created_at"),
            DateColumn("sent_at", label=_("Sent"), sort_key="sent_at", classname="staff-wide"),
        ]
        return [TickColumn("tick", label=_("Select")), *listed] if self.may_moderate else listed

    @cached_property
    def may_moderate(self) -> bool:
        return bool(organizations_of(self.user, at_least=Role.APPROVER))

    def rows(self) -> QuerySet[Message]:
        letters = Message.objects.filter(organization__in=self.organizations)
        return letters.select_related("page").defer("salutation", "subject", "body", "closing")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "may_moderate": self.may_moderate,
            "deeds": DEEDS.values(),
            "query": self.request.GET.urlencode(),
        }


class LetterPage(StaffPage):
    """One letter: where it stands, every step so far, and what can be done."""

    template_name = "actions/staff/letter.html"
    above = (LETTERS,)
    header_icon = "mail"

    @cached_property
    def letter(self) -> Message:
        found: Message = self.find(
            Message.objects.select_related("page__campaign", "organization"), pk=self.kwargs["pk"]
        )
        return found

    def get_page_title(self) -> str:
        return self.letter.target_name or self.letter.target_label

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        letter = self.letter
        may_moderate = self.may(Role.APPROVER, letter.organization_id)
        deeds: list[LetterDeed] = deeds_for(letter, now=self.now) if may_moderate else []
        return super().get_context_data(**kwargs) | {
            "letter": letter,
            "state": STATES[letter.state],
            "meaning": MEANINGS[letter.state],
            "reason": reason_of(letter.reason),
            "journal": [
                {"event": event, "state": STATES[event.state], "reason": reason_of(event.reason)}
                for event in MessageEvent.objects.filter(message_id=letter.pk)
            ],
            "trail": [(entry, in_words(entry.verb)) for entry in self._trail()],
            "deeds": deeds,
            "may_read": may_moderate,
        }

    def _trail(self) -> QuerySet[AuditEntry]:
        entries = AuditEntry.objects.filter(
            organization=self.letter.organization_id,
            subject_type=Message._meta.label_lower,
            subject_id=str(self.letter.pk),
        )
        return entries.select_related("actor").order_by("id")


class LetterText(LetterPage):
    """The words of one letter and who wrote them. Opening them is a deed: asked for by POST, noted in the trail."""

    least_role = Role.APPROVER
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        letter = self.letter
        audit.record(
            verb="read_letter", subject=letter, by=self.user, organization=letter.organization, now=self.now
        )
        return render(request, "actions/staff/letter_text.html", self.get_context_data())
