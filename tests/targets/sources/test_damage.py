"""Whatever is done to a file, loading ends in a bundle or in a sentence: never in a traceback."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.targets.problems import UnreadableSource

from .conftest import Folder, load
from .test_bundle import ALVENIA

#: Bytes that mean something to one of the formats, and some that mean nothing to any.
SPLINTERS = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b'"',
    b"\n",
    b",",
    b"{",
    b"]",
    b"null",
    b"-1",
    b"9" * 5000,
    b"true",
    b"[[[]]]",
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damage")


def read_all(slug: str, folder: Folder) -> None:
    """Load, go through every table, say every problem."""
    bundle = load(slug, folder)
    for table in (bundle.postcodes, *bundle.outlines):
        if table is not None:
            list(table)
    assert all(str(problem).isprintable() for problem in bundle.all_problems())


def damage(data: st.DataObject, folder: Folder) -> None:
    """Put a splinter over a few bytes of one file, or cut it short."""
    name = data.draw(st.sampled_from(sorted(path.name for path in folder.path.iterdir())))
    content = (folder.path / name).read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    splinter = data.draw(st.sampled_from(SPLINTERS))
    tail = b"" if data.draw(st.booleans()) else content[end:]
    (folder.path / name).write_bytes(content[:start] + splinter + tail)


@pytest.mark.parametrize("slug", ["bundle", "uk", "us", "ca"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_never_ends_in_a_traceback(
    slug: str, data: st.DataObject, bench: Path, request: pytest.FixtureRequest
) -> None:
    sound = ALVENIA if slug == "bundle" else request.getfixturevalue(slug).path
    folder = bench / slug
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sound, folder)
    damaged = Folder(folder)
    damage(data, damaged)
    refusals = []
    try:
        read_all(slug, damaged)
    except UnreadableSource as refused:
        refusals.append(refused)
    assert all(refused.file and str(refused).isprintable() for refused in refusals)
