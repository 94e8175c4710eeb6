"""Fills `.venv` with exactly what the lock files name; run through scripts/setup.sh, which finds a Python.

`python -m scripts.setup runtime` installs what `make demo` needs, `dev` what tests and checks need besides.
With `--is-current` nothing is done: exit code 0 says that there is nothing to do.

Only the standard library is imported here: nothing else is installed yet.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import progress

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
#: What was installed, where and from which files; removed while an installation is under way.
STAMP = VENV / "amparo-setup.json"
LOCKS = {"runtime": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
#: What installs the others: uv, and the build backend of pyproject.toml.
BUILD_LOCK = ROOT / "requirements-build.lock"


def main() -> int:
    """Set up what was asked for, unless it is there already."""
    parser = argparse.ArgumentParser(prog="python -m scripts.setup", description=__doc__.splitlines()[0])
    parser.add_argument("level", choices=list(LOCKS))
    parser.add_argument("--is-current", action="store_true")
    options = parser.parse_args()
    current = is_current(level=options.level)
    if current or options.is_current:
        return 0 if current else 1
    try:
        set_up(level=options.level)
    except progress.StepError as failure:
        print(failure, file=sys.stderr)
        print("The set-up stopped there; mend that and run the same command again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def is_current(*, level: str) -> bool:
    """Whether `.venv` holds what the locks name. `dev` includes `runtime`."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if stamp.get("place") != str(VENV) or not PYTHON.exists():
        return False
    return any(stamp.get(have) == fingerprint(level=have) for have in {level, "dev"})


def fingerprint(*, level: str) -> str:
    """One hash over everything that decides what is installed."""
    digest = hashlib.sha256()
    for path in (LOCKS[level], BUILD_LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def set_up(*, level: str) -> None:
    """Make the environment, install the lock into it, and this project beside it."""
    if not _usable():
        if VENV.exists():
            shutil.rmtree(VENV)
        version = ".".join(str(part) for part in sys.version_info[:3])
        progress.run(
            title=f"Making .venv with Python {version}", command=[sys.executable, "-m", "venv", VENV]
        )
    STAMP.unlink(missing_ok=True)
    _install(level=level)
    stamp = {"place": str(VENV), level: fingerprint(level=level)}
    STAMP.write_text(json.dumps(stamp, indent=1), encoding="utf-8")


def _usable() -> bool:
    """Whether `.venv` is a whole environment of a Python that is new enough, and made in this very place."""
    script = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        if (
            subprocess.run([PYTHON, "-c", script], capture_output=True, check=False, timeout=60).returncode
            != 0
        ):
            return False
        # Scripts in bin/ name their interpreter by its path: a moved or copied environment runs another one.
        first_line = (VENV / "bin" / "pip").open("rb").readline().decode(errors="replace")
    except (OSError, subprocess.SubprocessError):
        return False
    return str(VENV) in first_line


def _install(*, level: str) -> None:
    """The packages, by uv where it can be had and by pip where it cannot; then this project, editable."""
    lock = LOCKS[level]
    what = f"Installing what {lock.name} names"
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    try:
        progress.run(
            title="Installing uv and the build tools",
            command=[*pip, "install", "--require-hashes", "-r", str(BUILD_LOCK)],
        )
        # `sync` also removes what the lock no longer names; `install` leaves a developer's tools alone.
        deed = ["sync"] if level == "dev" else ["install"]
        uv = [str(VENV / "bin" / "uv"), "pip", *deed, "--python", str(PYTHON), "--require-hashes"]
        files = [str(BUILD_LOCK), str(lock)] if level == "dev" else ["-r", str(lock)]
        progress.run(title=what, command=[*uv, *files], env=_uv_environment())
    except progress.StepError as failure:
        print(f"\n{failure}\nuv could not do it, so pip does, which takes longer.", flush=True)
        for path in (BUILD_LOCK, lock):
            with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as rest:
                rest.write("\n".join(text for name, text in blocks(path).items() if name != "uv"))
                rest.flush()
                progress.run(
                    title=f"{what} with pip" if path == lock else "Installing the build tools with pip",
                    command=[*pip, "install", "--require-hashes", "-r", rest.name],
                )
    progress.run(
        title="Installing amparo itself",
        command=[*pip, "install", "--no-deps", "--no-build-isolation", "-e", str(ROOT)],
    )


def blocks(lock: Path) -> dict[str, str]:
    """The packages of a lock file: name to its lines, hashes included."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        start = re.match(r"([A-Za-z0-9._-]+)(\[[^\]]*\])?==", line)
        if start:
            name = start.group(1).lower()
        if name and not line.lstrip().startswith("#"):
            found[name] = f"{found[name]}\n{line}" if name in found else line
    return found


def _uv_environment() -> dict[str, str]:
    """uv reads neither pip's settings nor the machine's certificates: a mirror set for pip serves it too."""
    env = {**os.environ, "UV_LINK_MODE": "copy", "UV_SYSTEM_CERTS": "true", "UV_NO_PROGRESS": "true"}
    index = os.environ.get("PIP_INDEX_URL", "")
    for section in ("global", "install"):
        command = [str(PYTHON), "-m", "pip", "config", "get", f"{section}.index-url"]
        index = index or subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    if index and "UV_DEFAULT_INDEX" not in env and "UV_INDEX_URL" not in env:
        env["UV_DEFAULT_INDEX"] = index
    return env


if __name__ == "__main__":
    sys.exit(main())
