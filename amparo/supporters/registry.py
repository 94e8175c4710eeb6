"""What can be asked about supporters: one class for each kind of condition, in `segment_filters.py` of any app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from amparo.kit.registry import Registry
from amparo.supporters.listed import Ids, Listed

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Q, QuerySet
    from django.utils.functional import _StrOrPromise

    from amparo.organizations.models import Organization

#: Headings of the builder's list, in its order.
ABOUT, DEEDS, CONTACT, FILING = (
    _("Who they are"),
    _("What they did"),
    _("How we may write"),
    _("How we file them"),
)
HEADINGS = (ABOUT, DEEDS, CONTACT, FILING)


class SegmentFilter(forms.Form):
    """One condition: its fields are what is stored of it, `condition` is what it asks, `sentence` how it reads.

    Every choice it offers is narrowed to `organization`: whatever its fields accept is asked of the database. The
    answer must be yes or no for everybody (no NULL), because conditions are turned round.
    """

    label: ClassVar[_StrOrPromise]
    heading: ClassVar[_StrOrPromise] = ABOUT

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization

    def condition(self, *, now: datetime) -> Q | Listed:
        """For whom it holds; asked only of a valid filter."""
        raise NotImplementedError

    def sentence(self) -> str:
        """How it reads after “everybody who”, as in “lives in France”."""
        raise NotImplementedError

    def opposite(self) -> str:
        """How it reads turned round, as in “does not live in France”."""
        raise NotImplementedError

    def is_offered(self) -> bool:
        """Whether this organization has anything to ask it about."""
        return True


segment_filters: Registry[type[SegmentFilter]] = Registry("segment filter")


def people_with(rows: QuerySet[Any], *, of_absorbed: bool = False) -> Listed:
    """Those to whom one of `rows` belongs, by its column `supporter`.

    With `of_absorbed` the rows of records that were merged into somebody count for that person.
    """
    own = Ids(rows, "supporter")
    if not of_absorbed:
        return Listed((own,))
    return Listed((own, Ids(rows.filter(supporter__merged_into__isnull=False), "supporter__merged_into")))


def people_with_many(rows: QuerySet[Any], *, least: int) -> Listed:
    """Those to whom at least so many of `rows` belong; rows of records that were merged into somebody count for them.

    Whoever has enough under their own id is found there, in the order of an index. Only for the few into whom others
    were merged are all their records' rows added up.
    """
    rows = rows.order_by()
    own = rows.values("supporter").annotate(number=Count("*")).filter(number__gte=least)
    own_too = rows.filter(supporter=OuterRef("person")).values("supporter").annotate(number=Count("*"))
    together = (
        rows.filter(supporter__merged_into__isnull=False)
        .annotate(person=F("supporter__merged_into"))
        .values("person")
        .annotate(number=Count("*") + Coalesce(Subquery(own_too.values("number")), 0))
        .filter(number__gte=least)
    )
    return Listed((Ids(own, "supporter", is_grouped=True), Ids(together, "person", is_grouped=True)))


def any_of(names: list[str]) -> str:
    """Names as a person lists them: “France”, “France or Spain”, “France, Spain or Italy”."""
    if len(names) < 2:
        return "".join(names)
    return str(_("%(some)s or %(last)s")) % {"some": ", ".join(names[:-1]), "last": names[-1]}
