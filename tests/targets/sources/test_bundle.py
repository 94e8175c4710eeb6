"""The generic bundle: a made-up country, Alvenia, whole and then spoilt in every way."""

from __future__ import annotations

import gzip
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from amparo.targets.address_forms import salutation
from amparo.targets.problems import UnreadableSource
from amparo.targets.records import SourceBundle

from .conftest import Folder, load, told

ALVENIA = Path(__file__).resolve().parent.parent / "bundles" / "alvenia"


@pytest.fixture
def alvenia(tmp_path: Path) -> Folder:
    shutil.copytree(ALVENIA, tmp_path / "alvenia")
    return Folder(tmp_path / "alvenia")


def holders(bundle: SourceBundle) -> dict[str, set[tuple[str, str]]]:
    held: dict[str, set[tuple[str, str]]] = {post.code: set() for post in bundle.posts}
    for membership in bundle.memberships:
        held[membership.post].add((membership.person, membership.status))
    return held


def test_alvenia_is_sound() -> None:
    bundle = load("bundle", ALVENIA)
    assert len(bundle.problems) == 0
    assert (bundle.slug, bundle.country, bundle.published) == ("alvenia", "XA", date(2026, 5, 1))
    assert bundle.credits == ("Nobody in particular",)
    assert {area_set.code: area_set.role for area_set in bundle.area_sets} == {
        "alvenia-provinces": "sitting",
        "alvenia-2024": "sitting",
        "alvenia-2028": "next",
    }
    assert {legislature.code: legislature.state for legislature in bundle.legislatures} == {
        "diet": "sitting",
        "senate": "dissolved",
    }


def test_areas_have_names_identifiers_and_parents() -> None:
    areas = {area.key: area for area in load("bundle", ALVENIA).areas}
    vale = areas["alvenia-2024", "S2"]
    assert vale.names == {"fr": "Val-d’Orrin", "ar": "الوادي"}
    assert vale.identifiers == {"ocd": "ocd-division/country:xa/ed:s2-2024"}
    assert vale.parent == ("alvenia-provinces", "AV-S")
    assert areas["alvenia-2028", "N1"].name == "Brennick and Marsh"


def test_who_holds_what_on_the_day_of_reading() -> None:
    bundle = load("bundle", ALVENIA)
    assert holders(bundle) == {
        "diet/N1": {("av-1", "elected")},
        "diet/N2": {("av-2", "elected")},
        "diet/S1": set(),
        "diet/S2": {("av-3", "suspended")},
        "senate/AV-N": set(),
        "minister/interior": {("av-4", "on_leave"), ("av-5", "acting")},
    }
    assert [post.code for post in bundle.posts if not post.holders_known] == ["senate/AV-N"]
    before = load("bundle", ALVENIA, today=date(2026, 2, 28))
    assert holders(before)["diet/S1"] == {("av-6", "elected")}
    assert holders(before)["minister/interior"] == {("av-4", "on_leave")}


def test_contacts_hang_where_popolo_allows() -> None:
    bundle = load("bundle", ALVENIA)
    assert [(c.holder_kind, c.holder, c.type, c.value.splitlines()[0]) for c in bundle.contacts] == [
        ("person", "av-4", "email", "corin.dale@example.org"),
        ("post", "minister/interior", "post", "Ministry of the Interior"),
        ("post", "minister/interior", "phone", "+000 555 0100"),
        ("membership", "diet/N1#av-1", "email", "marit.osk@diet.example.org"),
        ("membership", "diet/N2#av-2", "form", "https://diet.example.org/write/n2"),
        ("membership", "minister/interior#av-5", "email", "minister@interior.example.org"),
    ]
    office = next(c for c in bundle.contacts if c.holder == "diet/N1#av-1")
    assert (office.accepts, office.requires, office.verified_on) == (
        "constituents", ("postal_address",), date(2026, 4, 20),
    )  # fmt: skip


def test_parties_come_from_organizations_or_in_words() -> None:
    parties = {m.person: (m.party, m.party_name) for m in load("bundle", ALVENIA).memberships}
    assert parties["av-1"] == ("tide", "Tide Movement")
    assert parties["av-2"] == ("", "Independent")


def test_an_office_is_called_what_it_asks_to_be_called() -> None:
    bundle = load("bundle", ALVENIA)
    layla = next(person for person in bundle.people if person.code == "av-2")
    post = next(post for post in bundle.posts if post.code == "diet/N2")
    assert salutation(layla, post, language="en") == "Dear Deputy Layla"
    assert salutation(layla, post, language="ar") == "السيدة النائبة ليلى السهل"


def test_postcodes_and_outlines() -> None:
    bundle = load("bundle", ALVENIA)
    rows = {postcode: (areas, point) for postcode, areas, point in bundle.postcodes}
    assert rows["1002"] == ((("N1", 0.8), ("N2", 0.2)), (20.4, 60.6))
    assert rows["1001"] == ((("N1", None),), (20.1, 60.6))
    assert rows["9999"] == ((), None)
    assert len(rows) == 6
    [outlines] = bundle.outlines
    assert (outlines.area_set, outlines.crs) == ("alvenia-2024", "EPSG:4326")
    assert [code for code, _outline in outlines] == ["N1", "N2", "S1", "S2", "N1"]
    assert len(bundle.all_problems()) == 0


def test_zipped_and_gzipped_bundles_say_the_same(alvenia: Folder, tmp_path: Path) -> None:
    plain = load("bundle", alvenia)
    zipped = load("bundle", alvenia.zipped(tmp_path / "alvenia.zip", inside="alvenia/"))
    assert zipped.files_hash == plain.files_hash
    assert zipped.contacts == plain.contacts
    rows = list(plain.postcodes)
    assert list(zipped.postcodes) == rows
    for name in ("postcodes.csv", "outlines.geojson", "people.jsonl"):
        (alvenia.path / f"{name}.gz").write_bytes(gzip.compress((alvenia.path / name).read_bytes()))
        alvenia.remove(name)
    packed = load("bundle", alvenia)
    assert list(packed.postcodes) == rows
    assert packed.people == plain.people
    assert packed.files_hash != plain.files_hash


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"amparo_bundle": 2}, 'it does not say "amparo_bundle": 1'),
        ({"slug": ""}, "it has no slug"),
        ({"slug": "Alvenia!"}, "its slug is not made of"),
        ({"slug": "a" * 41}, "its slug is not made of"),
        ({"country": "Alvenia"}, "its country is not two capital letters"),
        ({"licence": None}, "it has no licence"),
        ({"published": ""}, "it has no published"),
        ({"area_sets": [{"code": "x", "name": "X", "role": "former"}]}, "role is neither"),
        ({"area_sets": [{"code": "x", "name": "X", "crs": "EPSG:3857"}]}, "crs is none of"),
        ({"legislatures": [{"code": "x", "name": "X", "state": "asleep"}]}, "state is none of"),
        ({"postcodes": {"format": "de", "area_set": "alvenia-2024"}}, "postcode format is none of"),
        ({"postcodes": {"format": "generic", "area_set": "x"}}, "an area set that it does not declare"),
        (
            {"postcodes": {"format": "generic", "area_set": "alvenia-2024", "reach": "far"}},
            "reach is neither",
        ),
        ({"postcodes": {"format": "generic", "area_set": "alvenia-2024", "crs": "x"}}, "crs is none of"),
    ],
)
def test_a_manifest_that_cannot_be_followed_refuses_the_load(alvenia: Folder, change: dict, why: str) -> None:
    manifest = json.loads(alvenia.text("manifest.json")) | change
    alvenia.write("manifest.json", json.dumps(manifest))
    with pytest.raises(UnreadableSource) as refused:
        load("bundle", alvenia)
    assert why in str(refused.value)
    assert refused.value.file == "manifest.json"


def test_a_manifest_that_is_a_list_or_missing_refuses_the_load(alvenia: Folder) -> None:
    alvenia.write("manifest.json", "[1]")
    with pytest.raises(UnreadableSource, match="amparo_bundle"):
        load("bundle", alvenia)
    alvenia.remove("manifest.json")
    with pytest.raises(UnreadableSource, match=r"manifest\.json cannot be read: it is not in alvenia"):
        load("bundle", alvenia)


def test_an_unknown_key_of_the_manifest_is_named(alvenia: Folder) -> None:
    alvenia.replace("manifest.json", '"credits"', '"credit"')
    bundle = load("bundle", alvenia)
    assert told(bundle.problems, "warning") == [
        ("manifest.json", None, "the manifest's key is not known; it is ignored", "credit")
    ]


@pytest.mark.parametrize(
    ("name", "row", "reason"),
    [
        ("areas.csv", "alvenia-2024,N1,Twice,,,,seat,", "listed twice; the first is kept"),
        ("areas.csv", "bog,B1,Bog,,,,seat,", "the area's set is not declared"),
        ("areas.csv", "alvenia-2024,N9,Nine,,,,seat,N8", "the area's parent is not known"),
        ("areas.csv", "alvenia-2024,N9", "the row has 2 columns, not 8"),
        ("organizations.jsonl", '{"id": "tide", "name": "Again"}', "listed twice; the first is kept"),
        ("organizations.jsonl", '{"id": "x"}', "the organization has no id or no name"),
        ("people.jsonl", '{"id": "av-1", "name": "Again"}', "listed twice; the first is kept"),
        ("people.jsonl", '{"id": "av-9"}', "the person has no name"),
        ("people.jsonl", '{"name": "No Code"}', "the code is empty or has spaces around it"),
        ("people.jsonl", '{"id": "av-9", "name": ["list"]}', "the person has no name"),
        ("people.jsonl", '{"id": "av-9", "name": "X\\nBcc: y"}', "the name holds a character that cannot be sent"),
        ("people.jsonl", '{"id": "av-9", "name": "X", "email": "https://x.example.org"}',
         "a web address stands in the e-mail field"),
        ("people.jsonl", '{"id": "av-9"', "the line is not JSON"),
        ("posts.jsonl", '{"id": "diet/N1", "label": "Again"}', "listed twice; the first is kept"),
        ("posts.jsonl", '{"id": "x"}', "the post has no label"),
        ("posts.jsonl", '{"id": "x", "label": "X", "organization_id": "y"}', "the post's organization is not known"),
        ("posts.jsonl", '{"id": "x", "label": "X", "area_id": "N1"}',
         "the post's area is not known, or in several sets"),
        ("posts.jsonl", '{"id": "x", "label": "X", "kind": "throne"}',
         "the post's kind is none of seat, minister, committee, other"),
        ("posts.jsonl", '{"id": "x", "label": "X", "seats": "two"}',
         "the post's rank or number of seats is not a whole number"),
        ("posts.jsonl", '{"id": "x", "label": "X", "contact_details": [{"type": "pigeon", "value": "coo"}]}',
         "the kind of contact is not known"),
        ("posts.jsonl",
         '{"id": "x", "label": "X", "contact_details": [{"type": "phone", "value": "1", "accepts": "me"}]}',
         "what the contact accepts is not known"),
        ("memberships.jsonl", '{"person_id": "av-3", "post_id": "diet/N1"}', "the post has more holders than seats"),
        ("memberships.jsonl", '{"person_id": "av-9", "post_id": "diet/S1"}',
         "the person holding the post is not known"),
        ("memberships.jsonl", '{"person_id": "av-3"}', "the post held is not known"),
        ("memberships.jsonl", '{"person_id": "av-3", "post_id": "diet/S1", "status": "crowned"}',
         "the status is none of elected, appointed, acting, on_leave, suspended"),
        ("memberships.jsonl", '{"person_id": "av-3", "post_id": "diet/S1", "start_date": "soon"}',
         "the date is not one"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_with_its_line(alvenia: Folder, name: str, row: str, reason: str) -> None:
    line = alvenia.add(name, row)
    bundle = load("bundle", alvenia)
    assert [(file, at, said) for file, at, said, _v in told(bundle.problems)] == [(name, line, reason)]
    sound = load("bundle", ALVENIA)
    assert set(sound.posts) <= set(bundle.posts)
    assert set(sound.memberships) <= set(bundle.memberships)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("10 01-#,N1,,,", "this is not a postcode of this country"),
        ("2001,S1,,,", "the postcode comes again, or out of order; it is left out"),
        ("99999,X9,,,", "the area is not known"),
        ("99999,N1,nine,,", "the share is not a number above 0 and up to 1; it is not kept"),
        ("99999,N1,0,,", "the share is not a number above 0 and up to 1; it is not kept"),
        ("99999,N1,nan,,", "the share is not a number above 0 and up to 1; it is not kept"),
        ("99999,N1,,east,60", "the point is not one; it is not kept"),
        ("99999,N1,,inf,60", "the point is not one; it is not kept"),
        ("99999,N1", "the row has 2 columns, not 5"),
    ],
)
def test_a_bad_postcode_row_is_named_with_its_line(alvenia: Folder, row: str, reason: str) -> None:
    line = alvenia.add("postcodes.csv", row)
    table = load("bundle", alvenia).postcodes
    rows = list(table)
    assert told(table.problems)[0][:3] == ("postcodes.csv", line, reason)
    assert len(told(table.problems)) == 1
    assert {"1001", "1002", "1003", "2001", "2002", "9999"} <= {postcode for postcode, _a, _p in rows}


def test_areas_twice_or_shares_beyond_the_whole_are_named(alvenia: Folder) -> None:
    first = alvenia.add("postcodes.csv", "99991,N1,0.9,,")
    again = alvenia.add("postcodes.csv", "99991,N1,0.1,,")
    alvenia.add("postcodes.csv", "99991,N2,0.9,,")
    table = load("bundle", alvenia).postcodes
    assert {postcode: areas for postcode, areas, _p in table}["99991"] == (("N1", None), ("N2", None))
    assert [(line, reason) for _f, line, reason, _v in told(table.problems)] == [
        (again, "the postcode is listed twice for this area"),
        (first, "the shares add up to more than 1; none is kept"),
    ]


def test_outlines_of_unknown_areas_or_sets_are_named(alvenia: Folder) -> None:
    alvenia.replace("outlines.geojson", '"area": "S2"', '"area": "S9"')
    alvenia.replace("outlines.geojson", '"set": "alvenia-2024"', '"set": "alvenia-2028"')
    [outlines] = load("bundle", alvenia).outlines
    assert [code for code, _outline in outlines] == ["N1", "N2", "S1"]
    assert [value for _f, _l, _reason, value in told(outlines.problems)] == [
        "feature 4: S9",
        "feature 5: alvenia-2028/N1",
    ]
    assert [value for _f, _l, _reason, value in told(outlines.problems, "warning")] == ["S2"]


@pytest.mark.parametrize("name", ["postcodes.csv", "outlines.geojson"])
def test_a_manifest_that_promises_more_than_there_is(alvenia: Folder, name: str) -> None:
    alvenia.remove(name)
    [(file, _line, reason, _value)] = told(load("bundle", alvenia).problems)
    assert file == name
    assert "the manifest and the files disagree" in reason


def test_posts_alone_make_a_bundle(alvenia: Folder) -> None:
    for name in ("people.jsonl", "memberships.jsonl", "organizations.jsonl"):
        alvenia.remove(name)
    alvenia.replace("posts.jsonl", '"organization_id": "interior", ', "")
    bundle = load("bundle", alvenia)
    assert told(bundle.problems) == []
    assert [reason for _f, _l, reason, _v in told(bundle.problems, "warning")] == [
        "missing: the bundle names nobody",
        "missing: every post is vacant",
    ]
    assert len(bundle.posts) == 6


@pytest.mark.parametrize("name", ["posts.jsonl"])
def test_what_cannot_be_missing(alvenia: Folder, name: str) -> None:
    alvenia.remove(name)
    with pytest.raises(UnreadableSource):
        load("bundle", alvenia)
