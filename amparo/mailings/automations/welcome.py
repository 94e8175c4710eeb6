"""The welcome series: for whoever said yes to news by e-mail for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.mailings.automations.registry import in_words
from amparo.mailings.automations.series import Series
from amparo.supporters import consent
from amparo.supporters.models import Channel, Supporter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.mailings.automations.registry import Block
    from amparo.mailings.models import Automation
    from amparo.organizations.models import Organization
    from amparo.supporters.models import SupporterQuerySet


class Welcome(Series):
    """Some mails by which newcomers get to know the organization."""

    label = gettext_lazy("Welcome series")
    explains = gettext_lazy(
        "To whoever says yes to news by e-mail for the first time, on any form. People on a list that is brought in did"
        " not just subscribe, and get none."
    )

    def newcomers(self, automation: Automation, *, since: datetime, now: datetime) -> SupporterQuerySet:  # noqa: ARG002
        lines = consent.first_agreements(
            organization=automation.organization, purpose=self.purpose, channel=Channel.EMAIL, since=since
        )
        people = Supporter.objects.for_organization(automation.organization).present()
        return people.filter(pk__in=lines.values("supporter"))

    def first_words(self, organization: Organization) -> tuple[str, Sequence[Block]]:
        named = {"organization": organization.name}
        return _("Welcome to %(organization)s") % named, [
            in_words(
                _("Dear {first name|friend},"),
                _("Thank you for joining us. This is who we are, and what you can do with us."),
            )
        ]
