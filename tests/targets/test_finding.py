from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amparo.targets import current, finding, version_files
from amparo.targets.activating import activate
from amparo.targets.contacting import record_failure, record_override
from amparo.targets.current import NoTargets
from amparo.targets.finding import NoSuchLegislature, as_json, find, target_by_key, targets_by_key
from amparo.targets.outlines import OutsideExtent
from amparo.targets.overriding import override_legislature, override_postcode
from amparo.targets.postcodes import MalformedPostcode
from amparo.targets.records import LegislatureRecord, MembershipRecord, PostRecord
from amparo.targets.snapshot import TargetsUnavailable
from amparo.targets.staging import stage
from tests.factories.organizations import an_organization
from tests.targets.orlund import (
    contacts,
    email_of,
    legislatures,
    memberships,
    middle_of,
    orlund,
    people,
    postcodes,
    posts,
    table,
    vacated,
)

pytestmark = pytest.mark.django_db


def load(now, edition="first", *, organization=None, **changes):
    dataset = stage(bundle=orlund(edition, **changes), organization=organization, now=now)
    activate(dataset=dataset, now=now, even_if_large=True)
    return dataset


def ask(now, postcode="", **more):
    return find(slug="orlund", postcode=postcode, now=now, **more)


def keys(answer):
    return [candidate.key for candidate in answer.candidates]


def deputies(answer):
    return [key.rpartition("/")[2] for key in keys(answer) if "/assembly/" in key]


# --- By postcode ---


@pytest.mark.parametrize("typed", ["EX7 1AA", "ex71aa", "  ex7  1aa ", "EX7 IAA", "EX7\u00a01AA"])
def test_a_postcode_finds_the_deputy_however_it_is_typed(now, typed):
    load(now)

    answer = ask(now, typed, legislature=["assembly"])

    assert answer.needs == "none"
    assert answer.postcode == "EX7 1AA"
    assert answer.dataset == "orlund/1"
    (candidate,) = answer.candidates
    assert (candidate.area_set, candidate.area_code, candidate.area_name) == ("seats", "O07", "Seat O07")
    assert (candidate.evidence, candidate.share, candidate.certain) == ("exact", None, True)
    assert candidate.holder_name == "Ana DeputyO07"
    assert candidate.target.address == email_of("O07")


def test_without_a_house_named_all_houses_answer_the_smaller_area_first(now):
    load(now)

    answer = ask(now, "EX7 1AA")

    assert keys(answer) == ["orlund/assembly/O07", "orlund/senate/OL-E-1", "orlund/senate/OL-E-2"]
    assert answer.needs == "none"


def test_an_area_with_two_senators_yields_both(now):
    load(now)

    answer = ask(now, "EX12 1AA", legislature=["senate"])

    assert keys(answer) == ["orlund/senate/OL-W-1", "orlund/senate/OL-W-2"]
    assert {candidate.area_code for candidate in answer.candidates} == {"OL-W"}
    assert answer.needs == "none"


def test_a_post_of_many_seats_yields_everybody_in_it(now):
    area_post = PostRecord(
        "assembly/O07", "Deputies for Seat O07", "Deputy", "seat", "assembly", area=("seats", "O07"), seats=2
    )
    load(
        now,
        posts=tuple(area_post if post.code == "assembly/O07" else post for post in posts()),
        memberships=(*memberships(), MembershipRecord("assembly/O07", "m1")),
    )

    answer = ask(now, "EX7 1AA", legislature=["assembly"])

    assert keys(answer) == ["orlund/assembly/O07#pO07", "orlund/assembly/O07#m1"]
    assert answer.needs == "none"
    assert target_by_key("orlund/assembly/O07#m1", organization=None, now=now).holder == "Tove Ek"
    assert target_by_key("orlund/assembly/O07#nobody", organization=None, now=now) is None


def test_a_split_postcode_asks_and_never_picks(now):
    load(now)

    answer = ask(now, "EX1 9AA")

    assert answer.needs == "choice"
    assert [(choice.area_code, choice.share, choice.evidence) for choice in answer.choices] == [
        ("O01", 0.7, "concordance"),
        ("O02", 0.3, "concordance"),
    ]
    assert [candidate.key for candidate in answer.candidates if candidate.certain] == [
        "orlund/senate/OL-E-1",
        "orlund/senate/OL-E-2",
    ]


def test_a_split_postcode_is_no_question_for_a_house_that_is_not_split_there(now):
    load(now)

    assert ask(now, "EX1 9AA", legislature=["senate"]).needs == "none"


def test_the_supporter_settles_a_split_postcode(now):
    load(now)

    answer = ask(now, "EX1 9AA", area_code="O02", legislature=["assembly"])

    assert answer.needs == "none"
    assert deputies(answer) == ["O02"]
    assert answer.candidates[0].evidence == "user"


@pytest.mark.parametrize("area", ["O09", "nowhere", "OL-E"])
def test_but_only_with_an_area_that_comes_into_question(now, area):
    load(now)

    answer = ask(now, "EX1 9AA", area_code=area, legislature=["assembly"])

    assert answer.needs == "choice"
    assert deputies(answer) == ["O01", "O02"]


def test_and_cannot_talk_a_sure_postcode_into_another_area(now):
    load(now)

    assert deputies(ask(now, "EX7 1AA", area_code="O09")) == ["O07"]
    assert ask(now, "EX7 1AA", area_code="O07").candidates[0].evidence == "exact"


def test_an_unknown_postcode_between_agreeing_neighbours_is_a_guess_to_confirm(now):
    load(now)

    answer = ask(now, "EX7 1AD", legislature=["assembly"])

    assert answer.needs == "choice"
    assert deputies(answer) == ["O07"]
    assert answer.candidates[0].evidence == "neighbour"
    confirmed = ask(now, "EX7 1AD", legislature=["assembly"], area_code="O07")
    assert (confirmed.needs, confirmed.candidates[0].evidence) == ("none", "user")
    assert deputies(ask(now, "EX7 1AD", area_code="O08")) == ["O08"]


@pytest.mark.parametrize("postcode", ["ZZ99 9ZZ", "EX7 1AG", "EX20 1ZZ"])
def test_a_postcode_that_does_not_exist_finds_nobody(now, postcode):
    load(now)

    answer = ask(now, postcode)

    assert (answer.needs, answer.candidates, answer.reason) == ("none", (), "unknown")
    assert answer.sentence


def test_a_postcode_that_exists_and_lies_nowhere_says_so(now):
    load(now)

    answer = ask(now, "EX20 7AA")

    assert (answer.needs, answer.candidates, answer.reason) == ("none", (), "no_area")


def test_a_postcode_that_is_only_a_point_is_a_guess_from_the_map(now):
    load(now)

    answer = ask(now, "EX3 8AA", legislature=["assembly"])

    assert answer.needs == "choice"
    assert [(choice.area_code, choice.evidence) for choice in answer.choices] == [("O03", "point")]


def test_what_is_no_postcode_is_refused_with_the_shape_of_one(now):
    load(now)

    with pytest.raises(MalformedPostcode, match="SW1A 0AA"):
        ask(now, "hello")


def test_a_postcode_of_another_country_is_told_apart(now):
    load(now)

    answer = ask(now, "35004-1234")

    assert (answer.needs, answer.reason, answer.candidates) == ("none", "foreign", ())
    assert "Orlund" in answer.sentence


def test_staff_know_better_than_the_table(now):
    load(now)

    override_postcode(slug="orlund", postcode="ex7 1aa", area_code="O09", reason="new estate", now=now)
    override_postcode(slug="orlund", postcode="ZZ99 9ZZ", area_code="O10", reason="missing", now=now)

    answer = ask(now, "EX7 1AA", legislature=["assembly"])
    assert deputies(answer) == ["O09"]
    assert (answer.needs, answer.candidates[0].evidence) == ("none", "override")
    assert deputies(ask(now, "ZZ99 9ZZ")) == ["O10"]
    assert deputies(ask(now, "EX7 1AB")) == ["O07"]


def test_an_override_of_a_coarse_postcode_holds_for_the_finer_ones_in_it(now):
    rows = [("M5V", (("O01", None), ("O02", None)), None), ("K1A", (("O03", None),), None)]
    load(now, postcodes=replace(postcodes(rows), format="ca"))
    assert ask(now, "M5V 2T6").needs == "choice"

    override_postcode(slug="orlund", postcode="M5V", area_code="O02", reason="", now=now)

    assert deputies(ask(now, "M5V 2T6")) == ["O02"]
    assert deputies(ask(now, "K1A 0B1")) == ["O03"]


def test_an_override_to_an_area_that_is_gone_counts_for_nothing(now):
    load(now)
    override_postcode(slug="orlund", postcode="EX7 1AA", area_code="O20", reason="", now=now)
    kept = tuple(area for area in orlund().areas if area.code != "O20")
    rest = [row for row in table() if row[1] != (("O20", None),)]
    load(now, "second", areas=kept, postcodes=postcodes(rest), **_without_o20())

    assert deputies(ask(now, "EX7 1AA")) == ["O07"]


def _without_o20():
    return {
        "posts": tuple(post for post in posts() if post.area != ("seats", "O20")),
        "memberships": tuple(held for held in memberships() if not held.post.endswith("O20")),
        "contacts": tuple(contact for contact in contacts() if "O20" not in contact.holder),
        "outlines": (),
    }


def test_a_lost_file_is_told_to_the_log_and_not_to_the_reader(now, caplog):
    load(now)
    (version_files.folder_of("orlund", 1) / version_files.POSTCODES).unlink()

    with pytest.raises(TargetsUnavailable) as refusal:
        ask(now, "EX7 1AA")

    assert "postcodes.index" not in str(refusal.value)
    assert "postcodes.index" in caplog.text
    stage(bundle=orlund(), now=now)
    assert deputies(ask(now, "EX7 1AA")) == ["O07"]


# --- By the map, by address, by choice ---


def test_a_point_well_inside_an_area_settles_it(now):
    load(now)

    answer = ask(now, pin=middle_of("O07"), legislature=["assembly"])

    assert answer.needs == "none"
    assert [(one.area_code, one.evidence) for one in answer.candidates] == [("O07", "point")]


def test_a_point_near_a_border_asks(now):
    load(now)

    answer = ask(now, pin=(7.995, 60.5), legislature=["assembly"])

    assert answer.needs == "choice"
    assert deputies(answer) == ["O07", "O08"]
    assert ask(now, pin=(7.995, 60.5), legislature=["senate"]).needs == "none"
    assert deputies(ask(now, "EX1 9AA", pin=(1.995, 60.5), area_code="O12")) == ["O01", "O02"]


def test_a_point_settles_a_split_postcode_but_never_overrules_a_table(now):
    load(now)

    assert deputies(ask(now, "EX1 9AA", pin=middle_of("O02"))) == ["O02"]
    assert ask(now, "EX1 9AA", pin=middle_of("O02"), legislature=["assembly"]).needs == "none"
    assert deputies(ask(now, "EX1 9AA", pin=middle_of("O12"))) == ["O01", "O02"]
    assert deputies(ask(now, "EX7 1AA", pin=middle_of("O12"))) == ["O07"]


def test_a_point_at_sea_finds_nobody(now):
    load(now)

    assert ask(now, pin=(-40.0, 30.0)).reason == "unknown"


def test_a_point_that_is_on_no_map_is_refused(now):
    load(now)

    with pytest.raises(OutsideExtent):
        ask(now, pin=(400.0, 60.0))


def test_the_postcode_may_stand_at_the_end_of_an_address(now):
    load(now)

    assert deputies(ask(now, address="4 Long Lane, Brennick, EX7 1AA")) == ["O07"]
    assert ask(now, address="4 Long Lane").needs == "address"


def test_who_says_nothing_is_asked(now):
    load(now)

    answer = ask(now)

    assert (answer.needs, answer.candidates) == ("address", ())
    assert answer.pin_helps


def test_without_table_and_map_the_supporter_chooses_among_all_areas(now):
    load(
        now,
        postcodes=None,
        outlines=(),
        area_sets=tuple(replace(one, crs=None) for one in orlund().area_sets),
    )

    answer = ask(now, legislature=["assembly"])

    assert answer.needs == "choice"
    assert len(answer.choices) == 20
    assert deputies(ask(now, legislature=["assembly"], area_code="O11")) == ["O11"]


def test_a_hint_offers_the_areas_inside_the_one_it_names(now):
    rows = replace(postcodes([("EX11AA", (("OL-E", None),), None)]), area_set="lands", reach="hint")
    load(now, postcodes=rows)

    answer = ask(now, "EX1 1AA")

    assert answer.needs == "choice"
    assert [choice.area_code for choice in answer.choices] == [f"O{number:02}" for number in range(1, 11)]
    assert [one.key for one in answer.candidates if one.certain] == [
        "orlund/senate/OL-E-1",
        "orlund/senate/OL-E-2",
    ]
    settled = ask(now, "EX1 1AA", area_code="O04")
    assert (settled.needs, deputies(settled)) == ("none", ["O04"])
    assert ask(now, "EX1 1AA", area_code="O12").needs == "choice"


def test_a_post_without_area_answers_for_everybody_even_from_nowhere(now):
    load(
        now, posts=(*posts(), PostRecord("senate/president", "President of the Senate", "", "seat", "senate"))
    )

    assert keys(ask(now, "ZZ99 9ZZ", legislature=["senate"])) == ["orlund/senate/president"]
    assert ask(now, "EX7 1AA", legislature=["senate"]).needs == "none"
    assert keys(ask(now, "EX7 1AA"))[-1] == "orlund/senate/president"


def test_a_house_that_answers_for_everybody_asks_nobody_for_a_postcode(now):
    council = LegislatureRecord("council", "Council of Orlund")
    chair = PostRecord("council/chair", "Chair of the Council", "", "seat", "council")
    load(now, legislatures=(*legislatures(), council), posts=(*posts(), chair))

    answer = ask(now, legislature=["council"])

    assert (answer.needs, keys(answer)) == ("none", ["orlund/council/chair"])
    assert ask(now, legislature=["council", "assembly"]).needs == "address"


# --- Who holds the seat ---


def test_a_vacant_seat_offers_nobody_and_says_why(now):
    load(now, **vacated("O07"))

    answer = ask(now, "EX7 1AA", legislature=["assembly"])

    assert (answer.needs, answer.reason) == ("none", "vacant")
    target = answer.candidates[0].target
    assert (target.status, target.holder, target.channel, target.contacts) == ("vacant", "", "none", ())
    assert "Deputy for Seat O07" in answer.sentence


def test_a_vacant_ministry_is_not_written_to_though_its_office_has_an_address(now):
    load(now, memberships=tuple(held for held in memberships() if held.post != "minister/justice"))

    target = target_by_key("orlund/minister/justice", organization=None, now=now)

    assert (target.status, target.channel, target.address, target.contacts) == ("vacant", "none", "", ())


def test_an_answer_with_somebody_in_it_gives_no_reason(now):
    load(now, **vacated("O07"))

    assert ask(now, "EX7 1AA").reason == ""


def test_a_dissolved_house_has_no_members(now):
    dissolved = tuple(
        replace(house, state="dissolved") if house.code == "assembly" else house for house in legislatures()
    )
    load(now, legislatures=dissolved)

    answer = ask(now, "EX7 1AA", legislature=["assembly"])

    assert answer.reason == "dissolved"
    assert answer.candidates[0].target.channel == "none"
    assert as_json(answer)["candidates"][0]["holder"] is None
    assert "Assembly of Orlund is dissolved" in answer.sentence
    assert targets_by_key("orlund/senate/OL-E-1", organization=None, now=now)[0].status == "held"


def test_staff_dissolve_a_house_before_any_file_does(now):
    load(now)
    assert ask(now, "EX7 1AA", legislature=["assembly"]).reason == ""

    override_legislature(
        slug="orlund", legislature_code="assembly", state="dissolved", reason="writ", now=now
    )
    assert ask(now, "EX7 1AA", legislature=["assembly"]).reason == "dissolved"

    override_legislature(slug="orlund", legislature_code="assembly", state="sitting", reason="", now=now)
    assert ask(now, "EX7 1AA", legislature=["assembly"]).reason == ""


def test_who_holds_a_post_may_not_be_known_which_is_not_a_vacancy(now):
    unknown = tuple(
        replace(post, holders_known=False) if post.code == "assembly/O07" else post for post in posts()
    )
    load(now, **vacated("O07") | {"posts": unknown})

    answer = ask(now, "EX7 1AA", legislature=["assembly"])

    assert answer.reason == "holder_unknown"
    assert as_json(answer)["candidates"][0]["vacant"] is False


def test_a_term_that_ended_after_the_data_was_made_leaves_the_successor_unknown(now):
    ending = tuple(
        replace(held, end=date(2026, 11, 23)) if held.post == "assembly/O07" else held
        for held in memberships()
    )
    load(now, memberships=ending)

    assert target_by_key("orlund/assembly/O07", organization=None, now=now).status == "held"
    tomorrow = target_by_key("orlund/assembly/O07", organization=None, now=now + timedelta(days=1))
    assert (tomorrow.status, tomorrow.reason, tomorrow.channel) == ("unknown", "out_of_date", "none")


def test_a_term_that_ended_before_leaves_a_vacancy(now):
    ended = tuple(
        replace(held, end=date(2026, 5, 1)) if held.post == "assembly/O07" else held for held in memberships()
    )
    load(now, memberships=ended)

    assert target_by_key("orlund/assembly/O07", organization=None, now=now).status == "vacant"


def test_cover_is_addressed_instead_of_whoever_is_on_leave(now):
    load(now)

    target = target_by_key("orlund/minister/justice", organization=None, now=now)

    assert target.holder == "Odd Lind"
    assert target.salutation("en") == "Dear Mr Lind"
    assert target.address == "minister@justice.example.org"


def test_on_leave_without_cover_is_still_the_holder(now):
    alone = tuple(held for held in memberships() if held.status != "acting")
    load(now, memberships=alone)

    assert target_by_key("orlund/minister/justice", organization=None, now=now).holder == "Tove Ek"


def test_an_office_may_be_written_to_without_knowing_who_is_in_it(now):
    load(now)

    target = target_by_key("orlund/office/ombudsman", organization=None, now=now)

    assert (target.status, target.channel, target.address) == (
        "unknown",
        "email",
        "post@ombudsman.example.org",
    )
    assert target.sentence == ""


def test_a_committee_means_its_members_at_their_own_seats(now):
    load(now)

    found = targets_by_key("orlund/committee/rights", organization=None, now=now)

    assert [target.key for target in found] == [f"orlund/assembly/{seat}" for seat in ("O01", "O02", "O03")]
    assert found[0].address == email_of("O01")


@pytest.mark.parametrize("key", ["orlund/assembly/O99", "nowhere/assembly/O01", "orlund", ""])
def test_a_key_that_means_nothing_finds_nothing(now, key):
    load(now)

    assert target_by_key(key, organization=None, now=now) is None


def test_a_target_tells_a_letter_all_it_needs(now):
    load(now)

    target = target_by_key("orlund/assembly/O01", organization=None, now=now)

    assert target.label == "Deputy for Seat O01"
    assert (target.area_code, target.area_name) == ("O01", "Seat O01")
    assert (target.party, target.party_name) == ("tide", "Tide")
    assert (target.requires, target.accepts) == (("postal_address",), "constituents")
    assert target.dataset == "orlund/1"
    assert target.verified_on == date(2026, 5, 1)
    assert target.salutation("en") == "Dear Dr DeputyO01"
    assert target.envelope("en").startswith("Dr Ana DeputyO01")
    assert target.closing("en")
    assert target.contacts == (("email", email_of("O01")), ("phone", "+00 555 0101"))


# --- How they are reached ---


def test_a_form_is_the_way_where_no_address_is_known(now):
    load(now)

    target = target_by_key("orlund/senate/OL-E-1", organization=None, now=now)

    assert (target.channel, target.address, target.form_url) == (
        "form",
        "",
        "https://senate.example.org/OL-E/1",
    )
    assert target.requires == ("topic",)


def test_an_office_that_takes_no_letters_gets_none(now):
    refusing = tuple(
        replace(contact, accepts="none") if contact.value == email_of("O07") else contact
        for contact in contacts()
    )
    load(now, contacts=refusing)

    target = target_by_key("orlund/assembly/O07", organization=None, now=now)

    assert (target.status, target.channel, target.contacts) == ("held", "none", ())
    assert "Ana DeputyO07 has asked not to be written to" in target.sentence


def test_no_contact_at_all_is_said(now):
    load(now, contacts=())

    target = target_by_key("orlund/assembly/O07", organization=None, now=now)

    assert target.channel == "none"
    assert "Ana DeputyO07" in target.sentence


def test_an_address_that_two_letters_came_back_from_is_written_to_no_more(now):
    load(now)
    address = email_of("O07")

    assert record_failure(address=address, letter_id=uuid4(), reason="550 unknown user", now=now) is False
    assert target_by_key("orlund/assembly/O07", organization=None, now=now).channel == "email"
    assert (
        record_failure(address=address.upper(), letter_id=uuid4(), reason="550 unknown user", now=now) is True
    )

    target = target_by_key("orlund/assembly/O07", organization=None, now=now)
    assert (target.channel, target.contacts) == ("none", ())
    assert find(slug="orlund", postcode="EX7 1AA", now=now).candidates[0].target.channel == "none"


def test_an_address_that_was_verified_since_starts_afresh(now):
    load(now)
    for _letter in range(2):
        record_failure(address=email_of("O07"), letter_id=uuid4(), reason="550", now=now)
    verified = tuple(
        replace(contact, verified_on=now.date()) if contact.value == email_of("O07") else contact
        for contact in contacts()
    )
    load(now, "second", contacts=verified)

    assert target_by_key("orlund/assembly/O07", organization=None, now=now).channel == "email"


def test_an_organization_reaches_a_target_by_its_own_address_and_others_do_not(now):
    load(now)
    ours, theirs = an_organization("open-doors"), an_organization("free-words")
    key = "orlund/assembly/O07"

    record_override(
        organization=ours,
        target_key=key,
        type="email",
        value="office@o07.example.org",
        reason="",
        by=None,
        now=now,
    )

    target = target_by_key(key, organization=ours, now=now)
    assert target.address == "office@o07.example.org"
    assert target.requires == ("postal_address",)
    for other in (theirs, None):
        assert target_by_key(key, organization=other, now=now).address == email_of("O07")
    answer = find(slug="orlund", postcode="EX7 1AA", organization=ours, now=now)
    assert answer.candidates[0].target.address == "office@o07.example.org"


def test_an_organization_may_spare_a_target(now):
    load(now)
    ours = an_organization()
    key = "orlund/assembly/O07"

    record_override(organization=ours, target_key=key, type="none", reason="he asked us", by=None, now=now)

    target = target_by_key(key, organization=ours, now=now)
    assert (target.channel, target.contacts) == ("none", ())
    assert target.sentence


# --- Whose targets, which version ---


def test_what_is_not_loaded_is_refused(now):
    with pytest.raises(NoTargets, match="orlund"):
        ask(now, "EX7 1AA")


def test_targets_of_one_organization_are_nobody_elses(now):
    ours, theirs = an_organization("open-doors"), an_organization("free-words")
    load(now, organization=ours)

    assert deputies(ask(now, "EX7 1AA", organization=ours)) == ["O07"]
    for other in (theirs, None):
        with pytest.raises(NoTargets):
            ask(now, "EX7 1AA", organization=other)
        assert target_by_key("orlund/assembly/O07", organization=other, now=now) is None


def test_a_house_that_is_not_there_is_refused_with_those_that_are(now):
    load(now)

    with pytest.raises(NoSuchLegislature, match="assembly, senate"):
        ask(now, "EX7 1AA", legislature=["commons"])


def test_a_new_version_answers_at_once(now):
    load(now)
    assert ask(now, "EX7 1AA").dataset == "orlund/1"

    load(now, "second", **vacated("O07"))

    assert ask(now, "EX7 1AA").dataset == "orlund/2"
    assert ask(now, "EX7 1AA", legislature=["assembly"]).reason == "vacant"


@pytest.mark.django_db(transaction=True)
def test_a_warm_look_up_asks_the_database_nothing(now):
    load(now)
    ask(now, "EX7 1AA")
    target_by_key("orlund/assembly/O07", organization=None, now=now)

    with CaptureQueriesContext(connection) as queries:
        for postcode in ("EX7 1AA", "EX8 1AA", "ZZ99 9ZZ"):
            ask(now, postcode)
        target_by_key("orlund/assembly/O07", organization=None, now=now)

    assert len(queries) == 0


@pytest.mark.django_db(transaction=True)
def test_another_process_notices_a_new_version_by_one_small_question(now, monkeypatch):
    load(now)
    ask(now, "EX7 1AA")
    seen = dict(current._known)
    load(now, "second")
    current._known.update(seen)
    assert ask(now, "EX7 1AA").dataset == "orlund/1"

    monkeypatch.setattr(current, "CHECK_SECONDS", 0.0)

    assert ask(now, "EX7 1AA").dataset == "orlund/2"
    with CaptureQueriesContext(connection) as queries:
        ask(now, "EX7 1AA")
    assert len(queries) == 1


def test_answers_kept_ready_do_not_grow_without_end(now, monkeypatch):
    monkeypatch.setattr(current, "MOST_ANSWERS", 5)
    load(now)

    for number in range(1, 21):
        ask(now, f"EX{number} 1AA")

    assert len(current.register("orlund", organization=None).answers) <= 5


def test_names_come_in_the_language_asked_for(now):
    load(now)

    assert ask(now, "EX7 1AA", language="fr").candidates[0].area_name == "Siège O07"
    assert ask(now, "EX7 1AA", language="ar").candidates[0].area_name == "Seat O07"


def test_the_format_of_the_postcodes_is_told(now):
    assert finding.postcode_format(slug="orlund") == "generic"
    load(now)
    assert finding.postcode_format(slug="orlund") == "uk"
    load(now, "second", postcodes=None)
    assert finding.postcode_format(slug="orlund") == ""


# --- For programs ---


def test_the_json_is_what_was_promised(now):
    load(now)

    assert json.loads(json.dumps(as_json(ask(now, "ex7 1aa", legislature=["assembly"])))) == {
        "needs": "none",
        "dataset": "orlund/1",
        "candidates": [
            {
                "area": {"set": "seats", "code": "O07", "name": "Seat O07"},
                "evidence": "exact",
                "share": None,
                "post": "orlund/assembly/O07",
                "holder": {"name": "Ana DeputyO07", "party": "Tide"},
                "contact": [{"type": "email", "value": "o07@assembly.example.org"}],
            }
        ],
    }


def test_the_json_of_nobody_says_why(now):
    load(now)

    found = as_json(ask(now, "ZZ99 9ZZ"))

    assert (found["needs"], found["candidates"], found["reason"]) == ("none", [], "unknown")
    assert found["sentence"]


def test_the_json_of_a_vacant_seat_has_no_holder(now):
    load(now, **vacated("O07"))

    (candidate,) = as_json(ask(now, "EX7 1AA", legislature=["assembly"]))["candidates"]

    assert candidate["holder"] is None
    assert candidate["contact"] == []
    assert candidate["vacant"] is True
    assert candidate["reason"] == "vacant"


def test_a_list_of_everybodys_targets_asks_for_no_postcode(now):
    chair = PostRecord("list/chair", "Chair of the Board", "Chair", "seat", "list")
    load(
        now,
        areas=(), area_sets=(), legislatures=(LegislatureRecord("list", "The board"),), posts=(chair,),
        memberships=(MembershipRecord("list/chair", "m1"),), people=people(), contacts=(), postcodes=None, outlines=(),
    )  # fmt: skip

    answer = ask(now)

    assert (answer.needs, keys(answer)) == ("none", ["orlund/list/chair"])
    assert as_json(answer)["candidates"][0]["area"] == {"set": "", "code": "XO", "name": "Orlund"}
