"""A mail server that says what it is told to, and notes in what pieces it was spoken to."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager, contextmanager, suppress

GREETING = "220 test ESMTP"


class PipeliningServer:
    """`moods` maps a recipient's local part to what it is answered: at RCPT, after "body ", or an act.

    drop        the content is kept, and the connection cut before a word of it is said
    lose        the content is thrown away, and the connection cut
    """

    def __init__(
        self, *, offers=("PIPELINING", "8BITMIME"), moods=None, mail="250 2.1.0 OK", login=None, starttls=None
    ):
        self.offers, self.moods, self.mail, self.login = offers, moods or {}, mail, login
        self.starttls = starttls
        self.took: list[str] = []
        self.contents: list[bytes] = []
        self.said: list[str] = []
        self.reads: list[bytes] = []
        self.connections = 0
        self.port = 0

    async def converse(self, reader, writer):
        self.connections += 1
        recipient, goes_on = "", True
        buffer = b""

        def say(words):
            writer.write(words.encode() + b"\r\n")

        async def line():
            nonlocal buffer
            while b"\r\n" not in buffer:
                more = await reader.read(65536)
                if not more:
                    return None
                self.reads.append(more)
                buffer += more
            found, _, buffer = buffer.partition(b"\r\n")
            return found

        say(GREETING)
        try:
            while goes_on and (asked := await line()) is not None:
                words = asked.decode()
                verb = words.split(" ")[0].split(":")[0].upper()
                self.said.append(verb)
                if verb == "EHLO":
                    for offer in self.offers:
                        say(f"250-{offer}")
                    say("250 HELP")
                elif verb == "STARTTLS":
                    say("220 2.0.0 go ahead")
                    await writer.drain()
                    await writer.start_tls(self.starttls)
                elif verb == "AUTH":
                    goes_on = await self._log_in(words, say, line)
                elif verb == "MAIL":
                    recipient = ""
                    say(self.mail)
                elif verb == "RCPT":
                    name = words.partition("<")[2].partition("@")[0]
                    mood = self.moods.get(name, "250 2.1.5 OK")
                    if mood[:3].isdigit():
                        say(mood)
                        recipient = name if mood.startswith("2") else ""
                        if mood.startswith("421"):
                            break
                    else:
                        recipient = name
                        say("250 2.1.5 OK")
                elif verb == "DATA":
                    if not recipient and "354 anyway" not in self.offers:
                        say("503 5.5.1 no recipient")
                        continue
                    say("354 go on")
                    content = b""
                    while (row := await line()) is not None and row != b".":
                        content += row + b"\r\n"
                    if row is None:
                        break
                    mood = self.moods.get(recipient, "250")
                    if mood == "lose":
                        break
                    if mood.startswith("body "):
                        say(mood.removeprefix("body "))
                        continue
                    if not recipient:
                        say("554 5.5.1 no recipient")
                        continue
                    self.took.append(recipient)
                    self.contents.append(content)
                    if mood == "drop":
                        break
                    say("250 2.0.0 taken")
                elif verb == "RSET":
                    recipient = ""
                    say("250 2.0.0 OK")
                elif verb == "QUIT":
                    say("221 2.0.0 bye")
                    break
                else:
                    say("502 5.5.2 what?")
                await writer.drain()
        except ConnectionError:
            pass

    async def _log_in(self, words, say, line):
        import base64

        if words.upper() == "AUTH LOGIN":
            say("334 VXNlcm5hbWU6")
            user = base64.b64decode(await line()).decode()
            say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(await line()).decode()
        else:
            _none, user, password = base64.b64decode(words.split(" ")[2]).decode().split("\0")
        good = (user, password) == self.login
        say("235 2.7.0 welcome" if good else "535 5.7.8 no")
        return good

    @asynccontextmanager
    async def listening(self, *, ssl=None):
        talks = set()

        async def talk(reader, writer):
            talks.add(asyncio.current_task())
            try:
                await self.converse(reader, writer)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

        server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=ssl)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()
            await asyncio.wait_for(asyncio.gather(*talks, return_exceptions=True), 5)


@contextmanager
def a_server(**words):
    """The same in a thread of its own, for what runs in the test's; `server.port` says where."""
    server = PipeliningServer(**words)
    loop = asyncio.new_event_loop()
    ready, over = threading.Event(), asyncio.Event()

    async def live():
        async with server.listening():
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()
