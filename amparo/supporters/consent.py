"""The only door to the consent ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db.models import Max, OuterRef, Q, Subquery
from django.utils import translation
from django.utils.translation import gettext

from amparo.supporters.models import (
    Channel,
    ConsentRecord,
    ConsentWording,
    Purpose,
    Supporter,
    SupporterQuerySet,
)

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.organizations.models import Organization


def word(
    *, organization: Organization, purpose: Purpose, channel: Channel, language: str, text: str
) -> ConsentWording:
    """The wording with exactly this text: the one that exists, or a new version of it.

    The insert yields to one that took the same version a moment ago, and the text is then looked for again.
    """
    wordings = ConsentWording.objects.for_organization(organization).filter(
        purpose=purpose, channel=channel, language=language
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
            language=language,
            text=text,
            version=latest + 1,
        )
        ConsentWording.objects.bulk_create([new], ignore_conflicts=True)


def disclosure(*, organization: Organization, language: str) -> ConsentWording:
    """What a supporter agrees to by pressing "send": a letter tells its reader who wrote it (GDPR Art. 9(2)(a))."""
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
    newest: dict[tuple[str, str], ConsentWording] = {}
    wordings = ConsentWording.objects.for_organization(organization).exclude(purpose=Purpose.DISCLOSURE)
    for wording in wordings.filter(language__in=[organization.locale, language]).order_by("version"):
        key = (wording.purpose, wording.channel)
        if key not in newest or newest[key].language != language or wording.language == language:
            newest[key] = wording
    return list(newest.values())


def record(*, supporter: Supporter, answers: Mapping[UUID, bool], source: str, now: datetime) -> None:
    """Append one line per answered question; `answers` maps a wording's id to yes or no.

    Questions of another organization are not answered here: an id that is not one of this organization's wordings is a
    `ConsentWording.DoesNotExist`.
    """
    wordings = ConsentWording.objects.for_organization(supporter.organization).in_bulk(list(answers))
    if len(wordings) != len(answers):
        raise ConsentWording.DoesNotExist("an answered question is not one of this organization's")
    ConsentRecord.objects.bulk_create(
        ConsentRecord(
            organization=supporter.organization,
            supporter=supporter,
            purpose=wordings[pk].purpose,
            channel=wordings[pk].channel,
            granted=granted,
            wording=wordings[pk],
            source=source[:200],
            recorded_at=now,
        )
        for pk, granted in answers.items()
    )


def may_contact(*, supporter: Supporter, purpose: Purpose, channel: Channel) -> bool:
    """The present answer: the last line of the ledger, and no without one."""
    last = (
        ConsentRecord.objects.for_organization(supporter.organization)
        .filter(supporter=supporter, purpose=purpose, channel=channel)
        .order_by("-recorded_at", "-id")
        .values_list("granted", flat=True)
        .first()
    )
    return bool(last)


def who_did_not_agree(
    supporters: SupporterQuerySet, *, purpose: Purpose, channel: Channel
) -> SupporterQuerySet:
    """Those of `supporters` whose present answer is not yes: never asked, or no."""
    lines = ConsentRecord.objects.filter(supporter=OuterRef("pk"), purpose=purpose, channel=channel)
    last = Subquery(lines.order_by("-recorded_at", "-id").values("granted")[:1])
    return supporters.annotate(present_answer=last).filter(~Q(present_answer=True) | Q(present_answer=None))
