"""The page about bundles ends in an example: these are exactly its files, and they load."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from amparo.targets.sources.bundle.manifest import KEYS

from .conftest import Folder, load

PAGE = Path(__file__).resolve().parents[3] / "docs" / "extend" / "target-bundle.md"


def files_on_the_page() -> dict[str, str]:
    """Every fenced block that follows a line with nothing but a file's name."""
    blocks = re.findall(
        r"^`([a-z]+\.[a-z]+)`\n\n```[a-z]*\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    return dict(blocks)


def test_the_example_loads_without_a_problem(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "orlaya")
    for name, content in files_on_the_page().items():
        folder.write(name, content)
    bundle = load("bundle", folder)
    rows = {postcode: areas for postcode, areas, _point in bundle.postcodes}
    outlined = {code for code, _outline in bundle.outlines[0]}
    assert [str(problem) for problem in bundle.all_problems()] == []
    assert rows["1002"] == (("OR-1", 0.7), ("OR-2", 0.3))
    assert outlined == {"OR-1", "OR-2"}
    assert bundle.published == date(2026, 5, 1)
    held = {membership.post: membership.status for membership in bundle.memberships}
    assert held == {"assembly/OR-1": "elected", "minister/justice": "acting"}
    assert len(bundle.contacts) == 3


def test_the_page_names_every_file_and_every_key() -> None:
    page = PAGE.read_text()
    assert set(files_on_the_page()) == set(re.findall(r"^\| `([a-z]+\.[a-z]+)`", page, re.MULTILINE))
    assert [key for key in KEYS if f"`{key}`" not in page] == []
