"""Numbers that other registers use for our choices: HURIDOCS and the UN, as data in `codes.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model

_FILE = Path(__file__).with_name("codes.toml")
#: "category II", "categories I, II and V", in capitals as the Working Group writes them.
_CATEGORY = re.compile(r"\bcategor(?:y|ies)\s+([IV]+(?:(?:\s*,\s*|\s+and\s+|\s*,\s*and\s+)[IV]+)*)")


def number_of(model: type[Model], column: str, value: Any) -> str:
    """What others call this value, such as “HURIDOCS MT29 01” or “WGAD II, V”; empty where no number fits."""
    key = (model.__name__, column)
    known = _numbers().get(key)
    if known is not None:
        number = known.get(str(value), "")
        return f"HURIDOCS {number}" if number else ""
    if key in _categories():
        return _category_in(str(value or ""), **_categories()[key])
    return ""


def field_of(model: type[Model], column: str) -> str:
    """The number of the HURIDOCS field that a column answers to, such as 2609; empty where there is none."""
    return _fields().get((model.__name__, column), "")


def _category_in(text: str, *, system: str, known: list[str]) -> str:
    found = [number for group in _CATEGORY.findall(text) for number in re.findall(r"[IV]+", group)]
    named = [number for number in known if number in found]
    return f"{system} {', '.join(named)}" if named else ""


@cache
def _data() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _numbers() -> dict[tuple[str, str], dict[str, str]]:
    return {(each["model"], each["column"]): each["numbers"] for each in _data()["columns"]}


@cache
def _fields() -> dict[tuple[str, str], str]:
    return {(each["model"], each["column"]): each["field"] for each in _data()["columns"] if "field" in each}


@cache
def _categories() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (each["model"], each["column"]): {"system": each["system"], "known": each["known"]}
        for each in _data()["categories"]
    }
