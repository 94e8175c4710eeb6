"""What is filled in for a reader is one plain value; what is no name is not said."""

from __future__ import annotations

import re
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.mailings.compiling import CannotCompile
from amparo.mailings.previewing import reader_of
from amparo.mailings.texts.filling import LONGEST_NAME, FilledText, compile_text, sayable, tidied
from amparo.mailings.texts.ways_out import means_stop, names_one
from tests.factories.texts import a_text_mailing


def filled(mailing, given_name="Suzie", family_name="Storm"):
    return FilledText(mailing.texts.get(), mailing=mailing).body_for(reader_of(given_name, family_name))


@pytest.mark.django_db
def test_names_and_links_are_filled_in(doors):
    mailing = a_text_mailing(
        doors, words="{name}: {unsubscribe link} or {preferences link} {my token} {no field}"
    )
    said = filled(mailing)
    assert re.fullmatch(
        r"Suzie Storm: https?://\S+/unsubscribe/[a-z2-7]{48}/\?texts or https?://\S+/me/[a-z2-7]{48}/ [a-z2-7]{48}"
        r" \{no field\}",
        said,
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "http://evil.example",
        "evil.example",
        "Suzie\nSTOP",
        "{unsubscribe link}",
        "Call 0900 123456",
        "a@b.example",
        "<b>",
        "x" * 5 + "/y",
        "",
        "😀",
        "www.evil.example/?a=b",
    ],
)
def test_what_is_no_name_is_not_said(doors, name):
    mailing = a_text_mailing(doors, words="Dear {first name|friend}, STOP")
    said = filled(mailing, name)
    assert said in {"Dear friend, STOP", "Dear Suzie STOP, STOP"}
    assert "\n" not in said


@pytest.mark.parametrize(
    "name",
    ["Suzie", "Jean-Luc", "O'Brien", "Mary Ann", "J. R. Ewing", "Zoë", "سوزي", "محمّد علي", "Σοφία", "Nguyễn", "李雷",
     "D’Arc"],
)  # fmt: skip
def test_names_of_the_world_are_said(name):
    assert sayable(name) == name


def test_a_long_name_is_cut():
    assert len(sayable("Wolfeschlegelsteinhausenbergerdorff")) <= LONGEST_NAME


@given(st.text(max_size=60))
def test_no_name_breaks_a_line_or_looks_like_an_address(name):
    said = sayable(name)
    assert len(said.splitlines()) <= 1
    assert not re.search(r"[/:@<>{}]|\w\.\w", said)


def test_a_name_made_to_keep_us_busy_does_not():
    began = perf_counter()
    for hostile in ("a" * 29 + "!", "a-" * 14 + "!", "a. " * 9 + "!", "a " * 14 + "!", "aʼ" * 14 + "!"):
        sayable(hostile)
    assert perf_counter() - began < 0.5


@pytest.mark.parametrize(
    ("typed", "leaves"),
    [("a\r\nb", "a\nb"), ("a  \nb\n\n", "a\nb"), ("\n\na", "a"), ("a\rb", "a\nb"), ("", "")],
)
def test_lines_end_in_one_way(typed, leaves):
    assert tidied(typed) == leaves


@pytest.mark.django_db
def test_without_words_or_a_number_nothing_is_compiled(doors, provider, settings):
    mailing = a_text_mailing(doors, words=" \n ")
    with pytest.raises(CannotCompile, match="no words"):
        compile_text(mailing.texts.get(), mailing=mailing)
    settings.AMPARO_SMS_PROVIDER = "none"
    with pytest.raises(CannotCompile, match="no number"):
        compile_text(mailing.texts.get(), mailing=mailing)


@pytest.mark.parametrize(
    "answer",
    ["STOP", "stop", " Stop. ", "STOP!", "Stop please", "please STOP", "ARRET", "arrêt", "UNSUBSCRIBE", "توقف",
     "إلغاء", "STOP 36111", "Désabonner", "STOPALL", "«Stop»"],
)  # fmt: skip
def test_these_mean_stop(answer):
    assert means_stop(answer)


@pytest.mark.parametrize(
    "answer",
    ["", "Thank you", "Stop the execution of Ilan Sarr!", "nonstop", "I wrote to her", "??", "stopped", "12345",
     "When does it end tomorrow"],
)  # fmt: skip
def test_these_do_not(answer):
    assert not means_stop(answer)


@pytest.mark.parametrize(
    ("words", "takes_answers", "is_named"),
    [
        ("x {unsubscribe link}", False, True),
        ("x {preferences link|here}", False, True),
        ("x, answer STOP", True, True),
        ("x, answer STOP", False, False),
        ("x, répondez ARRET", True, True),
        ("nonstop action", True, False),
        ("x {first name}", True, False),
    ],
)
def test_whether_a_text_says_how_to_get_out(words, takes_answers, is_named):
    assert names_one(words, takes_answers=takes_answers) is is_named
