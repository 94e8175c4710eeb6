"""`amparo keys create|add|rotate|status`: the master keys that wrap every organization's data key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand

from amparo.kit.master_keys import MasterKeys, add_master_key, create_master_key_file

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Imports no model until it needs one, so that `create` runs before there are any settings."""

    help = "Make, add and rotate the master keys that seal personal data."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a new key file that only you can read")
        create.add_argument("path", type=Path, help="where; keep it away from the database and its backups")
        verbs.add_parser("add", help="put a new key on the first line of the key file")
        verbs.add_parser("rotate", help="wrap every organization's key with the first key of the file")
        status = verbs.add_parser("status", help="say which keys are in use")
        status.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, verb: str, **options: Any) -> None:
        getattr(self, f"_{verb}")(**options)

    def _create(self, *, path: Path, **_options: Any) -> None:
        path = path.expanduser().absolute()
        key_id = create_master_key_file(path)
        self.stdout.write(
            f"{path} holds a new master key, {key_id}. Write its path as AMPARO_MASTER_KEY_FILE."
        )
        self.stdout.write(
            "Keep a copy apart from this machine: without it nothing that was sealed can be read again."
        )

    def _add(self, **_options: Any) -> None:
        path = _key_file()
        key_id = add_master_key(path)
        self.stdout.write(f"{path} has a new first key, {key_id}.")
        self.stdout.write(
            "Restart web and worker, then run `amparo keys rotate`. Keep the old lines until it is done."
        )

    def _rotate(self, **_options: Any) -> None:
        from amparo.organizations.keys import rewrap_all

        changed = rewrap_all()
        current = MasterKeys.read(_key_file()).current_id
        self.stdout.write(f"{_organizations(changed)} rewrapped; every key is now wrapped with {current}.")
        unused = [key for key, count in _uses().items() if not count and key != current]
        if unused:
            self.stdout.write(f"No longer used, and their lines may go: {', '.join(unused)}.")
        elif not changed:
            self.stdout.write("To change the key itself, run `amparo keys add` first.")

    def _status(self, **options: Any) -> None:
        path = _key_file()
        keys, uses = MasterKeys.read(path), _uses()
        missing = {key_id: count for key_id, count in uses.items() if key_id not in keys.keys}
        if options["json"]:
            known = {key_id: uses[key_id] for key_id in keys.keys}
            found = {"file": str(path), "current": keys.current_id, "keys": known, "missing": missing}
            self.stdout.write(json.dumps(found, indent=2))
            return
        self.stdout.write(f"Key file: {path}")
        for key_id in keys.keys:
            note = "  (current)" if key_id == keys.current_id else ""
            self.stdout.write(f"  {key_id}: wraps the keys of {_organizations(uses[key_id])}{note}")
        for key_id, count in missing.items():
            self.stdout.write(
                f"  {key_id}: MISSING from the file, and {_organizations(count)} cannot be read without it"
            )


def _key_file() -> Path:
    return Path(settings.AMPARO_MASTER_KEY_FILE)


def _uses() -> dict[str, int]:
    """How many organizations' keys each master key wraps; those of the file come first, even when unused."""
    from amparo.kit.sealing import wrapped_by
    from amparo.organizations.models import Organization

    uses = dict.fromkeys(MasterKeys.read(_key_file()).keys, 0)
    for wrapped in Organization.objects.values_list("wrapped_data_key", flat=True):
        key_id = wrapped_by(bytes(wrapped))
        uses[key_id] = uses.get(key_id, 0) + 1
    return uses


def _organizations(count: int) -> str:
    return f"{count} organization" if count == 1 else f"{count} organizations"
