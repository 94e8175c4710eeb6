"""`amparo supporters import`: the same way at a command line."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from amparo.supporters import identity
from amparo.supporters.models import ImportRun, Supporter
from tests.factories.organizations import an_organization
from tests.supporters.importing.lists import PLAIN

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _committed(django_capture_on_commit_callbacks, monkeypatch):
    """A command commits, and what waits for that happens."""
    call = call_command

    def call_and_commit(*words, **how):
        with django_capture_on_commit_callbacks(execute=True):
            call(*words, **how)

    monkeypatch.setitem(globals(), "call_command", call_and_commit)


def bring(path, *words):
    out = io.StringIO()
    call_command(
        "supporters", "import", str(path), "--organization", an_organization().slug, *words, stdout=out
    )
    return out.getvalue()


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(PLAIN, encoding="utf-8")
    return path


PROVED = [
    "--consent",
    "news:email",
    "--where",
    "our old site",
    "--given-on",
    "2024-03-05",
    "--proof",
    "its export",
]


def test_without_yes_nothing_happens_and_no_file_is_kept(plain, tmp_path):
    for words in ([], ["--dry-run", "--yes"]):
        assert "2  New people. They are added." in bring(plain, *PROVED, *words)
    assert Supporter.objects.count() == 0
    assert not list((tmp_path / "imports").rglob("*.sealed"))


def test_with_yes_it_is_brought_in(plain):
    told = json.loads(bring(plain, *PROVED, "--tag", "old site", "--yes", "--json"))
    assert (told["state"], told["counts"]["new"], told["counts"]["agreed"]) == ("done", 2, 2)
    amina = identity.find(organization=an_organization(), email="amina@supporters.example.net")
    assert {tagging.tag.name for tagging in amina.taggings.all()} == {"local group", "old site", "press"}


def test_what_takes_long_says_how_far_it_is_and_leaves_the_figures_clean(plain, monkeypatch):
    monkeypatch.setattr("amparo.kit.meter.PATIENCE", 0.0)
    monkeypatch.setattr("amparo.supporters.importing.listing.CHUNK", 1)
    out, err = io.StringIO(), io.StringIO()

    call_command(
        "supporters", "import", str(plain), "--organization", an_organization().slug, *PROVED, "--yes", "--json",
        stdout=out, stderr=err,
    )  # fmt: skip

    assert err.getvalue().splitlines() == [
        "Rows checked: 1",
        "Rows checked: 2",
        "Rows brought in: 1 of 2",
        "Rows brought in: 2 of 2",
    ]
    assert json.loads(out.getvalue())["state"] == "done"


def test_columns_and_source_can_be_said(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("Boîte;Qui\namina@supporters.example.net;Amina Rahal\n", encoding="cp1252")
    words = [
        "--source",
        "spreadsheet",
        "--encoding",
        "cp1252",
        "--map",
        "Qui=full_name",
        "--consent",
        "unknown",
    ]
    assert "1  New people. They were added." in bring(path, *words, "--yes")
    amina = identity.find(organization=an_organization(), email="amina@supporters.example.net")
    assert (amina.full_name, amina.agreed_to) == ("Amina Rahal", 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--consent", "spam:email"], "no purpose and channel"),
        (["--consent", "news:email", "--basis", "hope"], "no basis"),
        (["--consent", "news:email"], "Say where they agreed"),
        (["--consent", "unknown", "--map", "x=email"], "names no column"),
        (["--consent", "unknown", "--source", "crystal-ball"], "There is no import source"),
    ],
)
def test_a_wrong_word_is_answered_with_one_sentence_and_leaves_nothing(plain, tmp_path, words, said):
    with pytest.raises(CommandError, match=said):
        bring(plain, *words)
    assert not list((tmp_path / "imports").rglob("*.sealed"))
    assert not ImportRun.objects.filter(file_removed_at__isnull=True).exists()
