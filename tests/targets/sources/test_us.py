"""The United States' files, in small: both houses, forms, committees, ZIP codes, and every mistake in them."""

from __future__ import annotations

from datetime import date

import pytest

from amparo.targets.problems import UnreadableSource
from amparo.targets.sources.us.states import STATES, ordinal

from .conftest import Folder, load, told

VACANT = "the seat has no member here: vacant"


def test_states_and_classes_make_a_hundred_senators() -> None:
    assert sum(len(state.classes) for state in STATES.values()) == 100
    assert {len(state.classes) for state in STATES.values() if state.kind == "state"} == {2}
    assert [len([s for s in STATES.values() if number in s.classes]) for number in (1, 2, 3)] == [33, 33, 34]


def test_a_sound_folder_says_who_is_missing_and_nothing_else(us: Folder) -> None:
    bundle = load("us", us)
    assert told(bundle.problems) == []
    warnings = told(bundle.problems, "warning")
    vacant = {value for _f, _l, reason, value in warnings if reason == VACANT}
    assert {"house/CA-2", "house/PR-0", "senate/CA-1"} <= vacant
    assert len(vacant) == 100 - 2 + 2
    assert [warning for warning in warnings if warning[2] != VACANT] == [
        ("contact_forms.csv", 3, "a stub stands in place of the form's address", "R000903"),
        ("legislators-current.yaml.gz", 29, "neither a form nor a web site is published", "P000902"),
    ]
    assert bundle.published == date(2025, 1, 21)


def test_districts_lie_in_states_and_abolished_ones_are_passed_over(us: Folder) -> None:
    bundle = load("us", us)
    districts = {area.code: area for area in bundle.areas if area.set == "us-cd119"}
    assert set(districts) == {"CA-1", "CA-2", "AK-0", "PR-0"}
    assert districts["AK-0"].identifiers == {
        "ocd": "ocd-division/country:us/state:ak/cd:at-large",
        "geoid": "0200",
    }
    assert districts["PR-0"].identifiers["geoid"] == "7298"
    assert districts["CA-1"].parent == ("us-states", "CA")
    posts = {post.code: post for post in bundle.posts}
    assert posts["house/PR-0"].office == "us/resident-commissioner"
    assert posts["house/CA-1"].label == "Representative for California's 1st district"
    assert posts["senate/OH-3"].area == ("us-states", "OH")
    assert len([post for post in bundle.posts if post.legislature == "senate"]) == 100


def test_the_running_term_counts(us: Folder) -> None:
    bundle = load("us", us)
    held = {m.post: m for m in bundle.memberships}
    senator = held["senate/OH-1"]
    assert (senator.person, senator.status, senator.start, senator.end) == (
        "D000901", "elected", date(2025, 1, 3), date(2031, 1, 3),
    )  # fmt: skip
    assert senator.note == "Caucuses with the Mills"
    assert held["senate/OH-3"].status == "appointed"
    assert held["house/CA-1"].flags == ("speaker",)
    assert held["house/AK-0"].flags == ()


def test_a_person_is_named_as_the_file_does(us: Folder) -> None:
    people = {person.code: person for person in load("us", us).people}
    vance = people["D000901"]
    assert (vance.name, vance.given_name, vance.family_name) == (
        "Dorothea Q. Vance, Jr.",
        "Dorothea",
        "Vance",
    )
    assert (vance.honorific_prefix, vance.honorific_suffix, vance.gender) == ("", "Jr.", "female")
    assert vance.identifiers == {"bioguide": "D000901", "lis": "S901"}
    assert people["P000902"].name == "Pell Ostrom"


@pytest.mark.parametrize(("today", "in_office"), [(date(2026, 11, 2), True), (date(2026, 11, 3), False)])
def test_a_term_that_has_ended_makes_a_vacancy(us: Folder, today: date, *, in_office: bool) -> None:
    bundle = load("us", us, today=today)
    assert ("senate/OH-3" in {m.post for m in bundle.memberships}) is in_office
    assert ("P000902" in {person.code for person in bundle.people}) is in_office
    warnings = told(bundle.problems, "warning")
    assert (("legislators-current.yaml.gz", None, VACANT, "senate/OH-3") in warnings) is not in_office
    ended = [w for w in warnings if w[2] == "no term is running on the day of reading; the seat is vacant"]
    assert bool(ended) is not in_office


def test_the_best_form_wins(us: Folder) -> None:
    forms = {c.holder: c for c in load("us", us).contacts if c.type == "form"}
    own = forms["D000901"]
    assert (own.value, own.requires) == (
        "https://www.vance.senate.example.gov/contact", ("postal_address", "topic"),
    )  # fmt: skip
    listed = forms["W000904"]
    assert (listed.value, listed.requires) == (
        "http://halvorsen.house.example.gov/write", ("zip4", "title", "captcha"),
    )  # fmt: skip
    website = forms["R000903"]
    assert website.value == "https://ibarra.house.example.gov"
    assert "web site" in website.note
    assert {form.accepts for form in forms.values()} == {"constituents"}


def test_no_member_has_an_email_address(us: Folder) -> None:
    assert {contact.type for contact in load("us", us).contacts} == {"form", "phone", "post", "social"}


def test_a_misspelt_form_is_named_and_the_next_best_taken(us: Folder) -> None:
    us.replace("legislators-current.yaml.gz", "contact_form: https://", "contact_form: hhttps://")
    us.replace("contact_forms.csv", "http://halvorsen", "htp://halvorsen")
    bundle = load("us", us)
    assert [(file, line, reason) for file, line, reason, _v in told(bundle.problems)] == [
        ("contact_forms.csv", 4, "the form's address is not a web address"),
        ("legislators-current.yaml.gz", 1, "the form's address is not a web address"),
    ]
    forms = {c.holder: c.value for c in bundle.contacts if c.type == "form"}
    assert forms["D000901"] == "https://older.example.gov"
    assert forms["W000904"] == "https://halvorsen.house.example.gov"


def test_forms_of_strangers_and_repeated_ones_are_named(us: Folder) -> None:
    stranger = us.add("contact_forms.csv", "X999999,https://x.example.gov,no,,")
    again = us.add("contact_forms.csv", "W000904,https://y.example.gov,no,,")
    bundle = load("us", us)
    assert ("contact_forms.csv", stranger, "the form belongs to nobody in office", "X999999") in told(
        bundle.problems, "warning"
    )
    assert told(bundle.problems) == [
        ("contact_forms.csv", again, "the member is listed twice; the first is kept", "W000904")
    ]


def test_offices_at_home_and_accounts(us: Folder) -> None:
    contacts = [c for c in load("us", us).contacts if c.holder == "W000904"]
    assert [(c.type, c.value, c.office) for c in contacts if c.office == "Anchorage"] == [
        ("phone", "907-555-0104", "Anchorage"),
        ("post", "12 Birch Street\nSuite 3\nAnchorage, AK 99501", "Anchorage"),
    ]
    assert [(c.value, c.note) for c in contacts if c.type == "social"] == [("RepHalvorsenExample", "twitter")]


def test_committees_are_posts_that_members_hold(us: Folder) -> None:
    bundle = load("us", us)
    posts = {post.code: post for post in bundle.posts if post.kind == "committee"}
    assert set(posts) == {"committee/HSEX", "committee/HSEX01"}
    whole = posts["committee/HSEX"]
    assert (whole.seats, whole.legislature, whole.area, whole.office) == (
        2,
        "house",
        None,
        "us/representative",
    )
    assert posts["committee/HSEX01"].organization_name == "House Committee on Examples: Small Examples"
    held = {(m.post, m.person): m for m in bundle.memberships if m.post in posts}
    assert held["committee/HSEX", "R000903"].flags == ("chair",)
    assert held["committee/HSEX01", "W000904"].flags == ("ranking-member",)


def test_a_member_is_reached_in_every_post_they_hold(us: Folder) -> None:
    bundle = load("us", us)
    assert {contact.holder_kind for contact in bundle.contacts} == {"person"}
    in_office = {person.code for person in bundle.people}
    assert {m.person for m in bundle.memberships} == in_office


def test_committees_with_strangers_or_unknown_are_named(us: Folder) -> None:
    us.write("committee-membership-current.yaml", "HSEX:\n- bioguide: X999999\nNONE:\n- bioguide: R000903\n")
    bundle = load("us", us)
    assert told(bundle.problems) == [
        ("committee-membership-current.yaml", None, "the committee is not in committees-current.yaml", "NONE")
    ]
    assert "HSEX: X999999" in [value for _f, _l, _r, value in told(bundle.problems, "warning")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("contact_forms.csv", "missing: forms only where a member's entry has one"),
        ("legislators-district-offices.yaml", "missing: loaded without it"),
        ("legislators-social-media.yaml", "missing: loaded without it"),
        ("committees-current.yaml", "missing: committees are not loaded"),
        ("cd119_20m.geojson.gz", "missing: districts cannot be found on the map"),
    ],
)
def test_what_may_be_missing_is_named(us: Folder, name: str, said: str) -> None:
    us.remove(name)
    bundle = load("us", us)
    assert said in [reason for _f, _l, reason, _v in told(bundle.problems, "warning")]
    assert len([m for m in bundle.memberships if not m.post.startswith("committee/")]) == 4


@pytest.mark.parametrize(
    "name", ["legislators-current.yaml.gz", "ocd_us_congressional_districts.csv", "zcta_cd119.csv"]
)
def test_what_cannot_be_missing(us: Folder, name: str) -> None:
    us.remove(name)
    with pytest.raises(UnreadableSource) as refused:
        load("us", us)
    assert refused.value.file == name.removesuffix(".gz")


def test_zip_codes_lead_to_every_district_they_touch(us: Folder) -> None:
    table = load("us", us).postcodes
    assert {postcode: (areas, point) for postcode, areas, point in table} == {
        "90001": ((("CA-1", None),), (-118.2, 33.9)),
        "90002": ((("CA-1", None), ("CA-2", None)), None),
        "99501": ((("AK-0", None),), None),
        "90099": ((), (-118.3, 34.1)),
    }
    assert (table.format, table.area_set, table.crs) == ("us", "us-cd119", "EPSG:4326")
    assert told(table.problems) == []
    assert told(table.problems, "warning") == [
        ("geonames_zip.tsv", None, "ZIP codes of no state (military, foreign) are left out", "1")
    ]


@pytest.mark.parametrize(
    ("row", "reason", "value"),
    [
        ("06,CA,9001,1", "this is not a five-digit ZIP code", "9001"),
        ("06,CA,90003-1234,1", "this is not a five-digit ZIP code", "90003-1234"),
        ("06,CA,90003,53", "there is no such district", "CA-53"),
        ("06,CA,90003,one", "there is no such district", "CA-one"),
        ("06,CA,90001,1", "the ZIP code is listed twice for this district", "90001: CA-1"),
        ("06,CA,90003", "the row has 3 columns, not 4", "06"),
    ],
)
def test_a_bad_zip_row_is_named_and_left_out(us: Folder, row: str, reason: str, value: str) -> None:
    line = us.add("zcta_cd119.csv", row)
    table = load("us", us).postcodes
    assert len(list(table)) == 4
    assert told(table.problems) == [("zcta_cd119.csv", line, reason, value)]


def test_outlines_are_known_by_the_census_numbers(us: Folder) -> None:
    [outlines] = load("us", us).outlines
    assert {code for code, _outline in outlines} == {"CA-1", "CA-2", "PR-0"}
    assert told(outlines.problems, "warning") == [
        ("cd119_20m.geojson.gz", None, "the area has no outline", "AK-0")
    ]


def test_outlines_of_nowhere_or_of_no_area_are_named(us: Folder) -> None:
    us.replace("cd119_20m.geojson.gz", '"CD119FP": "02"', '"CD119FP": "77"')
    us.replace(
        "cd119_20m.geojson.gz",
        '"type": "Polygon", "coordinates": [[[-66',
        '"type": "Point", "coordinates": [[[-66',
    )
    [outlines] = load("us", us).outlines
    assert {code for code, _outline in outlines} == {"CA-1"}
    assert [reason for _f, _l, reason, _v in told(outlines.problems)] == [
        "the outline is of no known area",
        "the outline is not made of polygons",
    ]


def test_entries_that_are_no_members_are_named(us: Folder) -> None:
    text = us.text("legislators-current.yaml.gz")
    us.write(
        "legislators-current.yaml.gz",
        text
        + "- just a word\n"
        + "- id: {bioguide: N000905}\n  terms: []\n"
        + "- id: {bioguide: Q000906}\n  name: {first: Q, last: Nobody}\n  terms:\n"
        + "  - {type: rep, start: '2025-01-03', end: '2027-01-03', state: CA, district: 99}\n"
        + "- id: {bioguide: Z000907}\n  name: {first: Z, last: Twin}\n  terms:\n"
        + "  - {type: rep, start: '2025-01-03', end: '2027-01-03', state: CA, district: 1}\n"
        + "- id: {bioguide: Y000908}\n  name: {first: Y, last: Odd}\n  terms:\n"
        + "  - {type: rep, start: '2025-01-03', end: '2027-01-03', state: CA}\n",
    )
    assert [(reason, value) for _f, _l, reason, value in told(load("us", us).problems)] == [
        ("the item is not a mapping", "just a word"),
        ("the member has no bioguide identifier or no terms", "N000905"),
        ("the post held is not known", "house/CA-99"),
        ("the post has more holders than seats", "house/CA-1"),
        ("the term names neither a district nor a class of senators", "Y000908"),
    ]


def test_a_truncated_yaml_refuses_the_load(us: Folder) -> None:
    us.write("legislators-current.yaml.gz", us.text("legislators-current.yaml.gz") + "- id: {bioguide: 'X\n")
    with pytest.raises(UnreadableSource, match="it is not YAML at line"):
        load("us", us)


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (13, "13th"), (22, "22nd"), (40, "40th")],
)
def test_ordinals(number: int, said: str) -> None:
    assert ordinal(number) == said
