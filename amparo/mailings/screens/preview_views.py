"""Look at a text before anybody gets it: framed as a telephone or a desk shows it, and by a test mail to staff.

What a mail looks like is a document of its own, at an address of its own, in a frame that may do nothing: no script,
no link, no form. It is never part of a staff screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts.staff_screens import StaffPage
from amparo.kit.refusal import Refusal
from amparo.mailings import previewing, trying_mailings
from amparo.mailings.composer.frame import Frame
from amparo.mailings.models import Mailing
from amparo.mailings.previewing import NAMED, NAMELESS, Look
from amparo.mailings.screens.compose_forms import TrialForm
from amparo.mailings.screens.mailing_screens import MailingDeed, OneText, text_name
from amparo.supporters.screens import SEES_NAMES

if TYPE_CHECKING:
    from amparo.mailings.merge_fields import Reader

#: Whom a preview is for without naming anybody.
READERS = {"": NAMED, "nameless": NAMELESS}


class PreviewText(OneText, StaffPage):
    """A text on a desk and on a telephone, in light and in dark, and in plain words; for a reader to be chosen."""

    template_name = "mailings/staff/preview.html"

    def get_page_title(self) -> str:
        return _("Preview: %(text)s") % {"text": self.text_name}

    @property
    def sees_names(self) -> bool:
        return self.may(SEES_NAMES, self.text.organization_id)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Show it as the supporter whose address was written; nothing is changed, and the trail says that we looked."""
        if not self.sees_names:
            raise Http404
        try:
            ticket = previewing.choose(
                request.POST.get("who", ""), text=self.text, by=self.user, now=self.now
            )
        except Refusal as refusal:
            return self.render_to_response(self.get_context_data(refusal=str(refusal)))
        return self.render_to_response(self.get_context_data(ticket=ticket))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        asked = self.request.GET
        reader = asked.get("reader", "") if asked.get("reader") in READERS else ""
        look = Look(asked["look"]) if asked.get("look") in set(Look) else Look.LIGHT
        ticket = kwargs.get("ticket", "")
        try:
            shown = previewing.preview(
                self.text, mailing=self.mailing, reader=_reader(self, reader, ticket), now=self.now
            )
        except Refusal as refusal:
            return context | {"text": self.text, "broken": str(refusal)}
        texts = self.mailing.texts.order_by("language", "variant")
        query = urlencode({"look": look, "reader": reader} | ({"who": ticket} if ticket else {}))
        return context | {
            "text": self.text,
            "mailing": self.mailing,
            "others": [(other, text_name(other, among=texts)) for other in texts],
            "is_draft": self.mailing.state == Mailing.State.DRAFT,
            "look": look,
            "looks": [
                (Look.LIGHT, _("Light")),
                (Look.DARK, _("Dark")),
                (Look.PLAIN, _("Plain text")),
            ],
            "reader": reader,
            "readers": [("", _("Somebody with a name")), ("nameless", _("Somebody without a name"))],
            "as_supporter": bool(ticket),
            "subject": shown.subject,
            "preview": self.text.preview,
            "sender": self.mailing.sender_name or self.text.organization.sender_name,
            "direction": Frame(self.mailing, self.text.language, self.now).direction,
            "frame_url": reverse("staff_mailing_document", args=[self.text.pk]) + f"?{query}",
            "sees_names": self.sees_names,
        }


class TextDocument(OneText, StaffPage):
    """The mail itself, for the frames of the preview, under a policy that lets nothing in it do anything."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        asked = request.GET
        look = Look(asked["look"]) if asked.get("look") in set(Look) else Look.LIGHT
        reader = _reader(self, asked.get("reader", ""), asked.get("who", ""))
        try:
            shown = previewing.preview(self.text, mailing=self.mailing, reader=reader, now=self.now)
        except Refusal as refusal:
            raise Http404(str(refusal)) from None
        frame = Frame(self.mailing, self.text.language, self.now)
        if look is Look.PLAIN or not shown.html:
            content: str = render_to_string(
                "mailings/staff/plain_document.html", {"frame": frame, "text": shown.text}
            )
        else:
            content = previewing.document(shown, look=look)
        return HttpResponse(content, headers={"Content-Security-Policy": document_policy(frame.address)})


def document_policy(address: str) -> str:
    """Pictures from the organization's site, and the styles in the document; in no frame but ours."""
    return (
        f"default-src 'none'; img-src 'self' {address}; style-src 'unsafe-inline'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'self'; sandbox"
    )


def _reader(screen: OneText, reader: str, ticket: str) -> Reader:
    """Whose name stands in a preview; a pass that this screen did not give is nobody's. Raises `Http404` for such."""
    if not ticket:
        return previewing.reader_of(*READERS.get(reader, NAMED))
    may = screen.may(SEES_NAMES, screen.text.organization_id)
    person = previewing.chosen(ticket, text=screen.text, by=screen.user) if may else None
    if person is None:
        raise Http404
    return previewing.reader_of(person.given_name or "", person.family_name or "")


class TryText(OneText, MailingDeed):
    """Send a text to colleagues."""

    form_class = TrialForm
    button = gettext_lazy("Send the test")

    def get_page_title(self) -> str:
        return _("Test: %(text)s") % {"text": self.text_name}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organization": self.text.organization}

    def get_initial(self) -> dict[str, Any]:
        return {"to": [self.user.pk]}

    @cached_property
    def _mark(self) -> str:
        return trying_mailings.MARK

    def consequences(self) -> list[str]:
        return [
            _("One mail goes to each of the colleagues you choose, with their own name in it."),
            _(
                "Its subject begins with %(mark)s. It is counted nowhere, and its links to unsubscribe lead to nobody."
            )
            % {"mark": self._mark},
            _("It is the text as you saved it last."),
        ]

    def act(self, form: Any) -> str:
        number = trying_mailings.send_test(
            text=self.text, to=form.cleaned_data["to"], by=self.user, now=self.now
        )
        return ngettext("One test is on its way.", "%(number)d tests are on their way.", number) % {
            "number": number
        }

    def after(self) -> str:
        return reverse("staff_mailing_text", args=[self.text.pk])
