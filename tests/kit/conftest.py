"""What the tests of the kit stand on: a key file of their own, and two organizations with a data key each."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

import pytest

from amparo.kit import sealing
from amparo.kit.master_keys import create_master_key_file


@pytest.fixture
def key_file(tmp_path, settings):
    """A master key file, in force for one test."""
    path = tmp_path / "master.key"
    create_master_key_file(path)
    settings.AMPARO_MASTER_KEY_FILE = path
    sealing.forget_keys()
    yield path
    sealing.forget_keys()


@pytest.fixture
def organizations(key_file, monkeypatch):
    """The ids of two organizations, `ours` and `theirs`, a data key each; `asked` lists calls."""
    ours, theirs = UUID(int=1), UUID(int=2)
    keys = {one: sealing.DataKey(sealing.new_data_key()) for one in (ours, theirs)}
    asked: list[UUID] = []

    def source(organization_id: UUID) -> sealing.DataKey:
        asked.append(organization_id)
        return keys[organization_id]

    monkeypatch.setattr(sealing, "_source", source)
    sealing.forget_keys()
    return SimpleNamespace(ours=ours, theirs=theirs, keys=keys, asked=asked)
