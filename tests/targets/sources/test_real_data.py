"""The published data of real parliaments: everybody is there, and every oddity in the files is named."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from amparo.targets.address_forms import envelope, salutation
from amparo.targets.records import SourceBundle
from tests.skips import real_data

from .conftest import load

pytestmark = pytest.mark.real_data

#: A day on which every file of the collection is right.
JUNE = date(2026, 6, 20)
#: The day on which the data was collected: two appointed senators have left, and nobody newer is in the files.
NOVEMBER = date(2026, 11, 22)

VACANT = "the seat has no member here: vacant"


def folder(country: str) -> Path:
    place = real_data()
    assert place is not None
    return place / country


def counted(bundle: SourceBundle) -> dict[tuple[str, str, str], int]:
    return dict(bundle.all_problems().counts)


@pytest.fixture(scope="module")
def uk() -> SourceBundle:
    return load("uk", folder("uk"), today=JUNE)


@pytest.fixture(scope="module")
def us() -> SourceBundle:
    return load("us", folder("us"), today=JUNE)


def test_all_650_seats_have_their_member(uk: SourceBundle) -> None:
    seats = {post.code for post in uk.posts if post.legislature == "commons"}
    held = Counter(m.post for m in uk.memberships if m.post in seats)
    assert len(seats) == 650
    assert set(held) == seats
    assert set(held.values()) == {1}


def test_646_members_publish_an_address(uk: SourceBundle) -> None:
    addressed = {contact.holder for contact in uk.contacts if contact.type == "email"}
    assert len(addressed) == len(uk.contacts) == 646
    without = {m.person for m in uk.memberships if m.post.startswith("commons/") and m.code not in addressed}
    assert len(without) == 4
    assert {contact.accepts for contact in uk.contacts} == {"constituents"}


def test_the_speaker_and_seven_who_abstain_are_flagged(uk: SourceBundle) -> None:
    assert Counter(flag for m in uk.memberships for flag in m.flags) == {"speaker": 1, "abstains": 7}


def test_147_appointments_to_128_posts_by_124_people(uk: SourceBundle) -> None:
    posts = {post.code: post for post in uk.posts if post.kind == "minister"}
    held = [m for m in uk.memberships if m.post in posts]
    assert (len(posts), len(held), len({m.person for m in held})) == (128, 147, 124)
    assert sum(post.seats for post in posts.values()) == 147
    peers = [person for person in uk.people if person.honorific_prefix in {"Lord", "Baroness"}]
    assert len(peers) == 31
    assert not [contact for contact in uk.contacts if contact.holder.startswith("minister/")]


def test_every_name_can_be_taken_apart_and_addressed(uk: SourceBundle) -> None:
    assert [person.name for person in uk.people if not person.family_name] == []
    posts = {post.code: post for post in uk.posts}
    people = {person.code: person for person in uk.people}
    openings = Counter()
    for m in uk.memberships:
        if m.post.startswith("commons/"):
            said = salutation(people[m.person], posts[m.post], m, language="en")
            assert "Rt Hon" not in said
            assert envelope(people[m.person], posts[m.post], m, language="en").endswith(" MP")
            openings[said.split()[1]] += 1
    assert openings["Sir"] + openings["Dame"] == 28 + 9 - 1
    assert openings["Dr"] == 22
    assert openings["Mr"] == 29 + 1  # and Mr Speaker


def test_the_kingdoms_problems_are_all_named(uk: SourceBundle) -> None:
    assert sum(1 for _row in uk.postcodes) == 1_734_274
    [outlines] = uk.outlines
    assert len({code for code, _outline in outlines}) == 650
    table = "gb_postcodes_pcon2024.csv.gz"
    assert counted(uk) == {
        ("warning", "mp_lookup.csv", "no e-mail address is published"): 4,
        ("warning", "mp_lookup.csv", "the party differs from current_mps.csv; the one here is taken"): 2,
        (
            "warning", "current_mps.csv", "the seat is held by somebody else in mp_lookup.csv; that one is taken",
        ): 3,
        ("warning", table, "the postcode exists, but the table gives no seat for it"): 868,
        ("warning", table, "no postcode in the table leads to this seat"): 18,
    }  # fmt: skip
    assert uk.published == date(2026, 6, 12)


def test_a_postcode_table_row_is_read_as_it_stands(uk: SourceBundle) -> None:
    first = next(iter(uk.postcodes))
    assert first == ("AB101AB", (("S14000061", None),), (394235.0, 806529.0))
    areas = {area.code for area in uk.areas if area.set == "uk-2024"}
    assert {"S14000107", "S14000108", "S14000109", "S14000110", "S14000111"} <= areas
    assert not {"S14000006", "S14000008", "S14000010", "S14000040", "S14000058"} & areas


def test_435_districts_less_four_and_100_senators(us: SourceBundle) -> None:
    seats = {post.code: post for post in us.posts if post.kind == "seat"}
    held = {m.post for m in us.memberships if m.post in seats}
    house = {code for code, post in seats.items() if post.legislature == "house"}
    delegates = {code for code in house if seats[code].office != "us/representative"}
    assert (len(house), len(delegates), len(seats) - len(house)) == (441, 6, 100)
    assert house - held == {"house/CA-14", "house/FL-20", "house/GA-13", "house/TX-23"}
    assert {post for post in seats if post not in house} <= held


def test_everybody_in_congress_but_one_has_a_form_or_a_web_site(us: SourceBundle) -> None:
    in_office = {m.person for m in us.memberships}
    reached = {contact.holder for contact in us.contacts if contact.type == "form"}
    assert len(in_office) == 537
    assert in_office - reached == {"G000607"}
    assert not [contact for contact in us.contacts if contact.type == "email"]
    senators = {m.person for m in us.memberships if m.post.startswith("senate/")}
    websites = [c for c in us.contacts if c.type == "form" and c.note]
    assert len([c for c in websites if c.holder in senators]) == 1
    assert len(websites) == 261


def test_senators_whose_term_has_ended_leave_a_vacancy() -> None:
    bundle = load("us", folder("us"), today=NOVEMBER)
    vacant = {problem.value for problem in bundle.problems if problem.reason == VACANT}
    assert vacant == {
        "house/CA-14", "house/FL-20", "house/GA-13", "house/TX-23", "senate/FL-3", "senate/OH-3",
    }  # fmt: skip


def test_the_states_problems_are_all_named(us: SourceBundle) -> None:
    rows = list(us.postcodes)
    assert len(rows) == len({postcode for postcode, _areas, _point in rows}) == 41_102
    assert sum(1 for _postcode, areas, _point in rows if areas) == 33_774
    assert sum(1 for _postcode, areas, _point in rows if len(areas) > 1) == 7_299  # 21.6 %
    [outlines] = us.outlines
    assert len({code for code, _outline in outlines}) == 437
    members = "legislators-current.yaml.gz"
    assert counted(us) == {
        ("warning", members, VACANT): 4,
        ("error", members, "the form's address is not a web address"): 1,
        ("warning", members, "neither a form nor a web site is published"): 1,
        ("warning", "contact_forms.csv.gz", "a stub stands in place of the form's address"): 249,
        ("error", "legislators-district-offices.yaml.gz", "listed twice; the first is kept"): 1,
        ("warning", "geonames_zip.tsv.gz", "ZIP codes of no state (military, foreign) are left out"): 1,
        ("warning", "cd119_20m.geojson.gz", "the area has no outline"): 4,
    }
    [form] = [p for p in us.problems if p.severity == "error" and p.file == members]
    assert form.value.startswith("hhttps://")
    assert us.published == date(2026, 6, 10)


def test_committees_have_their_members(us: SourceBundle) -> None:
    committees = [post for post in us.posts if post.kind == "committee"]
    seats = Counter(m.post for m in us.memberships if m.post.startswith("committee/"))
    assert (len(committees), sum(seats.values())) == (230, 3_879)
    empty = {post.code for post in committees if post.code not in seats}
    assert empty == {"committee/SSCM39", "committee/SSJU27"}  # listed with nobody on them
    assert {post.code: post.seats for post in committees if post.code not in empty} == seats
    assert (
        Counter(flag for m in us.memberships for flag in m.flags if m.post.startswith("committee/"))["chair"]
        == 143 + 79 + 4 + 1
    )


def test_343_ridings_without_known_members() -> None:
    bundle = load("ca", folder("ca"), today=NOVEMBER)
    ridings = [area for area in bundle.areas if area.set == "ca-fed-2023"]
    assert (len(ridings), len(bundle.posts), len(bundle.memberships)) == (343, 343, 0)
    assert not any(post.holders_known for post in bundle.posts)
    assert all(area.names["fr"] for area in ridings)
    assert Counter(area.parent[1] for area in ridings)["ON"] == 122
    rows = list(bundle.postcodes)
    assert len(rows) == 1_651
    assert {len(areas) for _code, areas, _point in rows} == {1}
    names = "the name differs from fed_2023_names.csv; that one is taken"
    assert counted(bundle) == {
        ("warning", "ocd_federal_electoral_districts-2023.csv", names): 2,
        (
            "warning", "fed_2013_boundaries.geojson.gz",
            "outlines of ridings that ended in April 2025; not used",
        ): 1,
    }  # fmt: skip
