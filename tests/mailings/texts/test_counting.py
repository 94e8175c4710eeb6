"""A text's parts are counted as networks count them, and no part ever holds half a sign."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.mailings.texts.counting import _BASIC, _EXTENDED, is_narrow, measure, wide_letters

NARROW = st.text(st.sampled_from(sorted(_BASIC | _EXTENDED)), max_size=700)
ANY = st.text(st.characters(blacklist_categories=("Cs",)), max_size=400)


@pytest.mark.parametrize(
    ("words", "parts", "used", "room"),
    [
        ("", 1, 0, 160),
        ("x" * 160, 1, 160, 160),
        ("x" * 161, 2, 161, 306),
        ("x" * 306, 2, 306, 306),
        ("x" * 307, 3, 307, 459),
        ("€" * 80, 1, 160, 160),
        ("x" * 159 + "€", 2, 161, 306),
        ("é" * 160, 1, 160, 160),
        ("ê" + "x" * 69, 1, 70, 70),
        ("ê" + "x" * 70, 2, 71, 134),
        ("س" * 134, 2, 134, 134),
        ("س" * 135, 3, 135, 201),
        ("😀" * 35, 1, 70, 70),
        ("😀" * 36, 2, 72, 134),
    ],
)
def test_the_lengths_of_the_standard(words, parts, used, room):
    length = measure(words)
    assert (length.parts, length.used, length.room) == (parts, used, room)
    assert length.left == room - used


def test_a_sign_of_two_is_not_cut_at_the_end_of_a_part():
    """152 letters leave one place in the first part, where € has no room."""
    assert measure("x" * 152 + "€" + "x" * 152).parts == 3
    assert measure("x" * 151 + "€" + "x" * 153).parts == 2
    assert measure("ê" + "x" * 65 + "😀" + "x" * 66).parts == 3


def test_the_alphabet_is_that_of_the_standard():
    assert len(_BASIC) == 127  # 128 places, of which one is the escape
    assert len(_EXTENDED) == 10
    assert is_narrow("Dear Zoë?") is False
    assert is_narrow("à è é ì ò ù Ç Ñ ß @ £ [~] €") is True
    assert wide_letters("l’été d’Yê") == ["’", "ê"]


def greedily(costs, size):
    """How many parts hold all of it: filled one by one."""
    parts, room = 1, size
    for cost in costs:
        if cost > room:
            parts, room = parts + 1, size
        room -= cost
    return parts


@given(NARROW)
def test_narrow_texts_by_their_septets(words):
    septets = sum(2 if letter in _EXTENDED else 1 for letter in words)
    length = measure(words)
    assert (length.used, length.is_wide) == (septets, False)
    if septets <= 160:
        assert length.parts == 1
    else:
        assert length.parts == greedily([2 if letter in _EXTENDED else 1 for letter in words], 153)
        assert -(-septets // 153) <= length.parts <= -(-septets // 152)


@given(ANY)
def test_any_text_by_what_it_would_take_on_the_air(words):
    length = measure(words)
    if not is_narrow(words):
        octets = len(words.encode("utf-16-be"))
        assert (length.used, length.is_wide) == (octets // 2, True)
        assert (length.parts == 1) == (octets <= 140)
    assert length.parts >= 1
    assert length.left >= 0 or length.parts > 1


@given(ANY, ANY)
def test_more_words_never_have_fewer_parts(one, other):
    assert measure(one + other).parts >= measure(one).parts
