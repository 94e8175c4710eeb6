"""Everything that can be said of the house without running it, one step after another.

Each step prints its name and its time; what failed is shown at the end. `make check ARGS="types floors"` runs
those two.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts import environment

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = sys.executable


@dataclass(frozen=True)
class Step:
    """One question and the command that answers it."""

    name: str
    command: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)


def steps(*, state: Path) -> list[Step]:
    """All questions, the quick ones first. `state` is a folder for what settings insist on."""
    django = production_like(state=state)
    manage = [PYTHON, "manage.py"]
    shell = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("scripts/*.sh"))
    return [
        Step("format", [str(BIN / "ruff"), "format", "--check", "--output-format=concise", "."]),
        Step("lint", [str(BIN / "ruff"), "check", "--output-format=concise", "."]),
        Step("shell", ["bash", "-n", ".ci/run", *shell]),
        Step("containers", [PYTHON, "-m", "scripts.check_containers"]),
        Step("documentation", [PYTHON, "-m", "scripts.docs", "--quiet"]),
        Step("translations", [PYTHON, "-m", "scripts.translations", "check"], django),
        Step("templates", [str(BIN / "djlint"), "amparo", "--lint", "--quiet", "--profile=django"]),
        Step("floors", [str(BIN / "lint-imports")]),
        Step("migrations", [*manage, "makemigrations", "--check", "--dry-run"], django),
        Step("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], django),
        Step("types", [str(BIN / "mypy")], django),
    ]


def production_like(*, state: Path) -> dict[str, str]:
    """An environment such as an administrator would write, with secrets made for the occasion."""
    return {
        "AMPARO_VAR": str(state),
        "AMPARO_MASTER_KEY_FILE": str(state / "master.key"),
        "AMPARO_METRICS_TOKEN": secrets.token_urlsafe(32),
        "BASE_URL": "https://campaigns.example.org",
        "DATABASE_URL": f"sqlite:///{state / 'amparo.sqlite3'}",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SMTP_URL": "smtp://mail.example.org:587",
    }


def main() -> int:
    """Run the steps and list what failed."""
    chosen = set(sys.argv[1:])
    failed: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="amparo-check-") as state:
        every = steps(state=Path(state))
        unknown = chosen - {step.name for step in every}
        if unknown:
            names = ", ".join(step.name for step in every)
            print(f"There is no step {', '.join(sorted(unknown))}; the steps are: {names}.", file=sys.stderr)
            return 2
        for step in every:
            if not chosen or step.name in chosen:
                failed += _run(step=step)
    for name, printed in failed:
        print(f"\n=== {name} ===\n{printed.strip()}")
    print(f"\nFailed: {', '.join(name for name, _ in failed)}." if failed else "\nAll is well.")
    return 1 if failed else 0


def _run(*, step: Step) -> list[tuple[str, str]]:
    """The step's name and what it printed, if it failed."""
    print(f"{step.name:14}", end="", flush=True)
    started = time.monotonic()
    try:
        answer = subprocess.run(
            step.command,
            cwd=ROOT,
            env={**environment.without_settings(), **step.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        good, printed = answer.returncode == 0, answer.stdout
    except OSError as error:
        good, printed = False, f"{step.command[0]} cannot be started: {error.strerror}."
    print(f"{'good' if good else 'FAILED':8}{time.monotonic() - started:6.1f} s", flush=True)
    return [] if good else [(step.name, printed)]


if __name__ == "__main__":
    sys.exit(main())
