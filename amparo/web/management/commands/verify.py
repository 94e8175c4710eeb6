"""`amparo verify FILE SIGNATURE`: whether a document is ours and unchanged. Exit code 1 when it is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from amparo.kit import signing

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Check the signature of a document that was handed over. Exit code 1 when it does not fit."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the document")
        parser.add_argument("signature", type=Path, help="the file NAME.sig.txt that came with it")
        parser.add_argument(
            "--key",
            type=Path,
            help="the public key of the installation that signed it, as published at"
            " /.well-known/amparo-signing-key; this one's own, unless you name it",
        )

    def handle(self, *_args: Any, file: Path, signature: Path, key: Path | None, **_options: Any) -> None:
        said = signing.read(signature.read_text("utf-8", errors="replace"))
        pem = _pem_in(key.read_text("utf-8", errors="replace")) if key else ""
        sha256 = signing.sha256_of(file)
        if said.sha256 != sha256:
            raise CommandError(
                f"{file} is not the document that was signed: its SHA-256 is {sha256}, not {said.sha256}."
            )
        if not signing.verifies(said, sha256=sha256, key=pem):
            raise CommandError(f"The signature in {signature} was not made with this key.")
        self.stdout.write(f"{file} is unchanged, and was signed with this key.")


def _pem_in(text: str) -> str:
    """The key in what was published, which also says how to use it."""
    return text[max(text.find("-----BEGIN"), 0) :]
