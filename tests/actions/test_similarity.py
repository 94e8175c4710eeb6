"""How much of a letter is the supporter's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.actions.similarity import own_words

DRAFT = "I am writing to ask you to raise the case of Ilan Sarr with the minister of justice this week."


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        (DRAFT, 0),
        (DRAFT.upper(), 0),
        ("", 0),
        ("My brother was a printer too.", 100),
        ("I am writing to you as a printer myself.", 56),
    ],
)
def test_words_in_a_run_of_four_from_the_draft_are_not_ones_own(text, percent):
    assert own_words(text, draft=DRAFT) == percent


def test_arabic_words_count_as_words():
    assert own_words("أكتب إليك لأن أخي كان طابعا", draft="نص آخر تماما هنا الآن") == 100


@given(st.text(), st.text())
def test_it_is_always_a_percentage(text, draft):
    assert 0 <= own_words(text, draft=draft) <= 100
