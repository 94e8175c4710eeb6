"""Two records that are one person: found, shown, merged, and told apart again without a trace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.accounts.models import AuditEntry
from amparo.kit.ids import new_id
from amparo.supporters import consent, custom_fields, wordings
from amparo.supporters.identity import fingerprint_of, phone_fingerprint_of
from amparo.supporters.merging_people import merging
from amparo.supporters.models import (
    Channel,
    ConsentRecord,
    CustomValue,
    Merge,
    Origin,
    OtherAddress,
    Purpose,
    Supporter,
    Tag,
    Tagging,
)
from tests.factories.organizations import an_organization
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db
NEWS = consent.bit(Purpose.NEWS, Channel.EMAIL)
EVENTS = consent.bit(Purpose.EVENTS, Channel.EMAIL)


def say(supporter, granted, now, *, purpose=Purpose.NEWS, partner=""):
    wording = wordings.word(
        organization=supporter.organization,
        purpose=purpose,
        channel=Channel.EMAIL,
        language="en",
        text="May we?",
        partner=partner,
    )
    consent.record(supporter=supporter, answers={wording.pk: granted}, source="/sign/", now=now)


def agreed(supporter):
    return Supporter.objects.get(pk=supporter.pk).agreed_to


def merge(survivor, absorbed, now):
    return merging.merge(
        survivor=Supporter.objects.get(pk=survivor.pk),
        absorbed=Supporter.objects.get(pk=absorbed.pk),
        by=None,
        now=now,
    )


def undo(merged, now):
    merging.undo(merge=Merge.objects.get(pk=merged.pk), by=None, now=now)


def person_of(supporter):
    return Supporter.objects.get(pk=supporter.pk).person_id


@pytest.fixture
def suzie(db):
    return a_supporter(an_organization(), given_name="Suzie", email="suzie@example.org")


@pytest.fixture
def susan(db):
    return a_supporter(an_organization(), given_name="Susan", email="susan@example.net")


# --- Finding ------------------------------------------------------------------------------------------------------


def test_one_telephone_number_twice_is_found_the_older_record_first(suzie, susan, now):
    mark = phone_fingerprint_of("+441632960001", organization=suzie.organization)
    Supporter.objects.filter(pk__in=[suzie.pk, susan.pk]).update(phone_fingerprint=mark)
    Supporter.objects.filter(pk=suzie.pk).update(created_at=now - timedelta(days=9))

    (found,) = merging.likely_duplicates(organization=suzie.organization)

    assert (found.survivor, found.absorbed, found.why) == (suzie, susan, merging.SAME_PHONE)


def test_an_address_that_is_a_further_one_of_somebody_else_is_found(suzie, susan, now):
    OtherAddress.objects.create(
        id=new_id(),
        organization=suzie.organization,
        supporter=suzie,
        email="susan@example.net",
        fingerprint=fingerprint_of("susan@example.net", organization=suzie.organization),
        added_at=now,
    )
    (found,) = merging.likely_duplicates(organization=suzie.organization)

    assert {found.survivor, found.absorbed} == {suzie, susan}
    assert found.why == merging.SAME_ADDRESS
    merge(suzie, susan, now)
    assert merging.likely_duplicates(organization=suzie.organization) == []


def test_another_organizations_people_are_nobodys_duplicates(suzie):
    theirs = a_supporter(an_organization("other"), email="suzie@example.org")
    mark = phone_fingerprint_of("+441632960001", organization=suzie.organization)
    Supporter.objects.filter(pk__in=[suzie.pk, theirs.pk]).update(phone_fingerprint=mark)

    assert merging.likely_duplicates(organization=suzie.organization) == []


# --- Merging ------------------------------------------------------------------------------------------------------


def test_the_later_answer_holds_for_each_question(suzie, susan, now):
    say(suzie, True, now)
    say(susan, False, now + timedelta(hours=1))
    say(susan, False, now, purpose=Purpose.EVENTS)
    say(suzie, True, now + timedelta(hours=1), purpose=Purpose.EVENTS)

    merge(suzie, susan, now + timedelta(days=1))

    assert agreed(suzie) == EVENTS
    assert agreed(susan) == 0
    assert person_of(susan) == suzie.pk


def test_the_preview_says_what_then_happens(suzie, susan, now):
    say(suzie, True, now)
    say(susan, False, now + timedelta(hours=1))
    say(susan, True, now, purpose=Purpose.PARTNER, partner="Lamp Light")
    tag = Tag.objects.create(organization=suzie.organization, name="printers", created_at=now)
    Tagging.objects.create(tag=tag, supporter=susan, tagged_at=now)

    shown = merging.preview(survivor=suzie, absorbed=susan)

    answers = {(each.about.purpose, each.survivor, each.absorbed, each.then) for each in shown.answers}
    assert answers == {("news", True, False, False), ("partner", None, True, True)}
    assert [tag.name for tag in shown.tags] == ["printers"]
    assert shown.addresses == ["susan@example.net"]
    assert not Merge.objects.exists()


def test_nobody_is_merged_into_themselves(suzie, now):
    with pytest.raises(merging.OneRecord):
        merge(suzie, suzie, now)


def test_nobody_is_merged_across_organizations(suzie, now):
    theirs = a_supporter(an_organization("other"))
    with pytest.raises(merging.NotAsTheyWere):
        merge(suzie, theirs, now)
    assert not Merge.objects.exists()


def test_somebody_merged_or_erased_meanwhile_is_not_merged_again(suzie, susan, now):
    amina = a_supporter(suzie.organization)
    merge(suzie, susan, now)
    for survivor, absorbed in ((amina, susan), (susan, amina), (susan, suzie)):
        with pytest.raises(merging.NotAsTheyWere):
            merge(survivor, absorbed, now)
    assert Merge.objects.count() == 1


def test_the_audit_trail_names_both_by_number(suzie, susan, now):
    undo(merge(suzie, susan, now), now)

    entries = AuditEntry.objects.order_by("id").values_list("verb", "subject_id", "details")
    details = {"absorbed": str(susan.pk)}
    assert list(entries) == [
        ("merge_supporters", str(suzie.pk), details),
        ("separate_supporters", str(suzie.pk), details),
    ]


def test_what_is_said_with_the_absorbed_address_is_said_by_the_person(suzie, susan, now):
    merge(suzie, susan, now)
    say(a_supporter(suzie.organization, email="susan@example.net"), True, now + timedelta(hours=1))

    assert agreed(suzie) == NEWS
    assert consent.ledger_of(suzie)[0].supporter_id == suzie.pk


def test_an_answer_on_its_way_while_two_are_merged_reaches_the_person(suzie, susan, now):
    say(susan, True, now)
    on_its_way = consent.line(
        supporter=susan,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        granted=False,
        origin=Origin.ONE_CLICK,
        source="a mail",
        now=now + timedelta(hours=2),
    )
    merge(suzie, susan, now + timedelta(hours=1))
    assert agreed(suzie) == NEWS

    consent.append([on_its_way])

    assert (agreed(suzie), agreed(susan)) == (0, 0)


# --- Undoing ------------------------------------------------------------------------------------------------------


def test_undoing_brings_back_both_with_their_own_answers_and_tags(suzie, susan, now):
    say(suzie, True, now)
    say(susan, False, now + timedelta(hours=1))
    say(susan, True, now, purpose=Purpose.EVENTS)
    organization = suzie.organization
    both, hers = (
        Tag.objects.create(organization=organization, name=name, created_at=now) for name in ("both", "hers")
    )
    for tag, supporter in ((both, suzie), (both, susan), (hers, susan)):
        Tagging.objects.create(tag=tag, supporter=supporter, tagged_at=now)
    merged = merge(suzie, susan, now + timedelta(days=1))
    assert set(suzie.taggings.values_list("tag__name", flat=True)) == {"both", "hers"}
    lines = ConsentRecord.objects.count()

    undo(merged, now + timedelta(days=2))

    assert (agreed(suzie), agreed(susan)) == (NEWS, EVENTS)
    assert person_of(susan) == susan.pk
    assert set(suzie.taggings.values_list("tag__name", flat=True)) == {"both"}
    assert set(susan.taggings.values_list("tag__name", flat=True)) == {"both", "hers"}
    assert ConsentRecord.objects.count() == lines


def test_a_no_said_while_they_were_one_holds_for_both(suzie, susan, now):
    say(susan, True, now)
    say(suzie, True, now)
    merged = merge(suzie, susan, now + timedelta(hours=1))
    say(suzie, False, now + timedelta(hours=2))

    undo(merged, now + timedelta(hours=3))

    assert (agreed(suzie), agreed(susan)) == (0, 0)
    assert consent.ledger_of(susan)[0].origin == Origin.UNDONE


def test_a_yes_said_while_they_were_one_holds_for_neither(suzie, susan, now):
    merged = merge(suzie, susan, now)
    say(suzie, True, now + timedelta(hours=1))
    assert agreed(suzie) == NEWS

    undo(merged, now + timedelta(hours=2))

    assert (agreed(suzie), agreed(susan)) == (0, 0)


def test_a_yes_repeated_while_they_were_one_stays_with_who_had_said_it(suzie, susan, now):
    say(suzie, True, now)
    merged = merge(suzie, susan, now + timedelta(hours=1))
    say(suzie, True, now + timedelta(hours=2))

    undo(merged, now + timedelta(hours=3))

    assert (agreed(suzie), agreed(susan)) == (NEWS, 0)


def test_what_was_undone_is_not_undone_twice_and_can_be_merged_again(suzie, susan, now):
    merged = merge(suzie, susan, now)
    undo(merged, now)
    with pytest.raises(merging.AlreadySeparated):
        undo(merged, now)
    merge(susan, suzie, now)
    assert person_of(suzie) == susan.pk


def test_merges_nest_and_come_apart_in_any_order(suzie, susan, now):
    amina = a_supporter(suzie.organization)
    say(amina, True, now)
    inner = merge(susan, amina, now + timedelta(hours=1))
    outer = merge(suzie, susan, now + timedelta(hours=2))
    assert {person_of(susan), person_of(amina)} == {suzie.pk}
    assert agreed(suzie) == NEWS

    undo(inner, now + timedelta(hours=3))
    assert (person_of(susan), person_of(amina)) == (suzie.pk, amina.pk)
    assert (agreed(suzie), agreed(amina)) == (0, NEWS)

    again = merge(susan_is_suzie := suzie, amina, now + timedelta(hours=4))
    undo(outer, now + timedelta(hours=5))
    assert (person_of(susan), person_of(amina)) == (susan.pk, susan_is_suzie.pk)
    undo(again, now + timedelta(hours=6))
    assert person_of(amina) == amina.pk


def test_undoing_the_outer_merge_takes_along_whom_the_inner_one_brought(suzie, susan, now):
    amina = a_supporter(suzie.organization)
    merge(susan, amina, now)
    outer = merge(suzie, susan, now)

    undo(outer, now)

    assert (person_of(amina), person_of(susan)) == (susan.pk, susan.pk)


def test_somebody_erased_meanwhile_is_not_brought_back(suzie, susan, now):
    merged = merge(suzie, susan, now)
    for pk in (suzie.pk, susan.pk):
        Supporter.objects.filter(pk=pk).update(
            given_name=None,
            family_name=None,
            email=None,
            email_fingerprint=None,
            postal_code=None,
            postal_address=None,
            agreed_to=0,
            anonymized_at=now,
        )
    with pytest.raises(merging.NotAsTheyWere):
        undo(merged, now)
    assert Merge.objects.get().undone_at is None


# --- What one lacks and the other has -------------------------------------------------------------


PHONE = "+441632960001"


def with_details(supporter, **details):
    for name, text in details.items():
        setattr(supporter, name, text)
    if details.get("phone"):
        supporter.phone_fingerprint = phone_fingerprint_of(
            details["phone"], organization=supporter.organization
        )
    supporter.save()
    return supporter


def bare(supporter):
    return with_details(supporter, postal_code=None, postal_address=None, country="", area="")


def details_of(supporter):
    held = Supporter.objects.get(pk=supporter.pk)
    return held.phone, held.postal_code, held.postal_address, held.area, held.country, held.language


@pytest.fixture
def field(suzie):
    return custom_fields.make_field(
        organization=suzie.organization,
        label="Choir",
        kind=custom_fields.Kind.TEXT,
        privacy=custom_fields.Privacy.PERSONAL,
        by=None,
        now=suzie.created_at,
    )


def test_what_the_survivor_lacks_is_shown_filled_in_and_taken_back(suzie, susan, field, now):
    bare(suzie)
    before = details_of(suzie)
    with_details(susan, phone=PHONE, postal_code="75011", country="FR", area="fr/7507", language="fr")
    custom_fields.answer(supporter=susan, field=field, text="Alto", by=None, now=now)

    shown = merging.preview(survivor=suzie, absorbed=susan).filled
    merged = merge(suzie, susan, now)

    assert {str(each.label): each.text for each in shown} == {
        "Telephone": PHONE,
        "Postcode": "75011",
        "Street address": "1 Long Lane",
        "Country": "France",
        "Language": "French",
        "Choir": "Alto",
    }
    assert details_of(suzie) == (PHONE, "75011", "1 Long Lane", "fr/7507", "FR", "fr")
    assert Supporter.objects.get(pk=suzie.pk).phone_fingerprint == susan.phone_fingerprint
    assert custom_fields.shown(CustomValue.objects.get(supporter=suzie)) == "Alto"
    assert PHONE not in str(Merge.objects.values().get())

    undo(merged, now)

    assert details_of(suzie) == before
    assert Supporter.objects.get(pk=suzie.pk).phone_fingerprint is None
    assert not CustomValue.objects.filter(supporter=suzie).exists()
    assert details_of(susan) == (PHONE, "75011", "1 Long Lane", "fr/7507", "FR", "fr")
    assert custom_fields.shown(CustomValue.objects.get(supporter=susan)) == "Alto"


def test_nothing_that_stands_there_is_replaced_and_no_postcode_comes_beside_another_street(
    suzie, susan, field, now
):
    with_details(suzie, phone="+441632960002", postal_code=None, postal_address="9 Quay", language="ar")
    with_details(susan, phone=PHONE, postal_code="75011", country="FR", language="fr")
    for who, text in ((suzie, "Bass"), (susan, "Alto")):
        custom_fields.answer(supporter=who, field=field, text=text, by=None, now=now)
    before = details_of(suzie)

    merged = merge(suzie, susan, now)

    assert (merged.filled, details_of(suzie)) == ({}, before)
    assert custom_fields.shown(CustomValue.objects.get(supporter=suzie)) == "Bass"
    undo(merged, now)
    assert custom_fields.shown(CustomValue.objects.get(supporter=suzie)) == "Bass"


def test_what_was_changed_since_stays_when_the_merge_is_undone(suzie, susan, field, now):
    bare(suzie)
    with_details(susan, phone=PHONE, postal_code="75011", country="FR")
    custom_fields.answer(supporter=susan, field=field, text="Alto", by=None, now=now)
    merged = merge(suzie, susan, now)
    with_details(Supporter.objects.get(pk=suzie.pk), phone="+441632960003")
    custom_fields.answer(supporter=suzie, field=field, text="Bass", by=None, now=now)

    undo(merged, now)

    assert details_of(suzie) == ("+441632960003", None, None, "", "", "en")
    assert custom_fields.shown(CustomValue.objects.get(supporter=suzie)) == "Bass"


def test_what_was_handed_on_by_a_second_merge_is_taken_back_there_too(suzie, susan, field, now):
    sue = bare(a_supporter(suzie.organization, given_name="Sue", email="sue@example.net"))
    bare(suzie)
    with_details(susan, phone=PHONE)
    custom_fields.answer(supporter=susan, field=field, text="Alto", by=None, now=now)
    first = merge(suzie, susan, now)
    merge(sue, suzie, now)
    assert details_of(sue)[0] == PHONE

    undo(first, now)

    assert (details_of(suzie)[0], details_of(sue)[0]) == (None, None)
    assert [value.supporter_id for value in CustomValue.objects.all()] == [susan.pk]
