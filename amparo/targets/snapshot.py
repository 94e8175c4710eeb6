"""One version of a country's targets in memory: every post with its holders, and the way to each from a postcode.

Fifteen hundred posts with six thousand contacts take a tenth of a second to read and a few megabytes to keep, and
from then on a look-up asks the database nothing.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.targets.index import PostcodeIndex
from amparo.targets.models import Area, AreaSet, ContactPoint, Dataset, Legislature, Membership, Person, Post
from amparo.targets.postcodes import FORMATS
from amparo.targets.records import (
    AreaRecord,
    ContactRecord,
    LegislatureRecord,
    MembershipRecord,
    PersonRecord,
    PostRecord,
)
from amparo.targets.sectioned_file import UnreadableFile
from amparo.targets.version_files import POINTS, POSTCODES, folder_of, outlines_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from pathlib import Path
    from uuid import UUID

    from amparo.targets.outlines import Outlines
    from amparo.targets.postcodes import PostcodeFormat
    from amparo.targets.records import AreaKey, HolderKind


log = logging.getLogger(__name__)

Opened = TypeVar("Opened")


class TargetsUnavailable(Refusal):
    """A file of the version in use is lost or damaged. Which one stands in the log: it is no business of readers'."""

    sentence = _("Postcodes cannot be looked up at the moment. Please come back later.")


@dataclass(frozen=True, slots=True)
class Holding:
    """A person in a post, with the ways to reach them there: first those of the holding, then of the person."""

    membership: MembershipRecord
    person: PersonRecord
    contacts: tuple[ContactRecord, ...] = ()

    def runs(self, on: date) -> bool:
        """Whether the holding has begun and not ended; the day it ends belongs to the successor."""
        start, end = self.membership.start, self.membership.end
        return (start is None or start <= on) and (end is None or on < end)


@dataclass(frozen=True, slots=True)
class Seat:
    """A post with everybody who holds or held it in this version, and the contacts of the office itself."""

    post: PostRecord
    holdings: tuple[Holding, ...] = ()
    contacts: tuple[ContactRecord, ...] = ()


@dataclass
class Snapshot:
    """A version as plain values. `seats_of_area` leads from an area to the posts that answer for it."""

    dataset: Dataset
    area_sets: dict[str, str]
    areas: dict[AreaKey, AreaRecord]
    legislatures: dict[str, LegislatureRecord]
    seats: dict[str, Seat]
    drawn_sets: tuple[str, ...] = ()
    seats_of_area: dict[AreaKey, list[Seat]] = field(default_factory=lambda: defaultdict(list))
    seats_of_everybody: list[Seat] = field(default_factory=list)
    children: dict[AreaKey, list[AreaKey]] = field(default_factory=lambda: defaultdict(list))
    by_code: dict[str, list[AreaKey]] = field(default_factory=lambda: defaultdict(list))
    seat_of_person: dict[str, Seat] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for seat in self.seats.values():
            if seat.post.area is not None:
                self.seats_of_area[seat.post.area].append(seat)
            elif seat.post.kind == "seat" and seat.post.legislature:
                self.seats_of_everybody.append(seat)
            if seat.post.kind == "seat" and seat.post.seats == 1:
                self.seat_of_person.update((holding.person.code, seat) for holding in seat.holdings)
        for key, area in self.areas.items():
            self.by_code[key[1]].append(key)
            if area.parent is not None:
                self.children[area.parent].append(key)

    @property
    def label(self) -> str:
        """The version as it is shown and kept with letters, such as uk/3."""
        return self.dataset.label

    @property
    def format(self) -> PostcodeFormat | None:
        """How postcodes are written here; None when there is no table of them."""
        return FORMATS[self.dataset.postcode_format] if self.dataset.has_postcodes else None

    @cached_property
    def postcodes(self) -> PostcodeIndex | None:
        """The table, opened when first asked for. Raises `TargetsUnavailable`, as the next two do."""
        return self._open(PostcodeIndex.open, POSTCODES) if self.dataset.has_postcodes else None

    @cached_property
    def points(self) -> PostcodeIndex | None:
        """What the map says of postcodes that the table only places on it."""
        by_point = self.dataset.counts.get("postcodes_by_point")
        return self._open(PostcodeIndex.open, POINTS) if by_point else None

    @cached_property
    def outlines(self) -> Outlines | None:
        """The map of the area set that postcodes lead to, or else of the first that has one."""
        if not self.drawn_sets:
            return None
        # Here, not above: geometry takes a quarter of a process's start, and few processes draw.
        from amparo.targets.outlines import Outlines

        return self._open(Outlines.load, outlines_name(self.outlined_set))

    @property
    def outlined_set(self) -> str:
        """The area set that `outlines` draws; empty when there is no map."""
        wanted = self.dataset.postcode_area_set
        return wanted if wanted in self.drawn_sets else next(iter(self.drawn_sets), "")

    def _open(self, opening: Callable[[Path], Opened], name: str) -> Opened:
        try:
            return opening(folder_of(self.dataset.slug, self.dataset.version) / name)
        except UnreadableFile as unreadable:
            log.error("%s", unreadable)
            raise TargetsUnavailable from unreadable

    def chain(self, key: AreaKey) -> tuple[AreaKey, ...]:
        """An area and what it lies in, the smallest first."""
        found: list[AreaKey] = []
        step: AreaKey | None = key
        while step is not None and step in self.areas and step not in found:
            found.append(step)
            step = self.areas[step].parent
        return tuple(found)


def take_snapshot(dataset: Dataset) -> Snapshot:
    """Read the whole version: eight queries."""
    rows = _Reading(dataset)
    return Snapshot(
        dataset=dataset,
        area_sets={row.code: row.name for row in rows.area_sets},
        areas={record.key: record for record in rows.areas.values()},
        legislatures={record.code: record for record in rows.legislatures.values()},
        seats={seat.post.code: seat for seat in rows.seats()},
        drawn_sets=tuple(row.code for row in rows.area_sets if row.crs),
    )


class _Reading:
    """The rows of one dataset, turned back into the records that they were written from."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.area_sets = list(AreaSet.objects.filter(dataset=dataset).order_by("pk"))
        self.areas = self._read_areas()
        self.legislatures = {
            row.pk: LegislatureRecord(
                row.code, row.name, row.names, row.state, row.since,  # type: ignore[arg-type]
                row.area_set_code or None, row.post_noun,
            )
            for row in Legislature.objects.filter(dataset=dataset).order_by("pk")
        }  # fmt: skip
        self.people = {
            row.pk: PersonRecord(
                row.code, row.name, row.family_name, row.given_name, row.honorific_prefix, row.honorific_suffix,
                row.gender or None, row.identifiers, tuple(row.languages), row.salutations,
            )
            for row in Person.objects.filter(dataset=dataset)
        }  # fmt: skip
        self.posts = {
            row.pk: PostRecord(
                row.code, row.label, row.role, row.kind,  # type: ignore[arg-type]
                self.legislatures[row.legislature_id].code if row.legislature_id else None,
                row.organization_name, self.areas[row.area_id].key if row.area_id else None, row.rank, row.seats,
                row.office, row.holders_known,
            )
            for row in Post.objects.filter(dataset=dataset).order_by("pk")
        }  # fmt: skip

    def _read_areas(self) -> dict[UUID, AreaRecord]:
        set_codes = {row.pk: row.code for row in self.area_sets}
        return {
            row.pk: AreaRecord(
                set_codes[row.area_set_id], row.code, row.name, row.names, row.identifiers, row.classification,
                (row.parent_set_code, row.parent_code) if row.parent_code else None,
            )
            for row in Area.objects.filter(dataset=self.dataset).order_by("pk")
        }  # fmt: skip

    def seats(self) -> Iterable[Seat]:
        """Every post with its holders, and with the contacts of both."""
        rows = Membership.objects.filter(dataset=self.dataset).order_by("pk").values_list(
            "pk", "post_id", "person_id", "status", "party", "party_name", "start", "end", "note", "flags"
        )  # fmt: skip
        memberships: dict[UUID, tuple[UUID, UUID, MembershipRecord]] = {}
        for pk, post, person, status, party, party_name, start, end, note, flags in rows:
            codes = self.posts[post].code, self.people[person].code
            record = MembershipRecord(*codes, status, party, party_name, start, end, note, tuple(flags))  # type: ignore[arg-type]
            memberships[pk] = (post, person, record)
        contacts = self._read_contacts(
            {pk: record.code for pk, (_post, _person, record) in memberships.items()}
        )
        holdings: dict[UUID, list[Holding]] = defaultdict(list)
        for pk, (post, person, record) in memberships.items():
            ways = (*contacts.get(pk, ()), *contacts.get(person, ()))
            holdings[post].append(Holding(record, self.people[person], ways))
        for pk, office in self.posts.items():
            yield Seat(office, tuple(holdings[pk]), tuple(contacts.get(pk, ())))

    def _read_contacts(self, memberships: dict[UUID, str]) -> dict[UUID, list[ContactRecord]]:
        """In the source's order, by the primary key of their holder, whichever kind it is: the keys are UUIDs."""
        rows = ContactPoint.objects.filter(dataset=self.dataset).order_by("position").values_list(
            "membership_id", "post_id", "person_id", "type", "value", "note", "accepts", "requires", "verified_on",
            "office",
        )  # fmt: skip
        found: dict[UUID, list[ContactRecord]] = defaultdict(list)
        kind: HolderKind
        for membership, post, person, type_, value, note, accepts, requires, verified_on, office in rows:
            if membership is not None:
                pk, kind, holder = membership, "membership", memberships[membership]
            elif post is not None:
                pk, kind, holder = post, "post", self.posts[post].code
            else:
                assert person is not None
                pk, kind, holder = person, "person", self.people[person].code
            found[pk].append(
                ContactRecord(
                    kind, holder, type_, value, note, accepts, tuple(requires), verified_on, office,  # type: ignore[arg-type]
                )
            )  # fmt: skip
        return found
