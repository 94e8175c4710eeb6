"""What people did who came by a link of a mailing: confirmed actions that carry its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from amparo.actions.models import Action
from amparo.mailings.composer.composing import VARIANTS
from amparo.mailings.registry import MailingResult, mailing_results

if TYPE_CHECKING:
    from amparo.actions.models.action import ActionQuerySet
    from amparo.mailings.models import Mailing


@mailing_results.register("acted")
class Acted(MailingResult):
    """Took part in anything after following a link of the mailing."""

    name = _("Took part in an action")

    def count(self, mailing: Mailing) -> int:
        return self._actions(mailing).count()

    def by_variant(self, mailing: Mailing) -> dict[str, int]:
        """People, and not actions: one who writes to three ministers read one mail."""
        letters = {mailing.source_of(variant): variant for variant in VARIANTS}
        counted = (
            self._actions(mailing).order_by().values_list("via").annotate(Count("supporter", distinct=True))
        )
        return {letters[via]: number for via, number in counted}

    def _actions(self, mailing: Mailing) -> ActionQuerySet:
        if not mailing.link_source:
            return Action.objects.none()
        confirmed = Action.objects.for_organization(mailing.organization).confirmed()
        codes = [mailing.source_of(variant) for variant in VARIANTS]
        return confirmed.filter(via__in=codes, is_test=False)
