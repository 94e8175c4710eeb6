"""What public texts say that the register contradicts, in three languages, and days that are not the hearing's."""

from __future__ import annotations

from datetime import date

import pytest

from amparo.cases import chronology, contradicting, date_mentions
from amparo.cases.chronology import Span, Standing
from amparo.cases.models import Verdict

CONVICTED = frozenset({"in-custody", "convicted", "not-alone"})
FREE = frozenset({"not-held", "not-alone"})
HELD = frozenset({"in-custody", "not-alone"})
ALONE = frozenset({"in-custody"})
TODAY = date(2026, 11, 22)
HEARING = date(2026, 12, 14)  # a Monday


def said(text, states):
    return [found.said for found in contradicting.contradictions_in(text, states=states)]


def test_the_data_names_known_states_in_three_languages():
    words = contradicting.known_words()
    assert {each.language for each in words} == {"en", "fr", "ar"}
    assert all(each.not_with <= contradicting.STATES for each in words)
    for state in ("convicted", "not-held", "in-custody", "not-alone"):
        assert {each.language for each in words if state in each.not_with} == {"en", "fr", "ar"}, state


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("If he is convicted, he may lose years.", CONVICTED, HELD),
        ("She awaits trial in the capital.", CONVICTED, HELD),
        ("He faces up to ten years.", CONVICTED, HELD),
        ("She is still detained in Ostra.", FREE, HELD),
        ("He has been held for {days held}.", FREE, HELD),
        ("She is now free.", HELD, FREE),
        ("He is held in solitary confinement.", HELD, ALONE),
        ("S’il est condamné, il risque gros.", CONVICTED, HELD),
        ("Si elle est reconnue coupable, elle fera appel.", CONVICTED, HELD),
        ("Il est en attente de jugement.", CONVICTED, HELD),
        ("Elle est toujours en prison.", FREE, HELD),
        ("Elle est enfin libre.", HELD, FREE),
        ("Il est détenu à l'isolement.", HELD, ALONE),
        ("إذا أُدين فقد يُسجن سنوات.", CONVICTED, HELD),
        ("لا يزال محتجزًا في العاصمة.", FREE, HELD),
        ("أصبحت حرة.", HELD, FREE),
        ("ما زال في الحبس الانفرادي.", HELD, ALONE),
    ],
)
def test_a_statement_is_found_where_it_cannot_be_true_and_nowhere_else(text, wrong, right):
    assert len(said(text, wrong)) == 1
    assert said(text, right) == []


@pytest.mark.parametrize(
    "text",
    [
        "He was detained in 2015 and released a year later.",
        "She faces the camera.",
        "He was convicted on six counts.",
        "We write until she is released.",
        "Jusqu’à ce qu’elle soit libre, et tant qu’il n’est pas libre.",
        "Il a été détenu pendant deux ans.",
    ],
)
def test_history_stays_true(text):
    for states in (CONVICTED, FREE, HELD):
        assert said(text, states) == []


def test_the_last_verdict_and_the_present_standing_are_what_is_known():
    present = chronology.Present(Standing.RELEASED, Span(1, 1), Span(0, 0), None, None)
    verdicts = [
        Verdict(dated="2021-02", outcome="overturned"),
        Verdict(dated="2020-01-06", outcome="convicted"),
    ]

    assert set(contradicting._states(present, verdicts)) == {"not-held", "not-alone", "overturned"}
    assert set(contradicting._states(present, verdicts[1:])) == {"not-held", "not-alone", "convicted"}


@pytest.mark.parametrize(
    ("text", "is_unlike"),
    [
        ("The hearing is on 14 December 2026.", False),
        ("The hearing is on Monday 14 December.", False),
        ("The hearing is on December 14th, 2026.", False),
        ("Write before the hearing on 2026-12-14.", False),
        ("The hearing is on 15 December.", True),
        ("The hearing is on Tuesday 14 December.", True),
        ("The next hearing, on 3 January 2027, decides.", True),
        ("At the hearing on 3 March 2020 he was silent.", False),
        ("L’audience aura lieu le lundi 14 décembre 2026.", False),
        ("L’audience aura lieu le mardi 14 décembre 2026.", True),
        ("L’audience est fixée au 1er février.", True),
        ("تُعقد الجلسة يوم الاثنين 14 ديسمبر 2026.", False),
        ("تُعقد الجلسة في 15 كانون الأول 2026.", True),
        ("تُعقد الجلسة في ١٥ ديسمبر ٢٠٢٦.", True),
        ("The paper appears on 15 December. The hearing is next.", False),
        ("The hearing is soon.", False),
    ],
)
def test_a_day_near_a_hearing_is_held_against_the_record(text, is_unlike):
    found = [
        date_mentions.unlike(mention, coming=[HEARING], past=[], today=TODAY)
        for mention in date_mentions.near_a_hearing(text)
    ]
    assert any(found) is is_unlike


def test_without_a_hearing_to_come_nothing_is_said():
    (mention,) = date_mentions.near_a_hearing("The hearing is on 15 December 2026.")
    assert not date_mentions.unlike(mention, coming=[], past=[], today=TODAY)
    assert date_mentions.Mention("30 February", 30, 2).coming(today=TODAY) is None
