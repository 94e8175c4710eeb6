"""Open a connection for a mailing: greet, encrypt, log in, and learn what the server offers; and close it again."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from typing import TYPE_CHECKING

from django.core.mail.utils import DNS_NAME

from amparo.kit.smtp.failures import TemporaryFailure, enhanced_code_in, reason_in, retry_after_in
from amparo.kit.smtp.settings import Security
from amparo.mailings.wire.pipelined_smtp import Feed, Mode, Wire

if TYPE_CHECKING:
    import ssl

    from amparo.kit.smtp.failures import Stage
    from amparo.kit.smtp.settings import SmtpSettings


async def open_wire(
    settings: SmtpSettings, feed: Feed, *, context: ssl.SSLContext, most: Mode, recycle_after: int
) -> Wire:
    """A greeted, encrypted (when asked for) and logged-in connection. Raises `TemporaryFailure` when there is none."""
    wire = Wire(feed, recycle_after=recycle_after)
    stage: Stage = "connect"
    try:
        async with asyncio.timeout(settings.timeout):
            secure = settings.security is Security.TLS
            await asyncio.get_running_loop().create_connection(
                lambda: wire,
                settings.host,
                settings.port,
                ssl=context if secure else None,
                server_hostname=settings.host if secure else None,
            )
            _expect(await wire.reply(), stage)
            stage = "ehlo"
            await _greet(wire)
            if settings.security is Security.STARTTLS:
                stage = "starttls"
                _expect(await wire.ask(b"STARTTLS\r\n"), stage)
                await wire.encrypt(context, settings.host)
                stage = "ehlo"
                await _greet(wire)
            if settings.username:
                stage = "auth"
                await _log_in(wire, settings)
    except TemporaryFailure:
        wire.abort("refused")
        raise
    except asyncio.CancelledError:
        wire.abort("not wanted any more")
        raise
    except (OSError, TimeoutError, ValueError) as error:
        wire.abort("broken")
        name = type(error).__name__
        raise TemporaryFailure(stage=stage, reason=f"no connection to the mail server ({name})") from None
    wire.mode = min(most, Mode.OVERLAPPED if "PIPELINING" in wire.extensions else Mode.LOCK_STEP)
    wire.is_open = True
    return wire


def _expect(answer: tuple[int, str], stage: Stage) -> str:
    code, words = answer
    if 200 <= code <= 299:
        return words
    raise TemporaryFailure(
        stage=stage,
        reason=reason_in(words),
        code=code,
        enhanced_code=enhanced_code_in(words),
        retry_after=retry_after_in(words),
    )


async def _greet(wire: Wire) -> None:
    name = DNS_NAME.get_fqdn().encode("ascii", "replace")
    answer = await wire.ask(b"EHLO " + name + b"\r\n")
    wire.extensions = {}
    if answer[0] >= 500:
        _expect(await wire.ask(b"HELO " + name + b"\r\n"), "ehlo")
        return
    known = ("PIPELINING", "STARTTLS", "AUTH", "SIZE", "8BITMIME")
    words = _expect(answer, "ehlo").upper().replace("AUTH=", "AUTH ").split()
    for at, word in enumerate(words):
        if word in known:
            wire.extensions[word] = " ".join(words[at + 1 :]) if word == "AUTH" else ""


async def _log_in(wire: Wire, settings: SmtpSettings) -> None:
    user, password = settings.username, settings.password
    if "LOGIN" in wire.extensions.get("AUTH", "") and "PLAIN" not in wire.extensions.get("AUTH", ""):
        for said in (b"AUTH LOGIN", _base64(user)):
            code, words = await wire.ask(said + b"\r\n")
            if code != 334:
                _expect((code, words), "auth")
        _expect(await wire.ask(_base64(password) + b"\r\n"), "auth")
        return
    _expect(await wire.ask(b"AUTH PLAIN " + _base64(f"\0{user}\0{password}") + b"\r\n"), "auth")


def _base64(text: str) -> bytes:
    return base64.b64encode(text.encode())


async def close_all(wires: list[Wire], *, seconds: float) -> None:
    """Say goodbye on each that has nothing under way, and end the others after a while."""
    for wire in wires:
        wire.say_goodbye()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(wire.closed() for wire in wires))
    for wire in wires:
        wire.abort("closed by us")
