"""Records are checked as they come: nothing listed twice, nothing dangling, nothing that cannot be sent to."""

from __future__ import annotations

from datetime import date

import pytest

from amparo.targets.gathering import Gathering
from amparo.targets.problems import Place
from amparo.targets.records import (
    AreaRecord,
    AreaSetRecord,
    ContactRecord,
    LegislatureRecord,
    MembershipRecord,
    PersonRecord,
    PostRecord,
)

from .conftest import told

HERE = Place("people.csv", 7)
AREA = ("fen", "F1")


@pytest.fixture
def gathering() -> Gathering:
    gathering = Gathering()
    gathering.add_area_set(AreaSetRecord("fen", "Fens"), HERE)
    gathering.add_area(AreaRecord("fen", "F1", "Low Fen"), HERE)
    gathering.add_legislature(LegislatureRecord("moot", "Moot", area_set="fen"), HERE)
    gathering.add_person(PersonRecord("p1", "Suzie Marsh"), HERE)
    gathering.add_person(PersonRecord("p2", "Bruno Reed"), HERE)
    gathering.add_post(PostRecord("moot/F1", "Member for Low Fen", legislature="moot", area=AREA), HERE)
    gathering.add_membership(MembershipRecord("moot/F1", "p1"), HERE)
    assert told(gathering.problems) == []
    return gathering


def reason(gathering: Gathering) -> str:
    """The one reason given."""
    [(file, line, said, _value)] = told(gathering.problems)
    assert (file, line) == ("people.csv", 7)
    return said


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("email", "https://write.example.org/form", "a web address stands in the e-mail field"),
        ("email", "www.example.org", "a web address stands in the e-mail field"),
        ("email", "a@example.org, b@example.org", "this is not one e-mail address"),
        ("email", "Suzie <suzie@example.org>", "this is not one e-mail address"),
        ("email", "suzie@example", "this is not one e-mail address"),
        ("email", "suzie@exam ple.org", "this is not one e-mail address"),
        ("email", "suzie@example.org\nBcc: all@example.org", "this is not one e-mail address"),
        ("email", "No email found", "this is not one e-mail address"),
        ("form", "stubforcwc", "the form's address is not a web address"),
        ("form", "hhttps://example.org/form", "the form's address is not a web address"),
        ("form", "javascript:alert(1)", "the form's address is not a web address"),
        ("form", "https://example.org/a form", "the form's address is not a web address"),
        ("form", "https://example.org/" + "x" * 2_000, "the form's address is not a web address"),
        ("form", "https://localhost/", "the form's address is not a web address"),
        ("form", "https://[", "the form's address is not a web address"),
        ("form", "https://example.org:port/", "the form's address is not a web address"),
        ("phone", "ask the porter", "this is not a telephone number"),
    ],
)
def test_a_contact_without_the_shape_of_one_is_refused(
    gathering: Gathering, kind: str, value: str, said: str
) -> None:
    assert not gathering.add_contact(ContactRecord("person", "p1", kind, value), HERE)
    assert reason(gathering) == said
    assert gathering.contacts == {}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "oonagh.o'hare@sub.example.org"),
        ("email", "josé@exämple.org"),
        ("form", "https://example.org/contact?form=/me"),
        ("phone", "+44 (0)20 7946 0000 ext. 12"),
        ("post", "1 Quay Street\nLow Fen"),
        ("social", "@suzie"),
    ],
)
def test_a_sound_contact_is_taken_once(gathering: Gathering, kind: str, value: str) -> None:
    assert gathering.add_contact(ContactRecord("person", "p1", kind, value), HERE)
    assert not gathering.add_contact(ContactRecord("person", "p1", kind, value), HERE)
    assert reason(gathering) == "listed twice; the first is kept"


def test_nothing_is_listed_twice(gathering: Gathering) -> None:
    again = [
        gathering.add_area_set(AreaSetRecord("fen", "Other"), HERE),
        gathering.add_area(AreaRecord("fen", "F1", "Other"), HERE),
        gathering.add_legislature(LegislatureRecord("moot", "Other"), HERE),
        gathering.add_person(PersonRecord("p1", "Other"), HERE),
        gathering.add_post(PostRecord("moot/F1", "Other"), HERE),
        gathering.add_membership(MembershipRecord("moot/F1", "p1", "acting"), HERE),
    ]
    assert again == [False] * 6
    assert {said for _f, _l, said, _v in told(gathering.problems)} == {"listed twice; the first is kept"}
    assert gathering.people["p1"].name == "Suzie Marsh"


def test_nothing_leads_nowhere(gathering: Gathering) -> None:
    refused = [
        gathering.add_area(AreaRecord("bog", "B1", "Bog"), HERE),
        gathering.add_area(AreaRecord("fen", "F2", "High Fen", parent=("fen", "F9")), HERE),
        gathering.add_legislature(LegislatureRecord("lords", "Lords", area_set="bog"), HERE),
        gathering.add_post(PostRecord("x", "X", area=("fen", "F9")), HERE),
        gathering.add_post(PostRecord("x", "X", legislature="lords"), HERE),
        gathering.add_membership(MembershipRecord("moot/F9", "p1"), HERE),
        gathering.add_membership(MembershipRecord("moot/F1", "p9"), HERE),
        gathering.add_contact(ContactRecord("post", "p1", "email", "a@example.org"), HERE),
    ]
    assert refused == [False] * 8
    assert [said for _f, _l, said, _v in told(gathering.problems)] == [
        "the area's set is not declared",
        "the area's parent is not known",
        "the legislature's area set is not declared",
        "the post's area is not known",
        "the post's legislature is not declared",
        "the post held is not known",
        "the person holding the post is not known",
        "the contact belongs to nobody known",
    ]


def test_a_seat_has_one_holder_but_cover_and_leave_come_on_top(gathering: Gathering) -> None:
    assert not gathering.add_membership(MembershipRecord("moot/F1", "p2"), HERE)
    assert reason(gathering) == "the post has more holders than seats"
    assert gathering.add_membership(MembershipRecord("moot/F1", "p2", "acting"), HERE)
    gathering.add_post(PostRecord("board", "Board", seats=2), HERE)
    assert gathering.add_membership(MembershipRecord("board", "p1"), HERE)
    assert gathering.add_membership(MembershipRecord("board", "p2"), HERE)


def test_a_holding_does_not_end_before_it_starts(gathering: Gathering) -> None:
    gathering.add_post(PostRecord("x", "X"), HERE)
    holding = MembershipRecord("x", "p2", start=date(2026, 2, 1), end=date(2026, 1, 1))
    assert not gathering.add_membership(holding, HERE)
    assert reason(gathering) == "the holding ends before it starts"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (PersonRecord("p9", ""), "the person has no name"),
        (PersonRecord("", "Dana"), "the code is empty or has spaces around it"),
        (PersonRecord(" p9", "Dana"), "the code is empty or has spaces around it"),
        (PersonRecord("p9", "Dana\nBcc: x"), "the name holds a character that cannot be sent"),
        (PersonRecord("p9", "Dana\u2028x"), "the name holds a character that cannot be sent"),
        (PersonRecord("p9", "Dana \u202egro.elpmaxe"), "the name holds a character that cannot be sent"),
        (PersonRecord("p9", "Dana \ud800"), "the name holds a character that cannot be sent"),
        (PersonRecord("p9", "D" * 501), "the name is longer than 500 characters"),
        (PersonRecord("p" * 81, "Dana"), "the code is longer than 80 characters"),
        (
            PersonRecord("p9", "Dana", salutations={"en": "Dear\rDana"}),
            "the salutations holds a character that cannot be sent",
        ),
        (
            PersonRecord("p9", "Dana", languages=("en\x00",)),
            "the languages holds a character that cannot be sent",
        ),
    ],
)
def test_a_text_that_no_honest_file_would_hold_is_refused(
    gathering: Gathering, record: PersonRecord, said: str
) -> None:
    assert not gathering.add_person(record, HERE)
    assert reason(gathering) == said


def test_names_of_every_script_are_taken(gathering: Gathering) -> None:
    for number, name in enumerate(
        ["Órfhlaith Ní Bhriain", "آمنة الزهراء", "नर्मदा", "林美玲", "D’Arcy\u00a0Osei"]
    ):
        assert gathering.add_person(PersonRecord(f"n{number}", name), HERE)


def test_a_post_cannot_have_no_seat_or_a_million(gathering: Gathering) -> None:
    for seats in (0, -1, 1_000_000):
        assert not gathering.add_post(PostRecord("x", "X", seats=seats), HERE)
    assert len(told(gathering.problems)) == 3
