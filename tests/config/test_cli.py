"""`amparo`: what it offers, and how it says no."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandError
from django.db.utils import InterfaceError, OperationalError, ProgrammingError

from amparo.config import cli
from amparo.web.demo import places

ROOT = Path(__file__).resolve().parent.parent.parent
READ = ("AMPARO_", "BASE_URL", "BROKER_URL", "CACHE_URL", "DATABASE_URL", "DJANGO_", "SECRET_KEY", "SMTP_URL")


def amparo(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with these settings and no others."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(READ)}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "amparo.config.cli", *arguments],
        cwd=ROOT,
        env={**plain, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_alone_it_lists_every_command_with_a_line(capsys):
    assert cli.main([]) == 0
    printed = capsys.readouterr().out
    for name, what in cli.COMMANDS.items():
        assert f"  {name}" in printed
        assert what in printed


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_is_there_and_explains_itself(name):
    command = load_command_class(get_commands()[name], name)
    assert command.help
    assert command.create_parser("amparo", name).format_help().startswith(f"usage: amparo {name}")


def test_it_says_its_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("amparo 0.")


def test_an_unknown_command_is_named_with_those_there_are(capsys):
    assert cli.main(["sevre"]) == 1
    said = capsys.readouterr().err
    assert said == f"There is no command “sevre”; there are: {', '.join(cli.COMMANDS)}.\n"


def test_a_missing_argument_is_one_sentence(capsys):
    assert cli.main(["keys"]) == 1
    said = capsys.readouterr().err
    assert said == "the following arguments are required: verb\n"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (CommandError("No."), "No."),
        (OperationalError("no such table: organizations_organization"), "run `amparo migrate`"),
        (ProgrammingError('relation "wagtailcore_site" does not exist\nLINE 1'), "run `amparo migrate`"),
        (OperationalError("connection refused\n\tIs the server running?"), "Look at DATABASE_URL"),
        (InterfaceError(), "InterfaceError"),
        (PermissionError(13, "Permission denied", "/var/lib/amparo"), "/var/lib/amparo: Permission denied."),
    ],
)
def test_what_was_foreseen_is_one_sentence(error, sentence):
    said = cli.sentence_for(error)
    assert sentence in said
    assert "\n" not in said


def test_ctrl_c_is_no_error_of_ours(monkeypatch):
    def interrupted(*_anything):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupted)
    assert cli.main(["worker"]) == 130


def test_the_first_key_file_is_made_before_there_are_settings(tmp_path):
    path = tmp_path / "master.key"
    made = amparo("keys", "create", str(path))
    assert made.returncode == 0, made.stderr
    assert path.stat().st_mode & 0o077 == 0
    again = amparo("keys", "create", str(path))
    assert again.returncode == 1
    assert again.stderr.count("\n") == 1
    assert "is already there" in again.stderr


def test_a_missing_setting_is_one_sentence(tmp_path):
    refused = amparo("status", AMPARO_VAR=str(tmp_path))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("SECRET_KEY is not set.")
    assert refused.stderr.count("\n") == 1


def test_a_database_that_is_away_is_one_sentence(tmp_path):
    key = tmp_path / "master.key"
    amparo("keys", "create", str(key))
    refused = amparo(
        "worker",
        AMPARO_VAR=str(tmp_path),
        SECRET_KEY="k9" * 25,
        AMPARO_MASTER_KEY_FILE=str(key),
        DATABASE_URL="postgres://amparo:hidden-word@127.0.0.1:1/amparo",
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith("The database cannot be used:")
    assert "hidden-word" not in refused.stderr
    assert refused.stderr.count("\n") == 1


# --- A demonstration's surroundings -------------------------------------------------------------------------


def test_a_demonstration_takes_none_of_an_installations_settings(tmp_path):
    environment = {
        "AMPARO_VAR": str(tmp_path),
        "DATABASE_URL": "postgres://real",
        "SMTP_URL": "smtp://real.example.org",
        "AMPARO_MASTER_KEY_FILE": "/etc/amparo/master.key",
        "SECRET_KEY_FILE": "/etc/amparo/secret",
        "PATH": "/usr/bin",
    }
    places.prepare([], environment=environment)
    assert environment["AMPARO_VAR"] == str(tmp_path)
    assert environment["PATH"] == "/usr/bin"
    assert environment["AMPARO_DEMO"] == "true"
    assert environment["SMTP_URL"].startswith("smtp://127.0.0.1:")
    for gone in ("DATABASE_URL", "AMPARO_MASTER_KEY_FILE", "SECRET_KEY_FILE"):
        assert gone not in environment


def test_a_taken_port_is_passed_over(unused_port_holder):
    held, port = unused_port_holder
    found = places.free_port(iter([port, 0]))
    assert found not in {0, port}
    held.close()
    assert places.free_port(iter([port])) == port


def test_a_port_that_was_asked_for_is_taken():
    environment: dict[str, str] = {}
    places.prepare(["--port", "8765"], environment=environment)
    assert environment["BASE_URL"] == "http://127.0.0.1:8765"


def test_a_check_has_a_place_of_its_own(tmp_path):
    environment = {"AMPARO_VAR": str(tmp_path)}
    places.prepare(["--check"], environment=environment)
    place = Path(environment["AMPARO_VAR"])
    assert place != tmp_path
    place.rmdir()


@pytest.fixture
def unused_port_holder():
    import socket

    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    held.listen()
    yield held, held.getsockname()[1]
    held.close()


def test_an_installation_is_never_taken_for_a_demonstration(tmp_path):
    assert places.is_ours(tmp_path)
    (tmp_path / "amparo.sqlite3").touch()
    assert not places.is_ours(tmp_path)
    (tmp_path / places.LOGINS).write_text(json.dumps({}))
    assert places.is_ours(tmp_path)
