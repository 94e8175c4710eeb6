"""Debian's packages, for the few things that Python's packages cannot bring."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache

from scripts import progress


@cache
def prefix() -> tuple[str, ...] | None:
    """What stands before `apt-get`: nothing as root, `sudo -n` where that asks no password, else None."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ()
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ("sudo", "-n")
    return None


def install(*, title: str, packages: Sequence[str]) -> bool:
    """Install Debian packages; False, with a line that says why, when that cannot be done here."""
    start = prefix()
    if start is None:
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        progress.run(
            title="Reading the list of Debian packages", command=[*start, "apt-get", "update"], env=env
        )
        command = [*start, "apt-get", "install", "-y", "--no-install-recommends", *packages]
        progress.run(title=title, command=command, env=env)
    except progress.StepError as failure:
        print(str(failure).splitlines()[0], flush=True)
        return False
    return True
