"""The screens on which a mailing is composed: the list, one mailing with its texts and hints, and the composer."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import django_filters
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton
from wagtail.blocks import StreamValue

from amparo.accounts.models import Role
from amparo.accounts.roles import organizations_of
from amparo.accounts.staff_screens import StaffDeed, StaffList, StaffPage
from amparo.mailings.composer import composing, hints
from amparo.mailings.composer.block_kinds import stream_for
from amparo.mailings.composer.languages import name_of
from amparo.mailings.merge_fields import merge_fields
from amparo.mailings.models import Mailing
from amparo.mailings.screens import sending_sections, sending_words
from amparo.mailings.screens.compose_forms import MailingForm, NewMailingForm, NewTextForm, TextForm
from amparo.mailings.screens.mailing_screens import MAILINGS, MailingDeed, OneMailing, OneText, text_name
from amparo.mailings.texts import senders
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amparo.mailings.models import MailingText

#: Fields for addresses, which nobody writes by hand.
_NOT_TYPED = {"my token"}


def _languages(mailing: Mailing) -> str:
    """The languages of a mailing, each once."""
    return ", ".join(dict.fromkeys(name_of(text.language) for text in mailing.texts.all()))


def _when(mailing: Mailing) -> datetime:
    """The moment that says most about where it stands."""
    return mailing.finished_at or mailing.started_at or mailing.scheduled_at or mailing.changed_at


class WhenColumn(DateColumn):
    """How long ago; of a mailing that is still to leave, the day and the hour."""

    cell_template_name = "mailings/staff/when_cell.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        if instance.state != Mailing.State.SCHEDULED:
            return context
        return context | {"leaves": sending_words.on_the_clock(instance.scheduled_at, instance.organization)}


class MailingFilters(WagtailFilterSet):
    """What the list can be narrowed to: where a mailing stands, and what it leaves as."""

    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=Mailing.State.choices)
    channel = django_filters.ChoiceFilter(
        label=gettext_lazy("As"),
        choices=[(channel.value, channel.label) for channel in (Channel.EMAIL, Channel.SMS)],
    )

    class Meta:
        model = Mailing
        fields: list[str] = []


class Mailings(StaffList):
    """The mailings of the user's organizations, the newest first."""

    page_title = gettext_lazy("Mailings")
    header_icon = "mail"
    index_url_name = "staff_mailings"
    index_results_url_name = "staff_mailings_results"
    search_fields = ["name"]
    default_ordering = "-created_at"
    verbose_name_plural = gettext_lazy("mailings")
    filterset_class = MailingFilters
    columns = [
        TitleColumn(
            "name",
            label=gettext_lazy("Name"),
            get_url=lambda mailing: reverse("staff_mailing", args=[mailing.pk]),
            sort_key="name",
        ),
        StatusTagColumn(
            "state",
            label=gettext_lazy("State"),
            accessor="get_state_display",
            primary=lambda mailing: not mailing.is_over,
        ),
        Column("kind", label=gettext_lazy("Kind"), accessor="get_kind_display", classname="staff-wide"),
        Column("channel", label=gettext_lazy("As"), accessor="get_channel_display", classname="staff-wide"),
        Column("languages", label=gettext_lazy("Languages"), accessor=_languages, classname="staff-wide"),
        Column(
            "organization",
            label=gettext_lazy("Organization"),
            accessor="organization.name",
            classname="staff-wide",
        ),
        WhenColumn("when", label=gettext_lazy("When"), accessor=_when),
    ]

    def rows(self) -> QuerySet[Mailing]:
        found = Mailing.objects.by_hand().filter(organization__in=self.organizations)
        return found.select_related("organization").prefetch_related("texts")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        found = [
            (_("New mailing"), "staff_mailing_new", "plus"),
            (_("Automations"), "staff_automations", "rotate"),
        ]
        if organizations_of(self.user, at_least=Role.APPROVER):
            found.append((_("What receivers think"), "staff_senders", "view"))
        return [
            HeaderButton(label, url=reverse(name), icon_name=icon, priority=place)
            for place, (label, name, icon) in enumerate(found)
        ]


class NewMailing(StaffDeed):
    """Begin a mailing."""

    above = (MAILINGS,)
    page_title = gettext_lazy("New mailing")
    header_icon = "mail"
    form_class = NewMailingForm
    button = gettext_lazy("Begin to write")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def get_initial(self) -> dict[str, Any]:
        usual = self.organizations[0].locale
        known = {code for code, _name in settings.LANGUAGES}
        return {
            "kind": Mailing.Kind.ALERT,
            "language": usual if usual in known else settings.LANGUAGE_CODE,
        }

    def consequences(self) -> list[str]:
        return [_("A draft is made. Nobody is written to before a colleague approved it.")]

    def act(self, form: Any) -> str:
        made = composing.begin(
            **form.cleaned_data | {"kind": Mailing.Kind(form.cleaned_data["kind"])},
            by=self.user,
            now=self.now,
        )
        self.made = made.texts.get()
        return _("“%(name)s” is there. Write its text.") % {"name": made.name}

    def after(self) -> str:
        made = getattr(self, "made", None)
        return composer_of(made) if made else reverse("staff_mailings")


class MailingPage(OneMailing, StaffPage):
    """One mailing: its texts, and what to look at before it is sent. Its audience, sending and report stand below."""

    template_name = "mailings/staff/mailing.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.mailing.use == Mailing.Use.STEP and self.mailing.step is not None:
            return redirect("staff_automation", pk=self.mailing.step.automation_id)
        return super().get(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = super().get_breadcrumbs_items()
        return [*items[:-2], items[-1]]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        texts = list(self.mailing.texts.select_related("body"))
        for text in texts:
            text.mailing = self.mailing
        found = hints.of_mailing(self.mailing, now=self.now)
        is_text_message = self.mailing.channel == Channel.SMS
        preview, test = ("staff_mailing_preview", "staff_mailing_test")
        if is_text_message:
            preview, test = ("staff_text_message_preview", "staff_text_message_test")
        return context | {
            "mailing": self.mailing,
            "is_text_message": is_text_message,
            "sender": senders.sender_of(self.mailing.organization) if is_text_message else None,
            "is_draft": self.mailing.state == Mailing.State.DRAFT,
            "texts": [
                {
                    "text": text,
                    "name": name_of(text.language),
                    "shares": composing.shares_its_body(text),
                    "is_composed": hasattr(text, "body") or is_text_message,
                    "composer": composer_of(text),
                    "preview": reverse(preview, args=[text.pk]),
                    "test": reverse(test, args=[text.pk]),
                }
                for text in texts
            ],
            "hints": found,
            "is_fit": self.mailing.segment_id is not None and not any(hint.is_grave for hint in found),
            "outside": len(hints.outside_links(self.mailing)),
            **sending_sections.sections(
                self.mailing,
                may_approve=self.may(Role.APPROVER, self.mailing.organization_id),
                now=self.now,
            ),
        }


class ChangeMailing(MailingDeed):
    """Name, kind, campaign and sender."""

    page_title = gettext_lazy("Change the mailing")
    form_class = MailingForm
    button = gettext_lazy("Save")

    def get_page_title(self) -> str:
        return str(self.page_title)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "organization": self.mailing.organization,
            "channel": self.mailing.channel,
        }

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.mailing, name) for name in ("name", "kind", "campaign", "sender_name")}

    def act(self, form: Any) -> str:
        told = {"sender_name": self.mailing.sender_name, **form.cleaned_data}
        told["kind"] = Mailing.Kind(told["kind"])
        composing.change(mailing=self.mailing, **told, by=self.user, now=self.now)
        return _("It is saved.")


class DeleteMailing(MailingDeed):
    """Forget a draft."""

    page_title = gettext_lazy("Delete the draft")
    button = gettext_lazy("Delete the draft")
    serious = True

    def get_page_title(self) -> str:
        return str(self.page_title)

    def consequences(self) -> list[str]:
        return [
            _("“%(name)s” goes with all its texts, for good.") % {"name": self.mailing.name},
            _("It is refused for a mailing that was approved or sent."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        name = self.mailing.name
        composing.delete(mailing=self.mailing, by=self.user, now=self.now)
        self.is_gone = True
        return _("“%(name)s” is deleted.") % {"name": name}

    def after(self) -> str:
        if getattr(self, "is_gone", False):
            return reverse("staff_mailings")
        return reverse("staff_mailing", args=[self.kwargs["pk"]])


class LookAtLinks(OneMailing, StaffPage):
    """The addresses of others in a mailing; asked for on a press of the button, and never by themselves."""

    template_name = "mailings/staff/links.html"
    page_title = gettext_lazy("Links to elsewhere")

    def get_page_title(self) -> str:
        return str(self.page_title)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {"urls": hints.outside_links(self.mailing), "most": hints.MOST_LOOKED_AT, **context}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        urls = hints.outside_links(self.mailing)
        return self.render_to_response(self.get_context_data(urls=urls, looked=hints.look_at(urls)))


# --- Texts ----------------------------------------------------------------------------------------


class AddText(MailingDeed):
    """One more language, or one more variant."""

    page_title = gettext_lazy("Add a language or a variant")
    form_class = NewTextForm
    button = gettext_lazy("Add")

    def get_page_title(self) -> str:
        return str(self.page_title)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "channel": self.mailing.channel}

    def get_initial(self) -> dict[str, Any]:
        there = set(self.mailing.texts.values_list("language", "variant"))
        missing = [
            {"language": code, "variant": variant}
            for variant in composing.VARIANTS
            for code, _name in settings.LANGUAGES
            if (code, variant) not in there
        ]
        return missing[0] if missing else {}

    def consequences(self) -> list[str]:
        return [
            _("A new language begins with the blocks of the first text, to be translated block by block."),
            _("Readers whose language is not there get the organization's."),
        ]

    def act(self, form: Any) -> str:
        told = {"variant": composing.FIRST, **form.cleaned_data}
        self.made = composing.add_text(mailing=self.mailing, **told, by=self.user, now=self.now)
        return _("%(language)s, variant %(variant)s is there. Write it.") % {
            "language": name_of(self.made.language),
            "variant": self.made.variant,
        }

    def after(self) -> str:
        made = getattr(self, "made", None)
        return composer_of(made) if made else super().after()


class WriteText(OneText, StaffDeed):
    """The composer: subject, preview and blocks of one text, with the hints beside them."""

    template_name = "mailings/staff/compose.html"
    form_class = TextForm
    button = gettext_lazy("Save")

    def get_page_title(self) -> str:
        return self.text_name

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organization": self.text.organization}

    def get_initial(self) -> dict[str, Any]:
        return {
            "subject": self.text.subject,
            "preview": self.text.preview,
            "seen": self.text.changed_at.isoformat(),
            "blocks": self._own_blocks(),
        }

    def _own_blocks(self) -> StreamValue:
        raw = self.text.body.blocks if hasattr(self.text, "body") else []
        return stream_for(self.text.organization).to_python(raw)

    def act(self, form: Any) -> str:
        told = form.cleaned_data
        composing.write(
            text=self.text,
            subject=told["subject"],
            preview=told["preview"],
            raw=form.fields["blocks"].block.get_prep_value(told["blocks"]),
            seen=_moment(told["seen"]),
            by=self.user,
            now=self.now,
        )
        found = len(hints.of_text(self.text, now=self.now))
        if not found:
            return _("It is saved.")
        return ngettext(
            "It is saved. There is one hint beside it.",
            "It is saved. There are %(number)d hints beside it.",
            found,
        ) % {"number": found}

    def after(self) -> str:
        return reverse("staff_mailing_text", args=[self.text.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        texts = self.mailing.texts.order_by("language", "variant")
        return context | {
            "text": self.text,
            "mailing": self.mailing,
            "is_draft": self.mailing.state == Mailing.State.DRAFT,
            "shares": composing.shares_its_body(self.text),
            "others": [(other, text_name(other, among=texts)) for other in texts],
            "hints": hints.of_text(self.text, now=self.now),
            "fields": [
                (f"{{{name}}}", field.label) for name, field in merge_fields.items() if name not in _NOT_TYPED
            ],
            "longest_subject": hints.LONG_SUBJECT,
        }


class RemoveText(OneText, MailingDeed):
    """Take a language or a variant out."""

    channel = None
    button = gettext_lazy("Remove the text")
    serious = True

    def get_page_title(self) -> str:
        return _("Remove %(text)s") % {"text": self.text_name}

    def consequences(self) -> list[str]:
        return [
            _("The text goes for good. Its readers get the mailing in the organization's language."),
            _("With variant a go the variants that have its body."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        name = self.text_name
        composing.remove_text(text=self.text, by=self.user, now=self.now)
        return _("%(text)s is removed.") % {"text": name}


def composer_of(text: MailingText) -> str:
    """The screen on which a text is written."""
    is_text_message = text.mailing.channel == Channel.SMS
    return reverse("staff_text_message" if is_text_message else "staff_mailing_text", args=[text.pk])


def _moment(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None
