"""Finds the working example with which a page of docs/extend/ ends, and runs it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGES = Path(__file__).resolve().parent.parent.parent / "docs" / "extend"


def last_block(page: str, *, language: str = "python") -> str:
    """The last block of code in `language` on the page."""
    text = (PAGES / page).read_text(encoding="utf-8")
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert blocks, f"{page} has no example in {language}"
    return str(blocks[-1])


def run(page: str, *, module: str) -> dict[str, Any]:
    """Run the example as if it were the file of the module called `module`; the names it defines."""
    names: dict[str, Any] = {"__name__": module}
    code = compile(last_block(page), filename=str(PAGES / page), mode="exec")
    exec(code, names)
    return names
