"""The postcode index: what goes in comes out, nothing else does, and a damaged file is refused."""

from __future__ import annotations

import csv
import errno
import gzip
import os
import random
import tempfile
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.targets.index import Hit, PostcodeIndex, UnreadableIndex, build
from amparo.targets.indexing import NoRows, UnusableRows
from amparo.targets.postcodes import FORMATS
from amparo.targets.sectioned_file import UnwritableFile
from tests.skips import real_data

AREAS = ("N01", "N02", "N03")
UNITS = [a + b for a, b in product("ABDEFGHJLNPQRSTUWXYZ", repeat=2)]
NORTH, SOUTH = (("N01", None),), (("N02", None),)


def build_uk(path, rows, *, version="1"):
    return build(path, country_format="uk", rows=rows, area_codes=AREAS, version=version)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "invented.index"


def test_it_finds_what_was_put_in_and_nothing_else(path):
    report = build_uk(path, [("ZA11AA", NORTH), ("ZA11AB", SOUTH), ("ZB991ZZ", ())], version="May")
    assert (report.count, report.without_area, report.version) == (3, 1, "May")
    assert report.size == path.stat().st_size
    with PostcodeIndex.open(path) as index:
        assert index.find("ZA11AA") == Hit(areas=(("N01", None),), evidence="exact")
        assert index.find("ZA11AB").codes == ("N02",)
        assert index.find("ZA11AD") is None
        assert index.find("ZZ999ZZ") is None
        assert (index.version, index.count, index.without_area) == ("May", 3, 1)


def test_a_postcode_without_a_seat_is_not_an_unknown_one(path):
    build_uk(path, [("ZA11AA", ()), ("ZA11AB", NORTH)])
    with PostcodeIndex.open(path) as index:
        assert index.find("ZA11AA") == Hit(areas=(), evidence="none")
        assert index.find("ZA12AA") is None


def test_areas_that_no_postcode_leads_to_are_named(path):
    assert build_uk(path, [("ZA11AA", NORTH)]).unreached == ("N02", "N03")


def test_a_zip_code_that_touches_several_districts_names_them_all(path):
    rows = [("99001", (("N01", 0.75), ("N02", 0.25))), ("99002", (("N02", None), ("N03", None)))]
    build(path, country_format="us", rows=rows, area_codes=AREAS, version="1")
    with PostcodeIndex.open(path) as index:
        assert index.find("99001").areas == (("N01", 0.75), ("N02", 0.25))
        assert index.find("99002").areas == (("N02", None), ("N03", None))


def test_nine_digits_are_answered_by_their_zip_code(path):
    build(path, country_format="us", rows=[("99001", NORTH)], area_codes=AREAS, version="1")
    with PostcodeIndex.open(path) as index:
        assert index.find("990011234").codes == ("N01",)
        assert index.find("990021234") is None


def test_a_canadian_code_is_answered_by_its_sortation_area_only_when_it_is_not_listed_itself(path):
    rows = [("X9X", (("N01", None), ("N02", None))), ("X9X1A1", SOUTH)]
    build(path, country_format="ca", rows=rows, area_codes=AREAS, version="1")
    with PostcodeIndex.open(path) as index:
        assert index.find("X9X1A1").codes == ("N02",)
        assert index.find("X9X1A2").codes == ("N01", "N02")
        assert index.find("X9X").codes == ("N01", "N02")
        assert index.find("Y9X1A1") is None


def test_codes_of_any_country_can_be_indexed(path):
    rows = [("1", NORTH), ("10", SOUTH), ("ZZZZZZZZZZ", NORTH), ("D02AF30", SOUTH), ("D02AF3", NORTH)]
    build(path, country_format="generic", rows=rows, area_codes=AREAS, version="1")
    with PostcodeIndex.open(path) as index:
        for code, areas in rows:
            assert index.find(code).areas == areas
        assert index.find("0") is None
        assert index.find("ZZZZZZZZZY") is None


# The neighbour rule


def sector_of(answers):
    """Rows for ZA1 1AA, ZA1 1AB, ZA1 1AD, ...; None leaves a gap."""
    units = (unit for unit in ("AA", "AB", "AD", "AE", "AF"))
    return [(f"ZA11{unit}", areas) for unit, areas in zip(units, answers, strict=False) if areas is not None]


def padded(rows, *, padding):
    """With hundreds of other postcodes the table is laid out densely, with none it is not."""
    others = [(f"ZC9{digit}{unit}", NORTH) for digit in range(10) for unit in UNITS]
    return rows + (others if padding else [])


@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize(
    ("answers", "asked", "expected"),
    [
        ((NORTH, None, NORTH), "ZA11AB", ("N01",)),
        ((NORTH, None, SOUTH), "ZA11AB", None),
        ((NORTH, None, None), "ZA11AB", None),
        ((None, NORTH, SOUTH), "ZA11AA", None),
        ((NORTH, None, (("N01", 0.5), ("N02", 0.5))), "ZA11AB", None),
        (((("N01", 0.9), ("N02", 0.1)), None, (("N02", 0.5), ("N01", 0.5))), "ZA11AB", ("N01", "N02")),
        ((NORTH, (), NORTH), "ZA11AB", ("N01",)),
        ((NORTH, None, ()), "ZA11AB", None),
        (((), None, ()), "ZA11AB", None),
        ((NORTH, SOUTH, NORTH), "ZA11AB", ("N01",)),
        ((NORTH, NORTH), "ZA12AA", None),
        ((NORTH, NORTH), "ZZ999ZZ", None),
    ],
)
def test_an_unknown_postcode_belongs_where_both_neighbours_in_its_sector_do(
    path, answers, asked, expected, dense
):
    build_uk(path, padded(sector_of(answers), padding=dense))
    with PostcodeIndex.open(path) as index:
        hit = index.neighbours(asked)
        assert (hit and hit.codes) == expected
        if hit:
            assert hit.evidence == "neighbour"
            assert {share for _code, share in hit.areas} == {None}


def test_neighbours_across_the_line_of_a_sector_say_nothing(path):
    build_uk(path, [("ZA11ZZ", NORTH), ("ZA12AB", NORTH)])
    with PostcodeIndex.open(path) as index:
        assert index.neighbours("ZA12AA") is None


# Against a dictionary

SHARES = st.one_of(st.none(), st.floats(min_value=0.001, max_value=1, exclude_min=True))
AREA_LISTS = st.lists(st.sampled_from(AREAS), unique=True, max_size=3).flatmap(
    lambda codes: st.tuples(*(st.tuples(st.just(code), SHARES) for code in codes))
)
CODES = {
    "uk": st.builds("ZA{}{}{}".format, st.integers(1, 3), st.integers(0, 2), st.sampled_from(UNITS)),
    "us": st.integers(99_000, 99_399).map(str),
    "ca": st.builds("X9X{}".format, st.sampled_from(["", "1A1", "1A2", "9Z9", "0A0"])),
    "generic": st.text("01AZ", min_size=1, max_size=10),
}


@pytest.mark.parametrize("country", sorted(CODES))
@settings(max_examples=60)
@given(data=st.data())
def test_it_agrees_with_a_dictionary(country, data):
    table = data.draw(st.dictionaries(CODES[country], AREA_LISTS, min_size=1, max_size=60))
    asked = data.draw(st.lists(CODES[country], max_size=20))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "invented.index"
        build(path, country_format=country, rows=table.items(), area_codes=AREAS, version="1")
        with PostcodeIndex.open(path) as index:
            for code in (*table, *asked):
                expected = table.get(code, table.get(FORMATS[country].containing(code)))
                hit = index.find(code)
                assert (None if hit is None else hit.areas) == expected


def test_both_layouts_are_met_in_these_tests(path):
    build_uk(path, padded(sector_of((NORTH,)), padding=True))
    with PostcodeIndex.open(path) as index:
        dense = type(index)
    build_uk(path, padded(sector_of((NORTH,)), padding=False))
    with PostcodeIndex.open(path) as index:
        assert type(index) is not dense


def test_more_kinds_of_answer_than_two_bytes_can_count(path):
    codes = [f"A{number}" for number in range(66_000)]
    rows = [(f"{number:06}", ((code, None),)) for number, code in enumerate(codes)]
    build(path, country_format="generic", rows=rows, area_codes=codes, version="1")
    with PostcodeIndex.open(path) as index:
        assert index.find("065999").codes == ("A65999",)
        assert index.find("000000").codes == ("A0",)


# Bad rows


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("ZA11", NORTH), "not a postcode"),
        (("99001", NORTH), "not a postcode"),
        (("za1 1ab", NORTH), "compact"),
        (("ZA11AA", SOUTH), "twice"),
        (("ZA11AB", (("N99", None),)), "N99"),
        (("ZA11AB", (("N01", None), ("N01", None))), "same area twice"),
        (("ZA11AB", (("N01", 1.5),)), "share"),
        (("ZA11AB", (("N01", 0.0),)), "share"),
        (("ZA11AB", (("N01", float("nan")),)), "share"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(path, row, reason):
    with pytest.raises(UnusableRows) as refused:
        build_uk(path, [("ZA11AA", NORTH), row, ("ZA11AD", NORTH)])
    [problem] = refused.value.problems
    assert (problem.row, problem.postcode) == (2, row[0])
    assert reason in problem.reason
    assert "Row 2" in str(refused.value)
    assert list(path.parent.iterdir()) == []


def test_rows_of_nine_digits_are_not_taken_for_zip_codes(path):
    with pytest.raises(UnusableRows):
        build(path, country_format="us", rows=[("990011234", NORTH)], area_codes=AREAS, version="1")


def test_every_bad_row_is_counted_and_the_first_are_named(path):
    with pytest.raises(UnusableRows) as refused:
        build_uk(path, [("nonsense", NORTH)] * 3_000)
    assert refused.value.count == 3_000
    assert len(refused.value.problems) == 1_000


def test_an_empty_table_makes_no_index(path):
    with pytest.raises(NoRows):
        build_uk(path, [])
    assert not path.exists()


# Files


def test_a_truncated_file_is_refused_by_name(path):
    build_uk(path, [("ZA11AA", NORTH)])
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(UnreadableIndex, match=r"invented\.index"):
            PostcodeIndex.open(path)


def test_a_lengthened_file_is_refused(path):
    build_uk(path, [("ZA11AA", NORTH)])
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(UnreadableIndex, match="long"):
        PostcodeIndex.open(path)


def test_a_single_flipped_bit_is_refused_wherever_it_is(path):
    build_uk(path, [("ZA11AA", NORTH), ("ZB11AA", SOUTH)])
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        with pytest.raises(UnreadableIndex, match=r"invented\.index"):
            PostcodeIndex.open(path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"SQLite format 3\0" + bytes(4096), "something else"),
        (b"postcode,area\nZA1 1AA,N01\n" * 9, "something else"),
        (b"AMPCODE\x63" + bytes(100), "another version"),
        (b"AMPLINE\x01" + bytes(100), "something else"),
    ],
)
def test_a_foreign_file_is_refused_and_says_why(path, content, why):
    path.write_bytes(content)
    with pytest.raises(UnreadableIndex, match=why):
        PostcodeIndex.open(path)


def test_a_file_from_a_machine_of_the_other_byte_order_is_refused(path):
    build_uk(path, [("ZA11AA", NORTH)])
    whole = bytearray(path.read_bytes())
    whole[8:12] = whole[8:12][::-1]
    path.write_bytes(whole)
    with pytest.raises(UnreadableIndex, match="another kind of machine"):
        PostcodeIndex.open(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for place in (tmp_path / "nowhere.index", tmp_path):
        with pytest.raises(UnreadableIndex, match=place.name):
            PostcodeIndex.open(place)


def test_an_index_made_for_another_shape_of_postcode_is_refused(path, monkeypatch):
    build_uk(path, padded(sector_of((NORTH,)), padding=True))
    monkeypatch.setattr(type(FORMATS["uk"]), "span", 676)
    with pytest.raises(UnreadableIndex, match="another version"):
        PostcodeIndex.open(path)


def test_a_reader_keeps_its_index_while_it_is_replaced(path):
    build_uk(path, padded(sector_of((NORTH,)), padding=True), version="old")
    with PostcodeIndex.open(path) as old:
        build_uk(path, sector_of((SOUTH,)), version="new")
        assert (old.version, old.find("ZA11AA").codes) == ("old", ("N01",))
        assert old.find("ZC99ZZ") == Hit(areas=NORTH, evidence="exact")
        with PostcodeIndex.open(path) as new:
            assert (new.version, new.find("ZA11AA").codes) == ("new", ("N02",))


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_former_index_and_nothing_else(path, monkeypatch, step):
    build_uk(path, sector_of((NORTH,)), version="old")

    def refuse(*args, **kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), refuse)
    with pytest.raises(UnwritableFile, match=r"invented\.index.*No space left"):
        build_uk(path, sector_of((SOUTH,)), version="new")
    assert list(path.parent.iterdir()) == [path]
    with PostcodeIndex.open(path) as index:
        assert index.version == "old"


def test_the_new_file_is_complete_and_synced_before_it_takes_the_name(path, monkeypatch):
    build_uk(path, sector_of((NORTH,)), version="old")
    seen = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (seen.append("sync"), fsync(descriptor))[1])

    def replace_noting(new, target):
        seen.append("rename")
        with PostcodeIndex.open(new) as complete, PostcodeIndex.open(path) as former:
            assert (complete.version, former.version) == ("new", "old")
        return replace(new, target)

    monkeypatch.setattr(Path, "replace", replace_noting)
    build_uk(path, sector_of((SOUTH,)), version="new")
    assert seen == ["sync", "rename", "sync"]


def test_a_closed_index_answers_nothing(path):
    build_uk(path, [("ZA11AA", NORTH)])
    with PostcodeIndex.open(path) as index:
        pass
    with pytest.raises(ValueError, match="released"):
        index.find("ZA11AA")


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_forked_workers_share_it(path):
    build_uk(path, sector_of((NORTH, SOUTH)))
    with PostcodeIndex.open(path) as index:
        path.unlink()
        workers = []
        for postcode, code in (("ZA11AA", "N01"), ("ZA11AB", "N02")):
            if (worker := os.fork()) == 0:
                os._exit(0 if index.find(postcode).codes == (code,) else 1)
            workers.append(worker)
        assert [os.waitpid(worker, 0)[1] for worker in workers] == [0, 0]


# The United Kingdom as it is


@pytest.fixture(scope="module")
def kingdom(tmp_path_factory):
    """The published table of Great Britain: its rows, and an index of them."""
    with gzip.open(real_data() / "uk" / "gb_postcodes_pcon2024.csv.gz", "rt") as file:
        table = {row["postcode"]: row["pcon24cd"] for row in csv.DictReader(file)}
    path = tmp_path_factory.mktemp("uk") / "uk.index"
    rows = ((postcode, ((seat, None),) if seat else ()) for postcode, seat in table.items())
    build(path, country_format="uk", rows=rows, area_codes=sorted(set(table.values()) - {""}), version="1")
    with PostcodeIndex.open(path) as index:
        yield table, index


@pytest.mark.real_data
def test_real_postcodes_agree_with_the_source_table(kingdom):
    table, index = kingdom
    assert index.count == len(table) == 1_734_274
    assert index.without_area == 868
    for postcode in random.Random(1).sample(sorted(table), 2_000):
        typed = f" {postcode[:-3]} {postcode[-3:]}".lower()
        hit = index.find(FORMATS["uk"].normalize(typed))
        assert hit.codes == ((table[postcode],) if table[postcode] else ())


@pytest.mark.real_data
def test_real_postcodes_without_a_seat_exist(kingdom):
    table, index = kingdom
    assert {index.find(postcode).evidence for postcode, seat in table.items() if not seat} == {"none"}


@pytest.mark.real_data
def test_a_postcode_that_nobody_has_finds_nobody(kingdom):
    _table, index = kingdom
    compact = FORMATS["uk"].normalize("ZZ99 9ZZ")
    assert index.find(compact) is None
    assert index.neighbours(compact) is None


@pytest.mark.real_data
def test_neighbours_are_nearly_always_right(kingdom):
    """Left out one at a time, 95 of 100 are answered and 98.8 of 100 answers are right."""
    table, index = kingdom
    asked = random.Random(2).sample([postcode for postcode, seat in table.items() if seat], 5_000)
    answers = {postcode: hit.codes for postcode in asked if (hit := index.neighbours(postcode))}
    assert len(answers) > 0.94 * len(asked)
    assert sum(codes == (table[postcode],) for postcode, codes in answers.items()) > 0.98 * len(answers)


@pytest.mark.real_data
def test_no_real_postcode_is_refused_or_corrected(kingdom):
    table, _index = kingdom
    normalize = FORMATS["uk"].normalize
    assert [postcode for postcode in table if normalize(postcode) != postcode] == []


@pytest.mark.real_data
def test_zip_codes_that_touch_several_districts_keep_them_all(tmp_path):
    table: dict[str, list[str]] = {}
    with gzip.open(real_data() / "us" / "zcta_cd119.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            table.setdefault(row["zcta"], []).append(f"{row['state_abbr']}-{row['cd']}")
    districts = sorted({district for touched in table.values() for district in touched})
    rows = ((code, [(district, None) for district in touched]) for code, touched in table.items())
    path = tmp_path / "us.index"
    report = build(path, country_format="us", rows=rows, area_codes=districts, version="119")
    assert report.count == len(table) == 33_774
    with PostcodeIndex.open(path) as index:
        for code, touched in table.items():
            assert list(index.find(code).codes) == touched
