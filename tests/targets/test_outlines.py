"""Point in polygon: which areas are at a point, and how near a line it is."""

from __future__ import annotations

import csv
import gzip
import io
import math
import random
import zipfile

import pytest
import shapefile
import shapely
from hypothesis import given
from hypothesis import strategies as st

from amparo.targets import outlines
from amparo.targets.outlines import Outlines, OutsideExtent, UnreadableOutlines, UnusableOutlines
from tests.skips import real_data

GRID = "EPSG:27700"
WEST = shapely.box(0, 0, 1000, 1000)
EAST = shapely.box(1000, 0, 3000, 1000)
ISLES = shapely.MultiPolygon([shapely.box(5000, 0, 5100, 100), shapely.box(5200, 0, 5300, 100)])
RING = shapely.box(0, 2000, 1000, 3000).difference(shapely.box(400, 2400, 600, 2600))


def moved(polygon, x, y):
    """The polygon with one of its corners elsewhere, possibly nowhere."""
    corners = shapely.get_coordinates(polygon)
    corners[2] = x, y
    return shapely.set_coordinates(shapely.Polygon(polygon), corners)


INVENTED = [("W", WEST), ("E", EAST), ("I", ISLES), ("R", RING)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "invented.outlines"


@pytest.fixture
def invented(path):
    outlines.build(path, INVENTED, crs=GRID, version="May")
    return Outlines.load(path)


def test_what_was_built_is_loaded(path):
    report = outlines.build(path, INVENTED, crs=GRID, version="May")
    loaded = Outlines.load(path)
    assert (report.count, report.repaired, report.size) == (4, (), path.stat().st_size)
    assert (loaded.crs, loaded.version, loaded.codes) == (GRID, "May", ("W", "E", "I", "R"))


@pytest.mark.parametrize(
    ("x", "y", "codes"),
    [
        (500, 500, ["W"]),
        (2999, 1, ["E"]),
        (1000, 500, ["E", "W"]),
        (5250, 50, ["I"]),
        (5150, 50, []),
        (500, 2500, []),
        (500, 2300, ["R"]),
        (600_000, 1_200_000, []),
    ],
)
def test_a_point_is_in_its_area_on_a_border_in_both_and_at_sea_in_none(invented, x, y, codes):
    assert invented.locate(x, y) == codes


@pytest.mark.parametrize(
    ("x", "y", "meters"),
    [
        (500, 500, 500),
        (990, 500, 10),
        (1000, 500, 0),
        (5150, 50, 50),
        (500, 2500, 100),
        (500, 2350, 50),
        (4000, 0, 1000),
    ],
)
def test_the_distance_to_a_border_counts_islands_and_holes(invented, x, y, meters):
    assert invented.distance_to_border(x, y) == pytest.approx(meters)


@given(st.floats(-90_000, 690_000), st.floats(-90_000, 1_290_000))
def test_a_long_border_is_measured_like_a_short_one(x, y):
    circle = shapely.Point(300_000, 600_000).buffer(250_000, quad_segs=64)
    drawn = Outlines(codes=["C"], geometries=[circle], crs=GRID, version="")
    assert drawn.distance_to_border(x, y) == pytest.approx(circle.boundary.distance(shapely.Point(x, y)))


def test_a_border_of_many_points_has_no_gap():
    """Borders are searched in pieces; between two pieces there is border too."""
    drawn = Outlines(codes=["D"], geometries=[shapely.segmentize(WEST, 10)], crs=GRID, version="")
    middles = range(5, 1000, 10)
    assert (
        max(drawn.distance_to_border(x, y) for middle in middles for x, y in ((middle, 0), (0, middle))) == 0
    )


@given(st.floats(-10, 3010), st.floats(-10, 3010))
def test_the_answer_is_that_of_trying_every_outline(x, y):
    drawn = Outlines(codes=list("WER"), geometries=[WEST, EAST, RING], crs=GRID, version="")
    point = shapely.Point(x, y)
    assert drawn.locate(x, y) == sorted(
        code for code, area in zip("WER", [WEST, EAST, RING], strict=True) if area.covers(point)
    )


@pytest.mark.parametrize(
    ("crs", "x", "y"),
    [
        (GRID, 800_000, 500),
        (GRID, 500, -200_000),
        (GRID, math.nan, 500),
        (GRID, 500, math.inf),
        ("EPSG:4326", 51.5, -120.2),
        ("EPSG:4326", 530_000, 180_000),
    ],
)
def test_a_point_that_the_system_does_not_have_is_refused(crs, x, y):
    drawn = Outlines(codes=["W"], geometries=[shapely.box(0, 0, 1, 1)], crs=crs, version="")
    with pytest.raises(OutsideExtent):
        drawn.locate(x, y)
    with pytest.raises(OutsideExtent):
        drawn.distance_to_border(x, y)


def test_features_may_be_geojson_and_may_come_in_parts(path):
    parts = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(WEST)},
        shapely.geometry.mapping(RING),
    ]
    report = outlines.build(path, [("N", part) for part in parts], crs=GRID)
    loaded = Outlines.load(path)
    assert report.count == 1
    assert loaded.codes == ("N",)
    assert loaded.locate(500, 500) == loaded.locate(500, 2300) == ["N"]


def test_an_outline_that_crosses_itself_is_repaired_and_named(path):
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert outlines.build(path, [("B", bow_tie)], crs=GRID).repaired == ("B",)
    loaded = Outlines.load(path)
    assert loaded.locate(1, 5) == loaded.locate(9, 5) == ["B"]
    assert loaded.locate(5, 9) == []


@pytest.mark.parametrize(
    ("feature", "why"),
    [
        (shapely.Point(1, 1), "not a polygon"),
        (shapely.LineString([(0, 0), (1, 1)]), "not a polygon"),
        (shapely.Polygon(), "empty"),
        (shapely.box(0, 0, 2_000_000, 1), "outside"),
        (moved(WEST, 500, math.nan), "outside"),
        (moved(WEST, math.inf, 500), "outside"),
        ({"type": "Polygon"}, "cannot be read"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, "cannot be read"),
        ({"type": "Rhombus", "coordinates": []}, "cannot be read"),
        ({"type": "Feature", "geometry": None}, "cannot be read"),
        ({}, "cannot be read"),
        ("POLYGON ((0 0, 1 1, 1 0, 0 0))", "cannot be read"),
    ],
)
def test_a_feature_that_is_no_outline_is_named_and_nothing_is_written(path, feature, why):
    with pytest.raises(UnusableOutlines, match=f"N01.*{why}"):
        outlines.build(path, [("W", WEST), ("N01", feature)], crs=GRID)
    assert list(path.parent.iterdir()) == []


def test_an_unknown_coordinate_system_and_an_empty_set_are_refused(path):
    with pytest.raises(UnusableOutlines, match="EPSG:3857"):
        outlines.build(path, INVENTED, crs="EPSG:3857")
    with pytest.raises(UnusableOutlines, match="there is none"):
        outlines.build(path, [], crs=GRID)


def test_a_damaged_file_is_refused_by_name(path):
    outlines.build(path, INVENTED, crs=GRID)
    whole = path.read_bytes()
    for place in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        for content in (whole[:place], damaged):
            path.write_bytes(content)
            with pytest.raises(UnreadableOutlines, match=r"invented\.outlines"):
                Outlines.load(path)


def test_an_index_is_not_a_map(path):
    path.write_bytes(b"AMPCODE\x01" + bytes(200))
    with pytest.raises(UnreadableOutlines, match="something else"):
        Outlines.load(path)


def test_loaded_outlines_do_not_need_their_file_any_more(path, invented):
    path.unlink()
    assert invented.locate(500, 500) == ["W"]


@pytest.mark.real_data
def test_most_real_postcodes_lie_in_their_seat_and_the_others_near_a_line(tmp_path):
    """Thin outlines: 97.6 of 100 agree with the table, and whatever does not lies within 500 m of a line."""
    with zipfile.ZipFile(real_data() / "uk" / "PCON_JULY_2024_UK_BUC_shp.zip") as archive:
        parts = {name[-3:]: io.BytesIO(archive.read(name)) for name in archive.namelist()}
    with shapefile.Reader(shp=parts["shp"], dbf=parts["dbf"], shx=parts["shx"]) as reader:
        features = [
            (each.record["PCON24CD"], each.shape.__geo_interface__) for each in reader.iterShapeRecords()
        ]
    outlines.build(tmp_path / "uk.outlines", features, crs=GRID, version="2024")
    kingdom = Outlines.load(tmp_path / "uk.outlines")
    assert len(kingdom.codes) == 650

    with gzip.open(real_data() / "uk" / "gb_postcodes_pcon2024.csv.gz", "rt") as file:
        table = [row for row in csv.DictReader(file) if row["pcon24cd"]]
    agreed = 0
    for row in random.Random(3).sample(table, 3_000):
        x, y = float(row["easting"]), float(row["northing"])
        if kingdom.locate(x, y) == [row["pcon24cd"]]:
            agreed += 1
        else:
            assert kingdom.distance_to_border(x, y) < 500
    assert agreed > 0.97 * 3_000
