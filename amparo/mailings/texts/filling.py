"""Fill a text message in for its readers: plain words, each value on one line, and nothing that a name smuggles in."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from amparo.kit.addresses import one_line
from amparo.mailings import recipient_tokens
from amparo.mailings.compiling import CannotCompile, pieces
from amparo.mailings.merge_fields import Reader, Readers, merge_fields
from amparo.mailings.texts import senders, ways_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amparo.mailings.models import Mailing, MailingText

#: Characters of a name: it is said, and paid for.
LONGEST_NAME = 30
#: What stands in and between the words of a name, beside letters and their marks.
_BETWEEN = " '’‘`´ʼ·-."


class TextLetter(NamedTuple):
    """One reader's text message, and the opaque name under which reports about it come back."""

    words: str
    token: str


class FilledText:
    """One text of a mailing, ready to be filled in for any number of readers."""

    def __init__(self, text: MailingText, *, mailing: Mailing) -> None:
        self.pk = text.pk
        self._pieces = list(pieces(tidied(text.text)))
        self._tokens = recipient_tokens.maker()
        self._values, self._around = {}, {}
        for name in dict.fromkeys(piece[0] for piece in self._pieces if not isinstance(piece, str)):
            field = merge_fields.get(name)()
            self._values[name] = field.values_for(mailing, language=text.language)
            self._around[name] = field.around(mailing, language=text.language) if field.is_token else None

    def letters(
        self, readers: Readers, addresses: Sequence[bytes], *, chunk: int, positions: Sequence[int]
    ) -> list[TextLetter]:
        """What leaves for each of some readers of one chunk, in their order."""
        tokens = self._tokens(chunk, positions)
        bodies = self.bodies(readers, number=len(addresses))
        return [TextLetter(body, token.decode("ascii")) for body, token in zip(bodies, tokens, strict=True)]

    def bodies(self, readers: Readers, *, number: int) -> list[str]:
        """The words alone."""
        columns = {name: self._column(name, readers) for name in self._values}
        return [
            "".join(
                piece if isinstance(piece, str) else columns[piece[0]][at] or piece[1]
                for piece in self._pieces
            )
            for at in range(number)
        ]

    def body_for(self, reader: Reader) -> str:
        """The words of one reader."""
        return self.bodies(Readers.of(reader), number=1)[0]

    def _column(self, name: str, readers: Readers) -> list[str]:
        values = [
            value.decode("ascii") if isinstance(value, bytes) else value
            for value in self._values[name](readers)
        ]
        around = self._around[name]
        if around is None:
            return [sayable(value) for value in values]
        before, after = around
        return [f"{before}{value}{after}" for value in values]


def compile_text(text: MailingText, *, mailing: Mailing) -> FilledText:
    """The text ready to be filled in. Raises `CannotCompile` where nobody could send it, or get out of it."""
    sender = senders.sender_of(mailing.organization)
    if sender is None:
        raise CannotCompile(why=_("this organization has no number from which texts are sent"))
    if not text.text.strip():
        raise CannotCompile(why=_("it has no words"))
    if not ways_out.names_one(text.text, takes_answers=sender.takes_answers):
        raise CannotCompile(why=_("it does not say how to get no more of these"))
    return FilledText(text, mailing=mailing)


def tidied(words: str) -> str:
    """A text as it leaves: lines end in one way, and nothing hangs over."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def sayable(name: str) -> str:
    """A name as it stands in a text; empty, so that the words for nobody stand there, where it is none.

    Whatever else it holds may be an address, of which a telephone would make a link.
    """
    line = one_line(name, LONGEST_NAME)
    if not line[:1].isalpha() or "." in line.replace(". ", " ").removesuffix("."):
        return ""
    is_name = all(unicodedata.category(letter)[0] in "LM" or letter in _BETWEEN for letter in line)
    return line if is_name else ""
