"""The README's commands exist, its map is the one that the linter holds, and its demo is where it says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(page: str) -> set[str]:
    """`make` commands on lines of their own and between backticks."""
    return set(re.findall(r"(?:^|`)make ([a-z]+)", page, re.MULTILINE))


def floors(page: str) -> list[str]:
    """The left column of the map, from the roof to the ground."""
    drawn = page.partition("## The map of the house")[2].partition("```\n")[2].partition("```")[0]
    return [re.split(r"  +", line)[0] for line in drawn.splitlines()]


def test_every_command_exists():
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test", "check"} <= commands(PAGE)
    assert commands(PAGE) <= targets


def test_the_two_commands_come_before_everything_else():
    assert commands(PAGE.partition("## The map of the house")[0]) == {"demo", "test"}


def test_the_map_shows_the_floors_that_the_linter_holds():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (held,) = [contract["layers"] for contract in contracts if contract["id"] == "floors"]
    assert floors(PAGE) == held


def test_the_architecture_shows_the_same_floors():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d \| (.*?) \|", page, re.MULTILINE)
    assert [", ".join(floor.split(" | ")) for floor in floors(PAGE)] == [row.replace("`", "") for row in rows]
    assert [int(number) for number in re.findall(r"^\| (\d) \| ", page, re.MULTILINE)] == [*range(7, -1, -1)]


def test_a_floor_that_is_missing_from_the_map_is_noticed():
    drawn = "## The map of the house\n\n```\nconfig   above\nkit      below\n```\n"
    assert floors(drawn) == ["config", "kit"]
