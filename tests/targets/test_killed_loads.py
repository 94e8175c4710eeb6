"""A load that is killed changes nothing: the version in use answers as before, and the next load succeeds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ALVENIA = Path(__file__).parent / "bundles" / "alvenia"

#: Where the process dies: while files are written, between two tables of rows, with the files in place and the
#: transaction still open, with everything staged, and with the pointer moved but not committed.
MOMENTS = [
    ("amparo.targets.outlines:build", 1),
    ("amparo.targets.index:build", 1),
    ("amparo.targets.recording:_insert", 5),
    ("amparo.targets.version_files:put_in_place", 1),
    ("amparo.targets.management.commands.targets:compare", 1),
    ("amparo.targets.activating:_swap", 1),
]

#: Tells the story on a database file that really commits. Each step is a process of its own, forked before anything
#: is open; `dying` kills itself the moment a function has returned for the nth time.
STORY = """
import importlib, io, json, os, signal, sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command

def apart(step):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with os.fdopen(writer, "w") as out:
            step(out)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        text = told.read()
    return text, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def amparo(*words):
    return lambda out: call_command("targets", *words, stdout=out)

def dying(where, times, *words):
    def step(out):
        module_name, _colon, name = where.partition(":")
        module, calls = importlib.import_module(module_name), []
        original = getattr(module, name)
        def then_die(*args, **kwargs):
            result = original(*args, **kwargs)
            calls.append(1)
            if len(calls) == times:
                os.kill(os.getpid(), signal.SIGKILL)
            return result
        setattr(module, name, then_die)
        call_command("targets", *words, stdout=out)
    return step

moments, old, new = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
ask = amparo("find", "alvenia", "1001", "--json")
for app in ("accounts", "targets"):
    apart(lambda out: call_command("migrate", app, verbosity=0))
apart(amparo("load", "bundle", old))
story = {"before": apart(ask)[0], "killed": []}
for where, times in moments:
    _text, code = apart(dying(where, times, "load", "bundle", new, "--yes"))
    story["killed"].append([where, code, apart(ask)[0]])
story["load"] = apart(amparo("load", "bundle", new, "--yes"))
story["after"] = apart(ask)[0]
story["standing"] = apart(amparo("status", "--json"))[0]
story["folders"] = sorted(entry.name for entry in (settings.AMPARO_VAR / "targets" / "alvenia").iterdir())
print(json.dumps(story))
"""


@pytest.fixture
def environment(tmp_path):
    """An installation of its own: a state directory and a database file."""
    state = tmp_path / "installation"
    state.mkdir()
    return os.environ | {
        "AMPARO_VAR": str(state),
        "AMPARO_MASTER_KEY_FILE": str(state / "master.key"),
        "DATABASE_URL": f"sqlite:///{state / 'amparo.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.fault
@pytest.mark.sqlite_only
@pytest.mark.timeout(600)
def test_a_load_killed_at_any_moment_changes_nothing(environment, tmp_path):
    newer = Path(shutil.copytree(ALVENIA, tmp_path / "newer"))
    people = newer / "people.jsonl"
    people.write_text(people.read_text().replace("Dr Marit Osk", "Dr Marit Osk-Vale"))

    told = subprocess.run(
        [sys.executable, "-c", STORY, json.dumps(MOMENTS), str(ALVENIA), str(newer)],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert told.returncode == 0, told.stderr
    story = json.loads(told.stdout)
    before, after = json.loads(story["before"]), json.loads(story["after"])
    assert before["dataset"] == "alvenia/1"
    for where, code, answered in story["killed"]:
        assert code == -9, where
        assert json.loads(answered) == before, where
    assert story["load"][1] == 0
    assert after["dataset"] != before["dataset"]
    assert after["candidates"][0]["holder"]["name"] == "Dr Marit Osk-Vale"
    (standing,) = json.loads(story["standing"])
    assert standing["dataset"] == after["dataset"]
    assert [name for name in story["folders"] if name.startswith(".") and name != ".lock"] == []
