"""From a row of text to a person: cell by cell, with a note about each cell that could not be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from amparo.kit import addresses, phones
from amparo.kit.refusal import Refusal
from amparo.kit.tables.headings import key_of
from amparo.supporters import custom_fields
from amparo.supporters.importing import values
from amparo.supporters.importing.columns import CUSTOM, TOGETHER, Field, is_network_address
from amparo.supporters.importing.problems import Problem
from amparo.supporters.importing.registry import ImportSource, Standing
from amparo.supporters.importing.unfolding import Cells
from amparo.supporters.models import Channel, CustomField

if TYPE_CHECKING:
    from amparo.kit.tables.headings import Headed

#: What programs and people write into a column that says whether somebody agreed.
STANDINGS: dict[str, Standing] = {
    **dict.fromkeys(
        ["yes", "y", "true", "1", "x", "subscribed", "active", "confirmed", "opted in", "opt in", "enabled", "oui",
         "ja", "sí", "si", "نعم", "כן"],
        Standing.YES,
    ),
    **dict.fromkeys(
        ["no", "n", "false", "0", "not opted in", "non", "nein", "لا", "לא"],
        Standing.NO,
    ),
    **dict.fromkeys(
        ["unsubscribed", "opted out", "opt out", "removed", "blocklisted", "blacklisted", "désabonné", "abgemeldet"],
        Standing.UNSUBSCRIBED,
    ),
    **dict.fromkeys(["bounced", "bouncing", "cleaned", "hard bounce", "invalid"], Standing.BOUNCED),
    **dict.fromkeys(["complained", "spam", "spam complaint", "complaint", "abuse"], Standing.COMPLAINED),
    **dict.fromkeys(
        ["", "unknown", "unconfirmed", "pending", "inactive", "never subscribed", "not subscribed", "non subscribed"],
        Standing.UNKNOWN,
    ),
}  # fmt: skip
#: What stands where a byte was no letter of the encoding.
BROKEN = "\ufffd"


@dataclass(slots=True)
class Person:
    """What one row says about somebody."""

    table: str
    row: int
    email: str = ""
    canonical: str = ""
    #: Further addresses, each as it is written and in its canonical form.
    further: tuple[tuple[str, str], ...] = ()
    given: str = ""
    family: str = ""
    phone: str = ""
    postcode: str = ""
    address: str = ""
    country: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()
    standing: Standing = Standing.UNKNOWN
    agreed: datetime | None = None
    confirmed: datetime | None = None
    given_on: date | None = None
    words: str = ""

    @property
    def reached_by(self) -> frozenset[str]:
        """The channels for which the row gives an address."""
        found: set[str] = {Channel.EMAIL} if self.email else set()
        if self.phone:
            found |= {Channel.SMS, Channel.PHONE}
        if self.address and self.postcode:
            found.add(Channel.POST)
        return frozenset(found)


@dataclass(slots=True)
class Reading:
    """How the rows of one list are to be read."""

    source: ImportSource
    #: What a column is, by `key_of` its heading.
    fields: Mapping[str, str]
    custom: Mapping[str, CustomField] = field(default_factory=dict)
    #: Where telephone numbers are dialled from when the row does not say.
    country: str = ""
    day_first: bool = True
    tags: tuple[str, ...] = ()
    today: date = date.max

    def of(self, table: Headed) -> RowReader:
        """A reader for the rows of one table."""
        return RowReader(self, table)


class RowReader:
    """Reads the rows of one table; where each thing stands is found out once."""

    def __init__(self, reading: Reading, table: Headed) -> None:
        self.reading = reading
        self.table = table
        self.name = table.table.name
        self.role = reading.source.role_of(self.name)
        self.places: dict[str, list[int]] = {}
        for place, header in enumerate(table.headers):
            found = reading.fields.get(key_of(header), "")
            if found and not is_network_address(header):
                self.places.setdefault(found, []).append(place)
        self.has_standing = Field.STANDING in self.places
        self._alone = [(what, places[0]) for what, places in self.places.items() if len(places) == 1]
        self._several = [(what, places) for what, places in self.places.items() if len(places) > 1]
        self._custom = [
            (found.removeprefix(CUSTOM), places)
            for found, places in self.places.items()
            if found.startswith(CUSTOM) and found.removeprefix(CUSTOM) in reading.custom
        ]

    def read(self, number: int, cells: Sequence[str]) -> tuple[Person | None, list[Problem]]:
        """The person in a row, or nobody, and what was wrong with it."""
        notes: list[Problem] = []
        width = len(self.table.headers)
        if len(cells) > width and any(cells[width:]):
            return None, [Problem(self.name, number, "", "too-many-cells")]
        if isinstance(cells, Cells):
            notes += [Problem(self.name, number, header, reason) for header, reason in cells.troubles]
        person = Person(self.name, number)
        said: dict[str, str] = {}
        there = len(cells)
        for what, place in self._alone:
            if place < there and (text := cells[place]):
                if BROKEN in text:
                    notes.append(self._problem(number, what, "broken-letters"))
                else:
                    said[what] = text
        for what, places in self._several:
            if text := self._said(what, places, cells, number, notes):
                said[what] = text
        self._addresses(person, said, number, notes)
        if not person.email and not person.phone:
            return None, [
                *notes,
                Problem(self.name, number, "", "bad-email" if Field.EMAIL in said else "nobody"),
            ]
        if Field.EMAIL in said and not person.email:
            notes.append(self._problem(number, Field.EMAIL, "email-ignored"))
        self._name(person, said)
        self._place(person, said, number, notes)
        self._more(person, said, number, notes)
        self._leave(person, said, number, notes)
        return person, notes

    def _said(
        self, what: str, places: list[int], cells: Sequence[str], number: int, notes: list[Problem]
    ) -> str:
        found = [cells[place] for place in places if place < len(cells) and cells[place]]
        if not found:
            return ""
        text = ", ".join(found) if what in TOGETHER else found[0]
        if BROKEN in text:
            notes.append(self._problem(number, what, "broken-letters"))
            return ""
        return text

    def _problem(self, number: int, what: str, reason: str) -> Problem:
        place = self.places.get(what, [0])[0]
        return Problem(self.name, number, self.table.headers[place], reason)

    def _addresses(self, person: Person, said: dict[str, str], number: int, notes: list[Problem]) -> None:
        if email := said.get(Field.EMAIL):
            try:
                person.email, person.canonical = addresses.read(email)
            except Refusal:
                person.email = ""
        if further := said.get(Field.FURTHER):
            self._further(person, further, number, notes)
        if country := said.get(Field.COUNTRY):
            person.country = values.country(country) or ""
            if not person.country:
                notes.append(self._problem(number, Field.COUNTRY, "bad-country"))
        if phone := said.get(Field.PHONE):
            try:
                person.phone = phones.parse(phone, country=person.country or self.reading.country)
            except phones.CountryUnknown:
                notes.append(self._problem(number, Field.PHONE, "phone-without-country"))
            except Refusal:
                notes.append(self._problem(number, Field.PHONE, "bad-phone"))

    def _further(self, person: Person, written: str, number: int, notes: list[Problem]) -> None:
        """Every other address once; the first of them is written to where there is none before it."""
        found: dict[str, str] = {}
        for text in filter(None, map(str.strip, written.split(","))):
            try:
                email, canonical = addresses.read(text)
            except Refusal:
                notes.append(self._problem(number, Field.FURTHER, "bad-further"))
            else:
                found.setdefault(canonical, email)
        if found and not person.email:
            person.canonical = next(iter(found))
            person.email = found[person.canonical]
        found.pop(person.canonical, None)
        person.further = tuple((email, canonical) for canonical, email in found.items())

    @staticmethod
    def _name(person: Person, said: dict[str, str]) -> None:
        given, family = said.get(Field.GIVEN, ""), said.get(Field.FAMILY, "")
        if given or family:
            person.given, person.family = values.name(given), values.name(family)
        elif whole := said.get(Field.FULL):
            person.given, person.family = values.split_name(whole)

    def _place(self, person: Person, said: dict[str, str], number: int, notes: list[Problem]) -> None:
        person.postcode = addresses.one_line(said.get(Field.POSTCODE, ""), values.LONGEST_POSTCODE)
        lines = [said.get(what, "") for what in (Field.ADDRESS, Field.CITY, Field.REGION)]
        person.address = addresses.one_line(", ".join(filter(None, lines)), values.LONGEST_ADDRESS)
        if language := said.get(Field.LANGUAGE):
            person.language = values.language(language) or ""
            if not person.language:
                notes.append(self._problem(number, Field.LANGUAGE, "bad-language"))

    def _more(self, person: Person, said: dict[str, str], number: int, notes: list[Problem]) -> None:
        if tags := said.get(Field.TAGS):
            person.tags = tuple(dict.fromkeys([*_split_tags(tags), *self.reading.tags]))
        else:
            person.tags = self.reading.tags
        answers = []
        for key, _places in self._custom:
            if text := said.get(CUSTOM + key):
                try:
                    answers.append((key, custom_fields.canonical(text, field=self.reading.custom[key])))
                except Refusal:
                    notes.append(self._problem(number, CUSTOM + key, "bad-answer"))
        person.custom = tuple(answers)

    def _leave(self, person: Person, said: dict[str, str], number: int, notes: list[Problem]) -> None:
        person.agreed = self._moment(Field.AGREED, said, number, notes)
        person.confirmed = self._moment(Field.CONFIRMED, said, number, notes)
        joined = self._moment(Field.JOINED, said, number, notes)
        first = person.agreed or person.confirmed or joined
        person.given_on = first.date() if first else None
        person.words = said.get(Field.EVIDENCE, "")
        if self.role is not None:
            person.standing = self.role
        elif not self.has_standing:
            person.standing = Standing.YES
        else:
            word = key_of(said.get(Field.STANDING, ""))
            found = self.reading.source.standings.get(word, STANDINGS.get(word))
            if found is None:
                notes.append(self._problem(number, Field.STANDING, "standing-unknown"))
            person.standing = found or Standing.UNKNOWN

    def _moment(self, what: str, said: dict[str, str], number: int, notes: list[Problem]) -> datetime | None:
        text = said.get(what)
        if not text:
            return None
        found = values.moment(text, day_first=self.reading.day_first)
        if found is None:
            notes.append(self._problem(number, what, "bad-date"))
        elif found.date() > self.reading.today:
            notes.append(self._problem(number, what, "future-date"))
            return None
        return found


def _split_tags(text: str) -> Iterator[str]:
    """Tags as programs join them; Mailchimp puts each in quotation marks."""
    for part in text.replace(";", ",").replace("|", ",").split(","):
        if tag := addresses.one_line(part.strip().strip('"'), values.LONGEST_TAG):
            yield tag
