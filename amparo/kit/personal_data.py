"""What is kept about people: declared column by column, and found again for export, erasure and the records of the law.

Each app says in its `personal_data.py`, for every model that holds something about a person, how its rows lead to that
person, what kind of thing each column is, why and how long it is kept, and what becomes of it when the person is
erased. Everything that the law asks for is worked out from these declarations, so none of it can forget a column: a
model or a column that nobody declared stops the build (`kit/undeclared.py`, a system check).

    declare(
        "supporters.Note",
        title=_("Notes about you"),
        about=Who.SUPPORTER,
        path="supporter",
        why=_("What staff need to remember to answer a person well."),
        kept=UNTIL_ANONYMIZED,
        fields=[
            deleted(Kind.WORDS, text=_("Note")),
            deleted(Kind.TECHNICAL, "id", "organization", "supporter", written_at=_("Written")),
            withheld(deleted(Kind.IDENTITY, "written_by")),
        ],
    )
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.apps import apps

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from datetime import timedelta
    from uuid import UUID

    from django.db.models import Model, QuerySet
    from django.utils.functional import _StrOrPromise


class Kind(StrEnum):
    """What a column is about."""

    IDENTITY = "identity"
    CONTACT = "contact"
    PLACE = "place"
    #: Political opinion: what somebody stood up for (GDPR Art. 9(1)).
    OPINION = "opinion"
    #: Words of the person, or words about them.
    WORDS = "words"
    #: Health (GDPR Art. 9(1)).
    HEALTH = "health"
    #: Accusations, custody, court and sentence (GDPR Art. 10).
    JUSTICE = "justice"
    CONSENT = "consent"
    TECHNICAL = "technical"
    NOT_PERSONAL = "not-personal"


class Fate(StrEnum):
    """What erasing a person does to a column."""

    EMPTIED = "emptied"
    DELETED = "deleted with its row"
    STAYS = "stays, without a person"


class Who(StrEnum):
    """Whom the rows of a model are about."""

    SUPPORTER = "supporter"
    STAFF = "staff"
    #: People in prison, and those their cases cannot be told without.
    CASE = "case"
    #: Holders of public office, from published sources, and organizations' own public addresses.
    OFFICE = "office"
    #: Keyed marks that lead to nobody.
    NOBODY = "nobody"


#: What says something about a person, in a form that can be read.
PERSONAL = frozenset(
    {
        Kind.IDENTITY,
        Kind.CONTACT,
        Kind.PLACE,
        Kind.OPINION,
        Kind.WORDS,
        Kind.HEALTH,
        Kind.JUSTICE,
        Kind.CONSENT,
    }
)
#: What may not outlive the person's name.
NAMES_SOMEBODY = frozenset({Kind.IDENTITY, Kind.CONTACT, Kind.WORDS})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose rows are looked for: all their records in one organization, and their addresses as written."""

    organization_id: UUID
    ids: tuple[UUID, ...]
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """How long something is kept: the sentence about it, and the figure, where there is one."""

    says: _StrOrPromise
    kept: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """One column: what kind of thing it is, what erasure does to it, and what a reader of an export calls it."""

    name: str
    kind: Kind
    fate: Fate
    label: _StrOrPromise = ""
    #: About somebody else too, such as the member of staff who wrote a note; left out of exports (GDPR Art. 15(4)).
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """Everything that is declared about one model."""

    label: str
    title: _StrOrPromise
    about: Who
    why: _StrOrPromise
    kept: Term
    uses: tuple[Use, ...]
    path: str = ""
    finder: Callable[[Person], QuerySet[Any]] | None = None
    reads: tuple[tuple[str, str], ...] = ()
    stamp: str = ""

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of personal data in it, in the order of `Kind`."""
        here = {use.kind for use in self.uses}
        return [kind for kind in Kind if kind in here and kind in PERSONAL]

    def use(self, name: str) -> Use:
        """The declaration of one column. Raises `KeyError`."""
        return {use.name: use for use in self.uses}[name]

    def readable(self, name: str) -> str:
        """The way from a row to the words that a reference stands for, such as `wording.text`; empty for none."""
        return dict(self.reads).get(name, "")

    def rows_of(self, person: Person) -> QuerySet[Any]:
        """The rows of this model that are about `person`."""
        if self.finder is not None:
            return self.finder(person)
        if not self.path:
            return self.model._base_manager.none()
        return self.model._base_manager.filter(**{f"{self.path}__in": person.ids})


_declarations: dict[str, Declaration] = {}


def declare(
    label: str,
    *,
    title: _StrOrPromise,
    about: Who,
    why: _StrOrPromise,
    kept: Term,
    fields: Iterable[Iterable[Use]],
    path: str = "",
    finder: Callable[[Person], QuerySet[Any]] | None = None,
    reads: dict[str, str] | None = None,
    stamp: str = "",
) -> None:
    """Declare the model called `label` (`app.Model`).

    `path` leads from its rows to the supporter's or user's key; `finder` finds the rows where no reference does;
    neither is needed for keyed marks. `reads` says by which attribute a reference becomes readable in an export.
    `stamp` names the column in which erasure leaves its moment.
    """
    uses = tuple(use for group in fields for use in group)
    names = [use.name for use in uses]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"{label} declares {', '.join(sorted(twice))} twice.")
    _declarations[label] = Declaration(
        label=label,
        title=title,
        about=about,
        why=why,
        kept=kept,
        uses=uses,
        path=path,
        finder=finder,
        reads=tuple((reads or {}).items()),
        stamp=stamp,
    )


def emptied(kind: Kind, /, *names: str, **labelled: _StrOrPromise) -> list[Use]:
    """Columns that erasure empties; named alone, or with what a reader of an export calls them."""
    return _uses(kind, Fate.EMPTIED, names, labelled)


def deleted(kind: Kind, /, *names: str, **labelled: _StrOrPromise) -> list[Use]:
    """Columns of a row that erasure removes whole: then every column of the model is declared so."""
    return _uses(kind, Fate.DELETED, names, labelled)


def stays(kind: Kind, /, *names: str, **labelled: _StrOrPromise) -> list[Use]:
    """Columns that say nothing about a person once the name is gone."""
    return _uses(kind, Fate.STAYS, names, labelled)


def withheld(uses: list[Use]) -> list[Use]:
    """The same columns, left out of a person's export because they are about somebody else too."""
    return [replace(use, withheld=True) for use in uses]


def declarations(*about: Who) -> list[Declaration]:
    """Every declaration, or those about these, in the order of apps and models."""
    found = [declaration for declaration in _declarations.values() if not about or declaration.about in about]
    return sorted(found, key=lambda each: each.label.lower())


def declaration_of(label: str) -> Declaration:
    """The declaration of one model. Raises `KeyError`."""
    return _declarations[label]


def _uses(kind: Kind, fate: Fate, names: tuple[str, ...], labelled: dict[str, _StrOrPromise]) -> list[Use]:
    plain = [Use(name, kind, fate) for name in names]
    return [*plain, *(Use(name, kind, fate, label) for name, label in labelled.items())]


# --- To whom something was passed on ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody outside the organization who was given something about a person (GDPR Art. 15(1)(c) and 19)."""

    name: str
    address: str
    what: _StrOrPromise
    at: Any


#: Functions from a `Person` to the `Recipient`s of what is theirs, one for each app that passes something on.
recipients: Registry[Callable[[Person], list[Recipient]]] = Registry("list of recipients")


# --- What is forgotten in time ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that is forgotten by itself: after how long, and what does it, at most a batch at a time."""

    says: _StrOrPromise
    kept: timedelta
    forget: Callable[..., int]


#: Rules of retention by name; the line of work `erasure` follows them all.
rules: Registry[Rule] = Registry("rule of retention")
