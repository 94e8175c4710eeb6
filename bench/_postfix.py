"""Postfix's `smtp-sink` and `smtp-source` where they are installed, else a sink of ours; and what processes use."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Sink(NamedTuple):
    """A mail server that takes everything and keeps nothing."""

    port: int
    pid: int


def find(program: str) -> str | None:
    """Where a program of Postfix's is; BENCH_POSTFIX names a folder to look in first."""
    places = [os.environ.get("BENCH_POSTFIX", ""), *os.environ["PATH"].split(":"), "/usr/sbin"]
    return shutil.which(program, path=":".join(filter(None, places)))


def with_libraries(program: str) -> dict[str, str]:
    """Postfix's programs find their libraries beside an unpacked package too."""
    beside = Path(program).resolve().parent.parent / "lib" / "postfix"
    return {**os.environ, "LD_LIBRARY_PATH": str(beside)} if beside.is_dir() else dict(os.environ)


def start_sink(stack: ExitStack, *arguments: str) -> Sink:
    """A sink on some port, ended with the stack; with arguments it is ours."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    program = find("smtp-sink")
    if program and not arguments:
        command = [program, f"127.0.0.1:{port}", "1000"]
        if os.geteuid() == 0:
            command[1:1] = ["-u", "nobody"]
        process = subprocess.Popen(command, env=with_libraries(program))
    else:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench._smtp_sink", str(port), *arguments], cwd=ROOT
        )
    stack.callback(process.wait)
    stack.callback(process.kill)
    for _try in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return Sink(port, process.pid)
    raise SystemExit("The sink does not listen.")


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processors, in the steps in which Linux counts."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
