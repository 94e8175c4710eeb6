"""The record of processing activities of one organization (GDPR Art. 30(1))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from amparo.kit.personal_data import rules
from amparo.supporters.models import Supporter
from amparo.supporters.records import Record, about, groups

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.organizations.models import Organization


def make(*, organization: Organization, now: datetime) -> Record:
    """What Art. 30(1) asks for, letters (a) to (g), as it is today."""
    people = Supporter.objects.for_organization(organization).present().count()
    provider = str(settings.AMPARO_MAIL_PROVIDER)
    limits = [{"what": str(rule.says), "days": rule.kept.days} for _name, rule in rules.items()]
    return Record(
        "article30",
        about(organization, now=now)
        | {
            "people": people,
            "groups": groups(),
            "time_limits": limits,
            "mail_provider": "" if provider == "smtp" else provider.title(),
        },
    )
