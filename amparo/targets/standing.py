"""How the targets stand: which versions answer, how old they are, what waits, and what no longer fits."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.targets.index import PostcodeIndex
from amparo.targets.models import ActiveDataset, Area, AreaSet, Dataset, LegislatureOverride, PostcodeOverride
from amparo.targets.sectioned_file import UnreadableFile
from amparo.targets.version_files import POSTCODES, folder_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """One slug. `dataset` is the version in use, empty when there is none; `waiting` are newer ones.

    `worries` are sentences about what somebody should look at.
    """

    slug: str
    dataset: str
    title: str
    published_on: date | None
    age: str
    activated_at: datetime | None
    counts: dict[str, int]
    problem_count: int
    error_count: int
    waiting: tuple[str, ...]
    worries: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For programs: dates as ISO 8601."""
        return asdict(self) | {
            "published_on": self.published_on.isoformat() if self.published_on else None,
            "activated_at": self.activated_at.isoformat() if self.activated_at else None,
        }


def standings(*, now: datetime) -> list[Standing]:
    """Every slug that has a version, in their order."""
    active = {row.slug: row for row in ActiveDataset.objects.select_related("dataset")}
    versions: dict[str, list[Dataset]] = {}
    for dataset in Dataset.objects.order_by("slug", "version"):
        versions.setdefault(dataset.slug, []).append(dataset)
    return [_standing(slug, found, active.get(slug), now=now) for slug, found in versions.items()]


def age_of(published_on: date | None, *, now: datetime) -> str:
    """How old data of that day are, in words such as "28 weeks old"."""
    if published_on is None:
        return _("of unknown age")
    days = (now.date() - published_on).days
    if days < 1:
        return _("of today")
    if days < 14:
        return ngettext("%(count)d day old", "%(count)d days old", days) % {"count": days}
    return ngettext("%(count)d week old", "%(count)d weeks old", days // 7) % {"count": days // 7}


def _standing(slug: str, versions: list[Dataset], active: ActiveDataset | None, *, now: datetime) -> Standing:
    used = active.dataset if active else None
    newer = [version.label for version in versions if used is None or version.version > used.version]
    shown = used or versions[-1]
    return Standing(
        slug=slug,
        dataset=used.label if used else "",
        title=shown.title,
        published_on=shown.published_on,
        age=age_of(shown.published_on, now=now),
        activated_at=active.activated_at if active else None,
        counts=shown.counts,
        problem_count=shown.problem_count,
        error_count=shown.error_count,
        waiting=tuple(newer),
        worries=tuple(_worries(used, now=now)) if used else (),
    )


def _worries(dataset: Dataset, *, now: datetime) -> Iterable[str]:
    if dataset.has_postcodes:
        try:
            PostcodeIndex.open(folder_of(dataset.slug, dataset.version) / POSTCODES).close()
        except UnreadableFile as unreadable:
            yield str(unreadable)
    for area_set in AreaSet.objects.filter(dataset=dataset, valid_until__lte=now.date()):
        values = {"name": area_set.name, "day": area_set.valid_until}
        yield _("%(name)s ended on %(day)s; load newer ones.") % values
    yield from _lost_overrides(dataset)
    for override in LegislatureOverride.objects.filter(slug=dataset.slug).exclude(state="sitting"):
        values = {
            "code": override.legislature_code,
            "state": override.state,
            "day": override.recorded_at.date(),
        }
        yield _("%(code)s is %(state)s by our own word of %(day)s.") % values


def _lost_overrides(dataset: Dataset) -> Iterable[str]:
    codes = set(PostcodeOverride.objects.filter(slug=dataset.slug).values_list("area_code", flat=True))
    known = set(Area.objects.filter(dataset=dataset, code__in=codes).values_list("code", flat=True))
    for code in sorted(codes - known):
        yield _("An override leads to the area %(code)s, which is no longer there.") % {"code": code}
