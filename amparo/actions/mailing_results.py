"""What people did who came by a link of a mailing: confirmed actions that carry its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from amparo.actions.models import Action
from amparo.mailings.registry import MailingResult, mailing_results

if TYPE_CHECKING:
    from amparo.mailings.models import Mailing


@mailing_results.register("acted")
class Acted(MailingResult):
    """Took part in anything after following a link of the mailing."""

    name = _("Took part in an action")

    def count(self, mailing: Mailing) -> int:
        if not mailing.link_source:
            return 0
        confirmed = Action.objects.for_organization(mailing.organization).confirmed()
        return confirmed.filter(via=mailing.link_source, is_test=False).count()
