"""Rows by the million into either database: COPY on PostgreSQL, one prepared INSERT on SQLite.

Values are Python's and go in as Django would store them; models' own `save()` and signals are passed by.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from amparo.kit import addresses, sealing
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Model

    from amparo.organizations.models import Organization
    from bench._invented_supporters import Invented

#: Rows handed to SQLite at a time.
BATCH = 10_000
SEALED = ("given_name", "family_name", "email", "phone", "postal_code", "postal_address")


def load(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Put `rows` into the table of `model`; `columns` are names of columns in the order of the values."""
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        named = ", ".join(f'"{column}"' for column in columns)
        with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({named}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
        return
    named, places = ", ".join(f'"{column}"' for column in columns), ", ".join("?" for _ in columns)
    connection.ensure_connection()
    given = iter(rows)
    with transaction.atomic():
        while batch := list(islice(given, BATCH)):
            connection.connection.executemany(
                f'INSERT INTO "{table}" ({named}) VALUES ({places})',
                [tuple(map(_for_sqlite, row)) for row in batch],
            )


def settle() -> None:
    """What a server does by itself within minutes: statistics, and the map of pages that all may see."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


SUPPORTER_COLUMNS = [
    "id",
    "organization_id",
    *SEALED,
    "email_fingerprint",
    "phone_fingerprint",
    "country",
    "language",
    "area",
    "agreed_to",
    "unreachable",
    "frequency",
    "paused_until",
    "merged_into_id",
    "confirmed_at",
    "created_at",
    "anonymized_at",
]


def supporter_row(organization: Organization, person: Invented, **state: Any) -> list[Any]:
    """One row of `supporters_supporter`, in the order of `SUPPORTER_COLUMNS`, sealed for its own place.

    What is sealed is bound to its row, so nothing can be sealed once and used again.
    """
    key = sealing.data_key_for(organization.pk)
    place = f"{organization.pk}|{Supporter._meta.db_table}|{person.id}|"
    values: dict[str, Any] = {
        "id": person.id,
        "organization_id": organization.pk,
        "country": person.country,
        "language": person.language,
        "area": person.area,
        "agreed_to": 0,
        "unreachable": "",
        "frequency": "all",
        "created_at": person.joined_at,
        "email_fingerprint": sealing.fingerprint(addresses.canonical(person.email), key=key, purpose="email"),
        "phone_fingerprint": sealing.fingerprint(person.phone, key=key, purpose="phone")
        if person.phone
        else None,
    }
    for name in SEALED:
        text = getattr(person, name)
        values[name] = sealing.seal(text, key=key, aad=place + name) if text else None
    values |= state
    return [values.get(column) for column in SUPPORTER_COLUMNS]


def load_supporters(organization: Organization, people: Iterable[tuple[Invented, dict[str, Any]]]) -> None:
    """The people, each with the columns of its row that are not as usual."""
    sealing.data_key_for(organization.pk)  # read now: the connection answers nothing else during COPY
    rows: Iterator[list[Any]] = (supporter_row(organization, each, **state) for each, state in people)
    load(Supporter, SUPPORTER_COLUMNS, rows)


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    return value
