"""How targets, letters and their states are put into words for the people who meet them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from amparo.actions.models import ActionPage, Message
from amparo.actions.writing import greeting

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.addressing import Addressee
    from amparo.targets.finding import Target

#: Mail programs and the systems that hand them links begin to cut addresses longer than this (Outlook:
#: 2,083 characters).
LONGEST_MAILTO = 1_900


@dataclass(frozen=True, slots=True)
class TargetCard:
    """A target as a page shows it."""

    name: str
    office: str
    area: str
    party: str
    evidence: str
    mistake_url: str
    salutation: str


def target_card(addressee: Addressee, *, postal_code: str, language: str) -> TargetCard:
    return card_of(
        addressee.target,
        evidence=evidence_sentence(addressee.evidence, target=addressee.target, postal_code=postal_code),
        language=language,
    )


def card_of(target: Target, *, evidence: str = "", language: str) -> TargetCard:
    return TargetCard(
        name=target.holder or target.label,
        office=target.label if target.holder else "",
        area="" if target.area_name in target.label else target.area_name,
        party=target.party_name,
        evidence=evidence,
        mistake_url=reverse("report_mistake", args=[target.key]),
        salutation=greeting(target, language=language),
    )


def evidence_sentence(evidence: str, *, target: Target, postal_code: str) -> str:
    """Why it is this target, in a sentence that can be checked."""
    values = {"postcode": postal_code, "area": target.area_name}
    if evidence in {"exact", "concordance", "override"}:
        return _("because your postcode %(postcode)s is in %(area)s") % values
    if evidence == "neighbour":
        return _("because the postcodes next to yours are in %(area)s") % values
    if evidence == "point":
        return _("because the place you gave lies in %(area)s") % values
    if evidence == "user":
        return _("because you told us that you live in %(area)s") % values
    if evidence == "fallback":
        return _("because your own representative cannot be written to at the moment")
    return ""


@dataclass(frozen=True, slots=True)
class LetterState:
    """One letter on the pages that tell what became of it."""

    target: TargetCard
    subject: str
    page: ActionPage | None
    state: str
    state_name: str
    sentence: str
    changed: datetime


_SHOWN_AS = {
    "pending": "awaiting",
    "claimed": "queued",
    "withdrawn": "expired",
    "by_form": "own_hand",
    "by_form_done": "own_hand",
    "bundled": "queued",
}


def letter_states(messages: Sequence[Message]) -> list[LetterState]:
    return [
        LetterState(
            target=TargetCard(
                name=message.target_name or message.target_label,
                office=message.target_label if message.target_name else "",
                area="",
                party="",
                evidence="",
                mistake_url="",
                salutation="",
            ),
            subject=message.subject or "",
            page=message.page,
            state=_SHOWN_AS.get(message.state, message.state),
            state_name=_state_names()[message.state],
            sentence=_state_sentences()[message.state],
            changed=message.sent_at or message.created_at,
        )
        for message in messages
    ]


def _state_names() -> dict[str, str]:
    return {
        "pending": pgettext("letter", "waiting for you"),
        "queued": pgettext("letter", "waiting its turn"),
        "claimed": pgettext("letter", "waiting its turn"),
        "in_flight": pgettext("letter", "being sent"),
        "sent": pgettext("letter", "sent"),
        "uncertain": pgettext("letter", "probably sent"),
        "failed": pgettext("letter", "not delivered"),
        "bounced": pgettext("letter", "came back"),
        "expired": pgettext("letter", "too late"),
        "held": pgettext("letter", "on hold"),
        "withdrawn": pgettext("letter", "withdrawn"),
        "by_form": pgettext("letter", "sent by you"),
        "by_form_done": pgettext("letter", "sent by you"),
        "bundled": pgettext("letter", "in the bundle"),
        "handed_over": pgettext("letter", "handed over"),
    }


def _state_sentences() -> dict[str, str]:
    return {
        "pending": _("Open the link in the mail we sent you and press the button."),
        "queued": _("It leaves soon. We send letters one after another, so that the office can read each."),
        "claimed": _("It leaves soon. We send letters one after another, so that the office can read each."),
        "in_flight": _("We are handing it to the office's mail server."),
        "sent": _("The office's mail server accepted it. An answer comes straight to you."),
        "uncertain": _(
            "The connection broke before the office's mail server answered. It has probably arrived; we do not send it"
            " again, because nobody should get the same letter twice."
        ),
        "failed": _(
            "The office's mail server refused it for good. We have noted that the address does not work."
        ),
        "bounced": _(
            "The office's mail server took it and sent it back. We have noted that the address does not work."
        ),
        "expired": _("It could not leave in time, so we did not send it at all."),
        "held": _("Our staff are looking at it before it leaves, or nobody holds the office at the moment."),
        "withdrawn": _("It was replaced by a newer letter of yours, or taken back."),
        "by_form": _("You took this letter to the office's own form."),
        "by_form_done": _("You sent this letter through the office's own form."),
        "bundled": _(
            "So many people wrote that not every letter could leave by itself in time. Yours is in the bundle that we"
            " hand over, whole and with your name."
        ),
        "handed_over": _(
            "It was handed over in time, whole and with your name, together with other people's letters."
        ),
    }


def mailto(*, to: str, subject: str, text: str) -> str:
    """A link that opens the letter in the reader's own mail program (RFC 6068); empty when it would be cut."""
    body = quote(text.replace("\n", "\r\n"), safe="")
    link = f"mailto:{quote(to, safe='@')}?subject={quote(subject, safe='')}&body={body}"
    return link if len(link) <= LONGEST_MAILTO else ""


def share_of(page: ActionPage) -> dict[str, Any] | None:
    """Ways to ask others, as plain links that tell nobody who follows them."""
    if not page.full_url:
        return None
    text = page.share_text or page.title
    both = quote(f"{text} {page.full_url}", safe="")
    words = page.specific_class.words()
    return {
        "url": page.full_url,
        "text": text,
        "heading": words.ask_others,
        "why": words.ask_others_why,
        "links": [
            {"name": _("E-mail"), "url": f"mailto:?subject={quote(page.title, safe='')}&body={both}"},
            {"name": "WhatsApp", "url": f"https://wa.me/?text={both}"},
            {"name": _("Text message"), "url": f"sms:?&body={both}"},
        ],
    }


def asks_of(target: Target) -> list[str]:
    """What an office's own form will ask for, in words."""
    words = {
        "postal_address": _("your street address"),
        "topic": _("a topic"),
        "phone": _("a telephone number"),
        "title": _("a title such as Ms or Mr"),
        "zip4": _("the last four digits of your ZIP code"),
        "captcha": _("a puzzle to show that you are a person"),
    }
    return [words[name] for name in target.requires if name in words]
