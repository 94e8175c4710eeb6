"""Whether text messages would leave and their answers be heard, asked without sending one (`amparo doctor`)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from amparo.kit.findings import Finding
from amparo.mailings.texts import senders
from amparo.mailings.texts.providers import SUBJECT, provider
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from collections.abc import Iterator


def examine() -> Iterator[Finding]:
    """What there is to say of text messages; nothing where none are sent, or all stay on a demonstration's machine."""
    if not senders.is_set_up() or settings.AMPARO_DEMO:
        return
    yield from _numbers()
    if urlsplit(settings.BASE_URL).scheme != "https":
        yield Finding(
            SUBJECT, "bad", f"nobody's STOP, and no report, finds its way to {settings.BASE_URL}.",
            "Give the site an address that begins with https:// in BASE_URL.",
        )  # fmt: skip
    yield from provider().look()


def _numbers() -> Iterator[Finding]:
    organizations = list(Organization.objects.order_by("slug"))
    strangers = (
        set(settings.AMPARO_SMS_SENDERS) - {organization.slug for organization in organizations} - {""}
    )
    if strangers:
        yield Finding(
            SUBJECT, "bad", f"AMPARO_SMS_SENDERS names {', '.join(sorted(strangers))}, which nobody here is called.",
            "Write the slug of an organization before each number.",
        )  # fmt: skip
    without = [organization.name for organization in organizations if senders.sender_of(organization) is None]
    if without:
        yield Finding(SUBJECT, "note", f"no number to send texts from have: {', '.join(without)}.")
