"""The `amparo` command: a thin door to the commands of the house, with one sentence for whatever is wrong."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError
from django.db.utils import DatabaseError, InterfaceError

from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What `amparo` offers, in the order in which a newcomer meets it.
COMMANDS = {
    "demo": "Serve a demonstration with invented people, its own mailbox and a staff login",
    "migrate": "Bring the database up to date",
    "serve": "Serve the site",
    "worker": "Send what waits: confirmation mails, letters, and whatever else is due",
    "targets": "Load, compare, activate and find the people that letters go to",
    "cases": "Bring cases in from a spreadsheet, or write the empty workbook for one",
    "supporters": "Bring lists in, hand people a copy of their data, erase them",
    "suppression": "Bring in, hand on, add to, lift and ask the list of addresses never written to",
    "mailing": "Show mailings that leave, pause, resume and stop them",
    "records": "Make the documents that the law asks for: record of processing, assessment, breach",
    "keys": "Make, add and rotate the master keys that seal personal data",
    "organization": "Found an organization with its own site",
    "staff": "Appoint somebody who may sign in",
    "backup": "Back everything up into one file, without any key",
    "restore": "Put a backup back, with all sending paused",
    "verify": "Check the signature of a document that was handed over",
    "audit": "Check that nobody altered the trail of who did what",
    "status": "Show what waits, what is paused and how old the targets are",
    "doctor": "Check settings, keys, database, mail, providers and disk, and say what to do",
}
#: As a shell reports a program that was interrupted.
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. A no that was foreseen is one sentence on stderr, and nothing is half-done."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in {"help", "--help", "-h"}:
        print(_overview())  # noqa: T201 - printing is what a command line does
        return 0
    if words[0] in {"version", "--version", "-V"}:
        print(f"amparo {version('amparo')}")  # noqa: T201
        return 0
    try:
        return _run(words[0], words[1:])
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output went away. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (CommandError, Refusal, ImproperlyConfigured, DatabaseError, InterfaceError, OSError) as error:
        print(sentence_for(error), file=sys.stderr)  # noqa: T201
        return getattr(error, "returncode", 1)


def sentence_for(error: BaseException) -> str:
    """What went wrong, for the administrator who reads it on stderr."""
    if isinstance(error, DatabaseError | InterfaceError):
        return _sentence_for_database(error)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror or error}."
    return str(error).removeprefix("Error: ")


def _sentence_for_database(error: BaseException) -> str:
    first_line = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    if "no such table" in first_line or ("relation" in first_line and "does not exist" in first_line):
        return "The database is empty or behind this version; run `amparo migrate`."
    return f"The database cannot be used: {first_line}. Look at DATABASE_URL, then at the database itself."


def _run(name: str, arguments: list[str]) -> int:
    if name not in COMMANDS:
        raise CommandError(f"There is no command “{name}”; there are: {', '.join(COMMANDS)}.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amparo.config.settings")
    if name == "demo":
        from amparo.web.demo import places

        # The demonstration brings its own settings, and they must stand before anything reads them.
        places.prepare(arguments, environment=os.environ)
    command = _keys_before_settings() if [name, *arguments[:1]] == ["keys", "create"] else _command(name)
    parser = command.create_parser("amparo", name)
    options = vars(parser.parse_args(arguments))
    positional = options.pop("args", ())
    command.execute(*positional, **options)
    return 0


def _command(name: str) -> BaseCommand:
    django.setup()
    where = get_commands()[name]
    return where if isinstance(where, BaseCommand) else load_command_class(where, name)


def _keys_before_settings() -> BaseCommand:
    """The first key file is made when there are no settings yet: they refuse to load without its path."""
    if not settings.configured:
        settings.configure(USE_I18N=False)
    return load_command_class("amparo.organizations", "keys")


def _overview() -> str:
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:{width}}{what}" for name, what in COMMANDS.items()]
    return "\n".join(
        ["Usage: amparo COMMAND", "", *lines, "", "`amparo COMMAND --help` says more about one of them."]
    )


if __name__ == "__main__":
    sys.exit(main())
