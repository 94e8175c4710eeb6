"""Every link between our own pages leads somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import docs


def test_no_link_of_the_documentation_is_broken() -> None:
    assert [problem for page in docs.pages() for problem in docs.broken(page)] == []


@pytest.mark.parametrize(
    ("link", "is_good"),
    [
        ("other.md", True),
        ("other.md#a-heading-with-code", True),
        ("#here", True),
        ("https://example.org/nowhere", True),
        ("missing.md", False),
        ("other.md#no-such-heading", False),
        ("#nor-here", False),
        ("../outside.md", False),
    ],
)
def test_a_link_is_followed(
    link: str, *, is_good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path.parent / "outside.md").write_text("# Outside\n")
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    (tmp_path / "other.md").write_text("# A heading, with `code`\n")
    page = tmp_path / "page.md"
    page.write_text(f"# Here\n\n[a link]({link})\n\n```\n[not a link](nowhere.md)\n```\n")
    assert (docs.broken(page) == []) is is_good
