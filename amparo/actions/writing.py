"""The letter as it leaves: who it is from, what stands around the supporter's words, and the headers an
office can filter by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from amparo.kit.mail_text import with_comma as with_comma
from amparo.mailings.plain_mail import build_mail

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.models import Message
    from amparo.organizations.models import Organization
    from amparo.targets.finding import Target


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the supporter sees in the preview and the office in its mailbox."""

    from_name: str
    from_address: str
    reply_name: str
    reply_address: str


def envelope(*, organization: Organization, full_name: str, email: str) -> Envelope:
    """From the organization's own domain, with the supporter's name; answers go to the supporter.

    A supporter's own address in From would break DMARC at their provider and the letter would be refused.
    """
    from_name = _("%(person)s via %(organization)s") % {
        "person": full_name,
        "organization": organization.sender_name,
    }
    return Envelope(from_name, organization.sender_email, full_name, email)


def greeting(target: Target, *, language: str) -> str:
    """How the letter to this target opens."""
    return with_comma(target.salutation(language), language=language)


def closing(*, formula: str, full_name: str, postal_address: str = "", postal_code: str = "") -> str:
    """The locked end: formula, name, and where the supporter lives when the office asks for it."""
    place = "\n".join(part for part in (postal_address, postal_code) if part)
    return "\n".join(part for part in (formula, "", full_name, place) if part or part == "")


def whole_text(*, salutation: str, body: str, closing: str) -> str:
    return f"{salutation}\n\n{body.strip()}\n\n{closing}\n"


def write_mail(*, message: Message, to_address: str, to_name: str, now: datetime) -> bytes:
    """The bytes of one letter. The Message-ID is the letter's own, so that a receiver can fold a second copy."""
    action = message.action
    full_name = action.full_name
    with translation.override(message.language):
        # As in the preview, whatever language the worker speaks.
        who = envelope(
            organization=message.organization, full_name=full_name, email=action.supporter.email or ""
        )
    return build_mail(
        from_name=who.from_name,
        from_address=who.from_address,
        to_address=to_address,
        to_name=to_name,
        reply_to=(who.reply_name, who.reply_address) if who.reply_address else None,
        subject=message.subject or "",
        text=whole_text(
            salutation=message.salutation or "", body=message.body or "", closing=message.closing or ""
        ),
        message_id=str(message.pk),
        headers={
            "X-Campaign-ID": str(message.page.campaign_id),
            "X-Campaign-Organization": message.organization.name,
            "X-Letter-ID": str(message.pk),
            "X-Constituent-Confirmed": "e-mail address confirmed by its owner",
        },
        now=now,
    )
