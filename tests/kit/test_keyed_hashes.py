"""Faster is not otherwise."""

from __future__ import annotations

import base64
import hmac
import random

import pytest

from amparo.kit.keyed_hashes import base32, base32_many, hasher

CHANCE = random.Random(7)


@pytest.mark.parametrize("length", [0, 1, 32, 64])
def test_the_hash_is_hmac(length):
    key = CHANCE.randbytes(length)
    digest = hasher(key)
    for size in (0, 16, 100):
        value = CHANCE.randbytes(size)
        assert digest(value) == hmac.digest(key, value, "sha256")


@pytest.mark.parametrize("length", [5, 15, 20, 30])
def test_the_letters_are_base32(length):
    for content in (CHANCE.randbytes(length), bytes(length)):
        assert base32(content) == base64.b32encode(content).decode().lower()


def test_what_it_cannot_do_is_refused():
    with pytest.raises(ValueError, match="five"):
        base32(b"1234")
    with pytest.raises(ValueError, match="block"):
        hasher(bytes(65))


@pytest.mark.parametrize("each", [5, 20, 30])
@pytest.mark.parametrize("number", [0, 1, 3, 64])
def test_many_at_once_are_the_same_letters(each, number):
    contents = CHANCE.randbytes(each * number)
    singly = [base32(contents[at : at + each]).encode() for at in range(0, len(contents), each)]
    assert base32_many(contents, each=each) == singly
