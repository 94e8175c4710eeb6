"""Reading the names and titles of British members, from what their own sources state and nothing else."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: Titles as the parliamentary sources write them in front of a name.
TITLES = frozenset(
    {
        "Mr",
        "Mrs",
        "Ms",
        "Miss",
        "Mx",
        "Dr",
        "Sir",
        "Dame",
        "Professor",
        "Prof",
        "Rev",
        "Lord",
        "Lady",
        "Baroness",
        "Viscount",
        "Viscountess",
        "Earl",
        "Countess",
    }
)

#: Titles that are followed by a peerage, not by a person's own name.
PEERS = frozenset({"Lord", "Lady", "Baroness", "Viscount", "Viscountess", "Earl", "Countess"})

RIGHT_HONOURABLE = ("The Rt Hon ", "Rt Hon ")


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart: `full` as the source displays it, `prefix` honours and titles, `suffix` letters
    after the name, without "MP".
    """

    full: str
    given: str
    family: str
    prefix: str
    suffix: str


def read_name(*, full_title: str, display: str, email: str, known_family: str = "") -> Name:
    """Take apart "Rt Hon Sir Jeremy Wright KC MP" with the help of "Sir Jeremy Wright" and the e-mail
    address.

    The sources do not say where a family name begins. A Commons address does (`iain.duncansmith.mp@…`), and
    so does the short name the Institute for Government gives ministers (`known_family`); a name of two
    words has no choice. Otherwise the family name stays empty, and a letter will use the whole name.
    """
    title, name = split_title(display)
    honour = ""
    rest = full_title
    for words in RIGHT_HONOURABLE:
        if rest.startswith(words):
            honour, rest = "Rt Hon", rest.removeprefix(words)
            break
    formal_title, rest = split_title(rest)
    suffix = rest.removeprefix(name).strip() if rest.startswith(name) else ""
    suffix = " ".join(letters for letters in suffix.split() if letters != "MP")
    family = family_in_address(name, email) or family_at_end(name, known_family) or family_of_two(name)
    given = name.removesuffix(family).strip() if family else ""
    prefix = " ".join(filter(None, [honour, title or formal_title]))
    return Name(display, given, family, prefix, suffix)


def split_title(name: str) -> tuple[str, str]:
    """A leading title and the rest; no title is an empty one."""
    first, _, rest = name.partition(" ")
    return (first, rest.strip()) if rest and first.rstrip(".") in TITLES else ("", name.strip())


def read_peer(name: str) -> Name:
    """Take apart "Baroness Hayman of Ullock": the title, and the peerage in the place of a family name."""
    title, rest = split_title(name)
    if title in PEERS:
        return Name(name, "", rest, title, "")
    return Name(name, rest.removesuffix(family_of_two(rest)).strip(), family_of_two(rest), title, "")


def is_peer(name: str) -> bool:
    """Whether the name is that of a member of the House of Lords."""
    return split_title(name)[0] in PEERS


def family_in_address(name: str, email: str) -> str:
    """The end of the name that the address spells after its first dot; empty when none does."""
    local = email.partition("@")[0].split(".")
    if local[-1:] == ["mp"]:
        local.pop()
    surname = letters_of("".join(local[1:]))
    words = name.split()
    for start in range(1, len(words)):
        tail = " ".join(words[start:])
        if surname and letters_of(tail) == surname:
            return tail
    return ""


def family_at_end(name: str, known_family: str) -> str:
    """`known_family` when the name really ends with it."""
    return known_family if known_family and name.endswith(f" {known_family}") else ""


def family_of_two(name: str) -> str:
    """The second of two words; empty when there are more or fewer."""
    words = name.split()
    return words[1] if len(words) == 2 else ""


def letters_of(text: str) -> str:
    """The letters a to z in it, accents taken off: as an e-mail address spells a name."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return re.sub("[^a-z]", "", plain)
