"""The questions an organization asks, for administrators: what is asked in which words, in which language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.staff_forms import OrganizationChoice
from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.supporters import asking
from amparo.supporters.models import Channel, ConsentWording, Purpose

if TYPE_CHECKING:
    from django.db.models import QuerySet

QUESTIONS = (gettext_lazy("Questions"), "staff_questions")
_ASKED_FOR = [choice for choice in Purpose.choices if choice[0] != Purpose.DISCLOSURE]


class Questions(StaffList):
    """Every wording that is asked, or was."""

    least_role = Role.ADMINISTRATOR
    page_title = gettext_lazy("Questions")
    header_icon = "help"
    index_url_name = "staff_questions"
    index_results_url_name = "staff_questions_results"
    default_ordering = "purpose"
    verbose_name_plural = gettext_lazy("questions")
    columns = [
        TitleColumn(
            "text",
            label=gettext_lazy("Question"),
            get_url=lambda row: reverse("staff_question_stop", args=[row.pk]),
        ),
        Column("purpose", label=gettext_lazy("For"), accessor="get_purpose_display", sort_key="purpose"),
        Column("channel", label=gettext_lazy("By"), accessor="get_channel_display"),
        Column("partner", label=gettext_lazy("Partner")),
        Column("language", label=gettext_lazy("Language"), sort_key="language"),
        Column("version", label=gettext_lazy("Version")),
        Column("state", label=gettext_lazy("Now"), accessor=lambda row: _state_of(row)),
        Column("organization", label=gettext_lazy("Organization"), accessor="organization.name"),
    ]

    def rows(self) -> QuerySet[Any]:
        mine = ConsentWording.objects.filter(organization__in=self.organizations)
        return (
            mine.exclude(purpose=Purpose.DISCLOSURE)
            .select_related("organization")
            .order_by("purpose", "channel", "partner", "language", "-version")
        )

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Ask something"), url=reverse("staff_question_add"), icon_name="plus")]


def _state_of(wording: ConsentWording) -> str:
    if wording.retired_at is not None:
        return _("not asked any more")
    newer = ConsentWording.objects.for_organization(wording.organization).filter(
        purpose=wording.purpose,
        channel=wording.channel,
        partner=wording.partner,
        language=wording.language,
        version__gt=wording.version,
    )
    return _("replaced") if newer.exists() else _("asked")


class QuestionForm(forms.Form):
    """What is asked, for which purpose, by which channel, in which language."""

    purpose = forms.ChoiceField(label=gettext_lazy("For"), choices=_ASKED_FOR)
    partner = forms.CharField(
        label=gettext_lazy("Partner"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Only for sharing: with whom, by name."),
    )
    channel = forms.ChoiceField(label=gettext_lazy("By"), choices=Channel.choices, initial=Channel.EMAIL)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    text = forms.CharField(
        label=gettext_lazy("The question, word for word"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy(
            "One thing, to be answered with yes or no: who writes, about what, how often."
        ),
    )

    def __init__(self, *args: Any, organizations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"] = OrganizationChoice(organizations)


class AskSomething(StaffDeed):
    """A new question, or new words for one."""

    least_role = Role.ADMINISTRATOR
    above = (QUESTIONS,)
    page_title = gettext_lazy("Ask something")
    header_icon = "help"
    form_class = QuestionForm
    button = gettext_lazy("Ask it from now on")

    def consequences(self) -> list[str]:
        return [
            _("Every form of yours asks it from now on. No answer is ever filled in beforehand."),
            _(
                "Whoever answered earlier words is not asked again: each answer is kept with the words it was given to."
            ),
            _("Write it in each language of your site; readers of another are asked in yours."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def act(self, form: Any) -> str:
        chosen = form.cleaned_data
        asking.ask(
            organization=chosen["organization"],
            purpose=Purpose(chosen["purpose"]),
            channel=Channel(chosen["channel"]),
            language=chosen["language"],
            text=chosen["text"],
            partner=chosen["partner"],
            by=self.user,
            now=self.now,
        )
        return _("It is asked from now on.")


class StopAsking(StaffDeed):
    """Ask something no more."""

    least_role = Role.ADMINISTRATOR
    above = (QUESTIONS,)
    page_title = gettext_lazy("Stop asking")
    header_icon = "help"
    button = gettext_lazy("Stop asking it")
    serious = True

    @cached_property
    def wording(self) -> ConsentWording:
        rows = ConsentWording.objects.exclude(purpose=Purpose.DISCLOSURE).select_related("organization")
        found: ConsentWording = self.find(rows, pk=self.kwargs["pk"])
        return found

    def consequences(self) -> list[str]:
        return [
            f"“{self.wording.text}”",
            _(
                "No form asks it any more, in no language. What people answered holds until they take it back."
            ),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        asking.stop_asking(wording=self.wording, by=self.user, now=self.now)
        return _("It is not asked any more.")
