"""What a target source says: people, the posts they hold, the areas they answer for, and how to reach them.

The words are Popolo's (https://www.popoloproject.com), with what it lacks: area sets with a role and dates,
the state of a legislature, how a post is held (acting, on leave), and what a contact accepts. These are
plain values: files go in, records come out, and the loader decides what becomes of them.

Codes are the keys. They must mean the same in the next version of the same source, because campaigns bind
to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from amparo.targets.problems import ProblemLog, merge

if TYPE_CHECKING:
    from datetime import date

#: An area is named by its set and its official code, never by its name: names outlive boundaries.
AreaKey = tuple[str, str]

AreaSetRole = Literal["sitting", "next"]
LegislatureState = Literal["sitting", "dissolved", "between"]
PostKind = Literal["seat", "minister", "committee", "other"]
HoldingStatus = Literal["elected", "appointed", "acting", "on_leave", "suspended"]
HolderKind = Literal["person", "post", "membership"]
ContactType = Literal["email", "form", "phone", "post", "via", "social"]
Accepts = Literal["all", "constituents", "none"]
PostcodeReach = Literal["exact", "hint"]

#: (compact postcode, ((area code, share or None), ...), (x, y) or None). No areas: it exists, and at most
#: its point is known.
PostcodeRow = tuple[str, tuple[tuple[str, float | None], ...], tuple[float, float] | None]

#: (area code, a shapely geometry or a GeoJSON-like mapping).
OutlineRow = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class AreaSetRecord:
    """One complete division of a country: the constituencies of one parliament, the provinces.

    `role` is *sitting* when the present members were elected on it, *next* when the coming election will be.
    `crs` is that of the outlines, as "EPSG:27700"; None when there are none.
    """

    code: str
    name: str
    role: AreaSetRole = "sitting"
    valid_from: date | None = None
    valid_until: date | None = None
    source: str = ""
    licence: str = ""
    crs: str | None = None


@dataclass(frozen=True, slots=True)
class AreaRecord:
    """A constituency, district, riding, state or country. `code` is the official one of the set."""

    set: str
    code: str
    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    identifiers: Mapping[str, str] = field(default_factory=dict)
    classification: str = ""
    parent: AreaKey | None = None

    @property
    def key(self) -> AreaKey:
        """The set and the code."""
        return (self.set, self.code)

    def name_in(self, language: str) -> str:
        """Its name in a language, or in the language without its region; else the one the source calls it by."""
        return self.names.get(language) or self.names.get(language.partition("-")[0]) or self.name


@dataclass(frozen=True, slots=True)
class LegislatureRecord:
    """A house of a parliament. `post_noun` is what one of its members is called ("Member of Parliament")."""

    code: str
    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    state: LegislatureState = "sitting"
    since: date | None = None
    area_set: str | None = None
    post_noun: str = ""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Somebody who holds a post. `gender` and titles only where the source states them.

    `salutations`, per language, is what the office asks to be called and wins over every form of address.
    """

    code: str
    name: str
    family_name: str = ""
    given_name: str = ""
    honorific_prefix: str = ""
    honorific_suffix: str = ""
    gender: str | None = None
    identifiers: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    salutations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PostRecord:
    """An office that people come and go in: a seat, a ministry, a place on a committee.

    `area` None with a legislature means that it answers for everybody. `rank` orders ministers, 1 first.
    `office` is the key of a form of address. `holders_known` False says that this source does not know who
    holds the post, which is not the same as a vacancy. On a committee the post stands for all `seats` of
    it.
    """

    code: str
    label: str
    role: str = ""
    kind: PostKind = "seat"
    legislature: str | None = None
    organization_name: str = ""
    area: AreaKey | None = None
    rank: int | None = None
    seats: int = 1
    office: str = ""
    holders_known: bool = True


@dataclass(frozen=True, slots=True)
class MembershipRecord:
    """A person holding a post. `flags` are for versions of a letter: "speaker", "abstains", "chair"."""

    post: str
    person: str
    status: HoldingStatus = "elected"
    party: str = ""
    party_name: str = ""
    start: date | None = None
    end: date | None = None
    note: str = ""
    flags: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The key by which contacts name this holding: they end when it ends."""
        return membership_code(self.post, self.person)


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """One way to reach a person, a post, or a person in a post (`holder` is then `MembershipRecord.code`).

    `requires` says what the office asks of the writer: postal_address, zip4, title, phone, topic, captcha.
    `office` tells several offices of one holder apart ("Washington, DC").
    """

    holder_kind: HolderKind
    holder: str
    type: ContactType
    value: str
    note: str = ""
    accepts: Accepts = "all"
    requires: tuple[str, ...] = ()
    verified_on: date | None = None
    office: str = ""


@dataclass(frozen=True, slots=True)
class PostcodeRows:
    """A table from postcodes to areas, read only when it is gone through, from the start each time.

    `reach` is *exact* when a row names the area itself, *hint* when it only names a larger area
    (`area_set`) that holds the candidates as its children. `problems` is complete after a full pass.
    Postcodes come out compact (upper case, no spaces), each once, in no promised order. `format` is a key
    of `postcodes.FORMATS`; `crs` is that of the points, as (x, y): easting before northing, longitude
    before latitude.
    """

    area_set: str
    format: str
    read: Callable[[ProblemLog], Iterator[PostcodeRow]]
    reach: PostcodeReach = "exact"
    crs: str | None = None
    problems: ProblemLog = field(default_factory=ProblemLog)

    def __iter__(self) -> Iterator[PostcodeRow]:
        self.problems.clear()
        return self.read(self.problems)


@dataclass(frozen=True, slots=True)
class OutlineRows:
    """The outlines of one area set, read only when gone through. `problems` is complete after a full pass."""

    area_set: str
    crs: str
    read: Callable[[ProblemLog], Iterator[OutlineRow]]
    problems: ProblemLog = field(default_factory=ProblemLog)

    def __iter__(self) -> Iterator[OutlineRow]:
        self.problems.clear()
        return self.read(self.problems)


@dataclass(frozen=True, slots=True)
class SourceBundle:
    """All that one source says, checked: every code is listed once and every reference leads somewhere.

    `published` is the latest date that the files themselves state, so they may be a little younger.
    `files_hash` is the SHA-256 over the names and bytes of the files read.
    """

    slug: str
    country: str
    title: str
    description: str
    licence: str
    published: date | None
    files_hash: str
    credits: tuple[str, ...] = ()
    area_sets: tuple[AreaSetRecord, ...] = ()
    areas: tuple[AreaRecord, ...] = ()
    legislatures: tuple[LegislatureRecord, ...] = ()
    people: tuple[PersonRecord, ...] = ()
    posts: tuple[PostRecord, ...] = ()
    memberships: tuple[MembershipRecord, ...] = ()
    contacts: tuple[ContactRecord, ...] = ()
    postcodes: PostcodeRows | None = None
    outlines: tuple[OutlineRows, ...] = ()
    problems: ProblemLog = field(default_factory=ProblemLog)

    def all_problems(self) -> ProblemLog:
        """Those met in `read`, then those of the large tables as far as they have been gone through."""
        tables = [rows.problems for rows in (self.postcodes, *self.outlines) if rows is not None]
        return merge([self.problems, *tables])


def membership_code(post: str, person: str) -> str:
    """The key of a holding, from the codes of its post and its person."""
    return f"{post}#{person}"
