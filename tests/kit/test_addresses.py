from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kit.addresses import MalformedAddress, canonical, one_line, parse, suggest_domain

# --- Reading -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("suzie@example.org", "suzie@example.org"),
        ("  suzie@example.org\u00a0", "suzie@example.org"),
        ("Suzie.Q+letters@EXAMPLE.org", "Suzie.Q+letters@example.org"),
        ("o'brien_2@mail.example.co.test", "o'brien_2@mail.example.co.test"),
        ("amina@bücher.test", "amina@xn--bcher-kva.test"),
        ("amina@straße.test", "amina@xn--strae-oqa.test"),
        ("amina@مثال.test", "amina@xn--mgbh0fb.test"),
        ("a@b.test", "a@b.test"),
        (f"{'a' * 64}@example.org", f"{'a' * 64}@example.org"),
    ],
)
def test_an_address_is_read_ready_for_an_envelope(written, read):
    assert parse(written) == read
    assert parse(read) == read


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "Please write an e-mail address"),
        ("  ", "Please write an e-mail address"),
        ("suzie", "has an @ in it"),
        ("suzie@exam ple.org", "a space or a line break"),
        ("suzie@example.org\nBcc: dana@example.net", "a space or a line break"),
        ("suzie@example.org\r", "a space or a line break"),
        ("suzie\u2028@example.org", "a space or a line break"),
        ("suzie\x00@example.org", "a space or a line break"),
        ("suzie\x85@example.org", "a space or a line break"),
        ("suzie@example.org,amina@example.org", "one e-mail address only"),
        ("suzie@example.org;amina@example.org", "one e-mail address only"),
        ("suzie@amina@example.org", "one e-mail address only"),
        (f"suzie@{'example.' * 40}org", "too long"),
        (f"{'a' * 65}@example.org", "does not look like"),
        (f"{'a' * 64}@{'éééééééééé.' * 11}test", "does not look like"),
        ("suzie@example", "does not look like"),
        ("suzie@localhost", "does not look like"),
        ("suzie@[192.0.2.7]", "does not look like"),
        ("suzie@-example.org", "does not look like"),
        ("suzie@exa_mple.org", "does not look like"),
        ("suzie@b_ü.test", "does not look like"),
        ("suzie.@example.org", "does not look like"),
        ("@example.org", "does not look like"),
        ("suzie@", "does not look like"),
        ('"suzie"@example.org', "does not look like"),
        ("sūzie@example.org", "does not look like"),
        ("Suzie<suzie@example.org>", "does not look like"),
        ("suzie@example.org>", "does not look like"),
    ],
)
def test_what_is_not_one_address_is_refused_without_being_repeated(written, sentence):
    with pytest.raises(MalformedAddress, match=sentence) as refused:
        parse(written)
    assert "suzie@" not in str(refused.value)


@given(st.text(max_size=60))
def test_nothing_read_can_break_a_header_or_name_two_people(text):
    for tried in (text, f"{text}@example.org", f"suzie@{text}.test"):
        try:
            address = parse(tried)
        except MalformedAddress:
            continue
        message = EmailMessage()
        message["To"] = Address(addr_spec=address)
        assert [found.addr_spec for found in message["To"].addresses] == [address]
        assert address.isascii()
        assert parse(address) == address
        assert canonical(canonical(address)) == canonical(address)


# --- Comparing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Suzie@Example.org", "suzie@example.org"),
        ("ｓuzie@ｅxample.org", "suzie@example.org"),
        ("amina@BÜCHER.test", "amina@xn--bcher-kva.test"),
        ("s.u.zie+letters@gmail.com", "suzie@googlemail.com"),
        ("suzie+letters@outlook.com", "suzie@outlook.com"),
        ("suzie+a@proton.me", "suzie+b@proton.me"),
    ],
)
def test_ways_of_writing_one_mailbox_count_as_one(one, other):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("suzie+letters@example.org", "suzie@example.org"),
        ("s.uzie@example.org", "suzie@example.org"),
        ("s.uzie@outlook.com", "suzie@outlook.com"),
        ("+letters@gmail.com", "+news@gmail.com"),
    ],
)
def test_what_may_be_two_mailboxes_counts_as_two(one, other):
    assert canonical(one) != canonical(other)


# --- Suggesting ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("suzie@gmial.com", "gmail.com"),
        ("suzie@gmai.com", "gmail.com"),
        ("suzie@gmaill.com", "gmail.com"),
        ("suzie@gnail.com", "gmail.com"),
        ("suzie@GMAIL.CON", "gmail.com"),
        ("suzie@gmail.co", "gmail.com"),
        ("suzie@hotmial.com", "hotmail.com"),
        ("suzie@outlok.com", "outlook.com"),
        ("suzie@icloud.cm", "icloud.com"),
        ("suzie@yahoo.co.k", "yahoo.co.uk"),
        ("suzie@gmail.com", None),
        ("suzie@ymail.com", None),
        ("suzie@mail.com", None),
        ("suzie@example.org", None),
        ("suzie@mc.com", None),
        ("suzie@we.de", None),
        ("suzie@yahoo.fe", None),
        ("suzie@gmaaill.com", None),
        ("suzie", None),
        ("suzie@", None),
    ],
)
def test_a_slip_of_the_finger_is_offered_back(address, domain):
    assert suggest_domain(address) == domain


# --- One line ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Suzie \t Quicksilver ", "Suzie Quicksilver"),
        ("Suzie\r\nBcc: all@example.org", "Suzie Bcc: all@example.org"),
        ("Suzie\u2028Quick\u2029silver\x85and\x0bmore\x0c", "Suzie Quick silver and more"),
        ("Suzie\x00\x1b[31m", "Suzie [31m"),
        ("\u202eeizuS\u202c", "eizuS"),
        ("\u2066Suzie\u2069 Zer\u200bo", "Suzie Zero"),
        ("\ufeffSuzie\ud800", "Suzie"),
        ("سوزي\u200fأمينة", "سوزي\u200fأمينة"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("", ""),
    ],
)
def test_a_name_becomes_one_line(text, line):
    assert one_line(text, 200) == line


@pytest.mark.parametrize(
    ("text", "limit", "line"),
    [
        ("Suzie Quicksilver", 6, "Suzie"),
        ("Suzie", 5, "Suzie"),
        ("Zoe\u0308 Brook", 3, "Zo"),
        ("Zoe\u0308 Brook", 4, "Zoe\u0308"),
        ("\u0308\u0308\u0308", 2, ""),
        ("Suzie", 0, ""),
    ],
)
def test_a_long_name_is_cut_between_letters(text, limit, line):
    assert one_line(text, limit) == line


@given(st.text(), st.integers(0, 80))
def test_one_line_is_one_line_to_every_reader(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert one_line(line, limit) == line
    message = EmailMessage()
    message["From"] = Address(display_name=line, addr_spec="letters@example.org")
    assert len(message["From"].addresses) == 1
