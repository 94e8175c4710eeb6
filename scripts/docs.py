"""Checks that every link between our own pages leads somewhere, and prints what there is to read."""

from __future__ import annotations

import re
import sys
import unicodedata
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"(?<!!)\[[^\]\[]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")


def pages() -> list[Path]:
    """The pages a reader may open: those at the root, then docs/ from front to back."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def prose(page: Path) -> list[str]:
    """The page's lines without its code."""
    lines, fence = [], ""
    for line in page.read_text(encoding="utf-8").splitlines():
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark and not fence:
            fence = mark.group(1)
        elif mark and line.strip().startswith(fence):
            fence = ""
        elif not fence:
            lines.append(re.sub(r"`[^`]*`", "", line))
        if mark or fence:
            lines.append("")
    return lines


def anchors(page: Path) -> set[str]:
    """What a link may name after `#`: the headings, written as forges write them."""
    found: dict[str, int] = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        heading = HEADING.match(line)
        if heading:
            name = slug(heading.group(2))
            found[name] = found.get(name, -1) + 1
    repeated = {f"{name}-{count}" for name, most in found.items() for count in range(1, most + 1)}
    return {*found, *repeated}


def slug(heading: str) -> str:
    """A heading as an anchor: small letters, hyphens for spaces, no punctuation."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    kept = [c for c in text if c in " -_" or unicodedata.category(c)[0] in "LNM"]
    return "".join(kept).strip().replace(" ", "-")


def broken(page: Path) -> list[str]:
    """A sentence for each link of the page that leads nowhere."""
    problems = []
    for number, line in enumerate(prose(page), start=1):
        for match in LINK.finditer(line):
            link = match.group(1) or match.group(2)
            if re.match(r"[a-z][a-z0-9+.-]*:", link):
                continue
            path, _, anchor = unquote(link).partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or not target.is_relative_to(ROOT):
                problems.append(f"{page.relative_to(ROOT)}: {link} leads nowhere (near line {number})")
            elif anchor and target.suffix == ".md" and anchor not in anchors(target):
                problems.append(f"{page.relative_to(ROOT)}: {link} names no heading (near line {number})")
    return problems


def title(page: Path) -> str:
    """The page's first heading."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return next((match.group(2) for line in lines if (match := HEADING.match(line))), "(no heading)")


def main() -> int:
    """Print the contents, unless `--quiet`, and every broken link."""
    problems = [problem for page in pages() for problem in broken(page)]
    if "--quiet" not in sys.argv[1:]:
        for page in pages():
            print(f"{page.relative_to(ROOT)!s:44} {title(page)}")
        print()
    for problem in problems:
        print(problem)
    print(f"{len(pages())} pages, {len(problems)} broken links.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
