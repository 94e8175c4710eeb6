"""A mail server that takes everything, fast, or is often in a bad mood; in a process of its own.

    python -m bench._smtp_sink PORT                                  takes and counts
    python -m bench._smtp_sink PORT --delay 0.02 --plain             answers 20 ms later, and offers no pipelining
    python -m bench._smtp_sink PORT --took FILE --moods 421,451,552,drop,lose --share 0.1 --seed 7

With --took, one line with the recipient for each mail that was accepted, with the kernel before that is said; with
--dropped the same for each that was accepted without a word. Moods:

421, 451    closing, or busy: try again
552         refused for good, after the content
drop        the mail is kept, and the connection cut before a word of it is said
lose        the mail is thrown away, and the connection cut
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random

import uvloop


class Sink(asyncio.Protocol):
    """One connection."""

    options: argparse.Namespace
    chance: random.Random
    took = dropped = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._buffer, self._in_data, self._recipient, self._mood = b"", False, b"", ""
        self._say(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        said = []
        while True:
            if self._in_data:
                end = buffer.find(b"\r\n.\r\n")
                if end < 0:
                    break
                buffer, self._in_data = buffer[end + 5 :], False
                answer = self._after_content()
                if answer is None:
                    self._say(b"".join(said), close=True)
                    return
                said.append(answer)
                continue
            line, found, rest = buffer.partition(b"\r\n")
            if not found:
                break
            buffer = rest
            answer = self._command(line)
            said.append(answer)
            if answer.startswith((b"421", b"221")):
                self._say(b"".join(said), close=True)
                return
        self._buffer = buffer
        if said:
            self._say(b"".join(said))

    def _command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"MAIL" or verb == b"RSET":
            return b"250 2.1.0 OK\r\n"
        if verb == b"RCPT":
            self._recipient = line.partition(b"<")[2].partition(b">")[0]
            self._mood = self._draw()
            return {
                "421": b"421 4.3.2 closing\r\n",
                "451": b"451 4.3.0 busy\r\n",
            }.get(self._mood, b"250 2.1.5 OK\r\n")
        if verb == b"DATA":
            if self._mood == "451":
                return b"503 5.5.1 no recipient\r\n"
            self._in_data = True
            return b"354 go on\r\n"
        if verb == b"EHLO":
            return b"250 sink\r\n" if self.options.plain else b"250-sink\r\n250 PIPELINING\r\n"
        return b"221 2.0.0 bye\r\n" if verb == b"QUIT" else b"250 2.0.0 OK\r\n"

    def _after_content(self) -> bytes | None:
        if self._mood == "552":
            return b"552 5.3.4 too big\r\n"
        if self._mood == "lose":
            return None
        if self.took >= 0:
            os.write(self.took, self._recipient + b"\n")
        if self._mood == "drop" and self.dropped >= 0:
            os.write(self.dropped, self._recipient + b"\n")
        return None if self._mood == "drop" else b"250 2.0.0 taken\r\n"

    def _draw(self) -> str:
        if not self.options.moods or self.chance.random() >= self.options.share:
            return ""
        return self.chance.choice(self.options.moods)

    def _say(self, words: bytes, *, close: bool = False) -> None:
        if self.options.delay:
            asyncio.get_running_loop().call_later(self.options.delay, self._say_now, words, close)
        else:
            self._say_now(words, close)

    def _say_now(self, words: bytes, close: bool) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(words)  # type: ignore[attr-defined]
        if close:
            self._transport.close()


async def serve(options: argparse.Namespace) -> None:
    """Until killed."""
    Sink.options, Sink.chance = options, random.Random(options.seed)
    for name in ("took", "dropped"):
        if file := getattr(options, name):
            setattr(Sink, name, os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", options.port)
    async with server:
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--took")
    parser.add_argument("--dropped")
    parser.add_argument("--moods", type=lambda text: [mood for mood in text.split(",") if mood], default=[])
    parser.add_argument("--share", type=float, default=0.0)
    parser.add_argument("--seed", default="1")
    uvloop.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
