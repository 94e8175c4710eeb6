"""Whose names a hand-over holds, and their figures: read a part at a time, so that any number of them takes the same
memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from amparo.actions.models import Action, HandedName, HandOver, PaperSheet, Signature
from amparo.kit.names import country_name
from amparo.targets import finding

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from amparo.actions.models import ActionPage, NamesBundle
    from amparo.actions.models.signature import SignatureQuerySet

#: Names read and laid out at once (bench/hand_over.py).
PART = 1000
ShownAs = Signature.ShownAs


@dataclass(frozen=True, slots=True)
class Figures:
    """How many signed, and how they want to appear; `before` had gone to the same addressee earlier."""

    total: int = 0
    by_name: int = 0
    by_place: int = 0
    by_initials: int = 0
    on_paper: int = 0
    before: int = 0

    @property
    def named(self) -> int:
        return self.by_name + self.by_place + self.by_initials

    @property
    def unnamed(self) -> int:
        return self.total - self.named


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of counts."""

    name: str
    number: int


# --- Whose --------------------------------------------------------------------------------------------------------


def to_gather(hand_over: HandOver, *, until: datetime) -> SignatureQuerySet:
    """Those that a bundle is to hold: confirmed by then, and, where only new ones are wanted, not yet had.

    What was had is a person, not a row: two records that were merged since are one, whichever of them signed the name
    that was handed over.
    """
    found = countable(hand_over.page).filter(action__confirmed_at__lte=until)
    if hand_over.names.reach == hand_over.names.Reach.ALL:
        return found
    for had, wanted in _SAME_PERSON:
        same = _had(hand_over).filter(**{f"signature__action__{had}": OuterRef(f"action__{wanted}")})
        found = found.filter(~Exists(same))
    return found


#: The ways in which two actions are one person's: one record, one merged into the other, or both into a third. Each is
#: a question of its own, which an index answers.
_SAME_PERSON = (
    ("supporter", "supporter"),
    ("supporter__merged_into", "supporter"),
    ("supporter", "supporter__merged_into"),
    ("supporter__merged_into", "supporter__merged_into"),
)


def countable(page: ActionPage) -> SignatureQuerySet:
    """Every signature that counts on this page."""
    return (
        Signature.objects.for_organization(page.organization)
        .counted()
        .filter(page=page.pk, action__is_test=False)
    )


def _had(hand_over: HandOver) -> QuerySet[HandedName]:
    return HandedName.objects.filter(
        hand_over__page=hand_over.page_id,
        hand_over__target_key=hand_over.target_key,
        hand_over__state__in=HandOver.ARRIVED,
    )


def members(hand_over: HandOver) -> SignatureQuerySet:
    """The signatures in a bundle that still count."""
    return Signature.objects.counted().filter(handed__hand_over=hand_over.pk)


def in_parts(found: SignatureQuerySet, *, most: int = 0, part: int = PART) -> Iterator[list[Signature]]:
    """Signatures in the order of signing, a part at a time, by the last one seen: nothing is kept open meanwhile."""
    last, left = None, most or None
    ordered = found.select_related("action__supporter").order_by("pk")
    while left is None or left > 0:
        size = part if left is None else min(part, left)
        rows = list((ordered.filter(pk__gt=last) if last else ordered)[:size])
        if rows:
            yield rows
        if len(rows) < size:
            return
        last = rows[-1].pk
        left = None if left is None else left - len(rows)


def with_comments(found: SignatureQuerySet, names: NamesBundle) -> SignatureQuerySet:
    """Those whose comments are handed over too: shown on the page, and chosen by our staff."""
    if names.comments == names.Comments.NONE:
        return found.none()
    shown = found.shown().filter(comment__isnull=False, approval=Signature.Approval.GIVEN)
    return shown if names.comments == names.Comments.ALL else shown.filter(pk__in=names.chosen)


def for_organizations(found: SignatureQuerySet) -> SignatureQuerySet:
    """Those who sign for an organization, which our staff looked at."""
    return found.shown().filter(represents__isnull=False)


# --- How many -----------------------------------------------------------------------------------------------------


def figures(hand_over: HandOver, found: SignatureQuerySet) -> Figures:
    """The figures of these signatures."""
    shown = dict(found.shown().order_by().values_list("shown_as").annotate(Count("pk")))
    sheets = PaperSheet.objects.filter(page=hand_over.page_id, withdrawn_at__isnull=True)
    had = _had(hand_over).filter(signature__action__state=Action.State.CONFIRMED)
    only_new = hand_over.names.reach == hand_over.names.Reach.NEW
    return Figures(
        total=found.count(),
        by_name=shown.get(ShownAs.NAME, 0),
        by_place=shown.get(ShownAs.NAME_AND_PLACE, 0),
        by_initials=shown.get(ShownAs.INITIALS, 0),
        on_paper=sum(sheets.values_list("number", flat=True)),
        before=had.values("signature").distinct().count() if only_new else 0,
    )


def by_area(found: SignatureQuerySet, *, language: str) -> list[Row]:
    """Counts by area, the most first; those whose area is not known come last. Empty when nobody's is."""
    counted = found.order_by().values_list("action__area").annotate(number=Count("pk"))
    rows = [(finding.area_name(area, language=language) if area else "", number) for area, number in counted]
    return _in_order(rows)


def by_country(found: SignatureQuerySet) -> list[Row]:
    """Counts by country, in the same way."""
    counted = found.order_by().values_list("action__supporter__country").annotate(number=Count("pk"))
    return _in_order([(country_name(code) if code else "", number) for code, number in counted])


def _in_order(rows: list[tuple[str, int]]) -> list[Row]:
    known: dict[str, int] = {}
    for name, number in rows:
        known[name] = known.get(name, 0) + number
    elsewhere = known.pop("", 0)
    if not known:
        return []
    found = [Row(name, number) for name, number in sorted(known.items(), key=lambda row: (-row[1], row[0]))]
    return [*found, Row(_("Not said"), elsewhere)] if elsewhere else found


def standing(hand_over: HandOver) -> tuple[int, int] | None:
    """How many are in a bundle and count, and how many of them are still somebody; None when there is nobody."""
    found = members(hand_over).aggregate(
        total=Count("pk"), present=Count("pk", filter=Q(action__supporter__anonymized_at__isnull=True))
    )
    return (found["total"], found["present"]) if found["total"] else None
