"""The screens on which a text message is written, looked at as readers get it, and tried on one's own telephone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts.staff_screens import StaffDeed, StaffPage
from amparo.kit import phones
from amparo.kit.refusal import Refusal
from amparo.mailings import previewing
from amparo.mailings.composer import hints, text_composing
from amparo.mailings.composer.frame import Frame
from amparo.mailings.merge_fields import merge_fields
from amparo.mailings.models import Mailing
from amparo.mailings.screens import text_costs
from amparo.mailings.screens.mailing_screens import MailingDeed, OneText, text_name
from amparo.mailings.texts import costing, counting, filling, senders
from amparo.supporters.models import Channel
from amparo.supporters.screens import SEES_NAMES

if TYPE_CHECKING:
    from amparo.mailings.merge_fields import Reader
    from amparo.mailings.texts.counting import Length

_WHO = {
    "named": gettext_lazy("to somebody with a name"),
    "nameless": gettext_lazy("to somebody whose name is not known"),
    "wide": gettext_lazy("to somebody whose name is in other letters"),
}


class WordsForm(forms.Form):
    """The words of a text message."""

    words = forms.CharField(
        label=gettext_lazy("Words"),
        max_length=text_composing.LONGEST,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        help_text=gettext_lazy("Plain words. Saving it counts its parts."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class NumberForm(forms.Form):
    """The telephone a test goes to."""

    number = forms.CharField(
        label=gettext_lazy("Number of your telephone"),
        max_length=32,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "dir": "ltr"}),
        help_text=gettext_lazy("With its country code, as in +44 1632 960001. It is kept nowhere."),
    )

    def clean_number(self) -> str:
        try:
            return phones.parse(self.cleaned_data["number"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None


class WriteTextMessage(OneText, StaffDeed):
    """The words, how many parts they have, and what to look at before they are sent."""

    channel = Channel.SMS
    template_name = "mailings/staff/text_message.html"
    form_class = WordsForm
    button = gettext_lazy("Save")

    def get_page_title(self) -> str:
        return self.text_name

    def get_initial(self) -> dict[str, Any]:
        return {"words": self.text.text, "seen": self.text.changed_at.isoformat()}

    def act(self, form: Any) -> str:
        told = form.cleaned_data
        text_composing.write(
            text=self.text, words=told["words"], seen=_moment(told["seen"]), by=self.user, now=self.now
        )
        parts = costing.lengths_of(self.text)["named"].parts
        return ngettext("It is saved. It has one part.", "It is saved. It has %(parts)d parts.", parts) % {
            "parts": parts
        }

    def after(self) -> str:
        return reverse("staff_text_message", args=[self.text.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        texts = self.mailing.texts.order_by("language", "variant")
        lengths = costing.lengths_of(self.text)
        return context | {
            "text": self.text,
            "mailing": self.mailing,
            "is_draft": self.mailing.state == Mailing.State.DRAFT,
            "others": [(other, text_name(other, among=texts)) for other in texts],
            "hints": hints.of_text(self.text, now=self.now),
            "lengths": [(label, in_words(lengths[who])) for who, label in _WHO.items()],
            "cost": text_costs.cost_of(self.mailing, now=self.now),
            "fields": [(f"{{{name}}}", field.label) for name, field in merge_fields.items()],
            "source": self.mailing.link_source,
        }


class PreviewTextMessage(OneText, StaffPage):
    """A text message as somebody with a name gets it, somebody without, or a supporter who is chosen."""

    channel = Channel.SMS
    template_name = "mailings/staff/text_message_preview.html"

    def get_page_title(self) -> str:
        return _("Preview: %(text)s") % {"text": self.text_name}

    @property
    def sees_names(self) -> bool:
        return self.may(SEES_NAMES, self.text.organization_id)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Show it as the supporter who was named; nothing is changed, and the trail says that somebody looked."""
        if not self.sees_names:
            raise Http404
        try:
            ticket = previewing.choose(
                request.POST.get("who", ""), text=self.text, by=self.user, now=self.now
            )
        except Refusal as refusal:
            return self.render_to_response(self.get_context_data(refusal=str(refusal)))
        person = previewing.chosen(ticket, text=self.text, by=self.user)
        if person is None:
            raise Http404
        reader = previewing.reader_of(person.given_name or "", person.family_name or "")
        return self.render_to_response(self.get_context_data(shown=[(_("To this supporter"), reader)]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        usual = [
            (_("To somebody with a name"), previewing.reader_of(*previewing.NAMED)),
            (_("To somebody without a name"), previewing.reader_of(*previewing.NAMELESS)),
        ]
        return context | {
            "text": self.text,
            "mailing": self.mailing,
            "direction": Frame(self.mailing, self.text.language, self.now).direction,
            "sender": senders.sender_of(self.text.organization),
            "shown": [self._as_shown(label, reader) for label, reader in kwargs.get("shown", usual)],
            "as_supporter": "shown" in kwargs,
            "is_draft": self.mailing.state == Mailing.State.DRAFT,
            "sees_names": self.sees_names,
        }

    def _as_shown(self, label: str, reader: Reader) -> dict[str, str]:
        words = filling.FilledText(self.text, mailing=self.mailing).body_for(reader)
        return {"label": label, "words": words, "length": in_words(counting.measure(words))}


class TryTextMessage(OneText, MailingDeed):
    """Send a text message to one's own telephone."""

    channel = Channel.SMS
    form_class = NumberForm
    button = gettext_lazy("Send the test")

    def get_page_title(self) -> str:
        return _("Test: %(text)s") % {"text": self.text_name}

    def consequences(self) -> list[str]:
        return [
            _(
                "One text goes to this number at once, with your own name in it, and is paid for like any other."
            ),
            _("It begins with %(mark)s. It is counted nowhere, and its links to unsubscribe lead to nobody.")
            % {"mark": text_composing.MARK},
            _("It is the text as you saved it last."),
        ]

    def act(self, form: Any) -> str:
        number = form.cleaned_data["number"]
        text_composing.send_test(text=self.text, number=number, by=self.user, now=self.now)
        return _("The test is on its way.")

    def after(self) -> str:
        return reverse("staff_text_message", args=[self.text.pk])


def in_words(length: Length) -> str:
    """“2 parts (180 of 306 letters)”."""
    parts = ngettext("%(parts)d part", "%(parts)d parts", length.parts) % {"parts": length.parts}
    return _("%(parts)s: %(used)d of %(room)d letters") % {
        "parts": parts,
        "used": length.used,
        "room": length.room,
    }


def _moment(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None
