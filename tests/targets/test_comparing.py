from __future__ import annotations

import json
from dataclasses import replace

import pytest

from amparo.targets.comparing import Change, Holder, Move, Vacancy, compare
from amparo.targets.records import MembershipRecord
from amparo.targets.staging import stage
from tests.targets.orlund import (
    memberships,
    orlund,
    people,
    postcodes,
    posts,
    table,
    vacated,
    with_emails,
    without_seats,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(now):
    return stage(bundle=orlund(), now=now)


def second(now, **changes):
    return stage(bundle=orlund("second", **changes), now=now)


def holding_of(seat, **changes):
    """All holdings, with that of one seat changed."""
    return tuple(
        replace(held, **changes) if held.post == f"assembly/{seat}" else held for held in memberships()
    )


def test_a_first_version_adds_everything_and_changes_nothing(first):
    difference = compare(None, first)

    assert difference.old == ""
    assert len(difference.posts_added) == len(posts())
    assert difference.share_changed == difference.share_lost == 0
    assert difference.sentences()[0] == "orlund/1 is the first version: 27 posts, 83 postcodes."


def test_the_same_said_twice_is_no_difference(first, now):
    difference = compare(first, second(now))

    assert difference.is_empty
    assert difference.sentences() == ["orlund/2 says the same as orlund/1."]


def test_a_by_election_is_somebody_who_left_and_somebody_who_came(first, now):
    newcomer = replace(people()[0], code="p-new", name="Per Newcomer")
    difference = compare(
        first,
        second(now, people=(*people(), newcomer), memberships=holding_of("O05", person="p-new"), contacts=()),
    )

    assert difference.added == (Holder("assembly/O05", "Deputy for Seat O05", "Per Newcomer"),)
    assert difference.left == (Holder("assembly/O05", "Deputy for Seat O05", "Ana DeputyO05"),)
    assert difference.vacated == ()
    assert "Per Newcomer came: Deputy for Seat O05." in difference.sentences()


def test_a_member_who_changes_seats_has_moved(first, now):
    changed = vacated("O05", "O06")
    moved = MembershipRecord("assembly/O06", "pO05")
    difference = compare(first, second(now, **changed | {"memberships": (*changed["memberships"], moved)}))

    assert difference.moved == (
        Move("Ana DeputyO05", "assembly/O05", "Deputy for Seat O05", "assembly/O06", "Deputy for Seat O06"),
    )
    assert difference.added == ()
    assert [holder.name for holder in difference.left] == ["Ana DeputyO06"]
    assert difference.vacated == (Vacancy("assembly/O05", "Deputy for Seat O05", "Ana DeputyO05"),)


def test_a_seat_that_nobody_holds_any_more_fell_vacant(first, now):
    difference = compare(first, second(now, **vacated("O05")))

    assert difference.vacated == (Vacancy("assembly/O05", "Deputy for Seat O05", "Ana DeputyO05"),)
    assert difference.posts_touched == 1
    assert "Fell vacant: Deputy for Seat O05 (until now Ana DeputyO05)." in difference.sentences()


def test_a_change_of_party_and_a_new_name_are_changes(first, now):
    renamed = tuple(
        replace(person, name="Ana Ek") if person.code == "pO05" else person for person in people()
    )
    difference = compare(
        first, second(now, people=renamed, memberships=holding_of("O05", party="oak", party_name="Oak"))
    )

    assert set(difference.changed) == {
        Change("assembly/O05", "Deputy for Seat O05", "Ana Ek", "name", "Ana DeputyO05", "Ana Ek"),
        Change("assembly/O05", "Deputy for Seat O05", "Ana Ek", "party", "Tide", "Oak"),
    }


def test_another_address_of_the_same_person_is_a_new_contact(first, now):
    difference = compare(first, second(now, **with_emails({"O05": "new@assembly.example.org"})))

    assert difference.contacts == (
        Change("assembly/O05", "Deputy for Seat O05", "Ana DeputyO05", "contact", "o05@assembly.example.org",
               "new@assembly.example.org"),
    )  # fmt: skip
    assert difference.changed == ()


def test_a_new_telephone_is_not_worth_a_word(first, now):
    kept = orlund().contacts
    difference = compare(
        first,
        second(
            now,
            contacts=tuple(
                replace(one, value="+00 555 0199") if one.type == "phone" else one for one in kept
            ),
        ),
    )

    assert difference.is_empty


def test_an_office_that_is_called_otherwise_has_changed(first, now):
    renamed = tuple(
        replace(post, label="Minister of Law") if post.code == "minister/justice" else post
        for post in posts()
    )
    difference = compare(first, second(now, posts=renamed))

    assert difference.changed == (
        Change("minister/justice", "Minister of Law", "", "office", "Minister of Justice", "Minister of Law"),
    )


def test_abolished_seats_are_gone_and_the_posts_fewer(first, now):
    difference = compare(first, second(now, **without_seats("O19", "O20")))

    assert difference.posts_gone == ("assembly/O19", "assembly/O20")
    assert difference.share_lost == pytest.approx(2 / 27)
    assert difference.share_changed == pytest.approx(2 / 27)


def test_postcodes_that_lead_elsewhere_are_seen_though_nobody_came_or_left(first, now):
    shifted = [
        (code, (("O08", None),) if areas == (("O07", None),) else areas, point)
        for code, areas, point in table()
    ]
    difference = compare(first, second(now, postcodes=postcodes(shifted)))

    assert difference.postcodes_moved == 4
    assert difference.posts_touched == 0
    assert difference.share_changed == pytest.approx(4 / 83)
    assert not difference.is_empty


def test_new_postcodes_move_nobody(first, now):
    difference = compare(
        first, second(now, postcodes=postcodes([*table(), ("EX72AA", (("O07", None),), None)]))
    )

    assert difference.postcodes_moved == 0
    assert (difference.postcodes_before, difference.postcodes_after) == (83, 84)


def test_the_difference_goes_out_as_json(first, now):
    difference = compare(first, second(now, **vacated("O05")))

    found = json.loads(json.dumps(difference.as_json()))

    assert found["vacated"] == [
        {"post": "assembly/O05", "label": "Deputy for Seat O05", "former": "Ana DeputyO05"}
    ]
    assert found["share_changed"] == pytest.approx(1 / 27)
