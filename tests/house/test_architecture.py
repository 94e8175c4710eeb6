"""docs/architecture.md describes the house that stands: its lines of work, its verbs, its files."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from amparo.kit import work

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_page_lists_every_line_of_work_and_where_it_lives():
    section = PAGE.partition("## The engine")[2].partition("\n## ")[0]
    listed = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", section, re.MULTILINE))
    stands = {name: type(work.line_called(name)).__module__.split(".")[1] for name in work.lines}
    assert listed == stands


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"`(\w+\.\w+)\(\)`", PAGE))))
def test_a_verb_that_the_page_names_exists(verb: str):
    module, name = verb.split(".")
    assert callable(getattr(importlib.import_module(f"amparo.actions.{module}"), name))


def test_a_file_that_the_page_names_exists():
    named = set(
        re.findall(
            r"`((?:amparo/)?(?:kit|actions|web|content|targets|organizations|supporters)/[\w/]+\.py)`", PAGE
        )
    )
    assert len(named) > 10
    missing = [name for name in named if not (ROOT / "amparo" / name.removeprefix("amparo/")).exists()]
    assert missing == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_is_numbered_and_names_only_files_that_exist(page: Path):
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.name[:4]}: ")
    named = re.findall(r"`((?:amparo|tests|docs)/[\w/.-]+)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []
