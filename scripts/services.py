"""PostgreSQL, RabbitMQ and Redis for the tests: those that run here already, or our own while a run lasts.

Beside them a few programs without which a test cannot run.

`python -m scripts.services` says what there is; with `--install` it installs what is missing from Debian's
packages, where that is allowed.
"""

from __future__ import annotations

import argparse
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scripts import apt

#: What single tests run, and the package that brings it (Debian's names).
PROGRAMS = {"faketime": "faketime", "node": "nodejs"}
#: Seconds a server may take until it answers; RabbitMQ needs most of them.
START_SECONDS = 60.0
#: Seconds a server may take to stop before it is killed.
STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Service:
    """One server the tests can use: where it was found, or why there is none."""

    name: str
    variable: str
    url: str
    note: str

    def __bool__(self) -> bool:
        return bool(self.url)


@dataclass(frozen=True)
class Kind:
    """What we know of one kind of server."""

    name: str
    variable: str
    usual_url: str
    packages: tuple[str, ...]
    answers: Callable[[str], bool]
    start: Callable[[Path, ExitStack], str | None]


def find(*, stack: ExitStack) -> list[Service]:
    """Every kind of server: running already, started here until `stack` closes, or missing, and why."""
    scratch = Path(stack.enter_context(_scratch()))
    return [_find_one(kind=kind, scratch=scratch, stack=stack) for kind in KINDS]


def _find_one(*, kind: Kind, scratch: Path, stack: ExitStack) -> Service:
    named = os.environ.get(kind.variable, "")
    url = named or kind.usual_url
    if kind.answers(url):
        return Service(kind.name, kind.variable, url, "was running")
    if named:
        return Service(kind.name, kind.variable, "", f"nothing answers at {kind.variable}")
    place = scratch / kind.name.lower()
    place.mkdir()
    started = kind.start(place, stack)
    if started is None:
        return Service(kind.name, kind.variable, "", f"install {' or '.join(kind.packages)} (Debian's names)")
    if not _wait(lambda: kind.answers(started)):
        return Service(kind.name, kind.variable, "", "was started here and did not answer in time")
    return Service(kind.name, kind.variable, started, "started for this run")


# --- PostgreSQL ---------------------------------------------------------------------------------------------


def postgres_answers(url: str) -> bool:
    """Whether we may make databases there."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            row = connection.execute(
                "SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except (psycopg.Error, UnicodeError):
        return False
    return bool(row and row[0])


def start_postgres(place: Path, stack: ExitStack) -> str | None:
    """A server of our own, as an unprivileged user where we are root (PostgreSQL refuses root)."""
    initdb = _program("initdb", "/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin")
    if initdb is None:
        return None
    user = _unprivileged(place, preferred="postgres")
    data = place / "data"
    init = [
        str(initdb),
        "-D",
        str(data),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale",
        "C",
        "--no-sync",
    ]
    if subprocess.run(init, capture_output=True, check=False, cwd=place, **user).returncode != 0:
        return None
    port = _free_port()
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": place,
        # The files are thrown away with the run: a crash of the machine may take them.
        "fsync": "off",
        "max_connections": 200,
    }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    command = [str(initdb.with_name("postgres")), "-D", str(data), *settings]
    _serve(command=command, place=place, stack=stack, stop=signal.SIGINT, user=user)
    return f"postgres://postgres@127.0.0.1:{port}/postgres"


# --- RabbitMQ -----------------------------------------------------------------------------------------------


def rabbitmq_answers(url: str) -> bool:
    """Whether it takes our name and password."""
    from kombu.connection import Connection
    from kombu.exceptions import OperationalError

    if not _listens(url):
        return False
    try:
        connection: Any = Connection  # it has no types
        with connection(url, connect_timeout=5) as wire:
            wire.connect()
    except (OperationalError, OSError, ConnectionError):
        return False
    except Exception as refusal:  # noqa: BLE001 -- amqp's own exceptions have no common base that is not this
        print(f"RabbitMQ at {urlsplit(url).hostname} refused: {type(refusal).__name__}")
        return False
    return True


def start_rabbitmq(place: Path, stack: ExitStack) -> str | None:
    """A node of our own with its own name, ports and port mapper."""
    # Debian's wrapper in PATH insists on the machine's own node; the program behind it does not.
    program = _program("rabbitmq-server", "/usr/lib/rabbitmq/bin")
    if program is None:
        return None
    user = _unprivileged(place, preferred="rabbitmq")
    port, distribution, mapper = _free_port(), _free_port(), _free_port()
    env = {
        **os.environ,
        "HOME": str(place),
        "ERL_EPMD_PORT": str(mapper),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"amparo-test-{os.getpid()}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_MNESIA_BASE": str(place / "data"),
        "RABBITMQ_LOG_BASE": str(place / "log"),
        "RABBITMQ_PID_FILE": str(place / "pid"),
        "RABBITMQ_CONF_ENV_FILE": str(place / "none"),
        "RABBITMQ_CONFIG_FILE": str(place / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "plugins"),
    }
    stack.callback(_stop_port_mapper, env=env)
    _serve(command=[program], place=place, stack=stack, stop=signal.SIGTERM, user=user, env=env)
    return f"amqp://guest:guest@127.0.0.1:{port}//"


def _stop_port_mapper(*, env: Mapping[str, str]) -> None:
    """Erlang leaves its port mapper running; ours has its own port, so that only ours is ended."""
    mapper = _program("epmd", "/usr/lib/erlang/bin", "/usr/lib/erlang/erts-*/bin")
    if mapper is not None:
        subprocess.run([mapper, "-kill"], env=dict(env), capture_output=True, check=False)


# --- Redis --------------------------------------------------------------------------------------------------


def redis_answers(url: str) -> bool:
    """Whether it answers PING."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), timeout=2) as wire:
            wire.sendall(b"PING\r\n")
            return wire.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def start_redis(place: Path, stack: ExitStack) -> str | None:
    """A server of our own that keeps nothing."""
    program = _program("redis-server") or _program("valkey-server")
    if program is None:
        return None
    port = _free_port()
    command = [str(program), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    user = _unprivileged(place, preferred="redis")
    _serve(command=command, place=place, stack=stack, stop=signal.SIGTERM, user=user)
    return f"redis://127.0.0.1:{port}/0"


KINDS = (
    Kind(
        "PostgreSQL",
        "AMPARO_TEST_DATABASE_URL",
        "postgres://postgres@127.0.0.1:5432/postgres",
        ("postgresql",),
        postgres_answers,
        start_postgres,
    ),
    Kind(
        "RabbitMQ",
        "AMPARO_TEST_BROKER_URL",
        "amqp://guest:guest@127.0.0.1:5672//",
        ("rabbitmq-server",),
        rabbitmq_answers,
        start_rabbitmq,
    ),
    Kind(
        "Redis",
        "AMPARO_TEST_REDIS_URL",
        "redis://127.0.0.1:6379/15",
        ("redis-server",),
        redis_answers,
        start_redis,
    ),
)


# --- Starting and stopping ----------------------------------------------------------------------------------


@contextmanager
def _scratch() -> Iterator[str]:
    """A folder for the servers' files that their users may pass through."""
    folder = tempfile.mkdtemp(prefix="amparo-services-")
    Path(folder).chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(
    *,
    command: Sequence[str | Path],
    place: Path,
    stack: ExitStack,
    stop: signal.Signals,
    user: dict[str, Any],
    env: Mapping[str, str] | None = None,
) -> None:
    """Start a server in a process group of its own and stop it when `stack` closes."""
    log = stack.enter_context((place / "server.log").open("wb"))
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=place,
        env=None if env is None else dict(env),
        start_new_session=True,
        **user,
    )

    def end() -> None:
        if process.poll() is None:
            process.send_signal(stop)
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    stack.callback(end)


def _unprivileged(place: Path, *, preferred: str) -> dict[str, Any]:
    """As root: run as the server's own user, or as nobody, who then owns `place`. Otherwise: as ourselves."""
    if os.geteuid() != 0:
        return {}
    for name in (preferred, "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(place, entry.pw_uid, entry.pw_gid)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return {}


def _program(name: str, *patterns: str) -> Path | None:
    """The program in one of the usual places, newest first, or in PATH."""
    found = sorted((Path(p) / name for pattern in patterns for p in glob.glob(pattern)), reverse=True)  # noqa: PTH207
    in_path = shutil.which(name)
    return next((path for path in found if os.access(path, os.X_OK)), Path(in_path) if in_path else None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5672), timeout=2):
            return True
    except OSError:
        return False


def _wait(answers: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if answers():
            return True
        time.sleep(0.25)
    return False


def main() -> int:
    """Say what there is, after installing what is missing if that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m scripts.services")
    parser.add_argument("--install", action="store_true", help="install what is missing (Debian)")
    options = parser.parse_args()
    with ExitStack() as stack:
        services = find(stack=stack)
    packages = [
        package
        for kind, service in zip(KINDS, services, strict=True)
        if not service
        for package in kind.packages
    ]
    packages += [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if packages and options.install:
        apt.install(title=f"Installing {', '.join(packages)}", packages=packages)
        with ExitStack() as stack:
            services = find(stack=stack)
    for service in services:
        print(f"{service.name}: {service.note}")
    return 0 if all(services) else 1


if __name__ == "__main__":
    sys.exit(main())
