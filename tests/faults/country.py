"""An invented country with as many seats as a test needs, each with an address of its own."""

from __future__ import annotations

from datetime import date

from amparo.targets.records import (
    AreaRecord,
    AreaSetRecord,
    ContactRecord,
    LegislatureRecord,
    MembershipRecord,
    PersonRecord,
    PostcodeRows,
    PostRecord,
    SourceBundle,
)

SLUG = "exa"
HOUSE = "assembly"
_SET = "exa-2025"


def a_country(*, seats: int = 100) -> SourceBundle:
    """Seat N of the assembly is reached by postcode 1000+N and at member-N@assembly.example.org."""
    numbers = range(seats)
    return SourceBundle(
        slug=SLUG,
        country="XA",
        title="Exampleland",
        description="Invented for the tests",
        licence="CC0 1.0",
        published=date(2026, 5, 1),
        files_hash=f"{seats:064}",
        area_sets=(AreaSetRecord(code=_SET, name="Districts of 2025"),),
        areas=tuple(AreaRecord(set=_SET, code=f"X{n}", name=f"District {n}") for n in numbers),
        legislatures=(LegislatureRecord(code=HOUSE, name="Assembly", area_set=_SET, post_noun="Member"),),
        people=tuple(PersonRecord(code=f"p{n}", name=f"Member {n}", family_name=f"{n}") for n in numbers),
        posts=tuple(
            PostRecord(
                code=f"{HOUSE}/X{n}",
                label=f"Member for District {n}",
                legislature=HOUSE,
                area=(_SET, f"X{n}"),
                office="member",
            )
            for n in numbers
        ),
        memberships=tuple(MembershipRecord(post=f"{HOUSE}/X{n}", person=f"p{n}") for n in numbers),
        contacts=tuple(
            ContactRecord(
                holder_kind="membership",
                holder=f"{HOUSE}/X{n}#p{n}",
                type="email",
                value=f"member-{n}@assembly.example.org",
            )
            for n in numbers
        ),
        postcodes=PostcodeRows(
            area_set=_SET,
            format="generic",
            read=lambda _log: ((postcode_of(n), ((f"X{n}", None),), None) for n in numbers),
        ),
    )


def postcode_of(seat: int) -> str:
    """What somebody who lives in this seat types."""
    return str(1000 + seat)


def target_key_of(seat: int) -> str:
    """The target that a letter to this seat goes to."""
    return f"{SLUG}/{HOUSE}/X{seat}"
