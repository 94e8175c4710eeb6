"""Orlund: an invented country of twenty seats in two lands, made in memory so that a test may change any of it.

Its postcodes are written as the United Kingdom's. Seat O07 has EX7 1AA, 1AB, 1AE and 1AF; nothing lies between the
first two and the last two, so 1AD is unknown with neighbours that agree. EX1 9AA is split between O01 and O02, EX3 8AA
is only a point on the map, in O03, and EX20 7AA exists without either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256

from amparo.targets.problems import Place, ProblemLog
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
    SourceBundle,
    membership_code,
)

SEATS = tuple(f"O{number:02}" for number in range(1, 21))
LANDS = ("OL-E", "OL-W")
ELECTED = date(2025, 3, 1)


def orlund(edition: str = "first", **changes) -> SourceBundle:
    """All of it; `changes` replace whole fields of the bundle. Bundles of one edition have one hash."""
    whole = SourceBundle(
        slug="orlund",
        country="XO",
        title="Orlund",
        description="Assembly and Senate of Orlund",
        licence="CC0 1.0",
        published=date(2026, 5, 10),
        files_hash=sha256(edition.encode()).hexdigest(),
        credits=("Orlund's own office",),
        area_sets=area_sets(),
        areas=areas(),
        legislatures=legislatures(),
        people=people(),
        posts=posts(),
        memberships=memberships(),
        contacts=contacts(),
        postcodes=postcodes(),
        outlines=(OutlineRows("seats", "EPSG:4326", read_outlines),),
        problems=one_problem(),
    )
    return replace(whole, **changes)


def land_of(seat: str) -> str:
    return LANDS[0] if int(seat[1:]) <= 10 else LANDS[1]


def area_sets():
    return (
        AreaSetRecord("lands", "Lands of Orlund"),
        AreaSetRecord("seats", "Seats of 2025", "sitting", ELECTED, date(2029, 3, 1), crs="EPSG:4326"),
    )


def areas():
    lands = tuple(AreaRecord("lands", code, f"Land {code[-1]}", {"fr": f"Pays {code[-1]}"}) for code in LANDS)
    return lands + tuple(
        AreaRecord("seats", code, f"Seat {code}", {"fr": f"Siège {code}"}, parent=("lands", land_of(code)))
        for code in SEATS
    )


def legislatures():
    return (
        LegislatureRecord("assembly", "Assembly of Orlund", {}, "sitting", ELECTED, "seats", "deputy"),
        LegislatureRecord("senate", "Senate of Orlund", {}, "sitting", ELECTED, "lands", "senator"),
    )


def people():
    deputies = tuple(
        PersonRecord(f"p{code}", f"Ana Deputy{code}", f"Deputy{code}", "Ana", honorific_prefix="Dr")
        for code in SEATS
    )
    return (
        *deputies,
        *(
            PersonRecord(f"s{land}{seat}", f"Sen {land} {seat}", f"{land}{seat}")
            for land in LANDS
            for seat in (1, 2)
        ),
        PersonRecord("m1", "Tove Ek", "Ek", "Tove", gender="female"),
        PersonRecord("m2", "Odd Lind", "Lind", "Odd", gender="male", salutations={"en": "Dear Mr Lind"}),
    )


def posts():
    deputies = tuple(
        PostRecord(
            f"assembly/{code}", f"Deputy for Seat {code}", "Deputy", "seat", "assembly", area=("seats", code),
            office="member",
        )
        for code in SEATS
    )  # fmt: skip
    senators = tuple(
        PostRecord(f"senate/{land}-{seat}", f"Senator for {land} ({seat})", "Senator", "seat", "senate",
                   area=("lands", land), office="senator")
        for land in LANDS for seat in (1, 2)
    )  # fmt: skip
    return (
        *deputies,
        *senators,
        PostRecord("minister/justice", "Minister of Justice", "Minister", "minister", None, "Ministry of Justice",
                   office="minister", rank=1),
        PostRecord("committee/rights", "Member of the Committee on Rights", "Member", "committee", "assembly", seats=3),
        PostRecord("office/ombudsman", "Ombudsman", "Ombudsman", "other", holders_known=False),
    )  # fmt: skip


def memberships():
    return (
        *(MembershipRecord(f"assembly/{code}", f"p{code}", "elected", "tide", "Tide", ELECTED) for code in SEATS),
        *(
            MembershipRecord(f"senate/{land}-{seat}", f"s{land}{seat}", "elected", "oak", "Oak")
            for land in LANDS for seat in (1, 2)
        ),
        MembershipRecord("minister/justice", "m1", "on_leave"),
        MembershipRecord("minister/justice", "m2", "acting"),
        *(MembershipRecord("committee/rights", f"p{code}", "appointed") for code in SEATS[:3]),
    )  # fmt: skip


def email_of(seat: str) -> str:
    return f"{seat.lower()}@assembly.example.org"


def contacts():
    deputies = tuple(
        ContactRecord("membership", membership_code(f"assembly/{code}", f"p{code}"), "email", email_of(code),
                      accepts="constituents", requires=("postal_address",), verified_on=date(2026, 5, 1))
        for code in SEATS
    )  # fmt: skip
    senators = tuple(
        ContactRecord("membership", membership_code(f"senate/{land}-{seat}", f"s{land}{seat}"), "form",
                      f"https://senate.example.org/{land}/{seat}", requires=("topic",))
        for land in LANDS for seat in (1, 2)
    )  # fmt: skip
    return (
        *deputies,
        *senators,
        ContactRecord("membership", membership_code("assembly/O01", "pO01"), "phone", "+00 555 0101"),
        ContactRecord("post", "minister/justice", "email", "minister@justice.example.org"),
        ContactRecord("post", "office/ombudsman", "email", "post@ombudsman.example.org"),
    )


def table() -> list[tuple[str, tuple[tuple[str, float | None], ...], tuple[float, float] | None]]:
    rows = [
        (f"EX{number}1{unit}", ((code, None),), None)
        for number, code in enumerate(SEATS, start=1)
        for unit in ("AA", "AB", "AE", "AF")
    ]
    return [
        *rows,
        ("EX19AA", (("O01", 0.7), ("O02", 0.3)), None),
        ("EX38AA", (), middle_of("O03")),
        ("EX207AA", (), None),
    ]


def postcodes(rows: Sequence | None = None, **fields) -> PostcodeRows:
    kept = table() if rows is None else rows

    def read(problems: ProblemLog):
        problems.warning(Place("postcodes.csv", 7), "left out", "EX99 9ZZ")
        yield from kept

    return PostcodeRows("seats", "uk", read, crs="EPSG:4326", **fields)


def middle_of(seat: str) -> tuple[float, float]:
    return int(seat[1:]) + 0.5, 60.5


def read_outlines(_problems: ProblemLog):
    """A row of squares of one degree: O01 from 1 to 2 degrees east, and so on."""
    for number, code in enumerate(SEATS, start=1):
        ring = [(number, 60), (number + 1, 60), (number + 1, 61), (number, 61), (number, 60)]
        yield code, {"type": "Polygon", "coordinates": [ring]}


def one_problem() -> ProblemLog:
    log = ProblemLog()
    log.error(Place("members.csv", 3), "this is not one e-mail address", "a form")
    return log


def without_seats(*gone: str) -> dict:
    """The fields of a bundle in which these seats are abolished, with all that hangs on them."""
    keys = {f"assembly/{code}" for code in gone}
    held = {membership_code(post, f"p{post[-3:]}") for post in keys}
    return {
        "posts": tuple(post for post in posts() if post.code not in keys),
        "memberships": tuple(held_ for held_ in memberships() if held_.post not in keys),
        "contacts": tuple(contact for contact in contacts() if contact.holder not in held),
    }


def vacated(*seats: str) -> dict:
    """The fields of a bundle in which nobody holds these seats."""
    return without_seats(*seats) | {"posts": posts()}


def with_emails(emails: dict[str, str]) -> dict:
    """The fields of a bundle in which these seats have another address."""
    changed = tuple(
        replace(contact, value=emails[contact.holder[9:12]])
        if contact.holder[9:12] in emails and contact.type == "email" and contact.holder_kind == "membership"
        else contact
        for contact in contacts()
    )
    return {"contacts": changed}
