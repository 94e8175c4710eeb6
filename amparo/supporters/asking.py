"""The questions an organization asks its supporters: worded, worded anew, and not asked any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.refusal import Refusal
from amparo.supporters import rules, wordings
from amparo.supporters.models import Channel, ConsentWording, LegalBasis, Purpose

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization, TenantQuerySet


class PartnerMissing(Refusal):
    sentence = _("Say with whom details would be shared. For any other purpose leave the partner empty.")


class NotAskedAnyMore(Refusal):
    sentence = _("This question is not asked any more.")


def ask(
    *,
    organization: Organization,
    purpose: Purpose,
    channel: Channel,
    language: str,
    text: str,
    partner: str = "",
    by: User | None,
    now: datetime,
) -> ConsentWording:
    """Ask this from now on, in this language; who answered an earlier wording is not asked again.

    Raises `PartnerMissing`, and what the law of the organization says no to (`rules.BasisNotPermitted`).
    """
    if (purpose == Purpose.PARTNER) != bool(partner.strip()):
        raise PartnerMissing
    rules.of(organization).permits(
        basis=LegalBasis.EXPLICIT_CONSENT,
        purpose=purpose,
        channel=channel,
        given_on=now.date(),
        today=now.date(),
    )
    with transaction.atomic():
        wording = wordings.word(
            organization=organization,
            purpose=purpose,
            channel=channel,
            language=language,
            text=" ".join(text.split()),
            partner=partner.strip(),
        )
        wording = _as_newest(wording)
        _same_question(wording).filter(retired_at__isnull=False).update(retired_at=None)
        _note(wording, "ask_supporters", by=by, now=now)
    wordings.forget_questions()
    return wording


def stop_asking(*, wording: ConsentWording, by: User, now: datetime) -> None:
    """Ask this no more, in any language. What was answered holds, and can be taken back. Raises `NotAskedAnyMore`."""
    with transaction.atomic():
        if not _same_question(wording).filter(retired_at__isnull=True).update(retired_at=now):
            raise NotAskedAnyMore
        _note(wording, "stop_asking_supporters", by=by, now=now)
    wordings.forget_questions()


def ask_for_news(*, organization: Organization, languages: Sequence[str], now: datetime) -> None:
    """The first question of a new organization, in each language of its site."""
    for language in languages:
        with translation.override(language):
            text = gettext(
                "May %(organization)s write to you by e-mail, with news and with what you can do?"
            ) % {"organization": organization.name}
        ask(
            organization=organization,
            purpose=Purpose.NEWS,
            channel=Channel.EMAIL,
            language=language,
            text=text,
            by=None,
            now=now,
        )


def _as_newest(wording: ConsentWording) -> ConsentWording:
    """Words that were asked before others are asked again as a new version, so that the newest is what is asked."""
    newest = _same_question(wording).filter(language=wording.language).order_by("-version").first()
    if newest is None or newest.pk == wording.pk:
        return wording
    return ConsentWording.objects.create(
        organization=wording.organization,
        purpose=wording.purpose,
        channel=wording.channel,
        partner=wording.partner,
        language=wording.language,
        version=newest.version + 1,
        text=wording.text,
    )


def _same_question(wording: ConsentWording) -> TenantQuerySet[ConsentWording]:
    return ConsentWording.objects.for_organization(wording.organization).filter(
        purpose=wording.purpose, channel=wording.channel, partner=wording.partner
    )


def _note(wording: ConsentWording, verb: str, *, by: User | None, now: datetime) -> None:
    audit.record(
        verb=verb,
        subject=wording,
        by=by,
        organization=wording.organization,
        now=now,
        details={"purpose": wording.purpose, "channel": wording.channel, "language": wording.language},
    )
