"""Sealed files: written and read piece by piece, and useless when altered, cut or moved."""

from __future__ import annotations

import pytest

from amparo.kit.sealed_files import FRAME, SealedWriter, pieces
from amparo.kit.sealing import DataKey, Unsealable

KEY = DataKey(b"k" * 32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "list.sealed"


def written(path, text: bytes, aad="here"):
    with SealedWriter(path, key=KEY, aad=aad) as file:
        for start in range(0, len(text), 1_000):
            file.write(text[start : start + 1_000])
    return path


def read(path, aad="here", key=KEY):
    return b"".join(pieces(path, key=key, aad=aad))


@pytest.mark.parametrize("length", [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME])
def test_what_was_written_is_read(path, length):
    text = (b"Suzie Okafor " * (length // 13 + 1))[:length]

    assert read(written(path, text)) == text


def test_no_name_is_on_the_disk(path):
    written(path, b"Suzie Okafor;suzie@example.org\n" * 5_000)

    assert b"Suzie" not in path.read_bytes()
    assert b"example.org" not in path.read_bytes()


def test_a_file_is_of_no_use_in_another_place_or_with_another_key(path):
    written(path, b"Suzie")

    with pytest.raises(Unsealable):
        read(path, aad="elsewhere")
    with pytest.raises(Unsealable):
        read(path, key=DataKey(b"x" * 32))


def test_a_file_cut_short_at_a_frame_is_refused(path):
    written(path, b"x" * (2 * FRAME + 5))
    whole = path.read_bytes()
    for end in (0, 1, 1 + 4 + 12 + FRAME + 16, len(whole) - 1):
        path.write_bytes(whole[:end])
        with pytest.raises(Unsealable):
            read(path)


def test_frames_cannot_change_places(path):
    written(path, b"a" * FRAME + b"b" * FRAME + b"c")
    whole, frame = path.read_bytes(), 4 + 12 + FRAME + 16
    first, second, rest = whole[1 : 1 + frame], whole[1 + frame : 1 + 2 * frame], whole[1 + 2 * frame :]
    path.write_bytes(whole[:1] + second + first + rest)

    with pytest.raises(Unsealable):
        read(path)


def test_a_writer_that_died_leaves_nothing_to_read(path):
    file = SealedWriter(path, key=KEY, aad="here")
    file.write(b"x" * (FRAME * 2))
    file.abandon()

    with pytest.raises(Unsealable):
        read(path)


def test_a_file_is_never_written_over(path):
    written(path, b"first")

    with pytest.raises(FileExistsError):
        SealedWriter(path, key=KEY, aad="here")
