import re
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.kit import sealing, tokens
from amparo.kit.ids import new_id
from amparo.kit.tokens import BrokenLink

pytestmark = pytest.mark.usefixtures("key_file")


def test_a_token_names_its_row_in_letters_that_survive_mail_programs():
    row_id = new_id()
    token = tokens.make("confirm", row_id)
    assert re.fullmatch("[a-z2-7]{48}", token)
    assert len(token) == tokens.TOKEN_LETTERS
    assert tokens.read("confirm", token) == row_id
    assert tokens.read("confirm", f" {token.upper()}\r\n") == row_id


def test_a_token_is_good_for_one_purpose_only():
    with pytest.raises(BrokenLink):
        tokens.read("unsubscribe", tokens.make("confirm", new_id()))


def test_a_token_of_another_installation_is_broken(key_file):
    token = tokens.make("confirm", new_id())
    key_file.write_text(key_file.read_text().replace("index:", "# index:") + "index:" + "A" * 43 + "\n")
    sealing.forget_keys()
    with pytest.raises(BrokenLink):
        tokens.read("confirm", token)


def test_every_changed_letter_breaks_it():
    token = tokens.make("confirm", UUID(int=7))
    for place, letter in enumerate(token):
        changed = token[:place] + ("a" if letter != "a" else "b") + token[place + 1 :]
        with pytest.raises(BrokenLink):
            tokens.read("confirm", changed)


@pytest.mark.parametrize("token", ["", "a", "a" * 40, "a" * 56, "1" * 48, "é" * 48, "=" * 48, "a" * 47 + "="])
def test_what_is_no_token_is_a_broken_link_with_advice(token):
    with pytest.raises(BrokenLink, match="open it again"):
        tokens.read("confirm", token)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80))
def test_nobody_guesses_one(token):
    with pytest.raises(BrokenLink):
        tokens.read("confirm", token)
