"""Forms of address: what stands on the envelope, how a letter to an office opens and how it closes.

The forms themselves are data (`address_forms.toml`), by language and office; a new country's offices need
lines there and nothing here. Texts come without the comma or full stop after them: punctuation belongs to
the letter's language.

An explicit salutation of the person wins over every form; then what the office is always called; then a
title, the office's or one that the source states, with the family name; then the whole name. A title or a
gender is never derived from a first name, and an honour such as "Rt Hon" is not a title to be spoken.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The language whose forms are used when a letter is in one that has none.
FALLBACK = "en"

#: Titles that may be spoken before a family name, as sources write them, without a full stop.
SPOKEN_TITLES = frozenset(
    {
        "Mr",
        "Mrs",
        "Ms",
        "Miss",
        "Mx",
        "Dr",
        "Prof",
        "Professor",
        "Rev",
        "Reverend",
        "Sir",
        "Dame",
        "Lord",
        "Lady",
        "Baroness",
        "Viscount",
        "Viscountess",
        "Earl",
        "Countess",
        "Senator",
        "Representative",
        "Congressman",
        "Congresswoman",
        "Delegate",
        "Governor",
        "Mayor",
        "Councillor",
        "Judge",
        "Justice",
        "Ambassador",
        "General",
        "Admiral",
        "Colonel",
        "Captain",
        "Rabbi",
        "Imam",
        "Father",
        "Bishop",
        "Archbishop",
    }
)

#: Titles that go with the given name: "Dear Sir Keir", never "Dear Sir Starmer".
KNIGHTED = frozenset({"Sir", "Dame"})

#: Titles that an honour replaces on an envelope: "The Rt Hon Jo Doe", not "The Rt Hon Ms Jo Doe".
PLAIN = frozenset({"Mr", "Mrs", "Ms", "Miss", "Mx"})

#: Peerages are part of the name: "Lord Doe of Example".
PEERAGES = frozenset({"Lord", "Lady", "Baroness", "Viscount", "Viscountess", "Earl", "Countess"})

#: What a stated title says about gender, for languages whose grammar needs it.
GENDER_OF_TITLE = {
    "male": frozenset({"Mr", "Sir", "Lord", "Viscount", "Earl", "Congressman", "Father"}),
    "female": frozenset(
        {"Mrs", "Ms", "Miss", "Dame", "Lady", "Baroness", "Viscountess", "Countess", "Congresswoman"}
    ),
}

#: Honours as sources write them, and as they stand on an envelope.
HONOURS = {
    "Rt Hon": "The Rt Hon",
    "The Rt Hon": "The Rt Hon",
    "Right Honourable": "The Right Honourable",
    "The Right Honourable": "The Right Honourable",
    "The Honourable": "The Honourable",
    "Hon": "The Hon",
    "The Hon": "The Hon",
    "The Honorable": "The Honorable",
}


class Addressee(Protocol):
    """What is read of a person: a `PersonRecord` or a stored `Person`."""

    @property
    def name(self) -> str: ...
    @property
    def family_name(self) -> str: ...
    @property
    def given_name(self) -> str: ...
    @property
    def honorific_prefix(self) -> str: ...
    @property
    def honorific_suffix(self) -> str: ...
    @property
    def gender(self) -> str | None: ...
    @property
    def salutations(self) -> Mapping[str, str]: ...


class Office(Protocol):
    """What is read of a post."""

    @property
    def office(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def organization_name(self) -> str: ...


class Holding(Protocol):
    """What is read of a membership."""

    @property
    def flags(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class AddressForm:
    """One office in one language. Texts that depend on gender are mappings of male, female and other."""

    titled: str
    knighted: str
    named: str
    nobody: str
    closing: str
    salutation: str | Mapping[str, str] = ""
    title: str = ""
    honour: str | Mapping[str, str] = ""
    letters: str = ""
    post: bool = False


def salutation(
    person: Addressee | None, post: Office, membership: Holding | None = None, *, language: str
) -> str:
    """How the letter opens, without the comma: "Dear Sir Keir", "Madame la ministre".

    `person` None is a vacant post, or one whose holder is not known.
    """
    form = form_for(post.office, membership, language=language)
    if person is None:
        fixed = of_gender(form.salutation, "other")
        return fixed if fixed and "{" not in fixed and isinstance(form.salutation, str) else form.nobody
    explicit = person.salutations.get(language) or person.salutations.get(language.partition("-")[0])
    if explicit:
        return explicit
    title = spoken_title(person)
    parts = {
        "name": person.name,
        "family": person.family_name,
        "given": person.given_name.partition(" ")[0],
        "title": title,
    }
    office_parts = parts | {"title": form.title}
    choices = (
        fill(of_gender(form.salutation, gender_of(person)), parts),
        fill(form.knighted, parts) if bare(title) in KNIGHTED else "",
        fill(form.titled, office_parts) if form.title else "",
        fill(form.titled, parts) if title and bare(title) not in KNIGHTED else "",
        fill(form.named, parts),
    )
    return next(filter(None, choices), form.nobody)


def closing(
    person: Addressee | None, post: Office, membership: Holding | None = None, *, language: str
) -> str:
    """What stands above the signature, without the comma: "Yours sincerely"."""
    form = form_for(post.office, membership, language=language)
    opening = salutation(person, post, membership, language=language)
    return form.closing.replace("{salutation}", opening)


def to_nobody(language: str) -> tuple[str, str]:
    """How a letter opens and closes when not even the office is known any more."""
    form = form_for("", language=language)
    return form.nobody, form.closing.replace("{salutation}", form.nobody)


def envelope(
    person: Addressee | None, post: Office, membership: Holding | None = None, *, language: str
) -> str:
    """Name and office as they stand above a postal address, one line each: "The Rt Hon Sir Jo Doe KC MP"."""
    form = form_for(post.office, membership, language=language)
    if person is None:
        return "\n".join(filter(None, [post.label, post.organization_name]))
    title = spoken_title(person)
    honour = honour_of(person) or of_gender(form.honour, gender_of(person))
    name = person.name
    if bare(title) not in PEERAGES:
        name = name.removeprefix(f"{title} ") if title else name
        shown = "" if honour and bare(title) in PLAIN else title
        name = f"{shown} {name}".strip()
    suffix = "" if name.endswith(person.honorific_suffix) else person.honorific_suffix
    letters = "" if bare(title) in PEERAGES else form.letters
    first = " ".join(filter(None, [honour, name, suffix, letters]))
    lines = [first, post.label, post.organization_name] if form.post else [first]
    return "\n".join(filter(None, lines))


def is_spoken_title(title: str) -> bool:
    """Whether it is a title that may be spoken before a family name, with or without a full stop."""
    return bare(title) in SPOKEN_TITLES


def form_for(office: str, membership: Holding | None = None, *, language: str) -> AddressForm:
    """The form of an office in a language, the Speaker's for whoever presides over their house."""
    if membership is not None and "speaker" in membership.flags:
        country = office.partition("/")[0]
        office = f"{country}/speaker" if f"{country}/speaker" in read_forms()["like"] else "speaker"
    return _form(office, language)


@cache
def _form(office: str, language: str) -> AddressForm:
    forms = read_forms()
    base = language.partition("-")[0]
    own = forms.get(language if language in forms else base if base in forms else FALLBACK, {})
    common = {key: value for key, value in own.items() if key != "office"}
    offices = own.get("office", {})
    return AddressForm(**common | offices.get(office, offices.get(forms["like"].get(office, ""), {})))


@cache
def read_forms() -> dict[str, Any]:
    """The data: `like`, and a table for each language."""
    return tomllib.loads(resources.files(__package__).joinpath("address_forms.toml").read_text("utf-8"))


def spoken_title(person: Addressee) -> str:
    """The title that the source states, as it writes it; empty when it states none."""
    for word in reversed(person.honorific_prefix.split()):
        if is_spoken_title(word):
            return word
    return ""


def honour_of(person: Addressee) -> str:
    """The honour that the source states, as it stands on an envelope."""
    prefix = person.honorific_prefix
    written = max((words for words in HONOURS if f"{prefix} ".startswith(f"{words} ")), key=len, default="")
    return HONOURS.get(written, "")


def gender_of(person: Addressee) -> str:
    """male or female where the source states it, in so many words or by a title; otherwise other."""
    if person.gender in GENDER_OF_TITLE:
        return person.gender or "other"
    title = bare(spoken_title(person))
    return next((gender for gender, titles in GENDER_OF_TITLE.items() if title in titles), "other")


def of_gender(text: str | Mapping[str, str], gender: str) -> str:
    """The text for a gender, when it depends on one."""
    return text if isinstance(text, str) else text.get(gender, text.get("other", ""))


def fill(template: str, parts: Mapping[str, str]) -> str:
    """The template with its parts; empty when a part that it names is empty."""
    if any(not value and f"{{{key}}}" in template for key, value in parts.items()):
        return ""
    return template.format_map(parts)


def bare(title: str) -> str:
    """A title without its full stop."""
    return title.rstrip(".")
