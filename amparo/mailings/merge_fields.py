"""The closed list of what a mailing may have filled in for each reader: data, never a language.

`{first name}` is the reader's, `{first name|friend}` says what stands there when it is not known. Whatever else is in
braces is printed as it is written. A further field is one class, registered in `mailing_fields.py` of any app.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from amparo.content.own_address import address_of
from amparo.kit import tokens
from amparo.kit.addresses import one_line
from amparo.kit.registry import Registry
from amparo.mailings import recipient_tokens
from amparo.supporters import linking
from amparo.supporters.models import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from django.utils.functional import _StrOrPromise

    from amparo.mailings.models import Mailing

    Values = Callable[["Readers"], Sequence[str] | Sequence[bytes]]

#: Characters of a name that stay readable in a sentence.
LONGEST_NAME = 100
FIELD = re.compile(r"\{([a-z][a-z ]{0,38})(?:\|([^{}|\r\n]{0,80}))?\}")


class Reader(NamedTuple):
    """What is known of one reader while their mail is made; nothing else of anybody can get into it.

    `unsubscribe` is their token for leaving, which every mail has in a header too.
    """

    id: UUID
    given_name: str
    family_name: str
    unsubscribe: str


class Readers(NamedTuple):
    """The same of some readers at once, column by column: their mails are made together (mail.md, 5)."""

    #: Sixteen bytes each.
    ids: Sequence[bytes]
    given_names: Sequence[str]
    family_names: Sequence[str]
    unsubscribe: Sequence[bytes]

    @classmethod
    def of(cls, reader: Reader) -> Readers:
        token = reader.unsubscribe.encode("ascii")
        return cls([reader.id.bytes], [reader.given_name], [reader.family_name], [token])

    def names(self) -> list[str]:
        """The whole name of each."""
        return [
            f"{given} {family}" if given and family else given or family
            for given, family in zip(self.given_names, self.family_names, strict=True)
        ]


class MergeField(ABC):
    """One field. `values_for` is asked once for a text, and what it returns for some readers at a time."""

    label: ClassVar[_StrOrPromise]
    #: The values are tokens of small letters and digits, as bytes, which need no quoting anywhere.
    is_token: ClassVar[bool] = False

    def around(self, mailing: Mailing, *, language: str) -> tuple[str, str]:  # noqa: ARG002
        """What stands before and after the value for every reader, as the address around a token does."""
        return "", ""

    @abstractmethod
    def values_for(self, mailing: Mailing, *, language: str) -> Values:
        """How readers' values are found, in their order; the empty text where one is not known."""


merge_fields: Registry[type[MergeField]] = Registry("merge field")


def unknown_fields(text: str) -> list[str]:
    """The words in braces that are not merge fields, for the composer to point at."""
    return [found[1] for found in FIELD.finditer(text) if found[1] not in merge_fields]


@merge_fields.register("first name")
class FirstName(MergeField):
    label = _("their first name")

    def values_for(self, mailing: Mailing, *, language: str) -> Values:  # noqa: ARG002
        return lambda readers: [one_line(name, LONGEST_NAME) for name in readers.given_names]


@merge_fields.register("name")
class Name(MergeField):
    label = _("their whole name")

    def values_for(self, mailing: Mailing, *, language: str) -> Values:  # noqa: ARG002
        return lambda readers: [one_line(name, LONGEST_NAME) for name in readers.names()]


class _Link(MergeField):
    """A page of ours that knows its reader by a token in its address."""

    is_token = True
    page: ClassVar[str]
    purpose: ClassVar[str]

    def around(self, mailing: Mailing, *, language: str) -> tuple[str, str]:
        return around_token(mailing, self.page, language=language)

    def values_for(self, mailing: Mailing, *, language: str) -> Values:  # noqa: ARG002
        if self.purpose == linking.UNSUBSCRIBE:
            return lambda readers: readers.unsubscribe
        make = tokens.maker(self.purpose)
        return lambda readers: make(readers.ids)


@merge_fields.register("unsubscribe link")
class UnsubscribeLink(_Link):
    label = _("the page on which they unsubscribe")
    page, purpose = "unsubscribe", linking.UNSUBSCRIBE


@merge_fields.register("preferences link")
class PreferencesLink(_Link):
    label = _("the page on which they choose what they get")
    page, purpose = "my_page", linking.ME


@merge_fields.register("my token")
class MyToken(MergeField):
    """For the link to an ask, after `#me=`: the form then knows who comes, if they wish."""

    label = _("what a link to an ask carries so that the form is filled in")
    is_token = True

    def values_for(self, mailing: Mailing, *, language: str) -> Values:  # noqa: ARG002
        make = tokens.maker(recipient_tokens.ASK)
        return lambda readers: make(readers.ids)


def around_token(mailing: Mailing, page: str, *, language: str) -> tuple[str, str]:
    """An address of ours before and after the token in it, worked out once for a whole mailing."""
    blank = "z" * tokens.TOKEN_LETTERS
    with translation.override(linking.spoken(language)):
        before, _token, after = (address_of(mailing.organization) + reverse(page, args=[blank])).partition(
            blank
        )
    if page == "unsubscribe" and mailing.channel == Channel.SMS:
        after += f"?{linking.OF_TEXTS}"
    return before, after
