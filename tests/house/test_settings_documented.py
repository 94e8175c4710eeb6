"""Every setting that the code reads is explained in .env.example and in the page on settings, and no other is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = ROOT / "amparo" / "config" / "settings.py"
EXAMPLE = ROOT / ".env.example"
PAGE = ROOT / "docs" / "host" / "settings.md"

#: Readers of amparo/config/env.py that also take a file in place of the value.
FROM_A_FILE = {"text", "secret"}


def read_by_the_code(source: str) -> dict[str, tuple[str, object]]:
    """The settings a source reads: name to the reader and to the default, as far as that is written out there."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "env"
            and node.func.attr.islower()
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            default = next((word.value for word in node.keywords if word.arg == "default"), None)
            value = default.value if isinstance(default, ast.Constant) else ...
            found[str(node.args[0].value)] = (node.func.attr, value)
    return found


def sentences_of_example(text: str) -> dict[str, str]:
    """The settings of an example file, each with the comment right above it."""
    found = {}
    comment = ""
    for line in text.splitlines():
        if match := re.fullmatch(r"#?([A-Z][A-Z_]+)=.*", line):
            found[match[1]], comment = comment, ""
        else:
            comment = line.removeprefix("# ") if line.startswith("# ") else ""
    return found


def rows_of_page(text: str) -> dict[str, tuple[str, str, str]]:
    """The settings of the page's tables: name to its mark, its default and its sentence."""
    rows = re.findall(r"^\| `([A-Z_]+)`( †)? \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    return {name: (mark, default, sentence) for name, mark, default, sentence in rows}


CODE = read_by_the_code(SETTINGS.read_text(encoding="utf-8"))
TABLE = rows_of_page(PAGE.read_text(encoding="utf-8"))


def test_the_settings_are_found():
    assert {"BASE_URL", "SECRET_KEY", "DATABASE_URL", "AMPARO_LOG_LEVEL"} <= set(CODE)


def test_the_example_has_each_setting_with_a_sentence():
    example = sentences_of_example(EXAMPLE.read_text(encoding="utf-8"))
    assert set(example) == set(CODE)
    assert [name for name, sentence in example.items() if not sentence.endswith(".")] == []


def test_the_page_has_each_setting_with_a_sentence():
    assert set(TABLE) == set(CODE)
    assert [name for name, (_mark, _default, sentence) in TABLE.items() if not sentence.endswith(".")] == []


@pytest.mark.parametrize("name", CODE)
def test_the_page_names_the_default_of_the_code(name):
    _reader, default = CODE[name]
    if default is not ...:
        written = (
            "none" if default in {"", None} else f"`{str(default).lower() if default is False else default}`"
        )
        assert TABLE[name][1] == written


def test_the_page_marks_what_may_stand_in_a_file():
    marked = {name for name, (mark, _default, _sentence) in TABLE.items() if mark}
    # A path to a path would be one too many.
    assert marked == {name for name, (reader, _default) in CODE.items() if reader in FROM_A_FILE} - {
        "AMPARO_MASTER_KEY_FILE"
    }


def test_nothing_else_reads_the_environment():
    """A setting read elsewhere would be refused by nobody and documented nowhere."""
    # The last two hand it on to other programs, PostgreSQL's own and the one that draws documents, and look at none.
    doors = {"config/env.py", "config/cli.py", "config/wsgi.py", "web/backing_up.py", "kit/pdf_process.py"}
    readers = [
        path.relative_to(ROOT / "amparo").as_posix()
        for path in (ROOT / "amparo").rglob("*.py")
        if re.search(r"os\.(environ|getenv)", path.read_text(encoding="utf-8"))
    ]
    assert set(readers) <= doors


def test_an_undocumented_setting_is_noticed():
    code = read_by_the_code('X = env.number("AMPARO_NEW", default=3, least=1, most=9)')
    assert code == {"AMPARO_NEW": ("number", 3)}
    assert sentences_of_example("#AMPARO_OLD=3") == {"AMPARO_OLD": ""}
