"""A mail server that can be killed and is often in a bad mood; what it took is on disk before it says so.

python -m tests.faults.mail_server PORT FILE --seed 7 --moods 451,421,552,drop,lose --share 0.3

One line of FILE for each message that was accepted: the time, the recipient and the letter's own id. Each mood takes
its part of `--share` of all messages:

421, 451    the server is closing, or busy: try again
552         the message is refused for good
lose        the message is taken from the wire and thrown away, and the connection cut
drop        the message is accepted and kept, and the connection cut before a word of it is said
hang        no answer, ever
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import time

_LETTER = re.compile(rb"^X-Letter-ID: *([0-9a-f-]{36})", re.IGNORECASE | re.MULTILINE)
BEFORE_DATA = {"421": b"421 4.3.2 Closing for a moment\r\n", "451": b"451 4.3.0 Busy, come back\r\n"}


class MailServer:
    """Speaks as much SMTP as our own client needs."""

    def __init__(
        self,
        *,
        path: str,
        chance: random.Random,
        moods: list[str],
        share: float,
        slow: float,
        slow_greeting: float,
    ) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._chance, self._moods, self._share = chance, moods, share
        self._slow, self._slow_greeting = slow, slow_greeting

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side has had enough."""
        try:
            writer.write(b"220 test ESMTP\r\n")
            recipient = ""
            while line := await reader.readline():
                word = line[:4].upper().strip()
                if word in {b"EHLO", b"HELO"}:
                    writer.write(b"250-test\r\n250-8BITMIME\r\n250 SIZE 10000000\r\n")
                elif word == b"RCPT":
                    recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                    await asyncio.sleep(self._slow_greeting)
                    mood = self._mood()
                    if mood in BEFORE_DATA:
                        writer.write(BEFORE_DATA[mood])
                        if mood == "421":
                            return
                        continue
                    writer.write(b"250 OK\r\n")
                elif word == b"DATA":
                    writer.write(b"354 Go on\r\n")
                    body = await reader.readuntil(b"\r\n.\r\n")
                    if not await self._after_body(writer, body, recipient=recipient, mood=mood):
                        return
                elif word == b"QUIT":
                    writer.write(b"221 Bye\r\n")
                    return
                else:
                    writer.write(b"250 OK\r\n")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _after_body(
        self, writer: asyncio.StreamWriter, body: bytes, *, recipient: str, mood: str
    ) -> bool:
        """Whether the conversation goes on."""
        if mood == "hang":
            await asyncio.sleep(3600)
        if self._slow:
            await asyncio.sleep(self._chance.random() * self._slow)
        if mood == "552":
            writer.write(b"552 5.3.4 Too large\r\n")
            return True
        if mood != "lose":
            self._keep(body, recipient=recipient)
        if mood in {"drop", "lose"}:
            self._note(f"cut {_letter_in(body)}")
            return False
        writer.write(b"250 OK\r\n")
        return True

    def _keep(self, body: bytes, *, recipient: str) -> None:
        self._note(f"took {_letter_in(body)} {recipient}")

    def _note(self, line: str) -> None:
        os.write(self._file, f"{time.time():.6f} {line}\n".encode())
        os.fsync(self._file)

    def _mood(self) -> str:
        if self._moods and self._chance.random() < self._share:
            return self._chance.choice(self._moods)
        return ""


def _letter_in(body: bytes) -> str:
    found = _LETTER.search(body)
    return found.group(1).decode() if found else "-"


async def serve(options: argparse.Namespace) -> None:
    """Listen until killed."""
    moods = [mood for mood in options.moods.split(",") if mood]
    server = MailServer(
        path=options.file,
        chance=random.Random(options.seed),
        moods=moods,
        share=options.share,
        slow=options.slow,
        slow_greeting=options.slow_greeting,
    )
    listening = await asyncio.start_server(server.converse, "127.0.0.1", options.port)
    print("listening", flush=True)
    async with listening:
        await listening.serve_forever()


def main() -> int:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mail_server")
    parser.add_argument("port", type=int)
    parser.add_argument("file")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--moods", default="")
    parser.add_argument("--share", type=float, default=0.0)
    parser.add_argument(
        "--slow-greeting", type=float, default=0.0, help="seconds before each recipient's 250"
    )
    parser.add_argument("--slow", type=float, default=0.0, help="seconds after the body, at most")
    asyncio.run(serve(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
