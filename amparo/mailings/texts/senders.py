"""Under which number, or name, each organization sends texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A number that can be answered: in E.164, a short code of a country, or a service of Twilio's that picks one.
_TAKES_ANSWERS = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|MG[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Sender:
    """What readers see a text come from."""

    name: str

    @property
    def takes_answers(self) -> bool:
        """Whether somebody can answer STOP; a name of letters cannot be answered."""
        return bool(_TAKES_ANSWERS.fullmatch(self.name))


def is_set_up() -> bool:
    """Whether this installation sends texts at all."""
    return settings.AMPARO_SMS_PROVIDER != "none"


def sender_of(organization: Organization) -> Sender | None:
    """What an organization sends under: its own, or the one that all share; None where it sends no texts."""
    if not is_set_up():
        return None
    named: dict[str, str] = settings.AMPARO_SMS_SENDERS
    name = named.get(organization.slug) or named.get("")
    return Sender(name) if name else None


def who_sends_under(names: Iterable[str]) -> list[Organization]:
    """The organizations that send under one of these: those whom an answer to it is for."""
    wanted = set(names)
    found = []
    for organization in Organization.objects.order_by("pk"):
        sender = sender_of(organization)
        if sender is not None and sender.name in wanted:
            found.append(organization)
    return found
