"""Standing, days and ages follow from dated records."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.cases import chronology, contradicting
from amparo.cases.chronology import Span, Standing
from amparo.cases.models import CustodySpell, Verdict
from amparo.kit import part_dates
from amparo.kit.refusal import Refusal
from tests.factories.cases import a_case, a_condition, a_spell
from tests.factories.organizations import an_organization

TODAY = date(2026, 11, 22)


def spell(began, ended="", **fields):
    if ended:
        fields.setdefault("end", "released")
    return CustodySpell(began=began, ended=ended, **fields)


def test_somebody_arrested_yesterday_has_been_held_for_one_day():
    assert chronology.days_of(spell("2026-11-21"), today=TODAY) == Span(1, 1)


def test_a_month_that_is_known_makes_a_span():
    assert chronology.days_of(spell("2026-10"), today=TODAY) == Span(22, 52)


def test_times_in_custody_add_up():
    spells = [spell("2020-01-01", "2020-01-11"), spell("2026-11-12")]

    assert chronology.days_held(spells, today=TODAY) == Span(20, 20)


@pytest.mark.parametrize(
    ("spells", "standing"),
    [
        ([], Standing.UNKNOWN),
        ([spell("2020")], Standing.HELD),
        ([spell("2020", kind="administrative")], Standing.ADMINISTRATIVE),
        ([spell("2020", "2021")], Standing.RELEASED),
        ([spell("2020", "2021", end="died")], Standing.DIED),
        ([spell("2022", kind="pre-trial"), spell("2020", "2021")], Standing.PRE_TRIAL),
    ],
)
def test_the_last_time_in_custody_says_where_somebody_stands(spells, standing):
    assert chronology.standing_after(spells) == standing


def test_age_is_as_unclear_as_the_day_of_birth():
    assert chronology.age_on("2002-01-22", day=date(2023, 1, 21)) == (20, 20)
    assert chronology.age_on("2002", day=date(2023, 6, 1)) == (20, 21)
    assert chronology.age_on("", day=TODAY) is None


def test_more_than_fifteen_days_alone_are_prolonged():
    assert not chronology.is_prolonged(Span(15, 40))
    assert chronology.is_prolonged(Span(16, 16))


@pytest.mark.django_db
def test_a_case_says_where_it_stands():
    case = a_case(an_organization())
    a_spell(case, "2015-10-12", kind="sentence")
    a_condition(case, "2021-11")
    a_condition(case, "2019", "2020")

    present = chronology.present_of(case, today=date(2023, 9, 20))

    assert present.standing == Standing.SERVING
    assert present.held == Span(2900, 2900)
    assert present.in_solitary == Span(659, 688)
    assert present.age_when_taken == (21, 21)


@pytest.mark.django_db
def test_solitary_that_has_ended_does_not_go_on():
    case = a_case(an_organization())
    a_condition(case, "2021-11", "2022-01")

    assert chronology.present_of(case, today=TODAY).in_solitary == Span(0, 0)


def test_what_cannot_be_is_refused():
    with pytest.raises(chronology.EndsBeforeItBegins):
        chronology.refuse_impossible(spell("2021", "2020"), today=TODAY)
    with pytest.raises(chronology.NotYet):
        chronology.refuse_impossible(spell("2027"), today=TODAY)
    chronology.refuse_impossible(spell("2021", "2021-03"), today=TODAY)


def test_two_times_in_custody_do_not_lie_over_one_another():
    held = CustodySpell(began="2020-01-01", ended="")
    again = CustodySpell(began="2021-01-01", ended="")

    with pytest.raises(chronology.Overlaps):
        chronology.refuse_overlap(again, others=[held], today=TODAY)


def test_a_new_arrest_on_the_day_of_a_release_is_no_overlap():
    earlier, later = spell("2020-01-01", "2020-03-05"), spell("2020-03-05", "2020-04-01")

    chronology.refuse_overlap(later, others=[earlier], today=TODAY)


days = st.dates(min_value=date(2000, 1, 1), max_value=TODAY)


def cut(day, known):
    """A day as far as it is known: 4 letters for the year, 7 for the month, 10 for all of it."""
    return day.isoformat()[:known]


@given(days, days, st.sampled_from([4, 7, 10]), st.sampled_from([4, 7, 10]))
def test_the_true_number_of_days_always_lies_in_the_span(one, other, known, known_too):
    began, ended = sorted([one, other])

    span = chronology.days_of(spell(cut(began, known), cut(ended, known_too)), today=TODAY)

    assert span.least <= (ended - began).days <= span.most


@given(st.lists(days, min_size=2, max_size=8, unique=True))
def test_times_in_custody_one_after_another_never_overlap_and_never_exceed_the_whole(moments):
    ordered = sorted(moments)[: len(moments) // 2 * 2]
    spells = [
        spell(str(part_dates.of_day(began)), str(part_dates.of_day(ended)))
        for began, ended in zip(ordered[::2], ordered[1::2], strict=True)
    ]

    for one in spells:
        chronology.refuse_overlap(one, others=[other for other in spells if other is not one], today=TODAY)
    held = chronology.days_held(spells, today=TODAY)
    assert held.is_exact
    assert timedelta(days=held.least) <= ordered[-1] - ordered[0]


part_days = st.builds(cut, days, st.sampled_from([4, 7, 10]))
KINDS, ENDS = CustodySpell.Kind.values, [end for end in CustodySpell.End.values if end]


@st.composite
def lives(draw):
    """Times in custody as staff enter them, in any order: what cannot be is refused, the rest is kept."""
    kept = []
    for _entry in range(draw(st.integers(0, 6))):
        began, ended = draw(part_days), draw(st.one_of(st.just(""), part_days))
        entry = CustodySpell(
            began=began,
            ended=ended,
            kind=draw(st.sampled_from(KINDS)),
            end=draw(st.sampled_from(ENDS)) if ended else "",
        )
        try:
            chronology.refuse_impossible(entry, today=TODAY)
            chronology.refuse_overlap(entry, others=kept, today=TODAY)
        except Refusal:
            continue
        kept.append(entry)
    return kept


@given(lives(), st.randoms(use_true_random=False))
def test_whatever_is_entered_in_whatever_order_makes_one_life(kept, random):
    standing, held = chronology.standing_after(kept), chronology.days_held(kept, today=TODAY)
    entered = random.sample(kept, len(kept))

    assert chronology.days_held(entered, today=TODAY) == held
    assert 0 <= held.least <= held.most
    if len({(entry.began, entry.ended) for entry in kept}) == len(kept):
        assert chronology.standing_after(entered) == standing
    assert (standing == Standing.UNKNOWN) == (not kept)
    last = max((entry.began, entry.ended or "9999") for entry in kept) if kept else None
    assert (standing in chronology.IN_CUSTODY) == (last is not None and last[1] == "9999")
    if kept:
        # Nobody is held for more days than have passed since the first that is known.
        first = min(part_dates.parse(entry.began).first for entry in kept)
        assert held.least <= (TODAY - first).days


OUTCOMES = Verdict.Outcome.values


@given(
    st.lists(st.tuples(part_days, st.sampled_from(OUTCOMES)), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_the_last_verdict_stands_in_whatever_order_they_were_entered(decided, random):
    verdicts = [Verdict(dated=dated, outcome=outcome) for dated, outcome in sorted(decided)]
    present = chronology.Present(Standing.HELD, chronology.NO_DAYS, chronology.NO_DAYS, None, None)

    found = contradicting._states(present, verdicts)

    assert contradicting._states(present, random.sample(verdicts, len(verdicts))) == found
    outcomes = {
        contradicting._AFTER_VERDICT[verdict.outcome]
        for verdict in verdicts
        if verdict.dated == verdicts[-1].dated
    }
    assert outcomes & set(found)
