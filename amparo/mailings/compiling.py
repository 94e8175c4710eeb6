"""Compile a mailing's text once, so that making one reader's mail is filling in a few bytes.

What comes out is what goes over the wire: quoted-printable, CRLF, ending in the dot, canonical as DKIM reads it. Each
merge field stands on lines of its own between two soft breaks, so that no value can break a line, a part or a header,
whatever it holds (`mailings.quoted`). One recipient per mail: there is no way to write a second.
"""

from __future__ import annotations

import hashlib
import re
from email.utils import format_datetime
from html import escape
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.mailings import dkim_signing, recipient_tokens
from amparo.mailings.merge_fields import FIELD, Reader, Readers, around_token, merge_fields
from amparo.mailings.quoted import (
    CRLF,
    SOFT,
    header_text,
    phrase_for,
    quoted_html,
    quoted_lines,
    quoted_value,
    unfolded,
    words_for,
    words_for_constant,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from amparo.mailings.dkim_signing import DkimKey
    from amparo.mailings.models import Mailing, MailingText

#: RFC 5321, 4.5.3.1.1: the part before the @, in which the token and "+m" take 34.
LONGEST_LOCAL_PART = 64
#: An address as it may stand between angle brackets in an SMTP command and in a header.
_ADDRESS = re.compile(r"[!#-;=?A-Z^-~]+@[A-Za-z0-9.-]+")
#: Marks a slot in constants, which hold no such byte: quoted-printable and headers are printable.
_SLOT = b"\0"


class CannotCompile(Refusal):
    sentence = _("This mailing cannot be sent: %(why)s.")


class BadAddress(Exception):  # noqa: N818 - a fact about an address
    """What is kept as somebody's address cannot stand in an SMTP command."""


class Letter(NamedTuple):
    """One reader's mail: who it goes back to, and every byte after DATA, with the dot that ends it."""

    envelope: bytes
    body: bytes


Form = str
#: How a value is written in each place it may stand in; a token is written as it is.
_FORMS: dict[Form, Callable[[str], bytes]] = {
    "text": quoted_value,
    "html": quoted_html,
    "words": words_for,
}
_Place = tuple[str, str, Form]


class _Template:
    """Bytes with places in them, and what stands in each: a merge field in a form, or a value of the frame."""

    def __init__(self) -> None:
        self.bytes = b""
        self.places: list[_Place] = []

    def add(self, constant: bytes) -> None:
        self.bytes += constant.replace(_SLOT, b"")

    def slot(self, name: str, *, fallback: str = "", form: Form) -> None:
        self.bytes += _SLOT
        self.places.append((name, fallback, form))

    def extend(self, other: _Template) -> None:
        self.bytes += other.bytes
        self.places += other.places

    def fill(self, columns: Mapping[_Place, Sequence[bytes]], number: int) -> list[bytes]:
        """It, so many times, with the values of each column in turn."""
        first, *rest = (repeat(constant, number) for constant in self.bytes.split(_SLOT))
        parts: list[Iterable[bytes]] = [first]
        for place, constant in zip(self.places, rest, strict=True):
            parts += [columns[place], constant]
        return list(map(b"".join, zip(*parts, strict=True)))


class CompiledText:
    """One text of a mailing, ready to be filled in for any number of readers who get it."""

    def __init__(
        self,
        text: MailingText,
        *,
        mailing: Mailing,
        now: datetime,
        keys: Sequence[DkimKey] = (),
    ) -> None:
        organization = mailing.organization
        self.pk = text.pk
        self._mailing, self._language = mailing, text.language
        local, _at, self._domain = organization.sender_email.rpartition("@")
        if len(local) + len("+m") + recipient_tokens.LETTERS > LONGEST_LOCAL_PART:
            raise CannotCompile(why=_("the sender's address is too long for a return address"))
        self._envelope = _frame("token", before=f"MAIL FROM:<{local}+m".encode())
        self._envelope.add(f"@{self._domain}>\r\nRCPT TO:<".encode())
        self._envelope.extend(_frame("address", after=b">\r\nDATA\r\n"))
        self._token = recipient_tokens.maker()
        headers = _headers(text, mailing=mailing, domain=self._domain, now=now)
        body = _body(text, mailing=mailing, seed=f"{mailing.pk}{text.pk}")
        at = int(now.timestamp())
        names = [name.lower() for name, _template in headers]
        self._signers = [dkim_signing.Signer(key, names=names, at=at) for key in keys]
        whole, signed = _Template(), _Template()
        for name, template in headers:
            whole.add(f"{name}: ".encode("ascii"))
            whole.extend(template)
            whole.add(CRLF)
        order = {name.lower(): template for name, template in headers}
        for name in dkim_signing.SIGNED:
            if name in order:
                signed.add((CRLF if signed.bytes else b"") + name.encode("ascii") + b":")
                signed.bytes += unfolded(order[name].bytes)
                signed.places += order[name].places
        self._compile(whole, body, signed)

    def _compile(self, headers: _Template, body: _Template, signed: _Template) -> None:
        """Note which values are needed, so that each is worked out once and put wherever it stands."""
        if not self._signers:
            joined = _Template()
            joined.extend(headers)
            joined.add(CRLF)
            joined.extend(body)
            joined.add(b".\r\n")
            headers, body, signed = joined, _Template(), _Template()
        self._headers, self._body, self._signed = headers, body, signed
        places = dict.fromkeys([*headers.places, *body.places, *signed.places])
        self._places = [place for place in places if place[2] != "frame"]
        self._values = {
            name: merge_fields.get(name)().values_for(self._mailing, language=self._language)
            for name in dict.fromkeys(name for name, _fallback, _form in self._places)
        }

    def letter(self, reader: Reader, address: str, *, chunk: int, position: int) -> Letter:
        """The mail of one reader. Raises `BadAddress` for what cannot stand in an SMTP command."""
        if not is_address(address):
            raise BadAddress
        raw = [address.encode("ascii")]
        return self.letters(Readers.of(reader), raw, chunk=chunk, positions=[position])[0]

    def letters(
        self, readers: Readers, addresses: Sequence[bytes], *, chunk: int, positions: Sequence[int]
    ) -> list[Letter]:
        """The mails of some readers of one chunk, in their order. Their addresses are such (`is_address`)."""
        columns = self._columns(readers, addresses, tokens=self._token(chunk, positions))
        number = len(addresses)
        envelopes = self._envelope.fill(columns, number)
        heads = self._headers.fill(columns, number)
        if not self._signers:
            return list(map(Letter, envelopes, heads))
        bodies = self._body.fill(columns, number)
        hashes = list(map(dkim_signing.body_hash, bodies))
        plain = {place: list(map(unfolded, columns[place])) for place in self._signed.places}
        canonical = self._signed.fill(plain, number)
        signatures = [signer.headers(canonical, hashes) for signer in self._signers]
        whole = zip(*signatures, heads, repeat(CRLF), bodies, repeat(b".\r\n"), strict=False)
        return list(map(Letter, envelopes, map(b"".join, whole)))

    def _columns(
        self, readers: Readers, addresses: Sequence[bytes], *, tokens: Sequence[bytes]
    ) -> dict[_Place, Sequence[bytes]]:
        """What stands in each place, for all of the readers."""
        columns: dict[_Place, Sequence[bytes]] = {
            ("token", "", "frame"): tokens,
            ("unsubscribe", "", "frame"): readers.unsubscribe,
            ("address", "", "frame"): addresses,
            ("to", "", "frame"): [
                b"%b<%b>" % (phrase_for(name), address)
                for name, address in zip(readers.names(), addresses, strict=True)
            ],
        }
        known: dict[str, Sequence[Any]] = {name: find(readers) for name, find in self._values.items()}
        for place in self._places:
            name, fallback, form = place
            values = known[name]
            if form == "token":
                columns[place] = values
                continue
            if isinstance(values[0], bytes):
                values = [value.decode("ascii") for value in values]
            write = _FORMS[form]
            columns[place] = [write(value or fallback) for value in values]
        return columns


def is_address(text: str) -> bool:
    """Whether this can stand in an SMTP command."""
    return _ADDRESS.fullmatch(text) is not None


def compile_text(text: MailingText, *, mailing: Mailing, now: datetime) -> CompiledText:
    """Compile with the keys there are for the sender's domain. Raises `CannotCompile` and `dkim_signing.BadKey`.

    The mail's date is the hour in which it is made, so that whoever gets a mail a second time gets the same one.
    """
    hour = max(mailing.started_at or now, now.replace(minute=0, second=0, microsecond=0))
    domain = mailing.organization.sender_email.rpartition("@")[2]
    return CompiledText(text, mailing=mailing, now=hour, keys=dkim_signing.keys_for(domain))


def choose_text(
    texts: Iterable[MailingText], *, language: str, variant: str, usual: str
) -> MailingText | None:
    """The text for somebody's language: that very one, its kin (pt for pt-BR), the organization's, or the first."""
    of_variant = [text for text in texts if text.variant == variant] or list(texts)
    by_language = {text.language: text for text in of_variant}
    for code in (language, language.partition("-")[0], usual, usual.partition("-")[0]):
        if code in by_language:
            return by_language[code]
    return of_variant[0] if of_variant else None


# --- The parts ------------------------------------------------------------------------------------


def _headers(
    text: MailingText, *, mailing: Mailing, domain: str, now: datetime
) -> list[tuple[str, _Template]]:
    organization = mailing.organization
    before, after = around_token(mailing, "unsubscribe", language=text.language)
    slug, kind = organization.slug, mailing.kind
    found: list[tuple[str, _Template]] = [
        ("From", _constant(phrase_for(mailing.sender_name or organization.sender_name)
                           + f"<{organization.sender_email}>".encode())),
        ("To", _frame("to")),
        ("Reply-To", _constant(f"<{organization.contact_email}>".encode())),
        ("Subject", _subject(text.subject)),
        ("Date", _constant(format_datetime(now).encode())),
        ("Message-ID", _frame("token", before=b"<m", after=f"@{domain}>".encode())),
        ("List-ID", _constant(header_text(organization.name) + f"\r\n <{kind}.{slug}.{domain}>".encode())),
        ("List-Unsubscribe", _unsubscribe(before, after, mailto=organization.contact_email)),
        ("Feedback-ID", _constant(f"{mailing.pk.hex}:{kind}:{slug}:amparo".encode())),
        ("MIME-Version", _constant(b"1.0")),
        ("Content-Type", _constant(_content_type(text, f"{mailing.pk}{text.pk}"))),
    ]  # fmt: skip
    if before.startswith("https://"):
        # RFC 8058, 3.1: one click needs https.
        found.insert(8, ("List-Unsubscribe-Post", _constant(b"List-Unsubscribe=One-Click")))
    if not text.html:
        found.append(("Content-Transfer-Encoding", _constant(b"quoted-printable")))
    return found


def _constant(content: bytes) -> _Template:
    template = _Template()
    template.add(content)
    return template


def _frame(name: str, *, before: bytes = b"", after: bytes = b"") -> _Template:
    template = _Template()
    template.add(before)
    template.slot(name, form="frame")
    template.add(after)
    return template


def _unsubscribe(before: str, after: str, *, mailto: str) -> _Template:
    template = _frame("unsubscribe", before=f"<{before}".encode(), after=f"{after}>,\r\n".encode())
    template.extend(
        _frame("unsubscribe", before=f" <mailto:{mailto}?subject=unsubscribe%20".encode(), after=b">")
    )
    return template


def _subject(subject: str) -> _Template:
    template = _Template()
    split = list(pieces(subject))
    if all(isinstance(piece, str) for piece in split):
        template.add(header_text(subject))
        return template
    first = True
    for piece in split:
        if not first:
            template.add(b"\r\n ")
        first = False
        if isinstance(piece, str):
            template.add(words_for_constant(piece))
        else:
            template.slot(piece[0], fallback=piece[1], form="words")
    return template


def _body(text: MailingText, *, mailing: Mailing, seed: str) -> _Template:
    template = _Template()
    if not text.html:
        template.extend(_quoted(text.text, form="text", mailing=mailing, language=text.language))
        # An empty last line, as a soft break at the end would leave, is none in DKIM's canonical form.
        template.bytes = template.bytes.removesuffix(SOFT)
        template.add(CRLF)
        return template
    mark = _boundary(seed)
    for kind, content, form in (("plain", text.text, "text"), ("html", text.html, "html")):
        head = f"Content-Type: text/{kind}; charset=utf-8\r\n"
        template.add(b"--" + mark + CRLF + head.encode())
        template.add(b"Content-Transfer-Encoding: quoted-printable\r\n\r\n")
        template.extend(_quoted(content, form=form, mailing=mailing, language=text.language))
        template.add(CRLF)
    template.add(b"--" + mark + b"--\r\n")
    return template


def _written(words: str, form: Form) -> bytes:
    return quoted_lines(escape(words) if form == "html" else words)


def _quoted(content: str, *, form: Form, mailing: Mailing, language: str) -> _Template:
    template = _Template()
    content = content.replace("\r\n", "\n").rstrip("\n")
    for piece in pieces(content):
        if isinstance(piece, str):
            template.add(quoted_lines(piece))
        else:
            field = merge_fields.get(piece[0])()
            before, after = field.around(mailing, language=language)
            # What stands around a value begins and ends rows of its own: joined to others they would grow too long.
            template.add((SOFT + _written(before, form) if before else b"") + SOFT)
            template.slot(piece[0], fallback=piece[1], form="token" if field.is_token else form)
            template.add(SOFT + (_written(after, form) + SOFT if after else b""))
    return template


def pieces(content: str) -> Iterable[str | tuple[str, str]]:
    """Words and merge fields in turn; a field nobody knows is words."""
    at = 0
    for found in FIELD.finditer(content):
        if found[1] not in merge_fields:
            continue
        if found.start() > at:
            yield content[at : found.start()]
        yield found[1], found[2] or ""
        at = found.end()
    if at < len(content):
        yield content[at:]


def _content_type(text: MailingText, seed: str) -> bytes:
    if not text.html:
        return b"text/plain; charset=utf-8"
    return b'multipart/alternative;\r\n boundary="' + _boundary(seed) + b'"'


def _boundary(seed: str) -> bytes:
    """No line of quoted-printable can hold "=_"."""
    return b"=_" + hashlib.sha256(seed.encode()).hexdigest()[:24].encode("ascii")
