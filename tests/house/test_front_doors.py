"""The commands that people are told to type exist, say what is missing, and name no machine of ours."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = dict(re.findall(r"^([a-z]+):.*## (.+)$", MAKEFILE, re.MULTILINE))

# Written in pieces, so that this file does not hold what it looks for.
MACHINE_PATHS = ["/" + "work/", "/" + "root/", "/" + "Users/"]
REGISTRIES = ["pypi" + ".org", "pythonhosted" + ".org", "registry" + ".npmjs", "deb" + ".debian.org"]


def files_of_the_repository() -> list[Path]:
    """What a clone holds; in an unpacked archive, what it would hold."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    hidden = {".venv", "var", "secrets", "__pycache__"}
    return [
        path for path in ROOT.rglob("*") if path.is_file() and not hidden & set(path.relative_to(ROOT).parts)
    ]


def namings(paths: Iterable[Path], forbidden: list[str]) -> list[str]:
    """Each place where a file names something forbidden."""
    found = []
    for path in paths:
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.name} names {word}" for word in forbidden if word in text]
    return found


def commands_of(page: str) -> set[str]:
    """The `make` commands in a page's code."""
    text = (ROOT / page).read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL))
    return set(re.findall(r"\bmake ([a-z]+)\b", code))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_command_that_a_page_names_exists(page: str) -> None:
    assert commands_of(page) - set(TARGETS) == set()


def test_the_first_screen_of_the_readme_has_the_two_commands() -> None:
    assert {"demo", "test"} <= commands_of("README.md")


def test_every_door_is_there_and_phony() -> None:
    doors = {
        "help",
        "setup",
        "demo",
        "test",
        "check",
        "bench",
        "docs",
        "translations",
        "secrets",
        "lock",
        "clean",
    }
    assert set(TARGETS) == doors
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony is not None
    assert set(phony.group(1).split()) == doors


def test_make_alone_shows_every_door_with_a_sentence() -> None:
    printed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name, sentence in TARGETS.items():
        assert re.search(rf"^  {name} +{re.escape(sentence)}$", printed, re.MULTILINE)


@pytest.mark.parametrize(
    "name", [".ci/run", *sorted(f"scripts/{path.name}" for path in ROOT.glob("scripts/*.sh"))]
)
def test_a_script_is_good_shell_and_may_be_run(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    assert subprocess.run(["bash", "-n", ROOT / name], check=False).returncode == 0


def test_ci_checks_and_tests_with_everything_required() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "set -euo pipefail" in script
    assert "make check" in script
    assert "AMPARO_REQUIRE_SERVICES=1 make test" in script


def test_no_file_names_a_path_of_a_machine() -> None:
    assert namings(files_of_the_repository(), MACHINE_PATHS) == []


def test_no_file_names_a_package_registry() -> None:
    assert namings(files_of_the_repository(), REGISTRIES) == []


def test_a_file_that_names_one_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"see {MACHINE_PATHS[0]}notes and {REGISTRIES[0]}")
    assert namings([page], [*MACHINE_PATHS, *REGISTRIES]) == [
        f"page.md names {MACHINE_PATHS[0]}",
        f"page.md names {REGISTRIES[0]}",
    ]


def test_the_licence_is_whole() -> None:
    lines = (ROOT / "LICENSE").read_text().splitlines()
    assert len(lines) == 661
    assert lines[0].strip() == "GNU AFFERO GENERAL PUBLIC LICENSE"
    assert "Remote Network Interaction" in "\n".join(lines)


# --- A machine without a good Python ------------------------------------------------------------------------


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A copy of the set-up and a PATH with a few of the usual programs, none of them Python."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "bin").mkdir()
    for name in ("dirname", "tr", "id", "cat"):
        program = shutil.which(name)
        assert program is not None
        (tmp_path / "bin" / name).symlink_to(program)
    return tmp_path


def put_python(machine: Path, *, name: str, script: str) -> None:
    path = machine / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def set_up(machine: Path, **more: str) -> subprocess.CompletedProcess[str]:
    shell = shutil.which("sh")
    assert shell is not None
    command = [shell, str(machine / "scripts" / "setup.sh"), "dev"]
    env = {"PATH": str(machine / "bin"), "HOME": str(machine), **more}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_a_machine_without_python_is_told_so_in_one_sentence(bare_machine: Path) -> None:
    answer = set_up(bare_machine)
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "Amparo needs Python 3.11 or newer, and there is no Python here" in answer.stderr


def test_a_machine_with_old_pythons_is_told_which(bare_machine: Path) -> None:
    put_python(bare_machine, name="python3", script="echo 2.7.18; exit 3")
    put_python(bare_machine, name="python", script="echo 3.8.18; exit 3")
    put_python(bare_machine, name="python3.12", script="exit 127")  # a version manager's empty shim
    answer = set_up(bare_machine)
    assert answer.returncode == 1
    assert "python3 is 2.7.18" in answer.stderr
    assert "python is 3.8.18" in answer.stderr


def test_a_python_without_venv_is_told_what_it_lacks(bare_machine: Path) -> None:
    put_python(bare_machine, name="python3", script="echo 3.12.3; exit 1")
    answer = set_up(bare_machine)
    assert answer.returncode == 1
    assert "lacks the module venv" in answer.stderr


def test_a_good_python_behind_an_old_one_is_used(bare_machine: Path) -> None:
    put_python(bare_machine, name="python3", script="echo 2.7.18; exit 3")
    put_python(bare_machine, name="python3.12", script='[ "$1" = -m ] && echo "runs $*"; exit 0')
    assert set_up(bare_machine).stdout == "runs -m scripts.setup dev\n"


def test_a_python_of_pyenv_is_used(bare_machine: Path) -> None:
    versions = bare_machine / ".pyenv" / "versions" / "3.12.1" / "bin"
    versions.mkdir(parents=True)
    put_python(bare_machine, name="python3", script="echo 3.8.18; exit 3")
    put_python(bare_machine, name="good", script='[ "$1" = -m ] && echo "runs $*"; exit 0')
    (bare_machine / "bin" / "good").rename(versions / "python")
    assert set_up(bare_machine).stdout == "runs -m scripts.setup dev\n"


def test_a_python_that_was_named_is_used_or_refused(bare_machine: Path) -> None:
    put_python(bare_machine, name="python3", script='[ "$1" = -m ] && echo "runs $*"; exit 0')
    put_python(bare_machine, name="old", script="echo 3.9.1; exit 3")
    answer = set_up(bare_machine, AMPARO_PYTHON=str(bare_machine / "bin" / "old"))
    assert answer.returncode == 1
    assert "cannot use" in answer.stderr
