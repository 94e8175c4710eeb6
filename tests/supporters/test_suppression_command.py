"""`amparo suppression`, as an administrator types it."""

from __future__ import annotations

import io
import json

import pytest

from amparo.accounts.models import AuditEntry
from amparo.config.cli import main
from amparo.supporters.models import InstallationSuppression, Supporter, Suppression
from tests.factories.organizations import an_organization
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db
SUZIE = "suzie@example.org"


@pytest.fixture
def suzie():
    return a_supporter(an_organization(), given_name="Suzie", email=SUZIE)


def amparo(capsys, *words, code=0):
    """What the command printed: on stdout when it went well, on stderr when it did not."""
    assert main(["suppression", *words]) == code
    printed = capsys.readouterr()
    return printed.err if code else printed.out


def state():
    return Supporter.objects.get(email_fingerprint__isnull=False).unreachable


def test_add_check_and_lift(suzie, capsys):
    assert amparo(capsys, "check", SUZIE) == "Not suppressed.\n"
    assert amparo(capsys, "add", SUZIE, "--source", "by telephone") == "Suppressed.\n"
    assert "already" in amparo(capsys, "add", SUZIE, "--source", "by telephone")
    assert amparo(capsys, "check", SUZIE).startswith("staff since ")
    assert state() == "suppressed"

    assert amparo(capsys, "lift", SUZIE, "--because", "she asked in writing") == "Lifted.\n"
    assert state() == ""
    assert "not on the list" in amparo(capsys, "lift", SUZIE, "--because", "again", code=1)
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == [
        "suppress_address",
        "lift_suppression",
    ]


def test_the_address_can_come_from_standard_input(suzie, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SUZIE}\n"))
    amparo(capsys, "add", "-", "--source", "by telephone")
    assert state() == "suppressed"


def test_everywhere(suzie, capsys):
    amparo(capsys, "add", SUZIE, "--everywhere", "--reason", "law", "--source", "an order")
    assert InstallationSuppression.objects.get().reason == "law"
    assert "on the whole server" in amparo(capsys, "check", SUZIE)
    amparo(capsys, "lift", SUZIE, "--everywhere", "--because", "order ended")
    assert state() == ""


def test_what_is_handed_on_can_be_brought_in(suzie, capsys, tmp_path):
    amparo(capsys, "add", SUZIE, "--source", "by telephone")
    ours, theirs = tmp_path / "ours.txt", an_organization("lamp-light")
    other = a_supporter(theirs, email=SUZIE)
    told = json.loads(amparo(capsys, "export", str(ours), "--organization", "open-doors", "--json"))
    assert told == {"hashes": 1}
    assert SUZIE not in ours.read_text()

    told = amparo(capsys, "import", str(ours), "--organization", "lamp-light", "--source", "Open Doors")

    assert told == "1 added, 0 there already, 0 unreadable; 1 supporters marked.\n"
    other.refresh_from_db()
    assert other.unreachable == "suppressed"
    assert Suppression.objects.get(organization=theirs).source == "Open Doors"


def test_nothing_is_written_over_and_unreadable_lines_are_named(suzie, capsys, tmp_path):
    there = tmp_path / "there.txt"
    there.write_text(f"{SUZIE}\nnobody\n")
    assert "exists" in amparo(capsys, "export", str(there), code=1)
    assert "1 unreadable (lines 2)" in amparo(capsys, "import", str(there), "--source", "a list")


def test_a_missing_file_a_wrong_address_and_an_unknown_organization_are_one_sentence_each(capsys):
    assert "none yet" in amparo(capsys, "check", SUZIE, code=1)
    an_organization()
    an_organization("lamp-light")
    assert "lamp-light, open-doors" in amparo(capsys, "check", SUZIE, code=1)
    assert "No such file" in amparo(
        capsys, "import", "/nowhere", "--source", "x", "--organization", "open-doors", code=1
    )
    assert "does not look like" in amparo(
        capsys, "add", "suzie@", "--source", "x", "--organization", "open-doors", code=1
    )
