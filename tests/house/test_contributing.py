"""CONTRIBUTING.md sends nobody to a file that is not there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def rows(page: str) -> list[list[str]]:
    """What each row of the first table names as the place to go."""
    table = page.partition("## Where does my change go?")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    return [re.findall(r"`([^`]+)`", line.split("|")[2]) for line in lines]


def test_the_page_opens_with_the_table_and_every_row_names_a_place():
    assert PAGE.splitlines()[2] == "## Where does my change go?"
    assert len(rows(PAGE)) > 30
    assert [] not in rows(PAGE)


def test_every_place_that_the_table_names_exists():
    assert [place for row in rows(PAGE) for place in row if not (ROOT / place).exists()] == []


def test_every_package_is_named_in_the_table():
    named = {place.split("/")[1] for row in rows(PAGE) for place in row if place.startswith("amparo/")}
    assert {path.parent.name for path in ROOT.glob("amparo/*/__init__.py")} == named


def test_a_row_that_leads_nowhere_is_noticed():
    page = "## Where does my change go?\n\n| I want | Go to |\n|---|---|\n| rain | `amparo/weather.py` |\n"
    assert rows(page) == [["amparo/weather.py"]]
    assert not (ROOT / "amparo/weather.py").exists()
