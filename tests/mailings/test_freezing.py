"""Who is in a mailing is decided once, by the database; who was left out is counted by reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from amparo.mailings import audience, freezing, outcomes, steering
from amparo.mailings.models import AudienceChunk, Mailing
from amparo.mailings.progress import progress
from amparo.organizations.pausing import pause_installation, pause_organization
from amparo.supporters.models import Supporter
from tests.factories.mailings import a_mailing, a_reader, a_segment, frozen
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def doors():
    return an_organization()


def people_in(mailing) -> list:
    return [person for chunk in mailing.chunks.order_by("snapshot", "number") for person in chunk.people]


def test_only_those_who_may_be_written_to_are_in(doors, now):
    suzie = a_reader(doors, "Suzie")
    a_reader(doors, "Withdrawn", agreed_to=0)
    a_reader(doors, "Suppressed", unreachable="suppressed")
    a_reader(doors, "Resting", paused_until=now + timedelta(days=3))
    a_reader(doors, "Weekly", frequency="weekly")
    a_reader(an_organization("others"), "Stranger")
    mailing = frozen(a_mailing(doors))

    assert people_in(mailing) == [suzie.pk]
    assert mailing.state == "sending"
    assert mailing.unknown_policy == "hold"
    assert progress(mailing).by_outcome == {"queued": 1}


def test_the_forecast_counts_everybody_once(doors, now):
    a_reader(doors, "Suzie")
    a_reader(doors, "Withdrawn", agreed_to=0)
    a_reader(doors, "Bounced", unreachable="bounced")
    a_reader(doors, "Weekly", frequency="weekly")
    a_reader(doors, "French", country="FR")
    mailing = a_mailing(doors, leave_out={"filter": "country", "countries": ["FR"]})

    found = audience.forecast(mailing=mailing, now=now)
    assert (found.matching, found.sendable) == (5, 1)
    assert found.excluded == {"acted": 1, "bounced": 1, "unconsented": 1, "frequency": 1}
    assert len(people_in(frozen(mailing))) == found.sendable


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"kind": "digest"}, {"Suzie", "Weekly"}),
        ({"urgency": 1}, {"Suzie", "Weekly", "Urgent"}),
        ({}, {"Suzie"}),
    ],
)
def test_who_wants_to_hear_less_often_gets_less(doors, fields, names):
    for name, frequency in (("Suzie", "all"), ("Weekly", "weekly"), ("Urgent", "urgent")):
        a_reader(doors, name, frequency=frequency)
    mailing = frozen(a_mailing(doors, **fields))
    assert {Supporter.objects.get(pk=pk).given_name for pk in people_in(mailing)} == names


def test_chunks_are_of_a_fixed_size_and_each_has_its_bytes(doors, monkeypatch):
    readers = sorted(a_reader(doors, f"Reader{number}").pk for number in range(5))
    for engine, statement in freezing._INSERT.items():
        monkeypatch.setitem(freezing._INSERT, engine, statement.replace("/ 500", "/ 2"))
    mailing = frozen(a_mailing(doors, variant_shares={"a": 50, "b": 50}))

    assert [len(chunk.people) for chunk in mailing.chunks.all()] == [2, 2, 1]
    assert people_in(mailing) == readers
    assert {bytes(chunk.outcomes) for chunk in mailing.chunks.all()} == {b"qq", b"q"}
    for chunk in mailing.chunks.all():
        drawn = [(person.bytes[14] * 256 + person.bytes[15]) % 100 for person in chunk.people]
        assert bytes(chunk.variants) == bytes(ord("a") if number < 50 else ord("b") for number in drawn)


def test_late_joiners_are_a_second_snapshot_without_the_first(doors, now):
    suzie, double = a_reader(doors, "Suzie"), a_reader(doors, "Double")
    mailing = frozen(a_mailing(doors))
    amina, survivor = a_reader(doors, "Amina"), a_reader(doors, "Survivor")
    Supporter.objects.filter(pk=double.pk).update(merged_into=survivor)

    again = freezing.add_late_joiners(mailing=mailing, by=None, now=now)
    assert (again.snapshot, again.people) == (2, 1)
    assert people_in(mailing) == [*sorted([suzie.pk, double.pk]), amina.pk]
    assert freezing.add_late_joiners(mailing=mailing, by=None, now=now).people == 0


def test_late_joiners_wake_a_finished_mailing(doors, now):
    mailing = frozen(a_mailing(doors))
    assert steering.finish_what_is_done(now=now) == 1
    a_reader(doors)
    freezing.add_late_joiners(mailing=mailing, by=None, now=now)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.finished_at) == ("sending", None)


def test_nobody_joins_a_mailing_that_was_stopped(doors, now):
    a_reader(doors)
    mailing = frozen(a_mailing(doors))
    steering.stop(mailing=mailing, by=None, now=now)
    assert progress(mailing).by_outcome == {"stopped": 1}
    with pytest.raises(freezing.NoLateJoiners):
        freezing.add_late_joiners(mailing=mailing, by=None, now=now)


def test_the_database_refuses_to_finish_while_somebody_waits(doors, now):
    a_reader(doors)
    mailing = frozen(a_mailing(doors))
    for byte in outcomes.OPEN:
        mailing.chunks.update(outcomes=bytes([byte]), is_open=False)
        with pytest.raises(IntegrityError, match="every recipient is settled"), transaction.atomic():
            Mailing.objects.filter(pk=mailing.pk).update(state="finished", finished_at=now)
    mailing.chunks.update(outcomes=b"s")
    assert steering.finish_what_is_done(now=now) == 1


def test_a_chunk_with_too_few_outcomes_is_refused(doors):
    a_reader(doors)
    mailing = frozen(a_mailing(doors))
    for columns in ({"outcomes": b"qq"}, {"variants": b"ab"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AudienceChunk.objects.filter(mailing=mailing).update(**columns)


def test_nothing_is_frozen_while_paused_or_too_early(doors, now):
    a_mailing(doors, now=now + timedelta(hours=1))
    assert freezing.claim(limit=1, now=now) == []
    later = now + timedelta(hours=2)
    pause_organization(organization=doors, now=now)
    assert freezing.claim(limit=1, now=later) == []
    type(doors).objects.update(sending_paused_at=None)
    pause_installation(because="restored", now=now)
    assert freezing.claim(limit=1, now=later) == []


def test_what_a_dead_freezer_left_is_frozen_once(doors, now):
    a_reader(doors)
    a_mailing(doors)
    (dead,) = freezing.claim(limit=1, now=now)
    assert freezing.reclaim(now=now + timedelta(minutes=11)) == 1
    (alive,) = freezing.claim(limit=1, now=now)
    freezing.freeze(mailing=alive, now=now)
    with pytest.raises((freezing.LostTheClaim, IntegrityError)), transaction.atomic():
        freezing.freeze(mailing=dead, now=now)
    assert AudienceChunk.objects.count() == 1


def test_a_segment_of_people_elsewhere_is_empty_and_finishes(doors, now):
    a_reader(doors, country="GB")
    mailing = a_mailing(
        doors, segment=a_segment(doors, {"filter": "country", "countries": ["CA"]}, name="Canada")
    )
    frozen(mailing)
    steering.finish_what_is_done(now=now)
    mailing.refresh_from_db()
    assert mailing.state == "finished"


def test_merging_outcomes_never_unlearns():
    for there in outcomes.EVERY:
        for ours in outcomes.EVERY:
            (stands,) = outcomes.merged(bytes([there]), bytes([ours]))
            if outcomes.is_final(there):
                assert outcomes.is_final(stands)
            if there in outcomes.ACCEPTED or ours in outcomes.ACCEPTED:
                assert stands in outcomes.ACCEPTED
            assert stands in {there, ours}
            # Beside somebody who is settled as beside somebody who is not.
            for beside in (outcomes.QUEUED, outcomes.SENT):
                both = outcomes.merged(bytes([there, beside]), bytes([ours, beside]))
                assert both == bytes([stands, beside])
