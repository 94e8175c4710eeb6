"""Who a bundle is for today: the holder of a post, or somebody that our staff named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amparo.kit.mail_text import with_comma
from amparo.targets import address_forms, finding

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.models import HandOver
    from amparo.organizations.models import Organization
    from amparo.targets.finding import Target

#: Before the name of an addressee that is no target.
FREE = "free/"


@dataclass(frozen=True, slots=True)
class Addressee:
    """What a document and a mail need of whoever gets them. `address` is empty where no mail can go."""

    name: str
    label: str
    address: str
    greeting: str
    closing: str
    target: Target | None = None


def addressee_of(hand_over: HandOver, *, now: datetime) -> Addressee:
    """The addressee of a bundle; of a post that is gone what was known of it."""
    language = hand_over.page.locale.language_code
    target = target_for(hand_over.target_key, organization=hand_over.organization, now=now)
    opening, closing = address_forms.to_nobody(language)
    if target is not None:
        opening, closing = target.salutation(language), target.closing(language)
    address = target.address if target is not None and target.channel == "email" else ""
    if hand_over.of == hand_over.Of.NAMES:
        opening = hand_over.names.salutation or opening
        if target is None:
            address = hand_over.names.email
    return Addressee(
        name=target.holder if target else hand_over.target_name,
        label=hand_over.target_label,
        address=address,
        greeting=with_comma(opening, language=language),
        closing=with_comma(closing, language=language),
        target=target,
    )


def target_for(key: str, *, organization: Organization, now: datetime) -> Target | None:
    """The one target whom `key` means today; of a committee its chair, where it has one."""
    if key.startswith(FREE):
        return None
    found = finding.targets_by_key(key, organization=organization, now=now)
    return next((target for target in found if finding.CHAIR in target.flags), found[0] if found else None)
