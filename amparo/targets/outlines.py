"""From a point to the areas around it: the outlines of one area set, in one file.

Thin outlines are good for a suggestion and not for more: those of the United Kingdom at 500 m put 97.6 %
of postcodes into the right seat, and all the others lie near a line. `distance_to_border` says how near,
so that a person is asked instead of being misplaced. The geometry is GEOS's, through Shapely.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import shapely
from django.utils.translation import gettext_lazy as _
from shapely.geometry import shape

from amparo.kit.refusal import Refusal
from amparo.targets import sectioned_file
from amparo.targets.extents import EXTENTS
from amparo.targets.sectioned_file import FileKind, SectionedFile, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

#: Borders are cut into pieces of this many points, so that the nearest one is found without walking a
#: whole coast.
_PIECE = 32


class UnreadableOutlines(UnreadableFile):
    """The file does not hold outlines, or is damaged; say which (`file=`) and `why=`."""

    sentence = _("%(file)s cannot be used as a map of areas: %(why)s.")


class UnusableOutlines(Refusal):
    """The features cannot become outlines, and nothing was written; say `code=` of the first and `why=`."""

    sentence = _("The outline of %(code)s cannot be used: %(why)s.")


class OutsideExtent(Refusal):
    """A point that the coordinate system does not have: longitude and latitude swapped, for instance."""

    sentence = _("This point is not on the map of these areas.")


_OUTLINES_FILE = FileKind(magic=b"AMPLINE\x01", refusal=UnreadableOutlines)


@dataclass(frozen=True, slots=True)
class OutlinesReport:
    """What went into a file of outlines. `repaired` are the areas whose outlines crossed themselves."""

    path: Path
    version: str
    count: int
    repaired: tuple[str, ...]
    size: int


def build(path: Path, features: Iterable[tuple[str, Any]], *, crs: str, version: str = "") -> OutlinesReport:
    """Keep the features' outlines in `path`, replacing the file there in one step.

    A feature is an area's code and its polygons, as a Shapely geometry or a GeoJSON-like mapping in `crs`
    (a key of `EXTENTS`). A code may come several times, for islands kept apart. All or nothing: raises
    `UnusableOutlines`.
    """
    if crs not in EXTENTS:
        raise UnusableOutlines(code=crs, why=_("its coordinate system is not known here"))
    codes: list[str] = []
    contents: list[bytes] = []
    repaired: list[str] = []
    for code, feature in features:
        geometry = _read_polygons(code, feature, crs=crs)
        if not geometry.is_valid:
            geometry = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
            repaired.append(code)
        codes.append(code)
        contents.append(shapely.to_wkb(geometry))
    if not codes:
        raise UnusableOutlines(code=path.name, why=_("there is none"))
    size = sectioned_file.write(
        path,
        kind=_OUTLINES_FILE,
        about={"crs": crs, "version": version, "codes": codes},
        sections={
            "starts": array("Q", accumulate(map(len, contents), initial=0)).tobytes(),
            "outlines": b"".join(contents),
        },
    )
    return OutlinesReport(
        path=path, version=version, count=len(set(codes)), repaired=tuple(repaired), size=size
    )


class Outlines:
    """The outlines of one area set, loaded; safe to share between threads and with forked workers."""

    def __init__(self, *, codes: Sequence[str], geometries: Any, crs: str, version: str) -> None:
        self.crs = crs
        self.version = version
        self.codes = tuple(dict.fromkeys(codes))
        self._code_of = list(codes)
        self._geometries = geometries
        self._tree = shapely.STRtree(geometries)
        self._bounds: tuple[float, float, float, float] = tuple(shapely.total_bounds(geometries).tolist())

    @classmethod
    def load(cls, path: Path) -> Outlines:
        """Read the file into memory, or raise `UnreadableOutlines` naming it and what is wrong with it."""
        with SectionedFile.open(path, kind=_OUTLINES_FILE) as file:
            starts = file.read("starts", "Q").tolist()
            outlines = file.read("outlines")
            contents = [bytes(outlines[start:end]) for start, end in pairwise(starts)]
            about = file.about
        return cls(
            codes=about["codes"],
            geometries=shapely.from_wkb(contents),
            crs=about["crs"],
            version=about["version"],
        )

    def locate(self, x: float, y: float) -> list[str]:
        """Return the codes of the areas at the point: none at sea or abroad, several on a border.

        `x` and `y` are in the set's `crs` (longitude and latitude for EPSG:4326). Raises `OutsideExtent`
        for a point that the coordinate system does not have.
        """
        self._check(x, y)
        left, bottom, right, top = self._bounds
        if not (left <= x <= right and bottom <= y <= top):
            return []
        found = self._tree.query(shapely.Point(x, y), predicate="intersects")
        return sorted({self._code_of[number] for number in found.tolist()})

    def distance_to_border(self, x: float, y: float) -> float:
        """Return how far the nearest outline is, coasts included, in meters or degrees, as the `crs`."""
        self._check(x, y)
        point = shapely.Point(x, y)
        return float(self._borders.geometries[self._borders.nearest(point)].distance(point))

    @cached_property
    def _borders(self) -> Any:
        """A tree of pieces of all outlines, made when first asked for."""
        rings = shapely.get_rings(shapely.get_parts(self._geometries))
        return shapely.STRtree([piece for ring in rings for piece in _cut(shapely.get_coordinates(ring))])

    def _check(self, x: float, y: float) -> None:
        if not _lies_within(x, y, x, y, extent=EXTENTS[self.crs]):
            raise OutsideExtent


def _read_polygons(code: str, feature: Any, *, crs: str) -> Any:
    """Return the feature's geometry if it is made of polygons that lie in the coordinate system."""
    try:
        geometry = feature if isinstance(feature, shapely.Geometry) else shape(_geometry_of(feature))
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        shapely.errors.ShapelyError,
    ) as problem:
        raise UnusableOutlines(code=code, why=_("it cannot be read as a geometry")) from problem
    if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        raise UnusableOutlines(code=code, why=_("it is not a polygon"))
    if geometry.is_empty:
        raise UnusableOutlines(code=code, why=_("it is empty"))
    coordinates = shapely.get_coordinates(geometry)  # not its bounds: those pass over what is not a number
    if not _lies_within(*coordinates.min(axis=0), *coordinates.max(axis=0), extent=EXTENTS[crs]):
        raise UnusableOutlines(code=code, why=_("it lies outside its coordinate system"))
    return shapely.force_2d(geometry)


def _geometry_of(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping["geometry"] if mapping.get("type") == "Feature" else mapping


def _lies_within(
    left: float, bottom: float, right: float, top: float, *, extent: tuple[float, float, float, float]
) -> bool:
    if not all(map(math.isfinite, (left, bottom, right, top))):
        return False
    return extent[0] <= left and extent[1] <= bottom and right <= extent[2] and top <= extent[3]


def _cut(coordinates: Any) -> Iterator[Any]:
    """Cut a ring into lines of at most `_PIECE` steps, each beginning where the former ended."""
    for start in range(0, len(coordinates) - 1, _PIECE):
        yield shapely.linestrings(coordinates[start : start + _PIECE + 1])
