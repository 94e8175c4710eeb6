from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from amparo.kit.meter import Meter
from amparo.targets.models import ActiveDataset, Dataset, PostcodeOverride
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db

ALVENIA = Path(__file__).parent / "bundles" / "alvenia"


@pytest.fixture
def folder(tmp_path):
    """Alvenia's bundle, to be spoilt."""
    return Path(shutil.copytree(ALVENIA, tmp_path / "alvenia"))


def amparo(*words):
    """What `amparo targets …` prints."""
    out = io.StringIO()
    call_command("targets", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refused(*words):
    """The sentence on stderr."""
    with pytest.raises(CommandError) as refusal:
        amparo(*words)
    return str(refusal.value)


def change(folder, name, old, new):
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def empty_half_the_diet(folder):
    kept = [line for line in (folder / "memberships.jsonl").read_text().splitlines() if '"diet/N' not in line]
    (folder / "memberships.jsonl").write_text("\n".join(kept) + "\n")


def in_use():
    return ActiveDataset.objects.get(slug="alvenia").dataset.version


def test_load_reads_puts_to_use_and_tells(folder):
    told = amparo("load", "bundle", str(folder))

    assert "alvenia/1 is the first version: 6 posts, 6 postcodes." in told
    assert "alvenia/1 is in use." in told
    assert in_use() == 1


def test_load_for_machines(folder):
    found = json.loads(amparo("load", "bundle", str(folder), "--json"))

    assert found["dataset"] == "alvenia/1"
    assert found["active"] is True
    assert found["counts"]["posts"] == 6
    assert found["difference"]["posts_after"] == 6


def test_loading_the_same_files_twice_changes_nothing(folder):
    amparo("load", "bundle", str(folder))

    told = amparo("load", "bundle", str(folder))

    assert "The same files were loaded before, as alvenia/1." in told
    assert Dataset.objects.count() == 1


def test_a_load_that_changes_much_waits_and_says_what_to_type(folder):
    amparo("load", "bundle", str(folder))
    empty_half_the_diet(folder)

    sentence = refused("load", "bundle", str(folder))

    assert "33.3 % of its posts or postcodes differ" in sentence
    assert "`amparo targets activate alvenia --yes`" in sentence
    assert in_use() == 1
    assert "Fell vacant: Deputy for Brennick" in amparo("diff", "alvenia")
    assert "alvenia/2 waits to be activated" in amparo("status")
    assert "alvenia/2 is in use." in amparo("activate", "alvenia", "--yes")
    assert in_use() == 2


def test_yes_loads_it_at_once(folder):
    amparo("load", "bundle", str(folder))
    empty_half_the_diet(folder)

    amparo("load", "bundle", str(folder), "--yes")

    assert in_use() == 2


def test_stage_only_shows(folder):
    told = amparo("stage", "bundle", str(folder))

    assert "alvenia/1 waits to be activated." in told
    assert not ActiveDataset.objects.exists()
    amparo("activate", "alvenia")
    assert in_use() == 1


def test_an_earlier_version_is_put_back_by_its_number(folder):
    amparo("load", "bundle", str(folder))
    empty_half_the_diet(folder)
    amparo("load", "bundle", str(folder), "--yes")

    amparo("activate", "alvenia", "--version", "1", "--yes")

    assert in_use() == 1
    assert json.loads(amparo("diff", "alvenia", "--json"))["new"] == "alvenia/2"


def test_every_bad_row_is_written_with_file_line_and_reason(folder, tmp_path):
    with (folder / "people.jsonl").open("a") as people:
        people.write("this is not JSON\n")
    change(folder, "memberships.jsonl", "minister@interior.example.org", "https://interior.example.org")
    with (folder / "postcodes.csv").open("a") as table:
        table.write("3001,N9,,,\n")

    told = amparo("load", "bundle", str(folder), "--problems", str(tmp_path / "bad.csv"))

    assert "Rows refused: 3." in told
    with (tmp_path / "bad.csv").open() as table:
        rows = [row for row in csv.DictReader(table) if row["severity"] == "error"]
    assert {(row["file"], row["line"]) for row in rows} == {
        ("people.jsonl", "7"), ("memberships.jsonl", "6"), ("postcodes.csv", "9"),
    }  # fmt: skip
    assert all(row["reason"] for row in rows)


def test_the_problems_of_files_loaded_before_can_still_be_written(folder, tmp_path):
    with (folder / "people.jsonl").open("a") as people:
        people.write("this is not JSON\n")
    amparo("load", "bundle", str(folder))

    amparo("load", "bundle", str(folder), "--problems", str(tmp_path / "bad.csv"))

    assert "people.jsonl,7,error,the line is not JSON,this is not JSON" in (tmp_path / "bad.csv").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("load", "bundle", "/nowhere"), "/nowhere cannot be read: there is no such file or folder."),
        (("load", "atlantis", "/nowhere"), "There is no target source called “atlantis”"),
        (("diff", "alvenia"), "There is no such version of “alvenia”; there are: none."),
        (("activate", "alvenia"), "There is no such version of “alvenia”; there are: none."),
        (("find", "alvenia", "1001"), "No targets are loaded for “alvenia”."),
        (
            ("load", "bundle", "/nowhere", "--organization", "nobody"),
            "There is no organization called “nobody”",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(words, says):
    assert says in refused(*words)
    assert not Dataset.objects.exists()


@pytest.mark.parametrize("name", ["manifest.json", "postcodes.csv", "people.jsonl"])
def test_a_truncated_bundle_never_replaces_a_whole_one(folder, name):
    amparo("load", "bundle", str(folder))
    (folder / name).write_bytes((folder / name).read_bytes()[:40])

    refused("load", "bundle", str(folder))

    assert in_use() == 1


def test_find_tells_a_person(folder):
    amparo("load", "bundle", str(folder))

    told = amparo("find", "alvenia", "1001", "--legislature", "diet")

    assert told == (
        "alvenia/diet/N1: Dr Marit Osk (Tide Movement), Deputy for Brennick; exact; marit.osk@diet.example.org\n"
    )


def test_find_asks_a_person_about_a_split_postcode(folder):
    amparo("load", "bundle", str(folder))

    told = amparo("find", "alvenia", "1002", "--legislature", "diet").splitlines()

    assert told[0] == "The supporter has to say which of these is right:"
    assert [line[:18] for line in told[1:]] == ["? alvenia/diet/N1:", "? alvenia/diet/N2:"]
    settled = amparo("find", "alvenia", "1002", "--legislature", "diet", "--area", "N2")
    assert settled.startswith("alvenia/diet/N2:")


def test_find_tells_a_machine(folder):
    amparo("load", "bundle", str(folder))

    found = json.loads(amparo("find", "alvenia", " 1001 ", "--json", "--legislature", "diet"))

    assert found["needs"] == "none"
    assert found["dataset"] == "alvenia/1"
    assert found["candidates"][0]["area"] == {"set": "alvenia-2024", "code": "N1", "name": "Brennick"}


def test_find_by_a_point_on_the_map(folder):
    amparo("load", "bundle", str(folder))

    found = json.loads(amparo("find", "alvenia", "--pin=20.2,60.7", "--json", "--legislature", "diet"))

    assert [(one["area"]["code"], one["evidence"]) for one in found["candidates"]] == [("N1", "point")]
    assert refused("find", "alvenia", "--pin=here") == "A point is two numbers, such as -0.13,51.5."


def test_many_look_ups_in_one_call(folder, monkeypatch):
    amparo("load", "bundle", str(folder))
    lines = [
        "1001",
        "",
        '"2002"',
        '{"postcode": "1002", "area": "N2", "legislature": "diet"}',
        '{"pin": [20.2, 60.7], "legislature": ["diet"]}',
        "{broken",
        '{"zip": "1001"}',
        '{"pin": "x"}',
        "this is no postcode at all",
        "7777",
    ]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))

    answers = [json.loads(line) for line in amparo("find", "alvenia", "--stdin").splitlines()]

    assert len(answers) == len(lines)
    assert answers[0]["candidates"][0]["post"] == "alvenia/diet/N1"
    assert answers[1]["needs"] == "address"
    assert answers[2]["candidates"][0]["post"] == "alvenia/diet/S2"
    assert [one["evidence"] for one in answers[3]["candidates"]] == ["user"]
    assert answers[4]["candidates"][0]["evidence"] == "point"
    assert [answer.get("reason") for answer in answers[5:]] == ["malformed"] * 4 + ["unknown"]
    assert all(answer["sentence"] for answer in answers[5:])


def test_many_look_ups_of_what_is_not_loaded_fail_once(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("1001\n" * 3))

    assert refused("find", "alvenia", "--stdin") == "No targets are loaded for “alvenia”."


def test_an_organization_loads_and_finds_its_own(folder):
    an_organization("open-doors")
    amparo("load", "bundle", str(folder), "--organization", "open-doors")

    assert refused("find", "alvenia", "1001") == "No targets are loaded for “alvenia”."
    assert "alvenia/diet/N1" in amparo("find", "alvenia", "1001", "--organization", "open-doors")
    assert "belong to somebody else" in refused("load", "bundle", str(folder))


def test_status_shows_age_and_problems_for_people_and_machines(folder):
    assert "No targets are loaded" in amparo("status")
    amparo("load", "bundle", str(folder))

    assert "alvenia: Alvenia, " in amparo("status")
    (standing,) = json.loads(amparo("status", "--json"))
    assert standing["dataset"] == "alvenia/1"
    assert standing["published_on"] == "2026-05-01"


def test_override_a_postcode_and_take_it_back(folder):
    amparo("load", "bundle", str(folder))

    amparo("override", "alvenia", "1001", "S2", "--reason", "the bridge")
    assert "alvenia/diet/S2" in amparo("find", "alvenia", "1001")
    amparo("override", "alvenia", "1001", "--remove")
    assert "alvenia/diet/N1" in amparo("find", "alvenia", "1001")
    assert not PostcodeOverride.objects.exists()
    assert refused("override", "alvenia", "1001", "S9") == "There is no area “S9” in alvenia/1."
    assert "Say a postcode" in refused("override", "alvenia", "1001")


def test_override_the_state_of_a_parliament(folder):
    amparo("load", "bundle", str(folder))

    amparo("override", "alvenia", "--legislature", "diet", "--state", "dissolved", "--reason", "decree 12")

    assert "Diet of Alvenia is dissolved" in amparo("find", "alvenia", "1001", "--legislature", "diet")
    assert "sitting, dissolved, between" in refused(
        "override", "alvenia", "--legislature", "diet", "--state", "x"
    )


# --- The meter ---


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_sees_a_bar():
    stream = Terminal()
    with Meter(expected={"postcodes": 100}, stream=stream) as meter:
        meter("postcodes", 0)
        meter("postcodes", 50)
        meter("people", 3)

    assert "postcodes" in stream.getvalue()
    assert "people" in stream.getvalue()


def test_a_log_sees_a_line_only_when_it_takes_long(monkeypatch):
    stream, clock = io.StringIO(), iter([0.0, 1.0, 6.0, 6.0, 7.0])
    monkeypatch.setattr("amparo.kit.meter.monotonic", lambda: next(clock))
    meter = Meter(stream=stream)

    for done in (20_000, 40_000, 60_000):
        meter("postcodes", done)

    assert stream.getvalue() == "postcodes: 40,000\n"
