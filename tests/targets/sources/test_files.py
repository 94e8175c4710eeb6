"""Files that arrive damaged, oversized or in the wrong shape are refused by name, and rows by line."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from amparo.targets.files import MOST_MEMBERS, SourceFiles
from amparo.targets.problems import KEPT_PER_REASON, Place, ProblemLog, UnreadableSource, shorten

from .conftest import Folder, told


def refusal(call) -> str:
    with pytest.raises(UnreadableSource) as refused:
        call()
    return str(refused.value)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "data")


def test_a_file_is_found_plain_or_gzipped(folder: Folder) -> None:
    folder.write("plain.csv", "a\n1\n")
    folder.write("packed.csv.gz", "a\n2\n")
    files = SourceFiles(folder.path)
    assert files.whole("plain.csv") == b"a\n1\n"
    assert files.whole("packed.csv") == b"a\n2\n"
    assert files.place("packed.csv", 3) == Place("packed.csv.gz", 3)


def test_a_missing_file_is_named(folder: Folder) -> None:
    folder.write("here.csv", "a\n")
    files = SourceFiles(folder.path)
    assert (
        refusal(lambda: files.require("here.csv", "gone.csv"))
        == "gone.csv cannot be read: it is not in data."
    )


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no such file or folder" in refusal(lambda: SourceFiles(tmp_path / "nowhere"))


@pytest.mark.parametrize("cut", [1, 8, 12, 40])
def test_a_gzip_cut_short_is_refused(folder: Folder, cut: int) -> None:
    whole = gzip.compress(b"postcode,area\n" + bytes(range(256)) * 40, mtime=0)
    (folder.path / "t.csv.gz").write_bytes(whole[:-cut])
    said = refusal(lambda: SourceFiles(folder.path).whole("t.csv"))
    assert said == "t.csv.gz cannot be read: it is damaged or cut short."


def test_a_gzip_with_a_flipped_byte_is_refused(folder: Folder) -> None:
    damaged = bytearray(gzip.compress(bytes(range(256)) * 40, mtime=0))
    damaged[-6] ^= 0xFF
    (folder.path / "t.csv.gz").write_bytes(bytes(damaged))
    assert "damaged" in refusal(lambda: SourceFiles(folder.path).whole("t.csv"))


def test_something_else_called_gz_is_refused(folder: Folder) -> None:
    (folder.path / "t.csv.gz").write_bytes(b"<html>not here</html>")
    assert "damaged" in refusal(lambda: SourceFiles(folder.path).whole("t.csv"))


def test_a_gzip_bomb_stops_at_the_limit(folder: Folder) -> None:
    folder.write("t.csv.gz", b"0" * 3_000_000)
    assert (folder.path / "t.csv.gz").stat().st_size < 5_000
    said = refusal(lambda: SourceFiles(folder.path, most_bytes=1_000_000).whole("t.csv"))
    assert said == "t.csv.gz cannot be read: it unpacks to more than 1,000,000 bytes."


def test_a_zip_bomb_stops_at_the_limit_whatever_it_says_of_itself(folder: Folder) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.shp", "b.shp"):
            archive.writestr(name, b"0" * 600_000)
    folder.write("outlines.zip", packed.getvalue())
    said = refusal(lambda: SourceFiles(folder.path, most_bytes=1_000_000).unpack("outlines.zip"))
    assert "unpacks to more than" in said


def test_a_zip_of_very_many_files_is_refused(tmp_path: Path, folder: Folder) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MOST_MEMBERS + 1):
            archive.writestr(f"{number}.csv", "a")
    assert "it lists more than" in refusal(lambda: SourceFiles(path))
    folder.write("inner.zip", path.read_bytes())
    assert "it lists more than" in refusal(lambda: SourceFiles(folder.path).unpack("inner.zip"))


def test_a_zip_cut_short_is_refused(tmp_path: Path, folder: Folder) -> None:
    folder.write("a.csv", "a\n1\n")
    path = folder.zipped(tmp_path / "all.zip")
    path.write_bytes(path.read_bytes()[:-30])
    assert "not a whole zip archive" in refusal(lambda: SourceFiles(path))


@pytest.mark.parametrize("inside", ["", "a folder/"])
def test_a_zipped_folder_reads_like_the_folder(tmp_path: Path, folder: Folder, inside: str) -> None:
    folder.write("a.csv", "a\n1\n")
    folder.write("b.csv.gz", "b\n2\n")
    from_folder, from_zip = (
        SourceFiles(folder.path),
        SourceFiles(folder.zipped(tmp_path / "z.zip", inside=inside)),
    )
    for files in (from_folder, from_zip):
        assert files.whole("a.csv") == b"a\n1\n"
        assert files.whole("b.csv") == b"b\n2\n"
    assert from_zip.digest() == from_folder.digest()


def test_a_name_that_climbs_out_of_a_zip_is_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\nsecret\n")
    path = tmp_path / "in" / "z.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../secret.csv", "a\nfrom the zip\n")
        archive.writestr("other.csv", "a\n")
    files = SourceFiles(path)
    assert not files.has("secret.csv")
    assert b"from the zip" in files.whole("../secret.csv")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["in", "secret.csv"]


def test_the_digest_covers_what_was_read_and_nothing_else(folder: Folder) -> None:
    folder.write("a.csv", "a\n1\n")
    folder.write("notes.txt", "first")

    def digest() -> str:
        files = SourceFiles(folder.path)
        files.whole("a.csv")
        return files.digest()

    before = digest()
    folder.write("notes.txt", "second")
    assert digest() == before
    folder.write("a.csv", "a\n2\n")
    assert digest() != before


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"a": [1, 2,', "it is not JSON: line 1"),
        ('{\n"a": 1,\n"b" 2}', "it is not JSON: line 3"),
        ("   \n", "it is empty"),
        (b'{"a": "\xff"}', "it is not UTF-8 text"),
        ("[" * 200_000, "it holds what no such file would"),
        ("[" + "9" * 5000 + "]", "it holds what no such file would"),
    ],
)
def test_unreadable_json_says_why(folder: Folder, content: str | bytes, why: str) -> None:
    folder.write("m.json", content)
    assert why in refusal(lambda: SourceFiles(folder.path).json("m.json"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("- a: 1\n- b: [2\n", "it is not YAML at line"),
        ("- a: \x00\n", "it is not YAML"),
        ("- !!python/object/apply:os.getcwd []\n", "it is not YAML at line 1"),
        ("", "it is empty"),
        ("a: 1\n", "it is not a list"),
    ],
)
def test_unreadable_yaml_says_why(folder: Folder, content: str, why: str) -> None:
    folder.write("m.yaml", content)
    files = SourceFiles(folder.path)
    assert why in refusal(lambda: list(files.yaml_items("m.yaml", problems=ProblemLog())))


def test_yaml_items_know_their_lines(folder: Folder) -> None:
    folder.write("m.yaml", "# a comment\n- a: 1\n  b: 2\n- just text\n- a: 3\n")
    problems = ProblemLog()
    items = list(SourceFiles(folder.path).yaml_items("m.yaml", problems=problems))
    assert items == [(2, {"a": 1, "b": 2}), (5, {"a": 3})]
    assert told(problems) == [("m.yaml", 4, "the item is not a mapping", "just text")]


def test_yaml_items_that_cannot_be_counted_have_no_line(folder: Folder) -> None:
    folder.write("m.yaml", "[{a: 1}, {a: 2}]\n")
    items = list(SourceFiles(folder.path).yaml_items("m.yaml", problems=ProblemLog()))
    assert items == [(None, {"a": 1}), (None, {"a": 2})]


def test_bad_rows_are_named_and_good_ones_kept(folder: Folder) -> None:
    folder.write(
        "t.csv", b'\xef\xbb\xbfa,b,c\n1,2,3\n4,5\n"6\n6",7,8\n\n9,\xe9,10\n11,12,13,14\n15,\xc3\xa9,16\n'
    )
    problems = ProblemLog()
    rows = list(SourceFiles(folder.path).rows("t.csv", columns=["a", "c"], problems=problems))
    assert rows == [
        (2, {"a": "1", "b": "2", "c": "3"}),
        (4, {"a": "6\n6", "b": "7", "c": "8"}),
        (9, {"a": "15", "b": "é", "c": "16"}),
    ]
    assert told(problems) == [
        ("t.csv", 3, "the row has 2 columns, not 3", "4"),
        ("t.csv", 7, "the row is not UTF-8 text", "9"),
        ("t.csv", 8, "the row has 4 columns, not 3", "11"),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "it is empty"),
        ("a,b\n1,2\n", "its first line lacks c"),
        ('a,b,c\n1,"2,3\n4,5,6\n', "it is not CSV: line 3"),
        ("a,b,c\n" + "x" * 200_000 + ",2,3\n", "it is not CSV: line 2"),
        ("a,b,c\n1,2,3\n".encode("utf-16"), "its first line lacks a, b, c"),
    ],
)
def test_a_table_that_is_none_says_why(folder: Folder, content: str | bytes, why: str) -> None:
    folder.write("t.csv", content)
    files = SourceFiles(folder.path)
    assert why in refusal(lambda: list(files.rows("t.csv", columns=["a", "b", "c"], problems=ProblemLog())))


def test_json_lines_report_the_line_that_is_none(folder: Folder) -> None:
    folder.write("p.jsonl", b'{"id": "1"}\n\n{"id": \n[1]\n{"id": "\xff"}\n{"id": "2"}\n')
    problems = ProblemLog()
    lines = list(SourceFiles(folder.path).json_lines("p.jsonl", problems=problems))
    assert lines == [(1, {"id": "1"}), (6, {"id": "2"})]
    assert [(line, reason) for _file, line, reason, _value in told(problems)] == [
        (3, "the line is not JSON"),
        (4, "the line is not a JSON object"),
        (5, "the line is not UTF-8 text"),
    ]


def test_json_lines_refuse_a_line_without_an_end(folder: Folder) -> None:
    folder.write("p.jsonl", '{"id": "' + "x" * 1_100_000 + '"}')
    files = SourceFiles(folder.path)
    assert "line 1 is longer than" in refusal(
        lambda: list(files.json_lines("p.jsonl", problems=ProblemLog()))
    )


def test_a_log_counts_everything_and_keeps_enough() -> None:
    problems = ProblemLog()
    for line in range(KEPT_PER_REASON + 500):
        problems.error(Place("t.csv", line), "the row is wrong", line)
    problems.warning(Place("t.csv"), "odd")
    assert len(list(problems)) == KEPT_PER_REASON + 1
    assert (problems.errors, problems.warnings, len(problems)) == (
        KEPT_PER_REASON + 500,
        1,
        KEPT_PER_REASON + 501,
    )


def test_what_is_repeated_from_a_file_is_short_and_visible() -> None:
    assert shorten("a\x1b[31mred\nnext") == "a·[31mred·next"
    assert shorten("x" * 500) == "x" * 119 + "…"
    assert shorten({"a": "bomb"}) == "dict"
    problems = ProblemLog()
    problems.error(Place("t.csv", 4), "the row is wrong", "x")
    assert [str(problem) for problem in problems] == ["t.csv, line 4: the row is wrong (x)"]
