"""What the import linter cannot see: relations by name, and the words of rooms."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
#: Pages and pictures inherit these from Wagtail, which points them at whatever the user model is.
OF_WAGTAIL = {"owner", "locked_by", "uploaded_by_user"}
FORBIDDEN_ROOMS = {"utils.py", "helpers.py", "services.py", "common.py", "core.py", "tasks.py", "misc.py"}


def floor_of():
    """App label to the number of its floor, from the roof down, as pyproject.toml has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "floors")
    return {name.strip(): number for number, layer in enumerate(layers) for name in layer.split("|")}


def test_no_relation_points_to_a_higher_floor_or_across():
    floors = floor_of()
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model.__module__.startswith("amparo.")
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model is not None
        if field.related_model.__module__.startswith("amparo.")
        if field.name not in OF_WAGTAIL
        if not _may_point(model._meta.app_label, field.related_model._meta.app_label, floors)
    ]
    assert wrong == []


def _may_point(here, there, floors):
    return here == there or floors[there] > floors[here]


def test_the_rule_itself_can_fail():
    floors = floor_of()

    assert not _may_point("supporters", "actions", floors)
    assert not _may_point("supporters", "targets", floors)


def test_every_app_stands_on_a_floor():
    packages = {path.parent.name for path in (ROOT / "amparo").glob("*/__init__.py")}

    assert packages == set(floor_of())


def test_rooms_are_named_for_what_is_done_in_them():
    assert [path for path in (ROOT / "amparo").rglob("*.py") if path.name in FORBIDDEN_ROOMS] == []


def test_no_file_holds_two_subjects():
    """A sign-post, not a limit: past 400 lines, look for the second subject and its name."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "amparo").rglob("*.py")
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > 450
    }
    assert long == {}
