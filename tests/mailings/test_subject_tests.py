"""Which subject the others get: decided once, by what readers did, and by the first one where that tells nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.kit import work
from amparo.mailings import freezing, outcomes, steering, subject_tests
from amparo.mailings.composer import composing
from amparo.mailings.models import AudienceChunk, Mailing
from amparo.mailings.subject_tests import Decision, Tried
from tests.factories.composed import a_button, a_draft
from tests.factories.letters import an_action
from tests.factories.mailings import a_mailing, a_reader, a_text, frozen
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page

pytestmark = pytest.mark.django_db
SENT = outcomes.SENT


@pytest.fixture
def doors():
    return an_organization()


def variant(letter, *, delivered=1000, acted=0) -> Tried:
    return Tried(letter, "", people=delivered, waiting=0, delivered=delivered, acted=acted)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([variant("a", acted=9), variant("b", acted=12)], ("b", Decision.ACTIONS)),
        ([variant("a", acted=12), variant("b", acted=9)], ("a", Decision.ACTIONS)),
        ([variant("a", acted=10), variant("b", acted=10)], ("a", Decision.EQUAL)),
        ([variant("a", acted=2), variant("b", acted=17)], ("a", Decision.FEW)),
        ([variant("a", acted=0), variant("b", acted=0)], ("a", Decision.FEW)),
        # Of a thousand delivered, and not the number alone.
        ([variant("a", acted=12), variant("b", acted=11, delivered=500)], ("b", Decision.ACTIONS)),
        ([variant("a", acted=5), variant("b", acted=9), variant("c", acted=9)], ("b", Decision.EQUAL)),
        ([variant("a", acted=0, delivered=0), variant("b", acted=20)], ("b", Decision.ACTIONS)),
    ],
)
def test_the_rule(found, expected):
    assert subject_tests.better(found) == expected


@pytest.fixture
def tested(doors):
    """Six people: two get each of two subjects and have it, the others wait."""
    for number in range(6):
        a_reader(doors, f"Reader{number}", email=f"reader{number}@example.net")
    mailing = a_mailing(
        doors, variant_shares={"a": 20, "b": 20}, test_hours=3, link_source="m-0123abcd", name="Test"
    )
    a_text(mailing, variant="b", subject="The court sits on Monday")
    mailing = frozen(mailing)
    AudienceChunk.objects.update(variants=b"aabb??", outcomes=b"ssssqq")
    return mailing


def acted(doors, monkeypatch, **numbers):
    """So many of the readers of each variant took part."""
    monkeypatch.setattr(subject_tests, "FEWEST_ACTED", 2)
    page = an_email_page(doors)
    chunk = AudienceChunk.objects.get()
    at = {"a": [0, 1], "b": [2, 3]}
    for letter, number in numbers.items():
        for place in at[letter][:number]:
            code = "m-0123abcd" if letter == "a" else f"m-0123abcd{letter}"
            an_action(page, supporter_id=chunk.people[place], via=code)


def test_figures_by_variant(doors, tested, monkeypatch):
    acted(doors, monkeypatch, a=1, b=2)
    found = [(one.variant, one.people, one.delivered, one.acted) for one in subject_tests.tried(tested)]
    assert found == [("a", 2, 2, 1), ("b", 2, 2, 2)]


def test_it_is_decided_by_itself_after_the_wait(doors, tested, now, monkeypatch):
    acted(doors, monkeypatch, a=1, b=2)
    run = [work.run_line("variants", now_source=lambda at=at: now + timedelta(hours=at)) for at in (0, 2.9)]
    assert run == [work.Result(), work.Result()]
    tested.refresh_from_db()
    assert (tested.winner, tested.decide_at) == ("", now + timedelta(hours=3))
    assert work.run_line("variants", now_source=lambda: now + timedelta(hours=3)).done == 1
    tested.refresh_from_db()
    assert (tested.winner, tested.winner_because) == ("b", "actions")
    chunk = AudienceChunk.objects.get()
    assert chunk.next_attempt_at == now + timedelta(hours=3)
    assert work.run_line("variants", now_source=lambda: now + timedelta(hours=9)).handled == 0


def test_the_wait_begins_when_the_sample_has_left(tested, now):
    AudienceChunk.objects.update(outcomes=b"sssqqq")
    assert subject_tests.begin_to_wait(now=now) == 0
    AudienceChunk.objects.update(outcomes=b"ssstqq")
    assert subject_tests.begin_to_wait(now=now) == 1
    assert subject_tests.begin_to_wait(now=now) == 0


def test_too_few_who_acted_and_they_get_the_first(tested, now):
    assert subject_tests.decide(mailing=tested, now=now)
    tested.refresh_from_db()
    assert (tested.winner, tested.winner_because) == ("a", "few")


def test_a_person_who_was_faster_has_decided(tested, now):
    steering.choose_winner(mailing=Mailing.objects.get(), variant="b", by=None, now=now)
    assert not subject_tests.decide(mailing=tested, now=now)
    tested.refresh_from_db()
    assert (tested.winner, tested.winner_because) == ("b", "person")


def test_killed_in_the_moment_of_deciding_it_is_decided_once(tested, now, monkeypatch):
    class KilledHere(BaseException):
        pass

    def killed(*_args, **_words):
        raise KilledHere

    with monkeypatch.context() as patch:
        patch.setattr(steering, "_note", killed)
        with pytest.raises(KilledHere):
            subject_tests.decide(mailing=tested, now=now)
    assert Mailing.objects.get().winner == ""
    assert [subject_tests.decide(mailing=tested, now=now) for _one in range(2)] == [True, False]


def test_nothing_is_decided_while_it_is_paused(tested, now):
    subject_tests.begin_to_wait(now=now)
    steering.pause(mailing=tested, by=None, now=now)
    assert subject_tests.due(now=now + timedelta(days=1)) == []
    steering.resume(mailing=tested, by=None, now=now)
    assert len(subject_tests.due(now=now + timedelta(days=1))) == 1


def test_a_chunk_that_was_put_off_in_that_moment_is_due(tested, now):
    """A session that had loaded it before let it go for a year, since it waited for the variant."""
    subject_tests.decide(mailing=tested, now=now)
    AudienceChunk.objects.update(next_attempt_at=now + timedelta(days=365))
    work.run_line("variants", now_source=lambda: now)
    assert AudienceChunk.objects.sendable(now=now).count() == 1


def test_who_joins_after_the_decision_gets_what_was_decided(doors, tested, now):
    subject_tests.decide(mailing=tested, now=now)
    a_reader(doors, "Late", email="late@example.net")
    freezing.add_late_joiners(mailing=Mailing.objects.get(), by=None, now=now)
    assert bytes(AudienceChunk.objects.get(snapshot=2).variants) == b"?"


def test_a_link_says_which_variant_it_stood_in(doors):
    page = an_email_page(doors)
    text = a_draft(doors, a_button(page))
    other = composing.add_text(mailing=text.mailing, language="en", variant="b", by=None, now=text.changed_at)
    source = text.mailing.link_source
    assert f"via={source}&" in text.html.replace('"', "&")
    assert f"via={source}b" in other.html


def test_shares_are_equal_parts_of_the_sample(doors, now):
    mailing = a_draft(doors).mailing
    with pytest.raises(subject_tests.NothingToTry):
        subject_tests.choose(mailing=mailing, share=20, hours=3, by=None, now=now)
    for letter in "bc":
        composing.add_text(mailing=mailing, language="en", variant=letter, by=None, now=now)
    subject_tests.choose(mailing=mailing, share=20, hours=3, by=None, now=now)
    assert (mailing.variant_shares, mailing.test_hours) == ({"a": 7, "b": 7, "c": 6}, 3)
    assert subject_tests.somebody_waits(mailing)
    subject_tests.choose(mailing=mailing, share=100, hours=3, by=None, now=now)
    assert (mailing.variant_shares, mailing.test_hours) == ({"a": 34, "b": 33, "c": 33}, None)
    assert not subject_tests.somebody_waits(mailing)
