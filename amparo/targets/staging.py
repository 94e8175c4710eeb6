"""Take in a whole new version of a country's targets, so that it can be looked at before it answers anybody.

The files are written first, beside those in use and under another name; then the rows and the number, in one
transaction. Killed anywhere, the version in use answers as before, and the next load clears away what was left.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.targets import index, version_files
from amparo.targets.models import Dataset
from amparo.targets.progress import unheard
from amparo.targets.recording import record_bundle
from amparo.targets.sectioned_file import UnreadableFile

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from amparo.organizations.models import Organization
    from amparo.targets.progress import Progress
    from amparo.targets.records import SourceBundle
    from amparo.targets.version_files import Reach

#: Problems kept with the version, in full; how many there were in all is kept beside them.
KEPT_PROBLEMS = 5_000


class SlugTaken(Refusal):
    """Targets of this name belong to another organization, or to everybody: theirs are not replaced."""

    sentence = _("Targets called “%(slug)s” exist already and belong to somebody else; choose another name.")


class StagedMeanwhile(Refusal):
    """Another machine staged the same number first; nothing of this load is left."""

    sentence = _("Another load of %(slug)s was quicker; look at `amparo targets status` and start again.")


def stage(
    *,
    bundle: SourceBundle,
    organization: Organization | None = None,
    now: datetime,
    again: bool = False,
    progress: Progress | None = None,
) -> Dataset:
    """The version that holds `bundle`, complete but not in use; `activating.activate` puts it to use.

    Files that were staged before are that version, unchanged: loading twice makes one. Say `again` when the reader has
    changed instead of the files. With an `organization`, the targets are its own and nobody else finds them.
    Raises `SlugTaken`, `AlreadyLoading`, `StagedMeanwhile`, `UnfitRecord`, and what cannot be indexed or written.
    """
    tell = progress or unheard
    version_files.home_of(bundle.slug)
    _refuse_foreign_slug(bundle.slug, organization)
    with version_files.one_load_at_a_time(bundle.slug):
        versions = Dataset.objects.filter(slug=bundle.slug)
        version_files.sweep(bundle.slug, keep=versions.values_list("version", flat=True))
        known = versions.filter(input_hash=bundle.files_hash).order_by("-version").first()
        if known is not None and not again:
            _restore_files(known, bundle, progress=tell)
            return known
        number = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
        with version_files.unfinished_folder(bundle.slug) as folder:
            reach = version_files.write_files(
                bundle, folder=folder, label=f"{bundle.slug}/{number}", progress=tell
            )
            return _commit(
                bundle, folder, reach, number=number, organization=organization, now=now, tell=tell
            )


def _commit(
    bundle: SourceBundle,
    folder: Path,
    reach: Reach,
    *,
    number: int,
    organization: Organization | None,
    now: datetime,
    tell: Progress,
) -> Dataset:
    """The rows, and the files under their number, in one transaction; none of either when it fails."""
    place = version_files.folder_of(bundle.slug, number)
    try:
        with transaction.atomic():
            dataset = Dataset.objects.create(
                **_facts(bundle, reach), version=number, organization=organization, staged_at=now
            )
            record_bundle(bundle, dataset=dataset, progress=tell)
            version_files.put_in_place(folder, slug=bundle.slug, version=number)
    except BaseException as problem:
        shutil.rmtree(place, ignore_errors=True)
        if (
            isinstance(problem, IntegrityError)
            and Dataset.objects.filter(slug=bundle.slug, version=number).exists()
        ):
            raise StagedMeanwhile(slug=bundle.slug) from problem
        raise
    return dataset


def _facts(bundle: SourceBundle, reach: Reach) -> dict[str, Any]:
    """What the dataset's own row says. The problems are complete only now, after the large tables were gone through."""
    problems = bundle.all_problems()
    table = bundle.postcodes
    return {
        "slug": bundle.slug,
        "title": bundle.title,
        "country": bundle.country,
        "source": bundle.description,
        "licence": bundle.licence,
        "credits": list(bundle.credits),
        "published_on": bundle.published,
        "input_hash": bundle.files_hash,
        "postcode_format": table.format if table else "",
        "postcode_area_set": table.area_set if table else "",
        "postcode_reach": table.reach if table else "exact",
        "has_postcodes": table is not None,
        "counts": _counts(bundle, reach),
        "reach": dict(reach.per_area),
        "problems": [
            {
                "file": problem.file,
                "line": problem.line,
                "reason": problem.reason,
                "value": problem.value,
                "severity": problem.severity,
            }
            for problem, _number in zip(problems, range(KEPT_PROBLEMS), strict=False)
        ],
        "problem_count": len(problems),
        "error_count": problems.errors,
    }


def _counts(bundle: SourceBundle, reach: Reach) -> dict[str, int]:
    return {
        "areas": len(bundle.areas),
        "people": len(bundle.people),
        "posts": len(bundle.posts),
        "seats": sum(post.kind == "seat" for post in bundle.posts),
        "memberships": len(bundle.memberships),
        "emails": sum(contact.type == "email" for contact in bundle.contacts),
        "forms": sum(contact.type == "form" for contact in bundle.contacts),
        "postcodes": reach.postcodes,
        "postcodes_without_area": reach.without_area,
        "postcodes_by_point": reach.by_point,
    }


def _refuse_foreign_slug(slug: str, organization: Organization | None) -> None:
    others = Dataset.objects.filter(slug=slug).exclude(organization=organization)
    if others.exists():
        raise SlugTaken(slug=slug)


def _restore_files(dataset: Dataset, bundle: SourceBundle, *, progress: Progress) -> None:
    """Make the files of a known version again when they were lost or damaged: a restored database has none."""
    if _files_are_whole(dataset, bundle):
        return
    with version_files.unfinished_folder(dataset.slug) as folder:
        version_files.write_files(bundle, folder=folder, label=dataset.label, progress=progress)
        version_files.put_in_place(folder, slug=dataset.slug, version=dataset.version)


def _files_are_whole(dataset: Dataset, bundle: SourceBundle) -> bool:
    folder = version_files.folder_of(dataset.slug, dataset.version)
    try:
        if dataset.has_postcodes:
            index.PostcodeIndex.open(folder / version_files.POSTCODES).close()
        if dataset.counts.get("postcodes_by_point"):
            index.PostcodeIndex.open(folder / version_files.POINTS).close()
        for rows in bundle.outlines:
            version_files.open_outlines(folder, rows.area_set)
    except UnreadableFile:
        return False
    return True
