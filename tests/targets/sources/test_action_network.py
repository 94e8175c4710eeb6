"""Action Network's CSV of custom targets, unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from amparo.targets.address_forms import salutation
from amparo.targets.problems import UnreadableSource

from .conftest import load, told

HEADING = "title,first_name,last_name,zip_code,country,gender,email,phone\n"
LIST = HEADING + (
    "Governor,Ada,Lark,90001,US,F,ada@state.example.gov,202-555-0111\n"
    "Chief Executive,Ned,Farrow,,US,,ned@company.example.org,\n"
    "Ms.,Ilse,Maran,90001,US,Female,ilse@council.example.org,\n"
    "Ms.,Ilse,Maran,01002,US,Female,ilse@council.example.org,\n"
)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "Prison Companies (2026).csv"
    path.write_text(LIST)
    return path


def test_each_row_is_a_post_with_its_zip_code(sheet: Path) -> None:
    bundle = load("action-network", sheet)
    assert len(bundle.problems) == 0
    assert (bundle.slug, bundle.country, bundle.title) == (
        "prison-companies-2026",
        "US",
        "Prison Companies (2026)",
    )
    assert [(post.label, post.area) for post in bundle.posts] == [
        ("Ada Lark", ("list-zips", "90001")),
        ("Chief Executive", None),
        ("Ilse Maran", ("list-zips", "90001")),
        ("Ilse Maran", ("list-zips", "01002")),
    ]
    assert list(bundle.postcodes) == [
        ("01002", (("01002", None),), None),
        ("90001", (("90001", None),), None),
    ]
    assert [person.name for person in bundle.people] == ["Ada Lark", "Ned Farrow", "Ilse Maran"]
    assert [c.value for c in bundle.contacts].count("ilse@council.example.org") == 2


def test_a_spoken_title_is_said_and_another_is_a_role(sheet: Path) -> None:
    bundle = load("action-network", sheet)
    said = [
        salutation(person, post, language="en")
        for person, post in zip(bundle.people, bundle.posts, strict=False)
    ]
    assert said == ["Dear Governor Lark", "Dear Ned Farrow", "Dear Ms. Maran"]


def test_codes_do_not_show_addresses_and_stay_the_same(sheet: Path) -> None:
    first, again = load("action-network", sheet), load("action-network", sheet)
    assert [post.code for post in first.posts] == [post.code for post in again.posts]
    assert not any("ada" in post.code for post in first.posts)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Ms,Zoe,Quay,9000,US,F,z@x.example.org,", "this is not a postcode of the country"),
        (
            "Ms,Zoe,Quay,LS1 1AA,GB,F,z@x.example.org,",
            "the list is about US; make another list for other countries",
        ),
        ("Ms,Zoe,Quay,90001,US,F,https://x.example.org/form,", "a web address stands in the e-mail field"),
        ("Ms,Zoe,Quay,90001,US,F,,", "the target has neither an e-mail address nor a telephone"),
        ("Ms,,,90001,US,F,z@x.example.org,", "the person has no name"),
        ("Ms,Zoe,Quay,90001,US,F,ada@state.example.gov,", "two targets of different names have one address"),
        ("Governor,Ada,Lark,90001,US,F,ada@state.example.gov,", "listed twice; the first is kept"),
        ("Ms,Zoe,Quay", "the row has 3 columns, not 8"),
    ],
)
def test_a_bad_row_is_named_and_left_out(sheet: Path, row: str, reason: str) -> None:
    sheet.write_text(LIST + row + "\n")
    bundle = load("action-network", sheet)
    assert [(file, line, said) for file, line, said, _v in told(bundle.problems)] == [(sheet.name, 6, reason)]
    assert len(bundle.posts) == 4


def test_a_target_with_a_telephone_alone_is_kept_and_named(sheet: Path) -> None:
    sheet.write_text(HEADING + "Ms,Zoe,Quay,,US,F,,202-555-0112\n")
    bundle = load("action-network", sheet)
    assert [reason for _f, _l, reason, _v in told(bundle.problems, "warning")] == [
        "the target has no e-mail address"
    ]
    assert bundle.postcodes is None


def test_a_list_of_another_country(sheet: Path) -> None:
    sheet.write_text(HEADING + "Frau,Zoe,Quay,10115,DE,F,z@x.example.org,\n")
    bundle = load("action-network", sheet)
    assert (bundle.country, bundle.postcodes.format) == ("DE", "generic")


def test_another_sheet_is_refused(sheet: Path) -> None:
    sheet.write_text("name,email\nAda,ada@x.example.org\n")
    with pytest.raises(UnreadableSource, match="lacks title, first_name"):
        load("action-network", sheet)
    with pytest.raises(UnreadableSource, match="give the CSV file itself"):
        load("action-network", sheet.parent)
