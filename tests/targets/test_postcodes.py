"""What people type into a postcode field, and what is looked up for it."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from amparo.kit.refusal import Refusal
from amparo.targets.postcodes import FORMATS, LONGEST_TYPED, MalformedPostcode

UK, US, CA, GENERIC = (FORMATS[code] for code in ("uk", "us", "ca", "generic"))

UNIT_LETTERS = "[ABDEFGHJLNPQRSTUWXYZ]"
UK_POSTCODES = st.from_regex(
    re.compile(
        rf"([A-Z][1-9][0-9]?|[A-Z][A-HJ-Z][0-9]|[A-Z][A-HJ-Z][1-9][0-9]|[A-Z][A-HJ-Z]?[1-9][A-HJ-NP-Z])"
        rf"[0-9]{UNIT_LETTERS}{{2}}"
    ),
    fullmatch=True,
)
CA_LETTERS = "[ABCEGHJKLMNPRSTVWXYZ]"
CA_POSTCODES = st.from_regex(
    re.compile(rf"[ABCEGHJKLMNPRSTVXY][0-9]{CA_LETTERS}([0-9]{CA_LETTERS}[0-9])?"), fullmatch=True
)
POSTCODES = {
    "uk": UK_POSTCODES,
    "us": st.from_regex(re.compile(r"[0-9]{5}([0-9]{4})?", re.ASCII), fullmatch=True),
    "ca": CA_POSTCODES,
    "generic": st.from_regex(re.compile(r"[0-9A-Z]{1,10}"), fullmatch=True),
}
SILENT = st.sampled_from(
    [" ", "  ", "\u00a0", "\u202f", "\u2009", "\u3000", "\u200f", "\u200e", "\u200b", "\t", "-", "."]
)


@pytest.mark.parametrize(
    ("typed", "compact"),
    [
        ("SW1A0AA", "SW1A0AA"),
        ("sw1a 0aa", "SW1A0AA"),
        ("  Sw1A  0aA ", "SW1A0AA"),
        ("sw1a\u00a00aa", "SW1A0AA"),
        ("\u200fSW1A\u202f0AA\u200f", "SW1A0AA"),
        ("SW1A-0AA", "SW1A0AA"),
        ("s.w.1.a. 0.a.a.", "SW1A0AA"),
        ("sw1a\n0aa\n", "SW1A0AA"),
        ("ＳＷ１Ａ ０ＡＡ", "SW1A0AA"),
        ("SW١A ٠AA", "SW1A0AA"),
        ("m1 1ae", "M11AE"),
        ("cr2 6xh", "CR26XH"),
        ("dn55 1pt", "DN551PT"),
        ("w1a 1hq", "W1A1HQ"),
        ("ze2 9xx", "ZE29XX"),
        ("ha0 1aa", "HA01AA"),
        ("zz99 9zz", "ZZ999ZZ"),
    ],
)
def test_uk_brings_what_people_type_to_one_form(typed, compact):
    assert UK.normalize(typed) == compact


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SWIA OAA", "SW1A0AA"),
        ("sw1a oaa", "SW1A0AA"),
        ("S014 0AA", "SO140AA"),
        ("P01 IAA", "PO11AA"),
        ("0X1 2JD", "OX12JD"),
        ("1P1 1AA", "IP11AA"),
        ("LII 1AA", "L111AA"),
        ("BI 1AA", "B11AA"),
        ("EC1O 1AA", "EC101AA"),
        ("N1O 1AA", "N101AA"),
        ("HAO 1AA", "HA01AA"),
        ("WIA IHQ", "W1A1HQ"),
    ],
)
def test_uk_reads_letters_for_digits_and_digits_for_letters_by_position(typed, meant):
    assert UK.normalize(typed) == meant


def test_no_other_slip_is_corrected():
    for typed in ("SWLA 0AA", "5W1A 0AA", "SW1A 0A4", "SW1A 0A0", "SW1A 0AI"):
        with pytest.raises(MalformedPostcode):
            UK.normalize(typed)


@pytest.mark.parametrize(
    ("typed", "compact"),
    [
        ("m5v 2t6", "M5V2T6"),
        ("M5V-2T6", "M5V2T6"),
        ("MSV", None),
        ("mIv 2to", "M1V2T0"),
        ("m5v", "M5V"),
        ("KOA", "K0A"),
    ],
)
def test_canada_takes_whole_codes_and_sortation_areas(typed, compact):
    if compact is None:
        with pytest.raises(MalformedPostcode):
            CA.normalize(typed)
    else:
        assert CA.normalize(typed) == compact


@pytest.mark.parametrize(
    ("typed", "compact"),
    [("35004", "35004"), (" 35004-1234 ", "350041234"), ("35004 1234", "350041234"), ("００５０１", "00501")],
)
def test_us_takes_five_digits_or_nine(typed, compact):
    assert US.normalize(typed) == compact


def test_us_does_not_read_letters_as_digits():
    with pytest.raises(MalformedPostcode):
        US.normalize("3500O")


@pytest.mark.parametrize(
    ("typed", "compact"), [("d02 af30", "D02AF30"), ("1012-ab", "1012AB"), ("７５００８", "75008")]
)
def test_generic_takes_letters_and_digits(typed, compact):
    assert GENERIC.normalize(typed) == compact


@pytest.mark.parametrize(
    ("country", "typed", "shape"),
    [
        ("uk", "35004", "SW1A 0AA"),
        ("uk", "M5V 2T6", "SW1A 0AA"),
        ("uk", "SW1A", "SW1A 0AA"),
        ("uk", "", "SW1A 0AA"),
        ("uk", "SW1A 0AA; DROP TABLE", "SW1A 0AA"),
        ("uk", "SW1A\x000AA", "SW1A 0AA"),
        ("uk", "ŚW1A 0AA", "SW1A 0AA"),
        ("us", "SW1A 0AA", "35004-1234"),
        ("us", "3500", "35004-1234"),
        ("us", "350041", "35004-1234"),
        ("ca", "35004", "M5V 2T6"),
        ("ca", "D1A 1A1", "M5V 2T6"),
        ("ca", "M5V 2", "M5V 2T6"),
        ("generic", "12345678901", "one to ten"),
        ("generic", "---", "one to ten"),
    ],
)
def test_another_shape_is_refused_with_the_expected_one(country, typed, shape):
    with pytest.raises(MalformedPostcode) as refused:
        FORMATS[country].normalize(typed)
    assert isinstance(refused.value, Refusal)
    assert shape in str(refused.value)


def test_a_refusal_does_not_repeat_what_was_typed():
    with pytest.raises(MalformedPostcode) as refused:
        UK.normalize("<b>12 Invented Street</b>")
    assert "Invented" not in str(refused.value)


class Untouchable(str):
    """Text whose length may be asked for, and nothing else."""

    def _touched(self, *args, **kwargs):
        raise AssertionError("work was done on a text that is too long")

    replace = upper = translate = encode = casefold = __iter__ = __getitem__ = isascii = strip = _touched


@pytest.mark.parametrize("country", sorted(FORMATS))
def test_a_megabyte_is_refused_by_its_length_alone(country):
    with pytest.raises(MalformedPostcode):
        FORMATS[country].normalize(Untouchable("A" * 1_000_000))


def test_the_longest_that_is_looked_at_is_still_read():
    assert UK.normalize("SW1A0AA".center(LONGEST_TYPED)) == "SW1A0AA"
    with pytest.raises(MalformedPostcode):
        UK.normalize("SW1A0AA".center(LONGEST_TYPED + 1))


@pytest.mark.parametrize("country", sorted(FORMATS))
@given(data=st.data())
def test_noise_and_case_never_change_the_answer(country, data):
    compact = data.draw(POSTCODES[country])
    silences = data.draw(st.lists(SILENT, min_size=len(compact) + 1, max_size=len(compact) + 1))
    typed = "".join(
        f"{silence}{character}" for silence, character in zip(silences, compact + " ", strict=True)
    )
    typed = data.draw(st.sampled_from([typed, typed.lower(), typed.swapcase()]))
    if len(typed) <= LONGEST_TYPED:
        assert FORMATS[country].normalize(typed) == compact


@pytest.mark.parametrize("country", sorted(FORMATS))
@given(text=st.text(max_size=LONGEST_TYPED + 2))
@example(text="ﷺ")
@example(text="SWIA OAA")
def test_normalizing_twice_is_normalizing_once(country, text):
    postcodes = FORMATS[country]
    try:
        compact = postcodes.normalize(text)
    except MalformedPostcode:
        return
    assert compact.isascii()
    assert compact.isalnum()
    assert postcodes.normalize(compact) == compact
    assert postcodes.normalize(postcodes.display(compact)) == compact


@given(compact=UK_POSTCODES)
def test_uk_never_corrects_what_is_right(compact):
    assert UK._correct(compact) == compact


@given(compact=CA_POSTCODES)
def test_canada_never_corrects_what_is_right(compact):
    assert CA._correct(compact) == compact


@pytest.mark.parametrize("country", sorted(FORMATS))
@given(data=st.data())
def test_codes_keep_the_order_of_the_spelling_within_a_sector(country, data):
    postcodes = FORMATS[country]
    one, other = (data.draw(POSTCODES[country].filter(postcodes.is_key)) for _ in range(2))
    other = postcodes.sector(one) + other[len(postcodes.sector(other)) :]
    for code in (one, other):
        assert 0 <= postcodes.encode(code) < (postcodes.span or 2**40)
    if postcodes.sector(one) == postcodes.sector(other):
        assert (postcodes.encode(one) < postcodes.encode(other)) == (one < other)
        assert (postcodes.encode(one) == postcodes.encode(other)) == (one == other)


@pytest.mark.parametrize(
    ("country", "compact", "display", "outcode", "sector"),
    [
        ("uk", "SW1A0AA", "SW1A 0AA", "SW1A", "SW1A0"),
        ("uk", "M11AE", "M1 1AE", "M1", "M11"),
        ("us", "35004", "35004", "35004", "350"),
        ("us", "350041234", "35004-1234", "35004", "350"),
        ("ca", "M5V2T6", "M5V 2T6", "M5V", "M5V"),
        ("ca", "M5V", "M5V", "M5V", "M5V"),
        ("generic", "10115", "10115", "101", "101"),
        ("generic", "1010", "1010", "10", "10"),
        ("generic", "7", "7", "", ""),
    ],
)
def test_parts_of_a_postcode(country, compact, display, outcode, sector):
    postcodes = FORMATS[country]
    assert postcodes.display(compact) == display
    assert postcodes.outcode(compact) == outcode
    assert postcodes.sector(compact) == sector


def test_a_finer_postcode_knows_the_coarser_one():
    assert US.key("350041234") == US.key("35004") == "35004"
    assert US.is_key("35004")
    assert not US.is_key("350041234")
    assert CA.containing("M5V2T6") == "M5V"
    assert CA.containing("M5V") is None
    assert UK.containing("SW1A0AA") is None
