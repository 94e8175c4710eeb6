"""Letters ready to be posted, each with a solved proof of work, and the rows that one of them becomes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from bench import _load
from tests.faults.harness import Site
from tests.faults.writers import form_of, headers_of


def make_requests(site: Site, *, number: int, start: int = 0) -> list[bytes]:
    """That many whole letters from as many people in as many networks."""
    proofs = _solve(site, number)
    made = []
    for at, proof in enumerate(proofs, start):
        body = form_of(site, key=uuid4(), number=at) + b"&proof=" + proof.encode()
        made.append(_load.post(site.page, body, port=site.web_port, headers=headers_of(at)))
    return made


def _solve(site: Site, number: int) -> list[str]:
    """Proofs as browsers bring them. Ours are easy to find and just as dear to check."""
    from urllib.parse import quote

    import altcha
    import django
    from django.utils import timezone

    os.environ.update(site.env)
    django.setup()
    from amparo.kit import proof_of_work

    proof_of_work.FEWEST_GUESSES = proof_of_work.MOST_GUESSES = 1
    proofs = []
    for _proof in range(number):
        challenge = altcha.Challenge.from_dict(proof_of_work.challenge(now=timezone.now()))
        solution = altcha.solve_challenge(challenge)
        assert solution is not None
        proofs.append(quote(altcha.Payload(challenge, solution).to_base64(), safe=""))
    return proofs


Row = tuple[str, list[str], list[Any]]

#: In the order in which they may be inserted. One letter with a proof touches each of them.
TABLES = (
    "organizations_spentproof",
    "organizations_attemptcount",
    "supporters_supporter",
    "actions_confirmation",
    "actions_action",
    "actions_message",
    "actions_messageevent",
    "mailings_strangerallowance",
    "mailings_mailallowance",
    "mailings_notice",
    "actions_takencount",
)


def rows_of_one_letter(site: Site, *, tables: Sequence[str] = TABLES) -> list[Row]:
    """Everything that the only letter, or signature, of this site left in the database: table, columns, values."""
    found: list[Row] = []
    for table in tables:
        columns = site.columns(table)
        # A number that the database gives is left to it again.
        own = [name for name in columns if not (name == "id" and _is_counted(site, table))]
        stored = site.rows(f"SELECT {', '.join(map(_quoted, own))} FROM {table}")
        found += [(table, own, list(values)) for values in stored]
    return found


def _is_counted(site: Site, table: str) -> bool:
    values = site.rows(f"SELECT id FROM {table} LIMIT 1")
    return bool(values) and isinstance(values[0][0], int)


def _quoted(name: str) -> str:
    return f'"{name}"'


class Copies:
    """The same rows for another person each time: new ids and marks, everything else as it was."""

    def __init__(self, rows: list[Row], *, placeholder: str) -> None:
        self._rows = rows
        self.statements = [
            f"INSERT INTO {table} ({', '.join(map(_quoted, columns))})"
            f" VALUES ({', '.join([placeholder] * len(columns))})"
            for table, columns, _values in rows
        ]
        #: Values that name this one letter wherever they stand. The page, the organization and the like do not.
        self._own: set[Any] = {
            _plain(value)
            for _table, columns, values in rows
            for name, value in zip(columns, values, strict=True)
            if name in {"id", "key", "email_fingerprint", "address_mark", "mark", "challenge"}
        }

    def another(self) -> list[tuple[str, list[Any]]]:
        """Statements with values that no other letter has."""
        fresh: dict[Any, Any] = {}

        def renew(value: Any) -> Any:
            plain = _plain(value)
            if plain not in self._own:
                return value
            if plain not in fresh:
                fresh[plain] = _like(plain)
            return fresh[plain]

        return [
            (statement, [renew(value) for value in values])
            for statement, (_table, _columns, values) in zip(self.statements, self._rows, strict=True)
        ]


def _plain(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return repr(value)
    return bytes(value) if isinstance(value, memoryview) else value


def _like(value: Any) -> Any:
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, bytes):
        return os.urandom(len(value))
    return uuid4().hex
