"""The lock files say what pyproject.toml asks for, with a hash for every file and without naming a host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from scripts import setup

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-build.lock"]


def pins(name: str) -> dict[str, list[str]]:
    """Each package of a lock file with its versions; there may be one for each kind of machine."""
    found: dict[str, list[str]] = {}
    for package, version in re.findall(
        r"^([a-z0-9._-]+)==([^\s;\\]+)", (ROOT / name).read_text(), re.MULTILINE
    ):
        found.setdefault(package, []).append(version)
    return found


def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def unmet(wanted: list[str], locked: dict[str, list[str]]) -> list[str]:
    """The requirements that the lock does not answer."""
    requirements = [Requirement(line) for line in wanted]
    return [
        str(requirement)
        for requirement in requirements
        if not any(
            requirement.specifier.contains(version, prereleases=True)
            for version in locked.get(requirement.name.lower().replace("_", "-"), [])
        )
    ]


def test_the_runtime_lock_answers_every_dependency() -> None:
    assert unmet(project()["project"]["dependencies"], pins("requirements.lock")) == []


def test_the_development_lock_answers_its_group() -> None:
    wanted = [line for line in project()["dependency-groups"]["dev"] if isinstance(line, str)]
    assert unmet(wanted, pins("requirements-dev.lock")) == []


def test_the_build_lock_holds_the_build_backend_and_uv() -> None:
    assert unmet([*project()["build-system"]["requires"], "uv"], pins("requirements-build.lock")) == []


def test_a_dependency_that_was_not_locked_is_noticed() -> None:
    assert unmet(["django>=99", "never-locked"], pins("requirements.lock")) == ["django>=99", "never-locked"]


def test_tests_run_against_the_versions_that_people_run() -> None:
    development = pins("requirements-dev.lock")
    assert {name: development.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_a_hash_and_nothing_has_an_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    blocks = setup.blocks(ROOT / name)
    assert len(blocks) == len(pins(name))
    assert [package for package, lines in blocks.items() if "--hash=sha256:" not in lines] == []


def test_a_changed_lock_is_set_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("django==5.2.8\n")
    monkeypatch.setitem(setup.LOCKS, "runtime", lock)
    before = setup.fingerprint(level="runtime")
    assert setup.fingerprint(level="runtime") == before
    lock.write_text("django==5.2.9\n")
    assert setup.fingerprint(level="runtime") != before


def test_what_development_installed_is_enough_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "STAMP", tmp_path / "stamp.json")
    assert not setup.is_current(level="runtime")
    stamp = f'{{"place": "{setup.VENV}", "dev": "{setup.fingerprint(level="dev")}"}}'
    (tmp_path / "stamp.json").write_text(stamp)
    assert setup.is_current(level="runtime")
    assert setup.is_current(level="dev")
    (tmp_path / "stamp.json").write_text(stamp.replace(str(setup.VENV), "elsewhere"))
    assert not setup.is_current(level="dev")
