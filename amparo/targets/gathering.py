"""Putting a source's records together, checking each as it comes.

A source calls the `add_…` methods with each record and the place where it stands. What is listed twice,
refers to nothing, or could not be sent to is reported there and left out, so that a `SourceBundle` is
always whole in itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from amparo.targets.contacts import fault_of
from amparo.targets.problems import ProblemLog
from amparo.targets.records import SourceBundle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from amparo.targets.files import SourceFiles
    from amparo.targets.problems import Place
    from amparo.targets.records import (
        AreaRecord,
        AreaSetRecord,
        ContactRecord,
        LegislatureRecord,
        MembershipRecord,
        OutlineRows,
        PersonRecord,
        PostcodeRows,
        PostRecord,
    )

#: The longest name or label that a record may hold, in characters; notes and values may be four times as
#: long.
LONGEST_TEXT = 500

#: Codes are keys in the database and parts of addresses, and shorter. Fields not named here are as long as
#: a name.
LONGEST_CODE = {
    ("AreaSetRecord", "code"): 60,
    ("AreaSetRecord", "crs"): 20,
    ("AreaRecord", "code"): 60,
    ("AreaRecord", "classification"): 60,
    ("LegislatureRecord", "code"): 40,
    ("PersonRecord", "code"): 80,
    ("PersonRecord", "gender"): 60,
    ("PostRecord", "code"): 99,
    ("PostRecord", "office"): 60,
}

#: The largest rank and number of seats: what a small whole number of the database holds.
LARGEST_NUMBER = 32_767

#: How a post is held by somebody who counts against its seats; cover and leave come on top of them.
FILLS_A_SEAT = frozenset({"elected", "appointed", "suspended"})


#: Separators that break a line or a paragraph, and marks that make the rest of it read backwards.
TURNS_A_LINE = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Key = TypeVar("Key")
Entry = TypeVar("Entry")


class Gathering:
    """The records of one source on their way to a bundle."""

    def __init__(self) -> None:
        self.problems = ProblemLog()
        self.area_sets: dict[str, AreaSetRecord] = {}
        self.areas: dict[tuple[str, str], AreaRecord] = {}
        self.legislatures: dict[str, LegislatureRecord] = {}
        self.people: dict[str, PersonRecord] = {}
        self.posts: dict[str, PostRecord] = {}
        self.memberships: dict[str, MembershipRecord] = {}
        self.contacts: dict[tuple[str, ...], ContactRecord] = {}
        self._filled: dict[str, int] = {}

    def add_area_set(self, record: AreaSetRecord, place: Place) -> bool:
        """Take an area set; False when it was refused."""
        return self._add(self.area_sets, record.code, record, place, f"area set {record.code}")

    def add_area(self, record: AreaRecord, place: Place) -> bool:
        """Take an area; its set and its parent must have come before."""
        if record.set not in self.area_sets:
            return self._refuse(place, "the area's set is not declared", record.set)
        if record.parent is not None and record.parent not in self.areas:
            return self._refuse(place, "the area's parent is not known", record.parent[1])
        return self._add(self.areas, record.key, record, place, f"area {record.code}")

    def add_legislature(self, record: LegislatureRecord, place: Place) -> bool:
        """Take a legislature; its area set must have come before."""
        if record.area_set is not None and record.area_set not in self.area_sets:
            return self._refuse(place, "the legislature's area set is not declared", record.area_set)
        return self._add(self.legislatures, record.code, record, place, f"legislature {record.code}")

    def add_person(self, record: PersonRecord, place: Place) -> bool:
        """Take a person, who must have a name."""
        if not record.name:
            return self._refuse(place, "the person has no name", record.code)
        return self._add(self.people, record.code, record, place, f"person {record.code}")

    def add_post(self, record: PostRecord, place: Place) -> bool:
        """Take a post; its area and its legislature must have come before."""
        if record.area is not None and record.area not in self.areas:
            return self._refuse(place, "the post's area is not known", record.area[1])
        if record.legislature is not None and record.legislature not in self.legislatures:
            return self._refuse(place, "the post's legislature is not declared", record.legislature)
        if not 1 <= record.seats <= LARGEST_NUMBER or not 0 <= (record.rank or 0) <= LARGEST_NUMBER:
            return self._refuse(place, "the post's rank or number of seats cannot be", record.code)
        return self._add(self.posts, record.code, record, place, f"post {record.code}")

    def add_membership(self, record: MembershipRecord, place: Place) -> bool:
        """Take a holding; person and post must have come before, and the post must have a seat left."""
        post = self.posts.get(record.post)
        if post is None:
            return self._refuse(place, "the post held is not known", record.post)
        if record.person not in self.people:
            return self._refuse(place, "the person holding the post is not known", record.person)
        if record.start is not None and record.end is not None and record.end < record.start:
            return self._refuse(place, "the holding ends before it starts", record.code)
        if record.status in FILLS_A_SEAT:
            filled = self._filled.get(record.post, 0)
            if filled >= post.seats and record.code not in self.memberships:
                return self._refuse(place, "the post has more holders than seats", record.post)
        taken = self._add(self.memberships, record.code, record, place, f"holding {record.code}")
        if taken and record.status in FILLS_A_SEAT:
            self._filled[record.post] = self._filled.get(record.post, 0) + 1
        return taken

    def add_contact(self, record: ContactRecord, place: Place) -> bool:
        """Take a contact; its holder must have come before and its value must have the shape of its type."""
        holders: dict[str, dict[str, Any]] = {
            "person": self.people,
            "post": self.posts,
            "membership": self.memberships,
        }
        if record.holder not in holders[record.holder_kind]:
            return self._refuse(place, "the contact belongs to nobody known", record.holder)
        fault = fault_of(record)
        if fault:
            return self._refuse(place, fault, record.value)
        key = (record.holder_kind, record.holder, record.type, record.value, record.note, record.office)
        return self._add(self.contacts, key, record, place, record.value)

    def _add(self, into: dict[Key, Entry], key: Key, record: Entry, place: Place, called: str) -> bool:
        """Take it unless its texts are unfit or its key is taken."""
        unfit = unfit_text(record)
        if unfit:
            return self._refuse(place, unfit[0], unfit[1])
        if key in into:
            return self._refuse(place, "listed twice; the first is kept", called)
        into[key] = record
        return True

    def _refuse(self, place: Place, reason: str, value: object) -> bool:
        self.problems.error(place, reason, value)
        return False

    def bundle(
        self,
        files: SourceFiles,
        *,
        slug: str,
        country: str,
        title: str,
        description: str,
        licence: str,
        published: date | None,
        credits: Iterable[str] = (),
        postcodes: PostcodeRows | None = None,
        outlines: Iterable[OutlineRows] = (),
    ) -> SourceBundle:
        """What was gathered, as the loader takes it. The digest is taken here, so open every file before."""
        return SourceBundle(
            slug=slug,
            country=country,
            title=title,
            description=description,
            licence=licence,
            published=published,
            files_hash=files.digest(),
            credits=tuple(credits),
            area_sets=tuple(self.area_sets.values()),
            areas=tuple(self.areas.values()),
            legislatures=tuple(self.legislatures.values()),
            people=tuple(self.people.values()),
            posts=tuple(self.posts.values()),
            memberships=tuple(self.memberships.values()),
            contacts=tuple(self.contacts.values()),
            postcodes=postcodes,
            outlines=tuple(outlines),
            problems=self.problems,
        )


def unfit_text(record: Any) -> tuple[str, str] | None:
    """The first text of a record that no honest file would hold, as (reason, text); None when all are fit.

    A line break in a name would become a second header of a mail; only postal addresses and notes may have
    one.
    """
    kind = type(record).__name__
    for name in record.__slots__:
        roomy = name == "note" or (name == "value" and getattr(record, "type", "") == "post")
        longest = LONGEST_CODE.get((kind, name), LONGEST_TEXT * (4 if roomy or name == "value" else 1))
        for text in texts_in(getattr(record, name)):
            if len(text) > longest:
                return f"the {name} is longer than {longest} characters", text
            if not text.isprintable() and any(is_unfit(letter, roomy=roomy) for letter in text):
                return f"the {name} holds a character that cannot be sent", text
    code = getattr(record, "code", None)
    if code is not None and (not code or code != code.strip()):
        return "the code is empty or has spaces around it", code
    return None


def is_unfit(letter: str, *, roomy: bool) -> bool:
    """Whether a character has no business in a name: controls, and halves of characters."""
    if letter == "\n" and roomy:
        return False
    number = ord(letter)
    return number < 0x20 or 0x7F <= number < 0xA0 or 0xD800 <= number < 0xE000 or letter in TURNS_A_LINE


def texts_in(value: Any) -> Iterable[str]:
    """The texts of one field: itself, or those inside."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict):
        return tuple(text for pair in value.items() for text in pair if isinstance(text, str))
    if isinstance(value, tuple):
        return tuple(text for text in value if isinstance(text, str))
    return ()
