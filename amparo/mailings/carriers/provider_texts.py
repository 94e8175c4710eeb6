"""A mailing's text as a provider takes it: words with places in the provider's own writing, and each reader's values.

The provider fills the places in, so two things must not happen: that words of the mailing which only look like a place
are filled in as well, and that a value is read as a place, as markup or as a header. What looks like a place is
disguised, the same in words and in values: by an entity in HTML, by an invisible word joiner elsewhere.
"""

from __future__ import annotations

from email.headerregistry import Address
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from amparo.kit.addresses import one_line
from amparo.mailings import recipient_tokens
from amparo.mailings.compiling import pieces
from amparo.mailings.merge_fields import around_token, merge_fields
from amparo.mailings.quoted import LONGEST_VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amparo.mailings.carriers.known_providers import Provider
    from amparo.mailings.merge_fields import Readers
    from amparo.mailings.models import Mailing, MailingText

#: Unicode's word joiner: shown as nothing, and no line is broken at it.
JOINER = "\u2060"
LONGEST_SUBJECT = 300
#: The name under which the provider keeps a recipient's token and gives it back in reports.
TOKEN = "amparo"  # noqa: S105 - a name

#: Which merge field stands in a place, what stands there when it is not known, and how it is written.
_Place = tuple[str, str, str]


class ProviderLetter(NamedTuple):
    """What is peculiar to one reader: the values of places by their names, whole headers, and the opaque token."""

    text: ProviderText
    values: Mapping[str, str]
    headers: Mapping[str, str]
    token: str


class ProviderText:
    """One text of a mailing (`destinations.Compiled`)."""

    def __init__(self, text: MailingText, *, mailing: Mailing, provider: Provider) -> None:
        organization = mailing.organization
        self.pk, self.provider = text.pk, provider
        self._mailing, self._language = mailing, text.language
        self._names: dict[_Place, str] = {}
        sender = self._disguised(one_line(mailing.sender_name or organization.sender_name, 100), "text")
        self.sender = str(Address(sender, addr_spec=organization.sender_email))
        self.reply_to = organization.contact_email
        self._subject = self._pieces(one_line(text.subject, LONGEST_SUBJECT), form="text")
        self._text = self._pieces(text.text.replace("\r\n", "\n"), form="text")
        self._html = self._pieces(text.html.replace("\r\n", "\n"), form="html")
        domain = organization.sender_email.rpartition("@")[2]
        self._headers = {
            "List-ID": f"<{mailing.kind}.{organization.slug}.{domain}>",
            "Feedback-ID": f"{mailing.pk.hex}:{mailing.kind}:{organization.slug}:amparo",
        }
        self._before, self._after = around_token(mailing, "unsubscribe", language=text.language)
        if self._before.startswith("https://"):
            # RFC 8058, 3.1: one click needs https.
            self._headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        self._token = recipient_tokens.maker()
        self._values = {
            name: merge_fields.get(name)().values_for(mailing, language=text.language)
            for name in dict.fromkeys(place[0] for place in self._names)
        }

    # --- What is the same for all ---

    @property
    def subject(self) -> str:
        return self._with_places(self._subject)

    @property
    def text(self) -> str:
        return self._with_places(self._text)

    @property
    def html(self) -> str:
        return self._with_places(self._html)

    def _with_places(self, pieces: Sequence[str | _Place]) -> str:
        return "".join(
            piece if isinstance(piece, str) else self.provider.place_of(self._names[piece])
            for piece in pieces
        )

    # --- What is each reader's ---

    def letters(
        self, readers: Readers, addresses: Sequence[bytes], *, chunk: int, positions: Sequence[int]
    ) -> list[ProviderLetter]:
        """What is peculiar to each of some readers of one chunk, in their order."""
        known: dict[str, Sequence[Any]] = {name: find(readers) for name, find in self._values.items()}
        columns = {place: [self._written(value, place) for value in known[place[0]]] for place in self._names}
        tokens = self._token(chunk, positions)
        return [
            ProviderLetter(
                self,
                {name: columns[place][at] for place, name in self._names.items()},
                {
                    **self._headers,
                    "List-Unsubscribe": self._unsubscribe(readers.unsubscribe[at].decode("ascii")),
                },
                tokens[at].decode("ascii"),
            )
            for at in range(len(addresses))
        ]

    def filled(self, letter: ProviderLetter) -> tuple[str, str, str]:
        """Subject, text and HTML of one reader, for a provider that fills nothing in."""
        subject, text, html = (
            "".join(piece if isinstance(piece, str) else letter.values[self._names[piece]] for piece in split)
            for split in (self._subject, self._text, self._html)
        )
        return subject, text, html

    def _unsubscribe(self, token: str) -> str:
        mailto = f"mailto:{self.reply_to}?subject=unsubscribe%20{token}"
        return f"<{self._before}{token}{self._after}>, <{mailto}>"

    def _written(self, value: str | bytes, place: _Place) -> str:
        """A value as it stands in a place: one line, without markup, and never a place itself."""
        if isinstance(value, bytes):
            return value.decode("ascii")
        _name, fallback, form = place
        line = one_line(value or fallback, LONGEST_VALUE)
        return self._at_a_seam(self._disguised(escape(line) if form == "html" else line, form), form)

    # --- Taking words apart ---

    def _pieces(self, content: str, *, form: str) -> list[str | _Place]:
        found: list[str | _Place] = []
        for piece in pieces(content):
            if isinstance(piece, str):
                found.append(self._disguised(piece, form))
                continue
            field = merge_fields.get(piece[0])()
            before, after = field.around(self._mailing, language=self._language)
            if form == "html":
                before, after = escape(before), escape(after)
            place = (*piece, form)
            self._names.setdefault(place, f"v{len(self._names)}")
            found += [before, place, after]
        return self._parted(found, form)

    def _parted(self, pieces: Sequence[str | _Place], form: str) -> list[str | _Place]:
        """Words joined; what ends before a place must not become one together with what is put there."""
        joined: list[str | _Place] = []
        for piece in pieces:
            if isinstance(piece, str) and joined and isinstance(joined[-1], str):
                joined[-1] += piece
            elif piece:
                joined.append(piece)
        for at, piece in enumerate(joined[:-1]):
            if isinstance(piece, str):
                joined[at] = self._at_a_seam(piece, form)
        return joined

    def _at_a_seam(self, words: str, form: str) -> str:
        """Words that others follow whom nobody knows yet: their last letter begins nothing."""
        if not words or words[-1] not in self.provider.openers:
            return words
        return words[:-1] + _disguise(words[-1], form)

    def _disguised(self, words: str, form: str) -> str:
        pattern = self.provider.looks_like_a_place
        if pattern is None:
            return words
        return pattern.sub(lambda found: _disguise(found[0], form), words)


def _disguise(letter: str, form: str) -> str:
    return f"&#{ord(letter)};" if form == "html" else letter + JOINER
