"""Files as programs and people write them: encodings, separators, headings, and what cannot be read."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import struct
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from amparo.kit.tables import opening
from amparo.kit.tables import workbook as workbooks
from amparo.kit.tables.headings import Unreadable, key_of, named
from amparo.kit.tables.opening import open_tables

ARABIC = "البريد,الاسم,المدينة\namina@example.org,أمينة رحال,بيروت\nomar@example.org,عمر حداد,صيدا\n"
HEBREW = "אימייל,שם,עיר\ndana@example.org,דנה כהן,חיפה\nnoa@example.org,נועה לוי,תל אביב\n"
FRENCH = "e-mail;prénom;ville\nzoe@example.org;Zoé;Besançon\nandre@example.org;André;Saint-Étienne\n"


def tables(data, *, encoding=""):
    data = data.encode() if isinstance(data, str) else data
    return open_tables(lambda: io.BytesIO(data), encoding=encoding)


def rows(data, **how):
    (table,) = tables(data, **how)
    return [cells for _number, cells in table.rows()]


def whole(data):
    """Every row of every table."""
    return [cells for table in tables(data) for _number, cells in table.rows()]


def workbook(*sheets, **hidden):
    book = Workbook()
    book.remove(book.active)
    for title, cells in sheets:
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
        for row in cells:
            sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def archive(**files):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ARABIC, "utf-8"),
        (ARABIC, "utf-8-sig"),
        (ARABIC, "utf-16"),
        (ARABIC, "cp1256"),
        (HEBREW, "cp1255"),
        (HEBREW, "utf-16"),
        (FRENCH, "cp1252"),
        ("e-mail,name\namina@example.org,Amina\n", "utf-16-le"),
        ("e-mail,name\namina@example.org,Amina\n", "utf-16-be"),
    ],
)
def test_every_encoding_is_found(text, encoding):
    (table,) = tables(text.encode(encoding))
    delimiter = ";" if ";" in text else ","
    expected = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    assert table.headers == expected[0]
    assert [cells for _number, cells in table.rows()] == expected[1:]


def test_a_letter_far_down_decides_about_the_encoding():
    plain = "email,name\n" + "amina@example.org,Amina\n" * 9000
    assert rows(plain + "zoe@example.org,Zoé\n")[-1] == ["zoe@example.org", "Zoé"]
    assert rows((plain + "zoe@example.org,Zoé Lefèvre, née Señor\n").encode("cp1252"))[-1][1] == "Zoé Lefèvre"


def test_staff_may_know_the_encoding_better():
    assert rows("email,name\nx@example.org,Őze\n".encode("cp1250"), encoding="cp1250")[0][1] == "Őze"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_separator_is_found(delimiter):
    text = f"email{delimiter}name\namina@example.org{delimiter}Rahal, Amina; the printer\n"
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(
        [["email", "name"], ["amina@example.org", "Rahal, Amina; the printer"]]
    )
    assert rows(written.getvalue()) == [["amina@example.org", "Rahal, Amina; the printer"]], text


def test_excel_may_say_its_separator():
    assert rows("sep=;\r\nemail;name\r\na@example.org;A,B\r\n") == [["a@example.org", "A,B"]]


def test_cells_of_several_lines_titles_and_empty_rows():
    (table,) = tables(
        'Our list\n\nemail,address\namina@example.org,"1 Long Lane\nTallow"\n\n,\nsuzie@example.org,\n'
    )
    assert table.headers == ["email", "address"]
    assert list(table.rows()) == [
        (4, ["amina@example.org", "1 Long Lane\nTallow"]),
        (7, ["suzie@example.org", ""]),
    ]


def test_headings_that_are_missing_or_stand_twice_get_names():
    assert named(["email", "", "name", "name", " name "]) == [
        "email",
        "Column 2",
        "name",
        "name (2)",
        "name (3)",
    ]
    assert key_of(" E-Mail_Address ") == "e mail address"


def test_a_list_without_headings_loses_nobody():
    (table,) = tables("amina@example.org,Amina\nsuzie@example.org,Suzie\n")
    assert table.headers == ["Column 1", "Column 2"]
    assert len(list(table.rows())) == 2


def test_a_workbook_is_read_by_values():
    data = workbook(
        ("Cover", [["Our list"]]),
        (
            "People",
            [
                ["email", "phone", "joined", "note", "yes"],
                ["amina@example.org", 441632960001.0, date(2024, 3, 5), "=1+1", True],
                [None, None, None, None, None],
                ["suzie@example.org", 12.5, HALF_PAST_SEVEN, "#N/A", False],
            ],
        ),
    )
    (table,) = tables(data)
    assert table.headers == ["Our list"]
    data = workbook(("Old", [["x"]]), ("People", [["email", "phone"], ["a@example.org", 7.0]]), Old=True)
    (table,) = tables(data)
    assert [cells for _number, cells in table.rows()] == [["a@example.org", "7"]]
    data = workbook(
        (
            "People",
            [
                ["email", "phone", "joined", "note", "yes"],
                ["amina@example.org", 441632960001.0, date(2024, 3, 5), "=1+1", True],
                ["suzie@example.org", 12.5, HALF_PAST_SEVEN, "#N/A", False],
            ],
        ),
        ("More", [["y"]]),
    )
    (table,) = tables(data)
    assert [cells for _number, cells in table.rows()] == [
        ["amina@example.org", "441632960001", "2024-03-05", "", "yes"],
        ["suzie@example.org", "12.5", "2024-03-05 07:30:00", "", "no"],
    ]
    assert table.table.remarks == ["Only the sheet “People” is read; the workbook has others too."]


def test_an_archive_gives_its_lists_and_nothing_else():
    data = archive(
        **{
            "export/unsubscribed_x.csv": "Email Address\na@example.org\n",
            "export/subscribed_x.csv": "Email Address\nb@example.org\n",
            "export/empty.csv": "",
            "__MACOSX/._subscribed_x.csv": "nonsense",
            "readme.pdf": "nonsense",
        }
    )
    assert [table.table.name for table in tables(data)] == ["subscribed_x.csv", "unsubscribed_x.csv"]


#: Workbooks know no time zones.
HALF_PAST_SEVEN = datetime(2024, 3, 5, 7, 30)  # noqa: DTZ001
BOMB = archive(**{"list.csv": b"a@example.org\n" * 4_000_000})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "There are no rows"),
        (b"\n\n,,\n", "There are no rows"),
        (b"PK\x03\x04 cut off", "This ZIP file is damaged"),
        (archive(**{"readme.pdf": "x"}), "There is no list"),
        (BOMB, "unpack to far more"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "Excel's old format"),
        (
            archive(mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": "<x/>"}),
            "LibreOffice",
        ),
        (b"%PDF-1.7 x", "neither a table of text nor a workbook"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "neither a table of text nor a workbook"),
        (bytes(range(256)) * 40, "neither a table of text nor a workbook"),
        (workbook(("People", [["email"], ["a@example.org"]]))[:-200], "damaged"),
        (b'email,name\n"a@example.org,' + b"x" * 200_000, "a quotation mark"),
        (b"email\n" + b"x" * 2_000_000, "a quotation mark"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(data, said):
    with pytest.raises(Unreadable, match=re.escape(said)):
        whole(data)


def test_a_row_as_wide_as_a_bomb_is_refused():
    with pytest.raises(Unreadable, match="more than 500 columns"):
        rows("email,name\n" + "a," * 600 + "\n")


def test_an_archive_under_a_password_is_refused():
    data = bytearray(archive(**{"list.csv": "email\na@example.org\n"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(mark) + at
        data[place : place + 2] = struct.pack("<H", 1)
    with pytest.raises(opening.LockedArchive):
        tables(bytes(data))


def test_a_damaged_part_of_an_archive_is_noticed_while_reading():
    data = bytearray(archive(**{"list.csv": "email\n" + "".join(f"a{n}@example.org\n" for n in range(9999))}))
    middle = len(data) // 2
    data[middle : middle + 50] = b"x" * 50
    with pytest.raises(Unreadable):
        whole(bytes(data))


def test_a_workbook_too_large_for_memory_is_refused(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_SHARED", 10)
    data = io.BytesIO(workbook(("People", [["email"], ["a@example.org"]])))
    with zipfile.ZipFile(data, "a") as book:
        book.writestr("xl/sharedStrings.xml", "<sst/>" * 9)
    with pytest.raises(workbooks.WorkbookTooLarge):
        tables(data.getvalue())


@given(data=st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(Unreadable):
        assert all(isinstance(cell, str) for row in whole(data) for cell in row)


CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r\n\ufeff\x1c\x1d\x1e\x1f\x85\u2028\u2029"),
    max_size=20,
)


@given(
    table=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8), delimiter=st.sampled_from(",;\t|")
)
@settings(max_examples=150, deadline=None)
def test_what_was_written_is_read(table, delimiter):
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["email", "name", "town"])
    writer.writerows([["a@example.org", *row] for row in [cells[1:] for cells in table]])
    expected = [["a@example.org", cells[1].strip(), cells[2].strip()] for cells in table]
    assert rows(written.getvalue()) == expected
