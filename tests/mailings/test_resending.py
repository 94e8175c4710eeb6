"""Once more to those who have not acted: a part of the first audience, and nobody who has had enough."""

from __future__ import annotations

import pytest

from amparo.kit.packed_ids import UnpackedIds
from amparo.mailings import audience, outcomes, resending
from amparo.mailings.models import AudienceChunk, Mailing
from amparo.supporters.models import Supporter
from tests.factories.composed import a_button, a_draft
from tests.factories.letters import an_action
from tests.factories.mailings import a_reader, a_segment, frozen
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def doors():
    return an_organization()


@pytest.fixture
def page(doors):
    return an_email_page(doors)


@pytest.fixture
def people(doors):
    names = ("Suzie", "Amina", "Bruno", "Chidi", "Dana", "Omar")
    return {name: a_reader(doors, name) for name in names}


@pytest.fixture
def over(doors, page, people, now):
    """Everybody has it."""
    mailing = a_draft(doors, a_button(page), subject="Write today").mailing
    Mailing.objects.filter(pk=mailing.pk).update(
        segment=a_segment(doors), state="scheduled", scheduled_at=now, approved_at=now
    )
    mailing = frozen(mailing)
    chunk = AudienceChunk.objects.get()
    AudienceChunk.objects.update(outcomes=bytes([outcomes.SENT]) * len(chunk.people), is_open=False)
    Mailing.objects.filter(pk=mailing.pk).update(state="finished", finished_at=now)
    mailing.refresh_from_db()
    return mailing


def became(person, outcome):
    chunk = AudienceChunk.objects.get(snapshot=1)
    found = bytearray(chunk.outcomes)
    found[chunk.people.index(person.pk)] = outcome
    AudienceChunk.objects.filter(pk=chunk.pk).update(outcomes=bytes(found))


def again(over, now, **words):
    return resending.write_again(
        mailing=over, name="Once more", is_meant=words.pop("is_meant", False), by=None, now=now
    )


def test_only_those_who_have_it_and_did_not_act(doors, page, people, over, now):
    an_action(page, supporter=people["Amina"])
    became(people["Bruno"], outcomes.CAME_BACK)
    became(people["Chidi"], outcomes.COMPLAINED)
    Supporter.objects.filter(pk=people["Dana"].pk).update(agreed_to=0)
    became(people["Omar"], outcomes.UNKNOWN)
    a_reader(doors, "Newcomer")

    draft = again(over, now)
    found = {person.given_name for person in audience.chosen(mailing=draft, now=now)}
    assert found == {"Suzie", "Omar"}
    forecast = audience.forecast(mailing=draft, now=now)
    assert (forecast.matching, forecast.sendable) == (4, 2)
    assert forecast.excluded == {"acted": 1, "unconsented": 1}


def test_it_follows_whoever_was_merged(doors, people, over, now):
    survivor = a_reader(doors, "Survivor")
    Supporter.objects.filter(pk=people["Suzie"].pk).update(merged_into=survivor)
    names = {person.given_name for person in audience.chosen(mailing=again(over, now), now=now)}
    assert "Survivor" in names
    assert "Suzie" not in names


def test_it_has_the_same_words_and_no_subject_yet(over, now):
    draft = again(over, now)
    (text,) = draft.texts.all()
    assert (draft.state, text.subject, text.variant) == ("draft", "", "a")
    assert text.body.blocks[0]["type"] == "button"
    assert draft.link_source != over.link_source


def test_once_unless_it_is_meant(over, now):
    again(over, now)
    with pytest.raises(resending.WrittenAgain):
        again(over, now)
    assert again(over, now, is_meant=True).is_further_resend


def test_two_at_once_are_one(over, now, monkeypatch):
    monkeypatch.setattr(resending, "was_written_again", lambda mailing: False)
    again(over, now)
    with pytest.raises(resending.WrittenAgain):
        again(over, now)
    assert over.resends.count() == 1


def test_what_is_not_over_or_asks_for_nothing_is_not_written_again(doors, over, now):
    Mailing.objects.filter(pk=over.pk).update(state="stopped")
    over.refresh_from_db()
    with pytest.raises(resending.NotOver):
        again(over, now)
    other = a_draft(doors).mailing
    other.state = "finished"
    with pytest.raises(resending.NobodyIsTold):
        again(other, now)


def test_a_copy_is_for_the_same_people_and_never_for_the_whole_segment(doors, page, people, over, now):
    """It was a draft to everybody in the segment: newcomers, and those from whom the first mail came back."""
    an_action(page, supporter=people["Amina"])
    became(people["Bruno"], outcomes.CAME_BACK)
    draft = again(over, now)
    a_reader(doors, "Newcomer")
    twin = resending.copy(mailing=draft, name="Once more, copy", is_meant=True, by=None, now=now)
    assert (twin.resend_of, twin.leave_out, twin.is_further_resend) == (over, draft.leave_out, True)
    found = {person.given_name for person in audience.chosen(mailing=twin, now=now)}
    assert found == {"Suzie", "Chidi", "Dana", "Omar"}
    third = resending.copy(mailing=twin, name="A copy of a copy", is_meant=True, by=None, now=now)
    assert audience.forecast(mailing=third, now=now) == audience.forecast(mailing=twin, now=now)


def test_a_copy_of_one_that_goes_once_more_has_to_be_meant(over, now):
    draft = again(over, now)
    with pytest.raises(resending.WrittenAgain):
        resending.copy(mailing=draft, name="Third", is_meant=False, by=None, now=now)
    assert over.resends.get() == draft


def test_a_copy_of_the_first_is_for_its_segment_and_needs_nobody_to_mean_it(over, now):
    again(over, now)
    twin = resending.copy(mailing=over, name="For another week", is_meant=False, by=None, now=now)
    assert (twin.resend_of, twin.segment, twin.is_further_resend) == (None, over.segment, False)


def test_who_writes_again_after_a_copy_writes_to_those_of_that_mailing(over, now):
    draft = again(over, now)
    Mailing.objects.filter(pk=draft.pk).update(
        state="finished", scheduled_at=now, approved_at=now, finished_at=now
    )
    draft.refresh_from_db()
    assert again(draft, now, is_meant=True).resend_of == draft


def test_ids_by_what_became_of_them(people, over):
    became(people["Suzie"], outcomes.FAILED)
    became(people["Dana"], outcomes.UNKNOWN)
    rows = over.chunks.order_by().values("ids", "outcomes")
    for among, names in ((b"fu", {"Suzie", "Dana"}), (b"k", set()), (b"f", {"Suzie"})):
        found = Supporter.objects.filter(pk__in=UnpackedIds(rows, among=among))
        assert {person.given_name for person in found} == names
