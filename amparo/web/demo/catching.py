"""A mail server that keeps everything it is given and sends nothing on. Run as a process of its own; it needs no
settings.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from amparo.web.demo import mailbox

#: A letter has at most 20,000 characters; nothing here is larger.
MOST_BYTES = 1_000_000


class Catcher:
    """Keeps each message as one file."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """One message came in."""
        await asyncio.to_thread(
            mailbox.keep, envelope.content, recipients=envelope.rcpt_tos, directory=self._directory
        )
        return "250 Kept in the demonstration's mailbox"


async def catch(*, port: int, directory: Path) -> None:
    """Listen until told to stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(
        lambda: SMTP(
            Catcher(directory),
            data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True,
            hostname="localhost",
            loop=loop,
        ),
        host="127.0.0.1",
        port=port,
    )
    async with server:
        await stop.wait()


def main() -> None:
    """`python -m amparo.web.demo.catching --port 8025 --directory var/demo-mailbox`"""
    parser = argparse.ArgumentParser(prog="amparo demo's mail catcher")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(catch(port=options.port, directory=options.directory))


if __name__ == "__main__":
    main()
