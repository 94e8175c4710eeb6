"""The published data of the United Kingdom, the United States and Canada, loaded once and asked everything."""

from __future__ import annotations

import csv
import gzip
import random
from collections import defaultdict

import pytest
from django.db import transaction
from django.test import override_settings

from amparo.targets import current
from amparo.targets.activating import activate
from amparo.targets.finding import find, target_by_key, targets_by_key
from amparo.targets.models import Area, Post
from amparo.targets.registry import load_sources
from amparo.targets.staging import stage
from tests.factories.moments import NOW
from tests.skips import real_data

pytestmark = [pytest.mark.real_data, pytest.mark.django_db, pytest.mark.timeout(900)]

#: Postcodes and ZIP codes drawn at random, always the same ones.
SAMPLE = 2_000


@pytest.fixture(scope="module", autouse=True)
def _own_state(tmp_path_factory, django_db_setup, django_db_blocker):
    """Three countries in one transaction around all tests of this file; nothing of them is ever committed."""
    folder = real_data()
    if folder is None:
        pytest.skip("no published data here")
    current.forget()
    with (
        override_settings(AMPARO_VAR=tmp_path_factory.mktemp("real")),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        for slug in ("uk", "us", "ca"):
            bundle = load_sources().get(slug).read(folder / slug, today=NOW.date())
            activate(dataset=stage(bundle=bundle, now=NOW), now=NOW)
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)
    current.forget()


@pytest.fixture(scope="module")
def british_table():
    """Postcode and seat of every row of the source."""
    with gzip.open(real_data() / "uk" / "gb_postcodes_pcon2024.csv.gz", "rt") as lines:
        return [(row["postcode"], row["pcon24cd"]) for row in csv.DictReader(lines)]


@pytest.fixture(scope="module")
def american_table():
    """The districts that each ZIP code touches, in the words of the source."""
    districts = defaultdict(set)
    with gzip.open(real_data() / "us" / "zcta_cd119.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            districts[row["zcta"]].add(f"{row['state_abbr']}-{int(row['cd'])}")
    return districts


def ask(slug, postcode="", **more):
    return find(slug=slug, postcode=postcode, now=NOW, **more)


def codes(answer):
    return {candidate.area_code for candidate in answer.candidates}


def seats_of(slug, house):
    return [f"{slug}/{code}" for code in Post.objects.filter(
        dataset__slug=slug, kind="seat", legislature__code=house).values_list("code", flat=True)]  # fmt: skip


def is_reachable_or_honest(target):
    return target.channel in {"email", "form"} if not target.sentence else target.channel == "none"


def test_british_postcodes_agree_with_the_source_table(british_table):
    drawn = random.Random(1).sample(british_table, SAMPLE)

    for compact, seat in drawn:
        typed = f" {compact[:-3].lower()} {compact[-3:].lower()}"
        answer = ask("uk", typed, legislature=["commons"])
        if seat:
            assert (codes(answer), answer.needs) == ({seat}, "none"), compact
            assert answer.candidates[0].evidence == "exact"
        else:
            assert answer.needs == "choice" or not answer.candidates


def test_the_house_of_commons_lies_in_its_own_seat():
    answer = ask("uk", "sw1a 0aa", legislature=["commons"])

    assert codes(answer) == {"E14001172"}
    assert answer.postcode == "SW1A 0AA"
    assert answer.candidates[0].target.address


def test_a_postcode_that_does_not_exist_finds_nobody():
    answer = ask("uk", "ZZ99 9ZZ")

    assert (answer.needs, answer.candidates, answer.reason) == ("none", (), "unknown")


def test_the_five_scottish_seats_that_were_renumbered_are_found(british_table):
    names = {
        "Ayr, Carrick and Cumnock",
        "Berwickshire, Roxburgh and Selkirk",
        "Central Ayrshire",
        "Kilmarnock and Loudoun",
        "West Aberdeenshire and Kincardine",
    }
    renumbered = {area.code for area in Area.objects.filter(dataset__slug="uk", name__in=names)}
    assert len(renumbered) == 5
    first_postcode = {seat: compact for compact, seat in reversed(british_table) if seat in renumbered}

    assert set(first_postcode) == renumbered
    for seat, compact in first_postcode.items():
        (candidate,) = ask("uk", compact, legislature=["commons"]).candidates
        assert candidate.area_code == seat
        assert candidate.target.status == "held"
        assert candidate.target.channel == "email"


def test_northern_ireland_is_offered_for_choice():
    answer = ask("uk", "BT1 1AA", legislature=["commons"])

    assert answer.needs == "choice"
    assert len(answer.choices) == 18
    assert all(choice.area_code.startswith("N") for choice in answer.choices)
    chosen = ask("uk", "BT1 1AA", legislature=["commons"], area_code=answer.choices[0].area_code)
    assert (chosen.needs, len(chosen.candidates)) == ("none", 1)


def test_all_650_seats_have_a_reachable_member_or_an_honest_sentence(british_table):
    keys = seats_of("uk", "commons")
    targets = [target_by_key(key, organization=None, now=NOW) for key in keys]

    assert len(targets) == 650
    assert all(map(is_reachable_or_honest, targets))
    assert sum(target.channel == "email" for target in targets) >= 640
    found = {seat for _compact, seat in british_table if seat}
    found |= {choice.area_code for choice in ask("uk", "BT1 1AA").choices}
    assert {target.area_code for target in targets} == found


def test_a_minister_is_found_by_post():
    keys = Post.objects.filter(dataset__slug="uk", kind="minister").values_list("code", flat=True)

    for code in keys:
        for target in targets_by_key(f"uk/{code}", organization=None, now=NOW):
            assert target.holder
            assert is_reachable_or_honest(target)


def test_american_zip_codes_agree_with_the_source_table(american_table):
    drawn = random.Random(2).sample(sorted(american_table), SAMPLE)

    for code in drawn:
        answer = ask("us", code, legislature=["house"])
        assert codes(answer) == american_table[code], code
        assert answer.needs == ("none" if len(american_table[code]) == 1 else "choice"), code


def test_a_zip_code_that_crosses_states_asks_about_senators_too(american_table):
    crossing = [
        code
        for code, districts in american_table.items()
        if len({district[:2] for district in districts}) > 1
    ]

    assert len(crossing) == 109
    for code in crossing:
        states = {district[:2] for district in american_table[code]}
        voting = states - {"DC", "PR"}
        answer = ask("us", code, legislature=["senate"])
        assert codes(answer) == voting
        assert answer.needs == ("choice" if len(voting) > 1 else "none")


def test_a_zip_code_inside_one_state_has_its_two_senators_whatever_the_district():
    answer = ask("us", "35005")

    assert answer.needs == "choice"
    assert {choice.area_code for choice in answer.choices} == {"AL-6", "AL-7"}
    assert [one.area_code for one in answer.candidates if one.certain] == ["AL", "AL"]


def test_a_vacant_seat_offers_nobody_and_says_so():
    answer = ask("us", legislature=["house"], area_code="FL-20")

    assert (answer.needs, answer.reason) == ("none", "vacant")
    assert answer.candidates[0].holder_name == ""
    assert answer.candidates[0].target.contacts == ()
    assert "Florida's 20th district" in answer.sentence


def test_all_seats_of_congress_have_a_reachable_member_or_an_honest_sentence():
    house, senate = seats_of("us", "house"), seats_of("us", "senate")

    assert (len(house), len(senate)) == (441, 100)
    targets = [target_by_key(key, organization=None, now=NOW) for key in house + senate]
    assert all(map(is_reachable_or_honest, targets))
    assert sum(target.channel == "form" for target in targets) >= 525
    vacant = {target.area_code for target in targets if target.status == "vacant"}
    assert {"CA-14", "FL-20", "GA-13", "TX-23"} <= vacant


def test_committees_are_written_to_at_their_members_own_seats():
    found = targets_by_key("us/committee/SSFR", organization=None, now=NOW)

    assert len(found) > 10
    assert all(target.key.startswith("us/senate/") for target in found)


def test_canada_offers_the_ridings_of_the_province_and_does_not_pretend_to_know_their_members():
    answer = ask("ca", "M5V 2T6")

    assert answer.needs == "choice"
    assert len(answer.choices) == 122
    keys = seats_of("ca", "hoc")
    assert len(keys) == 343
    targets = [target_by_key(key, organization=None, now=NOW) for key in keys]
    assert {(target.status, target.reason, target.channel) for target in targets} == {
        ("unknown", "holder_unknown", "none")
    }


def test_a_pin_on_the_map_is_right_wherever_it_is_sure(british_table):
    """Points of the table itself, as (longitude, latitude) would be too, against the seat that it gives them."""
    with gzip.open(real_data() / "uk" / "gb_postcodes_pcon2024.csv.gz", "rt") as lines:
        rows = [
            row for number, row in enumerate(csv.DictReader(lines)) if number % 1_000 == 0 and row["pcon24cd"]
        ]
    sure = right = offered = 0
    for row in rows:
        answer = ask("uk", pin=(float(row["easting"]), float(row["northing"])), legislature=["commons"])
        offered += row["pcon24cd"] in codes(answer)
        if answer.needs == "none" and answer.candidates:
            sure += 1
            right += row["pcon24cd"] in codes(answer)

    assert right == sure
    assert sure > 0.6 * len(rows)
    assert offered > 0.99 * len(rows)


def test_no_look_up_opens_a_connection(socket_disabled):
    assert ask("uk", "SW1A 0AA").candidates
    assert ask("us", "35005").candidates
    assert ask("ca", "M5V 2T6").candidates
