"""The files of one version of a country's targets: the postcode index and the maps, in a folder of their own.

They lie in `AMPARO_VAR/targets/<slug>/<version>/`. A folder appears there whole, by one rename; what a killed load
left behind has another name, or no row in the database, and is swept away when the next load begins.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.targets import index
from amparo.targets.nearness import areas_near
from amparo.targets.progress import reported
from amparo.targets.sectioned_file import UnwritableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from amparo.targets.index import AreaShare
    from amparo.targets.outlines import Outlines
    from amparo.targets.progress import Progress
    from amparo.targets.records import PostcodeRows, SourceBundle

POSTCODES = "postcodes.index"
#: Postcodes that the table knows only as a point on the map, with the areas around that point.
POINTS = "points.index"

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class AlreadyLoading(Refusal):
    """Two loads of the same targets at once would be numbered alike."""

    sentence = _("Another load of %(slug)s is running; wait until it has ended.")


class UnfitSlug(Refusal):
    """A slug is part of target keys and of a path, and comes from a file of somebody else's."""

    sentence = _("“%(slug)s” cannot name targets: write up to 40 small letters, digits and hyphens.")


@dataclass
class Reach:
    """What the postcode table leads to: how many postcodes in all, without an area, by point only, and per area."""

    postcodes: int = 0
    without_area: int = 0
    by_point: int = 0
    per_area: Counter[str] = field(default_factory=Counter)


def folder_of(slug: str, version: int) -> Path:
    """Where the files of this version lie."""
    return home_of(slug) / str(version)


def home_of(slug: str) -> Path:
    """The folder of all versions of `slug`. Raises `UnfitSlug` for anything that could lead elsewhere."""
    if not SLUG.fullmatch(slug):
        raise UnfitSlug(slug=slug)
    return Path(settings.AMPARO_VAR) / "targets" / slug


def outlines_name(area_set: str) -> str:
    """The name of the map of one area set, whatever its code is made of."""
    return f"{quote(area_set, safe='')}.outlines"


@contextmanager
def one_load_at_a_time(slug: str) -> Iterator[None]:
    """Hold the lock of this slug's folder; the system lets go of it when the process dies. Raises `AlreadyLoading`."""
    home = home_of(slug)
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / ".lock").open("a")
    except OSError as problem:
        raise UnwritableFile(file=home, why=problem.strerror) from problem
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyLoading(slug=slug) from None
        yield


def sweep(slug: str, *, keep: Iterable[int]) -> None:
    """Remove every folder that does not belong to one of the versions to `keep`."""
    kept = {str(version) for version in keep}
    for entry in home_of(slug).iterdir():
        if entry.is_dir() and entry.name not in kept:
            shutil.rmtree(entry, ignore_errors=True)


@contextmanager
def unfinished_folder(slug: str) -> Iterator[Path]:
    """A new folder beside the versions, gone at the end unless it was put in place meanwhile."""
    folder = home_of(slug) / f".unfinished-{secrets.token_hex(6)}"
    try:
        folder.mkdir()
    except OSError as problem:
        raise UnwritableFile(file=folder, why=problem.strerror) from problem
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def open_outlines(folder: Path, area_set: str) -> Outlines:
    """The map of one area set. Raises `UnreadableOutlines`."""
    # Here, not above: geometry takes a quarter of a process's start, and few processes draw.
    from amparo.targets.outlines import Outlines

    return Outlines.load(folder / outlines_name(area_set))


def put_in_place(folder: Path, *, slug: str, version: int) -> Path:
    """Give a finished folder its number, in one step that survives a power cut. A broken one there is replaced."""
    place = folder_of(slug, version)
    try:
        if place.exists():
            place.rename(place.with_name(f".replaced-{secrets.token_hex(6)}"))
        folder.rename(place)
        descriptor = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise UnwritableFile(file=place, why=problem.strerror) from problem
    return place


def write_files(bundle: SourceBundle, *, folder: Path, label: str, progress: Progress) -> Reach:
    """Index the postcodes and keep the outlines in `folder`, synced. Raises the refusals of those two."""
    from amparo.targets import outlines

    for rows in bundle.outlines:
        steps = reported(rows, step=f"outlines of {rows.area_set}", progress=progress)
        outlines.build(folder / outlines_name(rows.area_set), steps, crs=rows.crs, version=label)
    reach = Reach()
    if bundle.postcodes is not None:
        _write_postcodes(bundle, bundle.postcodes, reach, folder=folder, label=label, progress=progress)
    return reach


def _write_postcodes(
    bundle: SourceBundle, table: PostcodeRows, reach: Reach, *, folder: Path, label: str, progress: Progress
) -> None:
    points: list[tuple[str, tuple[float, float]]] = []

    def rows() -> Iterator[tuple[str, tuple[AreaShare, ...]]]:
        for postcode, areas, point in reported(table, step="postcodes", progress=progress):
            for code, _share in areas:
                reach.per_area[code] += 1
            if not areas and point is not None:
                points.append((postcode, point))
            yield postcode, areas

    codes = [area.code for area in bundle.areas if area.set == table.area_set]
    made = index.build(
        folder / POSTCODES, country_format=table.format, rows=rows(), area_codes=codes, version=label
    )
    reach.postcodes, reach.without_area = made.count, made.without_area
    map_file = folder / outlines_name(table.area_set)
    if points and map_file.exists():
        _write_points(points, table, reach, folder=folder, codes=codes, label=label, progress=progress)


def _write_points(
    points: list[tuple[str, tuple[float, float]]],
    table: PostcodeRows,
    reach: Reach,
    *,
    folder: Path,
    codes: list[str],
    label: str,
    progress: Progress,
) -> None:
    """For postcodes that are only a point, the areas around it: a suggestion to ask about, kept apart from
    the table.
    """
    drawn = open_outlines(folder, table.area_set)
    if drawn.crs != table.crs:
        return
    known = frozenset(codes)
    found = (
        (postcode, tuple((code, None) for code in areas_near(drawn, *point) if code in known))
        for postcode, point in reported(points, step="postcodes by point", progress=progress)
    )
    rows = [(postcode, areas) for postcode, areas in found if areas]
    if rows:
        index.build(folder / POINTS, country_format=table.format, rows=rows, area_codes=codes, version=label)
    reach.by_point = len(rows)
