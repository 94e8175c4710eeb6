"""Guarantees P2 and P3 at size: a thousand people brought in by a list, and not one word of theirs without the key.

Searched are the database's own bytes (the file and its write-ahead log on SQLite, `pg_dump` on PostgreSQL), the state
directory with the files of imports and exports, temporary files, the cache and the logs; as UTF-8 and UTF-16, in
hexadecimal, and in base64 at each of its three alignments.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import subprocess
import tempfile
from base64 import b64encode
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection

from amparo.kit import sealing
from amparo.kit.sealed_files import SealedWriter
from amparo.kit.tables.writing import write_csv
from amparo.supporters.importing.line import Imports
from amparo.supporters.models import CustomField, CustomValue, Note, Supporter
from amparo.supporters.rights.exporting_person import export_person
from tests.factories.moments import NOW
from tests.supporters.importing.lists import brought_in

PEOPLE = 1_000
#: In each of their values, and in nothing else: each is looked for in every form.
ROOTS = ("zuzannita", "kanarkowa", "ptaszek.example.net", "7700900", "sang of prisons", "birdkeepers")
NETWORK = "203.0.113.77"

pytestmark = pytest.mark.django_db(transaction=True)


def forms_of(word: str) -> set[bytes]:
    """How a word may lie in bytes, in small letters where the form has letters of two sizes."""
    plain = word.encode()
    encoded = {b64encode(b"\0" * shift + plain)[4 if shift else 0 :].rstrip(b"=")[:-2] for shift in range(3)}
    return {plain, word.encode("utf-16-le"), plain.hex().encode(), *encoded}


FORMS = {form: word for word in (*ROOTS, NETWORK) for form in forms_of(word)}


def found_in(data: bytes) -> set[str]:
    small = data.lower()
    return {word for form, word in FORMS.items() if form in data or form in small}


def a_list() -> str:
    rows = [
        f"z{n}@ptaszek.example.net,Zuzannita{n},Kanarkowa{n},+44 7700900{n % 1000:03},AA1 1AA,Tallow,GB"
        for n in range(PEOPLE)
    ]
    return "\r\n".join(["email,first name,last name,phone,postcode,city,country", *rows]) + "\r\n"


@pytest.fixture
def installation(settings, tmp_path, monkeypatch, caplog):
    """A state directory and a place for temporary files that are this test's alone, and every log."""
    caplog.set_level(logging.DEBUG)
    settings.AMPARO_VAR = tmp_path / "var"
    settings.AMPARO_VAR.mkdir()
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(Imports, "clock", staticmethod(lambda: NOW))
    return tmp_path


@pytest.fixture
def thousand(installation):
    """They come by a list; staff note something, they answer something, a list and a copy are made of them."""
    run = brought_in(a_list())
    organization = run.organization
    people = list(Supporter.objects.for_organization(organization))
    assert len(people) == PEOPLE
    field = CustomField.objects.create(organization=organization, key="union", label="Union")
    for who in people:
        who.organization = organization
    of = [{"organization": organization, "supporter": who} for who in people]
    Note.objects.bulk_create(Note(**each, text="They sang of prisons.", written_at=NOW) for each in of)
    CustomValue.objects.bulk_create(CustomValue(**each, field=field, sealed="Birdkeepers") for each in of)
    place = Path(installation / "var" / "exports")
    place.mkdir(exist_ok=True)
    with SealedWriter(place / "list", key=sealing.data_key_for(organization.pk), aad="a list") as file:
        write_csv(([who.email, who.full_name] for who in people), into=file, byte_order_mark=False)
    export_person(supporter=people[0], now=NOW)
    cache.set("seen", [str(who.pk) for who in people])
    return people


def bytes_of_the_database(place: Path) -> dict[str, bytes]:
    """Everything that somebody with a copy of it would have."""
    if connection.vendor == "postgresql":
        if shutil.which("pg_dump") is None:
            pytest.skip("pg_dump is not here")
        settings = connection.settings_dict
        command = ["pg_dump", "-h", settings["HOST"], "-p", str(settings["PORT"]), "-U", settings["USER"]]
        done = subprocess.run(
            [*command, settings["NAME"]],
            capture_output=True,
            check=True,
            env={**os.environ, "PGPASSWORD": settings["PASSWORD"]},
        )
        return {"pg_dump": done.stdout}
    copy = place / "copy.sqlite3"
    opened = sqlite3.connect(copy)
    connection.connection.backup(opened)
    opened.execute("PRAGMA journal_mode=WAL")
    # Every row is written again, so that all of them lie in the log.
    for table in (
        "supporters_supporter",
        "supporters_note",
        "supporters_customvalue",
        "supporters_importrun",
    ):
        opened.execute(f"CREATE TABLE again_{table} AS SELECT * FROM {table}")
    opened.commit()
    found = {path.name: path.read_bytes() for path in place.glob("copy.sqlite3*")}
    opened.close()
    assert len(found["copy.sqlite3-wal"]) > 500_000
    return found


def test_nothing_of_theirs_lies_anywhere_without_the_key(thousand, installation, caplog):
    places = bytes_of_the_database(installation)
    places |= {
        str(path): path.read_bytes()
        for path in [*(installation / "var").rglob("*"), *(installation / "tmp").rglob("*")]
        if path.is_file()
    }
    assert any("exports" in name for name in places)
    places["logs"] = "\n".join(record.getMessage() for record in caplog.records).encode()
    places["cache"] = repr(getattr(cache, "_cache", "")).encode()
    assert sum(map(len, places.values())) > 1_000_000
    assert {name: words for name, data in places.items() if (words := found_in(data))} == {}


@pytest.mark.parametrize("word", ROOTS)
def test_the_scan_would_see_each_in_each_form(word):
    for shift in range(3):
        assert found_in(b64encode(b"x" * shift + f"{word}12".encode())) == {word}
    for data in (f"Xy{word.upper()}".encode(), f"q{word}".encode("utf-16-le"), word.encode().hex().encode()):
        assert found_in(data) == {word}


def test_with_the_key_they_are_all_there(thousand):
    """Or the scan would praise an empty house."""
    amina = thousand[0]
    assert amina.email.endswith("@ptaszek.example.net")
    assert amina.phone.startswith("+447700900")
    assert Note.objects.filter(supporter=amina).get().text == "They sang of prisons."
