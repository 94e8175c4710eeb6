"""The web server: gunicorn in this process, with the number of processes and threads that the database calls for."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler

#: SQLite has one writer at a time, and commits of one process are grouped (docs/adr/0005): one process, many threads.
SQLITE_THREADS = 16
#: PostgreSQL takes many writers: twice as many processes as processors, a few threads in each for slow readers.
POSTGRES_THREADS = 4
#: Seconds a request may take, and a running one may go on after we were asked to stop.
LONGEST_REQUEST = 60
LAST_REQUESTS = 30


class QuietLogger(Logger):
    """gunicorn's log without addresses of visitors and without addresses of pages, which may hold a link's token."""

    def warning(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: gunicorn warns of broken requests with the visitor's network address."""

    def exception(self, *_args: Any, **_kwargs: Any) -> None:
        """What was raised, without the request it was raised for."""
        kind = sys.exc_info()[0]
        self.error("A request failed with %s.", kind.__name__ if kind else "no exception")


class Server(BaseApplication):
    """gunicorn, configured by us alone: it reads no file and no argument."""

    def __init__(self, *, bind: str, processes: int, threads: int, notice: Any = None) -> None:
        self._options = {
            "bind": [bind],
            "worker_class": "gthread",
            "workers": processes,
            "threads": threads,
            "timeout": LONGEST_REQUEST,
            "graceful_timeout": LAST_REQUESTS,
            "accesslog": None,
            "loglevel": "error",
            "logger_class": QuietLogger,
            "control_socket_disable": True,
            "proc_name": "amparo",
            **({"when_ready": notice} if notice else {}),
        }
        super().__init__()

    def load_config(self) -> None:
        """Take over our options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIHandler:
        """The site."""
        return get_wsgi_application()


def usual_processes() -> tuple[int, int]:
    """Processes and threads for the database in use."""
    if settings.AMPARO_ON_SQLITE:
        return 1, SQLITE_THREADS
    return 2 * (os.cpu_count() or 1), POSTGRES_THREADS


def refuse_taken_address(bind: str) -> None:
    """Raise `CommandError` when we cannot listen at `bind`, before gunicorn tries for five seconds."""
    host, _colon, port = bind.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise CommandError(f"“{bind}” is no address to listen at; write one such as 127.0.0.1:8000.")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port)))
    except OSError as error:
        raise CommandError(
            f"Cannot listen at {bind}: {error.strerror}; choose another with --bind."
        ) from None
