"""What supporters are asked to agree to, word for word: a text that changes is a new version of its question."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext

from amparo.kit.remembering import Remembered
from amparo.organizations.models import Organization
from amparo.supporters.models import Channel, ConsentWording, Purpose

#: What every form asks, and what every letter discloses, kept for a second; by organization and language.
_asked: Remembered[tuple[UUID, str], list[ConsentWording]] = Remembered(most=1000)
_disclosed: Remembered[tuple[UUID, str], ConsentWording] = Remembered(most=1000)


def word(
    *,
    organization: Organization,
    purpose: Purpose,
    channel: Channel,
    language: str,
    text: str,
    partner: str = "",
) -> ConsentWording:
    """The wording with exactly this text: the one that exists, or a new version of it.

    `partner` names whom details would be shared with, where that is the purpose. The insert yields to one that took the
    same version a moment ago, and the text is then looked for again.
    """
    wordings = ConsentWording.objects.for_organization(organization).filter(
        purpose=purpose, channel=channel, partner=partner, language=language
    )
    while True:
        existing = wordings.filter(text=text).first()
        if existing is not None:
            return existing
        latest = wordings.aggregate(latest=Max("version"))["latest"] or 0
        new = ConsentWording(
            organization=organization,
            purpose=purpose,
            channel=channel,
            partner=partner,
            language=language,
            text=text,
            version=latest + 1,
        )
        ConsentWording.objects.bulk_create([new], ignore_conflicts=True)
        _asked.forget()
        _disclosed.forget()


def disclosure(*, organization: Organization, language: str) -> ConsentWording:
    """What a supporter agrees to by pressing "send": a letter tells its reader who wrote it (GDPR Art. 9(2)(a))."""
    return _disclosed.ask(
        (organization.pk, language), lambda: _word_disclosure(organization=organization, language=language)
    )


def _word_disclosure(*, organization: Organization, language: str) -> ConsentWording:
    with translation.override(language):
        text = gettext(
            "By sending, you ask us to pass this letter with your name, your e-mail address and the address in it to"
            " the office it is written to, and to nobody else."
        )
    return word(
        organization=organization,
        purpose=Purpose.DISCLOSURE,
        channel=Channel.EMAIL,
        language=language,
        text=text,
    )


def questions(*, organization: Organization, language: str) -> list[ConsentWording]:
    """The newest wording of each question this organization asks, in `language` or else in its own."""
    return _asked.ask(
        (organization.pk, language), lambda: _newest_questions(organization=organization, language=language)
    )


def _newest_questions(*, organization: Organization, language: str) -> list[ConsentWording]:
    newest: dict[tuple[str, str, str], ConsentWording] = {}
    asked = ConsentWording.objects.for_organization(organization).filter(retired_at__isnull=True)
    wordings = asked.exclude(purpose=Purpose.DISCLOSURE)
    for wording in wordings.filter(language__in=[organization.locale, language]).order_by("version"):
        key = (wording.purpose, wording.channel, wording.partner)
        if key not in newest or newest[key].language != language or wording.language == language:
            newest[key] = wording
    return list(newest.values())


def forget_questions() -> None:
    """Look again what is asked: it was changed a moment ago."""
    _asked.forget()


def partners_of(organization: Organization) -> list[str]:
    """The partners whom this organization ever asked about, by name."""
    wordings = ConsentWording.objects.for_organization(organization).filter(purpose=Purpose.PARTNER)
    return list(wordings.order_by("partner").values_list("partner", flat=True).distinct())
