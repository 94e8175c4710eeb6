import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kit import sealing
from amparo.kit.master_keys import add_master_key
from amparo.kit.sealing import Unsealable

KEY = sealing.DataKey(bytes(range(32)))
OTHER_KEY = sealing.DataKey(bytes(range(1, 33)))
PLACE = "organization|table|row|column"


@given(st.text(), st.text())
def test_what_is_sealed_is_unsealed_in_its_place(text, place):
    sealed = sealing.seal(text, key=KEY, aad=place)
    assert sealing.unseal(sealed, key=KEY, aad=place) == text
    assert len(sealed) == len(text.encode()) + sealing.OVERHEAD_BYTES


@given(st.data())
def test_a_single_altered_bit_is_noticed(data):
    sealed = bytearray(sealing.seal("Suzie", key=KEY, aad=PLACE))
    position = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[position // 8] ^= 1 << position % 8
    with pytest.raises(Unsealable):
        sealing.unseal(bytes(sealed), key=KEY, aad=PLACE)


@pytest.mark.parametrize("cut", [0, 1, 5, 13, 20, 28, 33])
def test_bytes_cut_short_are_noticed(cut):
    with pytest.raises(Unsealable):
        sealing.unseal(sealing.seal("Suzie", key=KEY, aad=PLACE)[:cut], key=KEY, aad=PLACE)


def test_another_place_or_another_organization_cannot_read_it():
    sealed = sealing.seal("Suzie", key=KEY, aad=PLACE)
    with pytest.raises(Unsealable):
        sealing.unseal(sealed, key=KEY, aad=PLACE + "2")
    with pytest.raises(Unsealable):
        sealing.unseal(sealed, key=OTHER_KEY, aad=PLACE)


def test_sealing_twice_gives_different_bytes_and_none_show_the_text():
    first, second = (sealing.seal("Suzie", key=KEY, aad=PLACE) for _ in range(2))
    assert first != second
    assert b"Suzie" not in first + second


def test_a_format_of_the_future_is_not_guessed_at():
    sealed = sealing.seal("Suzie", key=KEY, aad=PLACE)
    with pytest.raises(Unsealable, match="does not know"):
        sealing.unseal(b"\x02" + sealed[1:], key=KEY, aad=PLACE)


def test_a_data_key_is_32_bytes_shows_nothing_and_is_not_pickled():
    with pytest.raises(ValueError, match="32 bytes"):
        sealing.DataKey(b"short")
    assert repr(KEY) == "<DataKey>"
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(KEY)


def test_the_keys_under_a_data_key_differ():
    assert len({KEY.fingerprinting, OTHER_KEY.fingerprinting, bytes(range(32))}) == 3


def test_equal_values_have_equal_fingerprints_within_an_organization_and_a_purpose():
    mark = sealing.fingerprint("suzie@example.org", key=KEY, purpose="email")
    assert mark == sealing.fingerprint("suzie@example.org", key=KEY, purpose="email")
    assert len(mark) == 32
    others = {
        sealing.fingerprint("amina@example.org", key=KEY, purpose="email"),
        sealing.fingerprint("suzie@example.org", key=KEY, purpose="phone"),
        sealing.fingerprint("suzie@example.org", key=OTHER_KEY, purpose="email"),
    }
    assert mark not in others
    assert len(others) == 3


def test_the_format_and_the_derivation_stay_as_they_are():
    """What older versions wrote must stay readable: these bytes are from the first one."""
    sealed = bytes.fromhex(FIRST_SEALED)
    assert sealing.unseal(sealed, key=KEY, aad=PLACE) == "Suzie"
    assert sealing.fingerprint("suzie@example.org", key=KEY, purpose="email").hex() == FIRST_FINGERPRINT


FIRST_SEALED = "011cedbb28b80f042f607b4494aaa12ffabdaab80637f121b363430c8bdbadb04e87"
FIRST_FINGERPRINT = "907e56b6f382d09d5f237d563feb19c1d7a55a2534426ce77eb76032d7655265"


# --- Wrapped data keys and rotation --------------------------------------------------------------------


def test_a_data_key_is_wrapped_for_one_place(key_file):
    secret = sealing.new_data_key()
    wrapped = sealing.wrap(secret, aad="data-key|ours")
    assert secret not in wrapped
    assert sealing.unwrap(wrapped, aad="data-key|ours") == secret
    with pytest.raises(Unsealable):
        sealing.unwrap(wrapped, aad="data-key|theirs")


@pytest.mark.parametrize("position", [0, 1, 2, 8, 14, 20, 40, -1])
def test_an_altered_wrapping_is_noticed(key_file, position):
    wrapped = bytearray(sealing.wrap(sealing.new_data_key(), aad="place"))
    wrapped[position] ^= 1
    with pytest.raises(Unsealable):
        sealing.unwrap(bytes(wrapped), aad="place")


@pytest.mark.parametrize("wrapped", [b"", b"\x01", b"\x01\xff", b"\x01\x05key-1"])
def test_what_is_no_wrapping_is_said_to_be_none(key_file, wrapped):
    with pytest.raises(Unsealable):
        sealing.unwrap(wrapped, aad="place")


def test_rotation_rewraps_to_the_first_key_after_which_the_old_one_may_go(key_file):
    secret = sealing.new_data_key()
    old = sealing.wrap(secret, aad="place")
    across = sealing.installation_fingerprint("suzie@example.org", purpose="email")
    assert sealing.rewrap(old, aad="place") is None

    new_id = add_master_key(key_file)
    sealing.forget_keys()
    assert sealing.unwrap(old, aad="place") == secret
    new = sealing.rewrap(old, aad="place")
    assert sealing.wrapped_by(new) == new_id
    assert sealing.rewrap(new, aad="place") is None

    old_id = sealing.wrapped_by(old)
    lines = key_file.read_text().splitlines(keepends=True)
    key_file.write_text("".join(line for line in lines if not line.startswith(old_id)))
    sealing.forget_keys()
    assert sealing.unwrap(new, aad="place") == secret
    with pytest.raises(Unsealable, match=old_id):
        sealing.unwrap(old, aad="place")
    assert sealing.installation_fingerprint("suzie@example.org", purpose="email") == across


# --- Across the installation ---------------------------------------------------------------------------


def test_fingerprints_across_the_installation_depend_on_purpose_and_key_file(key_file):
    mark = sealing.installation_fingerprint("suzie@example.org", purpose="email")
    assert mark == sealing.installation_fingerprint("suzie@example.org", purpose="email")
    assert mark != sealing.installation_fingerprint("suzie@example.org", purpose="caps")
    key_file.write_text(key_file.read_text().replace("index:", "# index:") + "index:" + "A" * 43 + "\n")
    sealing.forget_keys()
    assert mark != sealing.installation_fingerprint("suzie@example.org", purpose="email")


def test_the_mark_of_an_address_changes_from_day_to_day(key_file):
    monday, tuesday = date(2030, 4, 1), date(2030, 4, 2)
    mark = sealing.daily_mark("192.0.2.7", day=monday, purpose="signing")
    assert mark == sealing.daily_mark("192.0.2.7", day=monday, purpose="signing")
    others = {
        sealing.daily_mark("192.0.2.7", day=tuesday, purpose="signing"),
        sealing.daily_mark("192.0.2.8", day=monday, purpose="signing"),
        sealing.daily_mark("192.0.2.7", day=monday, purpose="login"),
    }
    assert len({mark, *others}) == 4
    assert b"192.0.2.7" not in mark


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("192.0.2.7, 198.51.100.1", "unknown"),
        ("suzie", "unknown"),
    ],
)
def test_a_household_is_one_network(ip, network):
    assert sealing.network_of(ip) == network


# --- Where data keys come from -------------------------------------------------------------------------


def test_keys_are_asked_for_once_and_again_after_they_were_forgotten(organizations):
    first = sealing.data_key_for(organizations.ours)
    assert sealing.data_key_for(organizations.ours) is first
    assert organizations.asked == [organizations.ours]
    sealing.forget_keys()
    sealing.data_key_for(organizations.ours)
    assert organizations.asked == [organizations.ours] * 2


def test_a_source_is_put_in_force_and_none_at_all_is_said_aloud(organizations, monkeypatch):
    monkeypatch.setattr(sealing, "_source", sealing._source)
    sealing.set_data_key_source(lambda organization_id: KEY)
    assert sealing.data_key_for(organizations.ours) is KEY
    sealing.set_data_key_source(sealing._no_source)
    with pytest.raises(sealing.NoDataKeySource):
        sealing.data_key_for(organizations.ours)
