"""Which carrier takes what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.mailings.carriers import known_providers
from amparo.mailings.carriers.provider import ProviderCarrier
from amparo.mailings.carriers.sms import SmsCarrier
from amparo.mailings.carriers.smtp import SmtpCarrier
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from amparo.mailings.carriers.base import Carrier


def carrier_for(channel: Channel) -> Carrier:
    """The carrier of a channel as this installation is set up. Raises `KeyError` for one on which no mailing leaves."""
    provider = known_providers.chosen()
    if channel == Channel.EMAIL and provider is not None:
        return ProviderCarrier(provider)
    return {Channel.EMAIL: SmtpCarrier, Channel.SMS: SmsCarrier}[channel]()
