"""Brings translations up to date without gettext's programs: Babel writes, Django reads the templates.

`update` collects the sentences of the sources into each .po file and compiles it; `compile` only compiles;
`check` fails when a .po file lacks a sentence or loses a placeholder, or when a .mo file is not its .po file.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "amparo"
#: The functions that mark a sentence, and which of their arguments it is ("c": its context).
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def collect() -> Catalog:
    """Every sentence of the Python sources and the templates, with the files it stands in."""
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            _add(catalog=catalog, path=path, python=path.read_text(encoding="utf-8"))
    for path in sorted([*PACKAGE.rglob("templates/**/*.html"), *PACKAGE.rglob("templates/**/*.txt")]):
        written = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        # The template's indentation means nothing to Python, which would stumble over it.
        _add(catalog=catalog, path=path, python="\n".join(line.strip() for line in written.splitlines()))
    return catalog


def _add(*, catalog: Catalog, path: Path, python: str) -> None:
    place = (path.relative_to(ROOT).as_posix(), 1)
    file = io.BytesIO(python.encode())
    options = {"encoding": "utf-8"}
    for _line, message, comments, context in extract("python", file, KEYWORDS, ["Translators:"], options):
        catalog.add(message, locations=[place], auto_comments=comments, context=context)


def catalogs() -> dict[Path, Catalog]:
    """Our .po files, each with what it says now."""
    found = {}
    for path in sorted(PACKAGE.rglob("locale/*/LC_MESSAGES/*.po")):
        with path.open("rb") as file:
            found[path] = read_po(file, locale=path.parent.parent.name)
    return found


def compiled(catalog: Catalog) -> bytes:
    """The .mo file that belongs to a catalogue."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def update() -> list[str]:
    """Add what is new, drop what is gone, keep every translation."""
    template = collect()
    for path, catalog in catalogs().items():
        # The day of the collection says nothing and would change every file every time.
        template.creation_date = catalog.creation_date
        catalog.update(template, no_fuzzy_matching=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return compile_all()


def compile_all() -> list[str]:
    """Write every .mo file."""
    for path, catalog in catalogs().items():
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        done = [message for message in catalog if message.id and _is_translated(message)]
        print(f"{path.relative_to(ROOT)}: {len(done)} of {len(catalog)} sentences translated")
    return []


def check() -> list[str]:
    """What is not as it should be, one sentence each."""
    wanted = {(message.context, message.id) for message in collect() if message.id}
    problems = []
    for path, catalog in catalogs().items():
        name = path.relative_to(ROOT)
        missing = wanted - {(message.context, message.id) for message in catalog}
        if missing:
            problems.append(
                f"{name} lacks {len(missing)} sentences of the sources, such as {min(map(str, missing))}"
            )
        for message, errors in catalog.check():
            problems.append(f"{name}, line {message.lineno}: {errors[0]}")
        binary = path.with_suffix(".mo")
        if not binary.exists() or binary.read_bytes() != compiled(catalog):
            problems.append(f"{binary.relative_to(ROOT)} is not what {path.name} says")
    return problems


def _is_translated(message: Message) -> bool:
    """Whether it has a translation, in every plural form its language has."""
    return bool(message.string) and (isinstance(message.string, str) or all(message.string or ()))


def main() -> int:
    """Do one of the three."""
    deeds = {"update": update, "compile": compile_all, "check": check}
    deed = deeds.get(sys.argv[1] if len(sys.argv) == 2 else "")
    if deed is None:
        print(f"Say what to do: {', '.join(deeds)}.", file=sys.stderr)
        return 2
    if not settings.configured:
        # Reading a template's marks needs none of ours.
        settings.configure(USE_I18N=True)
    problems = deed()
    for problem in problems:
        print(problem)
    if problems:
        print("`make translations` mends what can be mended without a translator.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
