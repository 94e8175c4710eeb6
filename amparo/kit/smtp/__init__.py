"""Handing one message to one recipient over SMTP, so that the caller always knows what became of it.

    pool = SmtpPool(parse_smtp_url(settings.SMTP_URL))
    accepted = pool.send(message, envelope_from=…, recipient=…, before_data=commit_in_flight)

Four ends, and no other: `Accepted` is returned; `TemporaryFailure` (not delivered, try again),
`PermanentFailure` (not delivered, do not) and `Uncertain` (the connection went away while the answer was
awaited) are raised.
"""

from __future__ import annotations

from amparo.kit.smtp.delivery import Accepted
from amparo.kit.smtp.failures import (
    BadAddress,
    DeliveryFailure,
    PermanentFailure,
    Stage,
    TemporaryFailure,
    Uncertain,
)
from amparo.kit.smtp.pool import SmtpPool
from amparo.kit.smtp.settings import BadSmtpUrl, Security, SmtpSettings, parse_smtp_url

__all__ = [
    "Accepted",
    "BadAddress",
    "BadSmtpUrl",
    "DeliveryFailure",
    "PermanentFailure",
    "Security",
    "SmtpPool",
    "SmtpSettings",
    "Stage",
    "TemporaryFailure",
    "Uncertain",
    "parse_smtp_url",
]
