"""The areas of a bundle: `areas.csv`, one row each, parents before their children."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.targets.records import AreaRecord

if TYPE_CHECKING:
    from amparo.targets.files import SourceFiles
    from amparo.targets.gathering import Gathering
    from amparo.targets.records import AreaKey

AREAS = "areas.csv"


def add_areas(gathering: Gathering, files: SourceFiles) -> None:
    """Columns set, code, name; then classification and parent, `name_fr` for other languages, `id_ocd` for codes."""
    if not files.has(AREAS):
        if gathering.area_sets:
            gathering.problems.warning(files.place(AREAS), "missing: the area sets declared have no areas")
        return
    for line, row in files.rows(AREAS, columns=["set", "code", "name"], problems=gathering.problems):
        area = AreaRecord(
            set=row["set"],
            code=row["code"],
            name=row["name"],
            names=prefixed(row, "name_"),
            identifiers=prefixed(row, "id_"),
            classification=row.get("classification", ""),
            parent=parent_of(row),
        )
        gathering.add_area(area, files.place(AREAS, line))


def prefixed(row: dict[str, str], prefix: str) -> dict[str, str]:
    """The columns whose name starts with `prefix`, by the rest of the name."""
    return {key.removeprefix(prefix): value for key, value in row.items() if key.startswith(prefix) and value}


def parent_of(row: dict[str, str]) -> AreaKey | None:
    """`set/code`, or the code alone for a parent in the same set."""
    parent = row.get("parent", "")
    if not parent:
        return None
    area_set, stroke, code = parent.partition("/")
    return (area_set, code) if stroke else (row["set"], parent)


def find_area(gathering: Gathering, written: str, *, area_set: str | None) -> AreaKey | None:
    """The area that a post names: `set/code`, or the code alone, first in `area_set`, then in any single set."""
    first, stroke, code = written.partition("/")
    if stroke and (first, code) in gathering.areas:
        return (first, code)
    if area_set is not None and (area_set, written) in gathering.areas:
        return (area_set, written)
    matches = [(name, written) for name in gathering.area_sets if (name, written) in gathering.areas]
    return matches[0] if len(matches) == 1 else None
