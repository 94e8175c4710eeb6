"""Outlines out of a GeoJSON collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amparo.targets.fields import mapping_of
from amparo.targets.problems import UnreadableSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from amparo.targets.files import SourceFiles
    from amparo.targets.problems import ProblemLog
    from amparo.targets.records import OutlineRow

AREAS = frozenset({"Polygon", "MultiPolygon"})


def read_outlines(
    files: SourceFiles,
    name: str,
    *,
    code_of: Callable[[dict[str, Any]], str | None],
    known: frozenset[str],
    problems: ProblemLog,
) -> Iterator[OutlineRow]:
    """Each feature's area and geometry. Several features may be parts of one area.

    `code_of` reads an area's code from the properties of a feature; None passes over it in silence. A
    feature of an unknown area, or that is not made of polygons, is reported and left out; an area without
    any is named at the end.
    """
    place = files.place(name)
    features = mapping_of(files.json(name)).get("features")
    if not isinstance(features, list):
        raise UnreadableSource(file=place.file, why="it is not a GeoJSON collection of features")
    seen: set[str] = set()
    for number, feature in enumerate(map(mapping_of, features), start=1):
        code = code_of(mapping_of(feature.get("properties")))
        geometry = mapping_of(feature.get("geometry"))
        if code is None:
            continue
        if code not in known:
            problems.error(place, "the outline is of no known area", f"feature {number}: {code}")
        elif geometry.get("type") not in AREAS:
            problems.error(place, "the outline is not made of polygons", code)
        else:
            seen.add(code)
            yield code, geometry
    for code in sorted(known - seen):
        problems.warning(place, "the area has no outline", code)
