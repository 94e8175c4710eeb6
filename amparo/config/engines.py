"""What runs the lines of work, what its bell sounds like, and whether mail could leave at all."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation

from amparo.config.env import ConfigurationError
from amparo.kit.bell import OffThread, use_sender
from amparo.kit.smtp import BadSmtpUrl, parse_smtp_url


def wire_the_bell() -> None:
    """With Celery, a ring is a message to RabbitMQ, sent from a thread of its own because RabbitMQ may be away."""
    if settings.AMPARO_ENGINE != "celery":
        return
    from amparo.config.celery import send_ring

    use_sender(OffThread(send_ring))


def refuse_bad_smtp_url() -> None:
    """Raise `ConfigurationError` for an SMTP_URL that cannot be read: at start, not at the first letter."""
    # Translations are not there yet while apps are being made ready, so the sentence is taken as it is written.
    with translation.override(None, deactivate=True):
        try:
            parse_smtp_url(settings.SMTP_URL)
        except BadSmtpUrl as refusal:
            raise ConfigurationError(str(refusal)) from None
