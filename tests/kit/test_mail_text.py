import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from amparo.kit.mail_text import WIDTH, flowed, tidied, unflowed

WORDS = "Dear Minister, I write about a teacher who has been held for a thousand days without a trial. "


def test_a_paragraph_is_broken_softly_and_no_line_is_too_long():
    lines = flowed(WORDS * 3).split("\n")
    assert len(lines) > 3
    assert all(len(line) <= WIDTH for line in lines)
    assert all(len(line) > WIDTH - 20 for line in lines[:-1])
    assert all(line.endswith(" ") for line in lines[:-1])
    assert not lines[-1].endswith(" ")


def test_paragraphs_stay_apart():
    assert flowed("Dear Minister,\n\nfree her.\n") == "Dear Minister,\n\nfree her.\n"


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("From here on", " From here on"),
        (" indented", "  indented"),
        ("From", "From"),
        (">quoted", "> quoted"),
        ("> quoted", "> quoted"),
        (">> quoted twice", ">> quoted twice"),
        ("> > quoted by another program", "> > quoted by another program"),
        (">", ">"),
        ("-- \nSuzie", "-- \nSuzie"),
        ("--   ", "--"),
        ("trailing   \nspaces \t", "trailing\nspaces"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("", ""),
    ],
)
def test_lines_are_stuffed_quoted_and_tidied(text, encoded):
    assert flowed(text) == encoded


def test_a_link_is_never_broken():
    link = "https://example.org/" + "a" * 200
    assert flowed(f"See {link} for more") == f"See \n{link} \nfor more"


def test_a_quote_is_broken_within_its_marks():
    lines = flowed(f">> {WORDS}").split("\n")
    assert len(lines) > 1
    assert all(line.startswith(">> ") for line in lines)
    assert all(len(line) <= WIDTH for line in lines)
    assert unflowed("\n".join(lines)) == f">> {WORDS.strip()}"


@pytest.mark.parametrize("mark", ["> ", ">>> ", " ", ""])
def test_marks_and_stuffing_count_towards_the_width(mark):
    for length in range(30, 60):
        lines = flowed(f"{mark}{'x' * 17} {'y' * length} {'z' * 5} {'z' * 5}").split("\n")
        assert max(map(len, lines)) <= WIDTH


def test_a_break_never_makes_a_quote_or_a_signature():
    text = "x" * 70 + " " + ">" * 10 + " and so on"
    assert flowed(text).split("\n")[1].startswith(" >")
    assert "-- " not in flowed("-- " + "y" * 90 + " end").split("\n")


def test_text_from_right_to_left_is_broken_at_spaces_only():
    text = "السيدة الوزيرة، أكتب إليك بشأن معلمة محتجزة منذ ألف يوم دون محاكمة. " * 3
    assert flowed(text).replace("\n", "") == text.strip()


alphabet = st.sampled_from([*" >-aF\n\r\t\u2028é\u200fع", "-- ", "From ", "https://example.org ", "word "])


@given(st.lists(alphabet, max_size=120).map("".join) | st.text())
@example("-- " + "z" * 100)
@example(">-- " + "z" * 100 + " b")
@example("> -- ")
@example("a" * 77 + "  b")
@example(">" * 90 + " many marks")
def test_what_is_flowed_reads_back(text):
    encoded = flowed(text)
    assert unflowed(encoded) == tidied(text)
    assert tidied(tidied(text)) == tidied(text)


@given(st.lists(st.text(alphabet="abc >-", min_size=1, max_size=30), max_size=60).map(" ".join))
def test_lines_that_can_be_short_are_short(text):
    for line in flowed(text).split("\n"):
        assert len(line) <= WIDTH
