"""The engine's sign of life, for those who look from outside."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from amparo.kit.heartbeat import Heartbeat, LineBeat, heartbeat_path, read_heartbeat, write_heartbeat

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def a_heartbeat(**changes):
    fields = {"pid": 4711, "started_at": NOW - timedelta(hours=1), "at": NOW} | changes
    return Heartbeat(**fields, lines={"letters": LineBeat(done=3, failed=1, last_error="ValueError")})


def test_what_is_written_is_what_is_read(tmp_path):
    write_heartbeat(a_heartbeat(), path=tmp_path / "engine.json")
    assert read_heartbeat(tmp_path / "engine.json") == a_heartbeat()
    assert [entry.name for entry in tmp_path.iterdir()] == ["engine.json"]


def test_its_age_tells_whether_the_engine_lives(tmp_path):
    assert a_heartbeat().age(now=NOW + timedelta(seconds=7)) == timedelta(seconds=7)


def test_it_is_kept_in_the_state_directory(tmp_path, settings):
    settings.AMPARO_VAR = tmp_path
    assert read_heartbeat() is None
    write_heartbeat(a_heartbeat(), path=heartbeat_path())
    assert read_heartbeat() == a_heartbeat()
    assert (
        json.loads((tmp_path / "engine.json").read_text())["lines"]["letters"]["last_error"] == "ValueError"
    )
    del settings.AMPARO_VAR
    assert heartbeat_path() is read_heartbeat() is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1, "at": 5}', '{"lines": {"a": {"b": 1}}}']
)
def test_a_file_that_is_not_a_heartbeat_is_none(tmp_path, text):
    (tmp_path / "engine.json").write_text(text)
    assert read_heartbeat(tmp_path / "engine.json") is None


def test_a_heartbeat_that_cannot_be_written_leaves_the_one_before(tmp_path):
    path = tmp_path / "engine.json"
    write_heartbeat(a_heartbeat(), path=path)
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match=r".*"):
        write_heartbeat(a_heartbeat(pid=1), path=tmp_path / "taken")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["engine.json", "taken"]
    assert read_heartbeat(path).pid == 4711
