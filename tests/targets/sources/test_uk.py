"""The United Kingdom's files, in small: members, ministers, postcodes, outlines, and every mistake in them."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from amparo.targets.problems import UnreadableSource
from amparo.targets.sources.uk.names import read_name, read_peer

from .conftest import UK_MEMBERS, UK_SEATS, Folder, british_zip, load, told


def test_a_sound_folder_has_no_problem_but_what_is_truly_missing(uk: Folder) -> None:
    bundle = load("uk", uk)
    assert told(bundle.problems) == []
    assert told(bundle.problems, "warning") == [
        ("mp_lookup.csv", 4, "no e-mail address is published", "parliament/903")
    ]
    assert (bundle.slug, bundle.country) == ("uk", "GB")
    assert bundle.published == date(2026, 6, 20)
    assert len(bundle.files_hash) == 64


def test_each_seat_is_an_area_in_its_nation_with_a_post_and_a_holder(uk: Folder) -> None:
    bundle = load("uk", uk)
    areas = {area.code: area for area in bundle.areas if area.set == "uk-2024"}
    assert set(areas) == set(UK_SEATS)
    welsh = areas["W07990001"]
    assert welsh.names == {"en": "Dyffryn Glas", "cy": "Dyffryn Glas (Cymraeg)"}
    assert welsh.parent == ("uk-nations", "W92000004")
    assert welsh.identifiers == {"gss": "W07990001", "ukparl": "UKPARL.2025.DYG", "ukparl-three": "DYG"}
    posts = {post.code for post in bundle.posts if post.kind == "seat"}
    assert posts == {f"commons/{code}" for code in UK_SEATS}
    assert {m.post for m in bundle.memberships if m.post.startswith("commons/")} == posts


def test_a_member_with_every_title(uk: Folder) -> None:
    bundle = load("uk", uk)
    person = next(person for person in bundle.people if person.code == "parliament/901")
    assert (person.name, person.given_name, person.family_name) == ("Sir Amos de Vere", "Amos", "de Vere")
    assert (person.honorific_prefix, person.honorific_suffix) == ("Rt Hon Sir", "KC")
    assert person.gender == "male"
    assert person.identifiers == {"uk-parliament": "901", "theyworkforyou": "70001"}
    holding = next(m for m in bundle.memberships if m.person == person.code)
    assert (holding.status, holding.party, holding.start) == ("elected", "Spk", date(2005, 5, 5))
    assert holding.flags == ("speaker",)


def test_those_who_abstain_are_flagged_by_their_party(uk: Folder) -> None:
    flags = {m.post: m.flags for m in load("uk", uk).memberships if m.post.startswith("commons/")}
    assert flags["commons/N05990001"] == ("abstains",)
    assert flags["commons/S14000107"] == ()


def test_an_address_belongs_to_the_holding_and_is_for_constituents(uk: Folder) -> None:
    contact = next(c for c in load("uk", uk).contacts if c.value.startswith("isla"))
    assert (contact.holder_kind, contact.holder) == ("membership", "commons/S14000107#parliament/904")
    assert (contact.type, contact.accepts, contact.requires) == ("email", "constituents", ("postal_address",))


def test_a_form_in_the_email_field_is_named_and_the_member_kept(uk: Folder) -> None:
    uk.replace("mp_lookup.csv", "isla.rannoch.mp@parliament.example.org", "https://rannoch.example.org/write")
    bundle = load("uk", uk)
    assert told(bundle.problems) == [
        ("mp_lookup.csv", 5, "a web address stands in the e-mail field", "https://rannoch.example.org/write")
    ]
    assert "commons/S14000107" in {m.post for m in bundle.memberships}


def test_a_second_member_for_a_seat_is_named(uk: Folder) -> None:
    line = uk.add(
        "mp_lookup.csv",
        "Northmoor,E14990001,999,Jo Bly MP,Jo Bly,Mill Party,j@example.org,Eastland,E92000001",
    )
    assert told(load("uk", uk).problems) == [
        ("mp_lookup.csv", line, "the post has more holders than seats", "commons/E14990001")
    ]


def test_a_member_without_columns_or_with_an_old_code_is_named(uk: Folder) -> None:
    short = uk.add("mp_lookup.csv", "Southmoor,E14990002,905")
    old = uk.add(
        "mp_lookup.csv", "Oldmoor,E14000530,906,Al Dun MP,Al Dun,Mill Party,a@example.org,Eastland,E92000001"
    )
    assert told(load("uk", uk).problems) == [
        ("mp_lookup.csv", short, "the row has 3 columns, not 9", "Southmoor"),
        (
            "mp_lookup.csv", old, "the GSS code is not that of any seat; it may be from before July 2024",
            "E14000530",
        ),
    ]  # fmt: skip


def test_a_seat_that_lost_its_member_is_vacant_and_said_to_be(uk: Folder) -> None:
    uk.replace("mp_lookup.csv", ",".join(UK_MEMBERS[3]), "")
    bundle = load("uk", uk)
    assert "commons/S14000107" not in {m.post for m in bundle.memberships}
    assert "commons/S14000107" in {post.code for post in bundle.posts}
    assert (
        "mp_lookup.csv", None, "the seat has no member here: vacant", "Member of Parliament for Firth and Glen",
    ) in told(bundle.problems, "warning")  # fmt: skip


@pytest.mark.parametrize("name", ["mp_lookup.csv", "current_mps.csv", "pcon_2024_lookup.json"])
def test_a_superseded_code_is_named_and_read_as_the_tables_own(uk: Folder, name: str) -> None:
    uk.replace(name, "S14000107", "S14000006")
    bundle = load("uk", uk)
    assert told(bundle.problems) == []
    reasons = {(file, reason, value) for file, _line, reason, value in told(bundle.problems, "warning")}
    assert (
        name, "a GSS code that the postcode table does not use; read as the one it does",
        "S14000006, read as S14000107",
    ) in reasons  # fmt: skip
    area = next(area for area in bundle.areas if area.name == "Firth and Glen")
    assert (area.code, area.identifiers["gss-former"]) == ("S14000107", "S14000006")
    assert "commons/S14000107" in {m.post for m in bundle.memberships}


def test_a_postcode_table_with_the_older_code_decides_for_it(uk: Folder) -> None:
    uk.replace("gb_postcodes_pcon2024.csv.gz", "S14000107", "S14000006")
    bundle = load("uk", uk)
    area = next(area for area in bundle.areas if area.name == "Firth and Glen")
    assert (area.code, area.identifiers["gss-replacement"]) == ("S14000006", "S14000107")
    assert ("AB101AB", (("S14000006", None),), (394235.0, 806529.0)) in list(bundle.postcodes)


def test_a_postcode_table_that_mixes_both_is_read_as_the_newer(uk: Folder) -> None:
    uk.replace("gb_postcodes_pcon2024.csv.gz", "AB101AF,90,,,", "AB101AF,10,1,1,S14000006")
    bundle = load("uk", uk)
    rows = {postcode: areas for postcode, areas, _point in bundle.postcodes}
    assert rows["AB101AF"] == rows["AB101AB"] == (("S14000107", None),)
    assert ("gb_postcodes_pcon2024.csv.gz", 3) in [
        (file, line) for file, line, _reason, _value in told(bundle.postcodes.problems, "warning")
    ]


def test_two_lists_that_disagree_are_both_named(uk: Folder) -> None:
    uk.replace(
        "current_mps.csv",
        "904,70004,2024-07-04T00:00:00,Loom,Loom Party",
        "944,70004,2020-01-01,Mill,Mill Party",
    )
    uk.replace("current_mps.csv", "Mill,Mill Party\nN", "Loom,Loom Party\nN")
    bundle = load("uk", uk)
    warnings = told(bundle.problems, "warning")
    assert (
        "current_mps.csv", 5, "the seat is held by somebody else in mp_lookup.csv; that one is taken",
        "Isla Rannoch, not Isla Rannoch",
    ) in warnings  # fmt: skip
    assert (
        "mp_lookup.csv", 3, "the party differs from current_mps.csv; the one here is taken",
        "Dr Nia Prydderch: Mill Party, not Loom Party",
    ) in warnings  # fmt: skip
    isla = next(person for person in bundle.people if person.code == "parliament/904")
    holding = next(m for m in bundle.memberships if m.person == isla.code)
    assert isla.gender is None
    assert holding.start is None
    assert next(m for m in bundle.memberships if m.person == "parliament/902").party_name == "Mill Party"


def test_without_the_second_list_members_are_loaded_all_the_same(uk: Folder) -> None:
    uk.remove("current_mps.csv")
    bundle = load("uk", uk)
    assert len([m for m in bundle.memberships if m.post.startswith("commons/")]) == 4
    assert any("without gender" in reason for _f, _l, reason, _v in told(bundle.problems, "warning"))
    nia = next(person for person in bundle.people if person.code == "parliament/902")
    assert nia.gender == "female"  # the ministers' database states it


def test_ministers_are_posts_and_one_person_with_the_member(uk: Folder) -> None:
    bundle = load("uk", uk)
    posts = {post.code: post for post in bundle.posts if post.kind == "minister"}
    assert set(posts) == {"minister/p-1", "minister/p-2", "minister/p-3"}
    foreign = posts["minister/p-1"]
    assert (foreign.organization_name, foreign.rank, foreign.office, foreign.legislature) == (
        "Department of Far Places", 3, "uk/foreign-secretary", None,
    )  # fmt: skip
    assert posts["minister/p-3"].seats == 2
    assert posts["minister/p-3"].office == "uk/office-holder"
    holder = next(m for m in bundle.memberships if m.post == "minister/p-1")
    assert (holder.person, holder.status) == ("parliament/902", "appointed")
    assert not [c for c in bundle.contacts if c.holder.startswith("minister/")]


def test_a_minister_on_leave_and_the_one_who_covers(uk: Folder) -> None:
    bundle = load("uk", uk)
    held = {m.person: m.status for m in bundle.memberships if m.post == "minister/p-2"}
    assert held == {"ifg/u-3": "on_leave", "parliament/950": "acting"}
    assert not [m for m in bundle.memberships if "leave" in m.note]
    before = load("uk", uk, today=date(2026, 2, 28))
    assert {m.person: m.status for m in before.memberships if m.post == "minister/p-2"} == {
        "ifg/u-3": "appointed"
    }


def test_a_peer_has_the_title_of_the_day(uk: Folder) -> None:
    peer = next(person for person in load("uk", uk).people if person.code == "parliament/950")
    assert (peer.name, peer.honorific_prefix, peer.family_name) == (
        "Baroness Quill of Fenmoor", "Baroness", "Quill of Fenmoor",
    )  # fmt: skip


def test_an_appointment_of_nobody_or_on_no_day_is_named(uk: Folder) -> None:
    nobody = uk.add("ifg_ministers_appointment.csv", "a-7,u-99,p-1,2026-01-01,")
    no_day = uk.add("ifg_ministers_appointment.csv", "a-8,u-4,p-4,2026-13-01,2020-01-01")
    assert told(load("uk", uk).problems) == [
        (
            "ifg_ministers_appointment.csv",
            nobody,
            "the person appointed is not in ifg_ministers_person.csv",
            "u-99",
        ),
        ("ifg_ministers_appointment.csv", no_day, "the date is not one", "2026-13-01"),
    ]


def test_without_ministers_members_are_loaded_all_the_same(uk: Folder) -> None:
    uk.remove("ifg_ministers_post.csv")
    bundle = load("uk", uk)
    assert not [post for post in bundle.posts if post.kind == "minister"]
    assert ("ifg_ministers_post.csv", None, "missing: ministers are not loaded", "") in told(
        bundle.problems, "warning"
    )


def test_postcodes_lead_to_seats_and_points(uk: Folder) -> None:
    table = load("uk", uk).postcodes
    assert (table.area_set, table.format, table.reach, table.crs) == ("uk-2024", "uk", "exact", "EPSG:27700")
    assert list(table) == [
        ("AB101AB", (("S14000107", None),), (394235.0, 806529.0)),
        ("AB101AF", (), None),
        ("CF101AA", (("W07990001", None),), (318000.0, 176000.0)),
        ("LS11AA", (("E14990001", None),), (430000.0, 433000.0)),
        ("LS11AB", (("E14990001", None),), (430010.0, 433010.0)),
    ]
    assert told(table.problems) == []
    assert told(table.problems, "warning") == [
        (
            "gb_postcodes_pcon2024.csv.gz",
            3,
            "the postcode exists, but the table gives no seat for it",
            "AB101AF",
        ),
        ("gb_postcodes_pcon2024.csv.gz", None, "no postcode in the table leads to this seat", "N05990001"),
    ]
    assert len(list(table)) == 5
    assert len(table.problems) == 2  # told once, however often the table is gone through


@pytest.mark.parametrize(
    ("row", "reason", "value"),
    [
        ("LS1 1A,10,1,1,E14990001", "this is not a British postcode", "LS1 1A"),
        ("LS11AD,10,1,1", "the row has 4 columns, not 5", "LS11AD"),
        ("LS11AD,10,1,1,E14990001,x", "the row has 6 columns, not 5", "LS11AD"),
        ("LS11AD,10,1,1,E14000530", "the seat's GSS code is not known", "LS11AD: E14000530"),
        (
            "LS11AB,10,1,1,E14990001",
            "the postcode is listed twice, or not in order; it is left out",
            "LS11AB",
        ),
        (
            "AB101AB,10,1,1,E14990001",
            "the postcode is listed twice, or not in order; it is left out",
            "AB101AB",
        ),
    ],
)
def test_a_bad_postcode_row_is_named_and_left_out(uk: Folder, row: str, reason: str, value: str) -> None:
    line = uk.add("gb_postcodes_pcon2024.csv.gz", row)
    table = load("uk", uk).postcodes
    assert len(list(table)) == 5
    assert told(table.problems) == [("gb_postcodes_pcon2024.csv.gz", line, reason, value)]


def test_outlines_come_from_the_zipped_shapefile(uk: Folder) -> None:
    bundle = load("uk", uk)
    [outlines] = bundle.outlines
    found = dict(outlines)
    assert set(found) == set(UK_SEATS)
    assert found["E14990001"]["type"] == "Polygon"
    assert (outlines.area_set, outlines.crs) == ("uk-2024", "EPSG:27700")
    assert len(outlines.problems) == 0


def test_outlines_of_wrong_seats_are_named(uk: Folder) -> None:
    uk.write(
        "PCON_JULY_2024_UK_BUC_shp.zip", british_zip(["E14990001", "E14000530", "E14990001", "S14000006"])
    )
    [outlines] = load("uk", uk).outlines
    assert {code for code, _outline in outlines} == {"E14990001", "S14000107"}
    assert [(line, reason) for _f, line, reason, _v in told(outlines.problems)] == [
        (2, "the outline's GSS code is not known"),
        (3, "the seat has two outlines; the first is kept"),
    ]
    assert [
        value for _f, _l, reason, value in told(outlines.problems, "warning") if "no outline" in reason
    ] == [
        "N05990001",
        "W07990001",
    ]


def spoiled(content: bytes, *, without: str = "", grid: str = "") -> bytes:
    """The zip without one part, or on another grid."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if not (without and name.endswith(without)):
                new.writestr(name, grid if grid and name.endswith("prj") else old.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda content: content[:-40], "it is not a whole zip archive"),
        (lambda content: spoiled(content, without="dbf"), "it lacks the .dbf part of a shapefile"),
        (lambda content: spoiled(content, grid='GEOGCS["WGS 84"]'), "not on the British National Grid"),
    ],
)
def test_outlines_that_cannot_be_read_refuse_the_load(uk: Folder, spoil, why: str) -> None:
    uk.write("PCON_JULY_2024_UK_BUC_shp.zip", spoil(british_zip(list(UK_SEATS))))
    with pytest.raises(UnreadableSource, match=why):
        load("uk", uk)


def cut(content: bytes, ending: str, *, by: int) -> bytes:
    """The zip with one of its parts cut short."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part[:-by] if name.endswith(ending) else part)
    return out.getvalue()


@pytest.mark.parametrize("ending", ["shp", "shx"])
def test_a_shapefile_cut_short_is_refused(uk: Folder, ending: str) -> None:
    uk.write("PCON_JULY_2024_UK_BUC_shp.zip", cut(british_zip(list(UK_SEATS)), ending, by=50))
    with pytest.raises(UnreadableSource, match=f"its .{ending} part is damaged or cut short"):
        load("uk", uk)


def test_a_shapefile_with_its_table_cut_short_is_refused_when_it_is_read(uk: Folder) -> None:
    uk.write("PCON_JULY_2024_UK_BUC_shp.zip", cut(british_zip(list(UK_SEATS)), "dbf", by=15))
    [outlines] = load("uk", uk).outlines
    with pytest.raises(UnreadableSource, match="its shapefile is damaged"):
        list(outlines)


@pytest.mark.parametrize("name", ["pcon_2024_lookup.json", "mp_lookup.csv", "gb_postcodes_pcon2024.csv.gz"])
def test_what_cannot_be_missing(uk: Folder, name: str) -> None:
    uk.remove(name)
    with pytest.raises(UnreadableSource) as refused:
        load("uk", uk)
    assert refused.value.file == name.removesuffix(".gz")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("pcon_2024_lookup.json", "[]", "it does not list the seats"),
        ("pcon_2024_lookup.json", "{", "it is not JSON"),
        ("mp_lookup.csv", "name,email\nx,y\n", "its first line lacks"),
        ("gb_postcodes_pcon2024.csv.gz", "postcode,area\nLS11AA,x\n", "its first line is not"),
        ("gb_postcodes_pcon2024.csv.gz", "", "its first line is not"),
    ],
)
def test_a_file_that_is_another_is_refused(uk: Folder, name: str, content: str, why: str) -> None:
    uk.write(name, content)
    with pytest.raises(UnreadableSource, match=why) as refused:
        load("uk", uk)
    assert refused.value.file == name


def test_a_seat_without_a_name_or_code_is_named(uk: Folder) -> None:
    seats = json.loads(uk.text("pcon_2024_lookup.json"))
    seats["UKPARL.2025.BAD"] = {"parlcon_2024_name": None, "parlcon_2024_gss_code": 7}
    seats["UKPARL.2025.WORSE"] = "not even a mapping"
    uk.write("pcon_2024_lookup.json", json.dumps(seats))
    assert [value for _f, _l, _reason, value in told(load("uk", uk).problems)] == [
        "UKPARL.2025.BAD",
        "UKPARL.2025.WORSE",
    ]


def test_a_zip_of_the_folder_reads_the_same(uk: Folder, tmp_path: Path) -> None:
    from_folder, from_zip = load("uk", uk), load("uk", uk.zipped(tmp_path / "uk.zip", inside="uk/"))
    assert from_zip.files_hash == from_folder.files_hash
    assert list(from_zip.postcodes) == list(from_folder.postcodes)
    assert dict(from_zip.outlines[0]).keys() == dict(from_folder.outlines[0]).keys()
    assert from_zip.memberships == from_folder.memberships


@pytest.mark.parametrize(
    ("full_title", "display", "email", "parts"),
    [
        ("Ada Lark MP", "Ada Lark", "ada.lark.mp@x.example.org", ("Ada", "Lark", "", "")),
        ("Ms Ada Lark MP", "Ms Ada Lark", "", ("Ada", "Lark", "Ms", "")),
        ("Rt Hon Ada Lark KC MP", "Ms Ada Lark", "", ("Ada", "Lark", "Rt Hon Ms", "KC")),
        ("Rt Hon Dr Ada Lark", "Dr Ada Lark", "", ("Ada", "Lark", "Rt Hon Dr", "")),
        ("Ada Long Lark MP", "Ada Long Lark", "ada.longlark.mp@x.example.org", ("Ada", "Long Lark", "", "")),
        ("Ada Long Lark MP", "Ada Long Lark", "ada.lark.mp@x.example.org", ("Ada Long", "Lark", "", "")),
        ("Ada Long Lark MP", "Ada Long Lark", "office@x.example.org", ("", "", "", "")),
        ("Ada Ní Lárk MP", "Ada Ní Lárk", "ada.nilark.mp@x.example.org", ("Ada", "Ní Lárk", "", "")),
        ("Ada Lark-Finch MP", "Ada Lark-Finch", "ada.larkfinch@x.example.org", ("Ada", "Lark-Finch", "", "")),
        ("Ada", "Ada", "", ("", "", "", "")),
    ],
)
def test_a_family_name_is_taken_from_evidence_or_not_at_all(
    full_title: str, display: str, email: str, parts: tuple[str, str, str, str]
) -> None:
    name = read_name(full_title=full_title, display=display, email=email)
    assert (name.given, name.family, name.prefix, name.suffix) == parts
    assert name.full == display


def test_a_family_name_known_to_the_ministers_list_counts_only_if_the_name_ends_with_it() -> None:
    def family(known: str) -> str:
        return read_name(
            full_title="Ada van Lark MP", display="Ada van Lark", email="", known_family=known
        ).family

    assert family("van Lark") == "van Lark"
    assert family("Finch") == ""


def test_peers_and_others_outside_the_commons() -> None:
    assert (read_peer("Lord Fen").prefix, read_peer("Lord Fen").family) == ("Lord", "Fen")
    assert (read_peer("Tam Lowrie").prefix, read_peer("Tam Lowrie").family) == ("", "Lowrie")
