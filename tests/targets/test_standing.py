from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from amparo.targets import version_files
from amparo.targets.activating import activate
from amparo.targets.overriding import override_legislature, override_postcode
from amparo.targets.staging import stage
from amparo.targets.standing import age_of, standings
from tests.targets.orlund import orlund, postcodes, table

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "of today"), (1, "1 day old"), (13, "13 days old"), (14, "2 weeks old"), (199, "28 weeks old")],
)
def test_age_is_told_in_words(now, days, words):
    assert age_of(now.date() - timedelta(days=days), now=now) == words


def test_data_without_a_date_are_of_unknown_age(now):
    assert age_of(None, now=now) == "of unknown age"


def test_what_is_in_use_and_what_waits(now):
    activate(dataset=stage(bundle=orlund(), now=now), now=now)
    stage(bundle=orlund("second"), now=now)

    (standing,) = standings(now=now)

    assert (standing.slug, standing.dataset, standing.title) == ("orlund", "orlund/1", "Orlund")
    assert (standing.age, standing.waiting, standing.worries) == ("28 weeks old", ("orlund/2",), ())
    assert (standing.problem_count, standing.error_count) == (2, 1)
    assert json.loads(json.dumps(standing.as_json()))["published_on"] == "2026-05-10"


def test_a_first_version_that_waits_is_shown_as_such(now):
    stage(bundle=orlund(), now=now)

    (standing,) = standings(now=now)

    assert (standing.dataset, standing.waiting) == ("", ("orlund/1",))


def test_a_lost_file_boundaries_that_ended_and_our_own_word_are_worries(now):
    activate(dataset=stage(bundle=orlund(), now=now), now=now)
    override_legislature(slug="orlund", legislature_code="senate", state="dissolved", reason="", now=now)
    (version_files.folder_of("orlund", 1) / version_files.POSTCODES).unlink()

    (standing,) = standings(now=now.replace(year=2029, month=4))

    assert len(standing.worries) == 3
    assert "postcodes.index" in standing.worries[0]
    assert standing.worries[1] == "Seats of 2025 ended on 2029-03-01; load newer ones."
    assert standing.worries[2].startswith("senate is dissolved by our own word")


def test_an_override_to_an_area_that_is_gone_is_a_worry(now):
    activate(dataset=stage(bundle=orlund(), now=now), now=now)
    override_postcode(slug="orlund", postcode="EX7 1AA", area_code="OL-W", reason="", now=now)
    east = [
        area for area in orlund().areas if area.key != ("lands", "OL-W") and area.parent != ("lands", "OL-W")
    ]
    known = {area.code for area in east}
    smaller = orlund(
        "second", areas=tuple(east), memberships=(), contacts=(), outlines=(),
        posts=tuple(post for post in orlund().posts if post.area is None or post.area[1] in known),
        postcodes=postcodes([row for row in table() if all(code in known for code, _share in row[1])]),
    )  # fmt: skip
    activate(dataset=stage(bundle=smaller, now=now), now=now, even_if_large=True)

    (standing,) = standings(now=now)

    assert standing.worries == ("An override leads to the area OL-W, which is no longer there.",)


def test_a_legislature_date_is_not_needed(now):
    undated = tuple(replace(one, valid_until=None) for one in orlund().area_sets)
    activate(dataset=stage(bundle=orlund(area_sets=undated, published=date(2026, 11, 20)), now=now), now=now)

    (standing,) = standings(now=now)

    assert (standing.worries, standing.age) == ((), "2 days old")
