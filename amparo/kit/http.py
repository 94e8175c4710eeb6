"""Ask a web server of somebody else's, and nothing but the public Internet: the one module that speaks HTTP outwards.

An address that staff typed, or a server that redirects, may point at the machine next door (CWE-918). So each address
is resolved first, refused unless it is public, and connected to as it was checked: the name is never resolved a second
time. A redirect is another address, checked like the first. Nothing about us travels along: no cookie, no referrer, no
name of this server. What is sent is sent once, to the provider that the installation names (`post`), and only it is
shown who we are (`ask`).
"""

from __future__ import annotations

import base64
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

import idna
from django.utils.translation import gettext_lazy as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3.response import BaseHTTPResponse

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

USER_AGENT = "Amparo (campaign software; looks whether a source is still there)"
#: Servers in the wild need one to get from http to https, and one or two to a new address.
MOST_REDIRECTS = 5
#: Seconds for everything together: names, redirects, headers and body.
MOST_SECONDS = 15.0
#: Seconds for one connection to be made, and for a server to say anything at all.
SILENT_SECONDS = 8.0
#: Bytes that are read of a body, unless told otherwise.
MOST_BYTES = 5 * 1024 * 1024
_PIECE = 16 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}

#: What the registries of IANA call special beside what `ipaddress` knows; the same list whatever Python is in use.
_SPECIAL: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # behind a provider's own translation (RFC 6598)
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/96",  # IPv4 inside IPv6, in the ways that were ever thought of
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "100::/64",
        "2001:db8::/32",
        "fec0::/10",
    )
)


class NotAskedThere(Refusal):
    sentence = _("This address is not on the public web, and is not asked.")


class NoAnswer(Refusal):
    sentence = _("Nobody answers at this address.")


class AnswerLost(Refusal):
    """Something was sent, and the connection broke or fell silent: it may have been taken."""

    sentence = _("What was sent may have arrived; its answer never came.")


class TooLong(Refusal):
    sentence = _("What this address sends is longer, or slower, than we read.")


class LeadsOnAndOn(Refusal):
    sentence = _("This address leads on to others without an end.")


def _resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may be asked: the public Internet on its two ports. Tests, and a hook on a private network, say otherwise."""

    resolve: Callable[[str, int], list[str]] = _resolve
    #: Networks that are asked although they are not public.
    networks: tuple[Network, ...] = ()
    ports: frozenset[int] = frozenset(_PORTS.values())

    def lets_in(self, address: Address) -> bool:
        """Whether this very address may be connected to."""
        return any(address in network for network in self.networks) or is_public(address)


PUBLIC = Guard()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said in the end, and at which address. Header names are in small letters."""

    status: int
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def is_there(self) -> bool:
        """Whether the page is: what answers with 2xx."""
        return 200 <= self.status < 300


def get(
    url: str, *, guard: Guard = PUBLIC, most_bytes: int = MOST_BYTES, seconds: float = MOST_SECONDS
) -> Answer:
    """What is at an address, read whole.

    Raises `NotAskedThere`, `NoAnswer`, `TooLong` and `LeadsOnAndOn`.
    """
    with _asked(url, guard=guard, seconds=seconds) as (response, place, until):
        return Answer(
            response.status, place, _headers(response), _read(response, most=most_bytes, until=until)
        )


def look(url: str, *, guard: Guard = PUBLIC, seconds: float = MOST_SECONDS) -> Answer:
    """Whether something is at an address: its status and headers; the body is not read. Raises as `get` does."""
    with _asked(url, guard=guard, seconds=seconds) as (response, place, _until):
        return Answer(response.status, place, _headers(response))


def ask(
    url: str,
    *,
    login: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    guard: Guard = PUBLIC,
    most_bytes: int = MOST_BYTES,
    seconds: float = MOST_SECONDS,
) -> Answer:
    """What somebody who knows us says at an address, once, whatever it is; a redirect is not followed.

    `login` is shown by HTTP's basic authentication. Raises `NotAskedThere`, `NoAnswer` and `TooLong`.
    """
    until = time.monotonic() + seconds
    place = _taken_apart(url, guard=guard)
    question = _Question("GET", {**(headers or {}), **_shown(login)})
    with _exchange(place, address=_checked(place, guard=guard), until=until, question=question) as response:
        body = _read(response, most=most_bytes, until=until)
        return Answer(response.status, place.url, _headers(response), body)


def post(
    url: str,
    *,
    fields: Mapping[str, str],
    login: tuple[str, str] | None = None,
    guard: Guard = PUBLIC,
    most_bytes: int = MOST_BYTES,
    seconds: float = MOST_SECONDS,
) -> Answer:
    """Send a form to an address, once, and say what was answered, whatever it was; a redirect is not followed.

    `login` is shown by HTTP's basic authentication. Raises `NotAskedThere` and `NoAnswer` when nothing was sent, and
    `AnswerLost` when it was and nobody knows what became of it.
    """
    until = time.monotonic() + seconds
    place = _taken_apart(url, guard=guard)
    headers = {"Content-Type": "application/x-www-form-urlencoded", **_shown(login)}
    question = _Question("POST", headers, urlencode(fields).encode("ascii"))
    with _exchange(place, address=_checked(place, guard=guard), until=until, question=question) as response:
        try:
            body = _read(response, most=most_bytes, until=until)
        except (NoAnswer, TooLong):
            # The status said already what became of it.
            body = b""
        return Answer(response.status, place.url, _headers(response), body)


def _shown(login: tuple[str, str] | None) -> dict[str, str]:
    if login is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(login).encode()).decode("ascii")}


def is_public(address: Address) -> bool:
    """Whether an address is one of the public Internet, and hides no other one."""
    if any(address in network for network in _SPECIAL if network.version == address.version):
        return False
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """One address of the web, taken apart once; what is checked is what is asked."""

    scheme: str
    host: str
    port: int
    path: str
    url: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of a server, beside the headers that every question has."""

    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


_LOOK = _Question()


@contextmanager
def _asked(url: str, *, guard: Guard, seconds: float) -> Iterator[tuple[BaseHTTPResponse, str, float]]:
    until = time.monotonic() + seconds
    for _number in range(MOST_REDIRECTS + 1):
        place = _taken_apart(url, guard=guard)
        with _exchange(place, address=_checked(place, guard=guard), until=until) as response:
            onward = response.headers.get("location") if response.status in _REDIRECTS else None
            if not onward:
                yield response, place.url, until
                return
            url = urljoin(place.url, onward)
    raise LeadsOnAndOn


def _taken_apart(url: str, *, guard: Guard) -> _Place:
    """Raises `NotAskedThere` for what is no plain address of the web, or at another port."""
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in url):
        raise NotAskedThere
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise NotAskedThere from None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or port not in guard.ports:
        raise NotAskedThere
    host = _host(parts.hostname)
    return _Place(parts.scheme, host, port, _path(parts), parts._replace(fragment="").geturl())


def _host(name: str) -> str:
    """A host as it goes over the wire: a number, or a name in ASCII. Raises `NotAskedThere`."""
    with suppress(ValueError):
        return str(ip_address(name))
    try:
        return idna.encode(name.rstrip("."), uts46=True).decode("ascii")
    except idna.IDNAError:
        raise NotAskedThere from None


def _path(parts: SplitResult) -> str:
    kept = "!$%&'()*+,/:;=?@[]~-._"
    path = quote(parts.path or "/", safe=kept)
    return f"{path}?{quote(parts.query, safe=kept)}" if parts.query else path


def _checked(place: _Place, *, guard: Guard) -> str:
    """The address to connect to. Raises `NoAnswer` when the name has none, `NotAskedThere` when none may be asked."""
    try:
        found: Iterable[str] = guard.resolve(place.host, place.port)
    except (OSError, UnicodeError):
        raise NoAnswer from None
    addresses = []
    for text in found:
        with suppress(
            ValueError
        ):  # an address of one's own network, with its interface behind a percent sign
            addresses.append(ip_address(text))
    if not addresses:
        raise NoAnswer
    for address in addresses:
        if guard.lets_in(address):
            return str(address)
    raise NotAskedThere


@contextmanager
def _exchange(
    place: _Place, *, address: str, until: float, question: _Question = _LOOK
) -> Iterator[BaseHTTPResponse]:
    """One question and the beginning of its answer, over a connection of its own."""
    headers = {
        "Host": place.host_header,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        # Nothing packed: a small body stays small.
        "Accept-Encoding": "identity",
        "Connection": "close",
        **question.headers,
    }
    is_connected = False
    with closing(_connection(place, address=address, until=until)) as connection:
        try:
            connection.connect()
            is_connected = True
            with _cut_off(connection.sock, until=until):
                connection.request(
                    question.method,
                    place.path,
                    body=question.body,
                    headers=headers,
                    preload_content=False,
                    decode_content=False,
                )
                response = connection.getresponse()
        except (HTTPError, HTTPException, OSError, ValueError):
            if question.body is not None:
                raise (AnswerLost if is_connected else NoAnswer) from None
            if _left(until) <= 0:
                raise TooLong from None
            raise NoAnswer from None
        with closing(response):
            yield response


def _connection(place: _Place, *, address: str, until: float) -> HTTPConnection:
    timeout = min(SILENT_SECONDS, max(_left(until), 0.001))
    if place.scheme == "http":
        return HTTPConnection(address, place.port, timeout=timeout)
    return HTTPSConnection(
        address,
        place.port,
        timeout=timeout,
        ssl_context=ssl.create_default_context(),
        # The certificate is the name's, whatever number was connected to.
        server_hostname=place.host,
        assert_hostname=place.host,
    )


@contextmanager
def _cut_off(connected: socket.socket | None, *, until: float) -> Iterator[None]:
    """Ends a connection whose headers drip in letter by letter: each is in time, and all together are not."""

    def cut() -> None:
        if connected is not None:
            with suppress(OSError, ValueError):
                connected.shutdown(socket.SHUT_RDWR)

    clock = threading.Timer(max(_left(until), 0.001), cut)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _read(response: BaseHTTPResponse, *, most: int, until: float) -> bytes:
    body = bytearray()
    try:
        while piece := response.read1(_PIECE, decode_content=False):
            body += piece
            if len(body) > most or _left(until) <= 0:
                raise TooLong
    except (HTTPError, HTTPException, OSError, ValueError):
        raise NoAnswer from None
    return bytes(body)


def _headers(response: BaseHTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items() if name.lower() != "set-cookie"}


def _left(until: float) -> float:
    return until - time.monotonic()
