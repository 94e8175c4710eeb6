"""How many parts a whole text message has, each of which is paid for: counted before anything leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from amparo.mailings import audience
from amparo.mailings.compiling import choose_text
from amparo.mailings.texts import costing
from amparo.supporters.segmentation import segments

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.mailings.models import Mailing


@dataclass(frozen=True, slots=True)
class Cost:
    """About how many parts, for how many people: a name of usual length in each language."""

    parts: int
    people: int


def cost_of(mailing: Mailing, *, now: datetime) -> Cost | None:
    """What it would come to now; None where nobody was chosen, or nothing is written."""
    texts = list(mailing.texts.all())
    if mailing.segment_id is None or not texts:
        return None
    for text in texts:
        text.mailing = mailing
    parts = {text.pk: costing.lengths_of(text)["named"].parts for text in texts}
    chosen = audience.chosen(mailing=mailing, now=now).order_by()
    with segments.room_to_count():
        counted = list(chosen.values_list("language").annotate(Count("pk")))
    all_parts = people = 0
    for language, number in counted:
        theirs = choose_text(texts, language=language, variant="a", usual=mailing.organization.locale)
        people += number
        all_parts += number * (parts[theirs.pk] if theirs is not None else 0)
    return Cost(all_parts, people)
