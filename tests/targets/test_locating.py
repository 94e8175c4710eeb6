"""Grids, doubts and territories: the parts of locating that need no database."""

from __future__ import annotations

import pytest
from shapely.geometry import box

from amparo.targets import outlines
from amparo.targets.grid import to_british_grid
from amparo.targets.nearness import areas_near
from amparo.targets.outlines import Outlines
from amparo.targets.territories import territory_of


def test_degrees_become_the_grid_reference_that_the_ordnance_survey_gives():
    # "A guide to coordinate systems in Great Britain": Caister water tower, E 651409.903 N 313177.270 on the grid;
    # 52.65798 N 1.71605 E are its WGS84 degrees to five places (about a meter).
    easting, northing = to_british_grid(1.71605, 52.65798)

    assert easting == pytest.approx(651409.9, abs=6)
    assert northing == pytest.approx(313177.3, abs=6)


@pytest.fixture
def two_squares(tmp_path):
    """Two squares of 10 km side by side on the British grid, and an island of another 700 m across."""
    path = tmp_path / "squares.outlines"
    squares = [
        ("WEST", box(400_000, 300_000, 410_000, 310_000)),
        ("EAST", box(410_000, 300_000, 420_000, 310_000)),
        ("ISLE", box(405_000, 320_000, 405_700, 320_700)),
    ]
    outlines.build(path, squares, crs="EPSG:27700")
    return Outlines.load(path)


@pytest.mark.parametrize(
    ("point", "areas"),
    [
        ((405_000, 305_000), ["WEST"]),
        ((409_400, 305_000), ["WEST"]),
        ((409_700, 305_000), ["WEST", "EAST"]),
        ((410_200, 305_000), ["EAST", "WEST"]),
        ((400_100, 305_000), ["WEST"]),
        ((399_700, 305_000), ["WEST"]),
        ((399_000, 305_000), []),
        ((405_350, 321_000), ["ISLE"]),
        ((600_000, 100_000), []),
        ((-99_999, -99_999), []),
    ],
)
def test_within_the_doubt_of_the_outlines_the_neighbour_comes_into_question_too(two_squares, point, areas):
    assert areas_near(two_squares, *point) == areas


def test_a_point_on_the_line_lies_in_both(two_squares):
    assert set(areas_near(two_squares, 410_000, 305_000)) == {"WEST", "EAST"}


@pytest.mark.parametrize(
    ("slug", "compact", "area"),
    [
        ("uk", "BT11AA", ("uk-nations", "N92000002")),
        ("us", "96910", ("us-states", "GU")),
        ("us", "96799", ("us-states", "AS")),
        ("us", "00802", ("us-states", "VI")),
    ],
)
def test_territories_outside_the_tables_are_known_by_how_their_postcodes_start(slug, compact, area):
    assert territory_of(slug, compact).area == area


@pytest.mark.parametrize(
    ("slug", "compact"), [("uk", "GY11AA"), ("uk", "BF12AB"), ("us", "09012"), ("us", "96201")]
)
def test_some_have_no_seat_and_it_is_said_why(slug, compact):
    territory = territory_of(slug, compact)

    assert territory.area is None
    assert territory.sentence


@pytest.mark.parametrize(
    ("slug", "compact"), [("uk", "B11AA"), ("us", "96701"), ("ca", "M5V"), ("orlund", "BT11AA")]
)
def test_of_all_others_nothing_is_claimed(slug, compact):
    assert territory_of(slug, compact) is None
