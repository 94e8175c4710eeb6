"""What a hand-over of names holds, or would hold if it were made now: what staff look at before they agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import translation

from amparo.actions.hand_over import names_of, planning_names
from amparo.actions.hand_over.addressees import addressee_of

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.actions.models import HandOver

#: Names, and lines of each table, on the screen.
FEW = 12


def preview_of(hand_over: HandOver, *, now: datetime) -> dict[str, Any]:
    """What a hand-over of names holds, or would hold if it were made now, for its screen."""
    found = planning_names.would_hold(hand_over, now=now)
    language = hand_over.page.locale.language_code
    with translation.override(language):
        areas = names_of.by_area(found, language=language)
        countries = names_of.by_country(found)
    shown = found.shown().select_related("action").order_by("-pk")
    return {
        "figures": names_of.figures(hand_over, found),
        "areas": areas[:FEW],
        "countries": countries[:FEW],
        "newest": list(shown[:FEW]),
        "organizations": names_of.for_organizations(found).count(),
        "comments": names_of.with_comments(found, hand_over.names).count(),
        "addressee": addressee_of(hand_over, now=now),
    }
