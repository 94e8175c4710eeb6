"""`amparo supporters export` and `erase`: what an administrator types when somebody asks."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from amparo.supporters.models import Supporter, Tombstone
from tests.factories.letters import a_letter, an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db
AMINA = "amina@supporters.example.net"


@pytest.fixture(autouse=True)
def amina(settings, tmp_path, now):
    settings.AMPARO_VAR = tmp_path
    organization = an_organization()
    page = an_email_page(organization)
    supporter = a_supporter(organization)
    a_letter(page, action=an_action(page, supporter=supporter, now=now), state="sent", now=now)
    return supporter


def said(*words: str) -> str:
    out = StringIO()
    call_command("supporters", *words, "--organization", "open-doors", stdout=out, stderr=out)
    return out.getvalue()


def test_a_copy_goes_to_the_screen_or_to_a_new_file(tmp_path, capsys):
    said("export", AMINA.upper())
    assert json.loads(capsys.readouterr().out)["data"]["supporters.Supporter"]["rows"][0]["email"] == AMINA

    page = tmp_path / "amina.html"
    assert "delete it" in said("export", AMINA, "--format", "html", "-o", str(page))
    assert "Amina" in page.read_text()
    assert oct(page.stat().st_mode)[-3:] == "600"
    with pytest.raises(CommandError, match="is there already"):
        said("export", AMINA, "-o", str(page))


def test_a_zip_is_not_for_the_screen(tmp_path):
    with pytest.raises(CommandError, match="name a file"):
        said("export", AMINA, "--format", "csv")
    said("export", AMINA, "--format", "csv", "-o", str(tmp_path / "amina.zip"))
    assert (tmp_path / "amina.zip").read_bytes().startswith(b"PK")


def test_erasing_says_what_would_happen_until_told_to(amina):
    told = said("erase", AMINA)
    assert "To do it, say --yes." in told
    assert "minister@justice.example.org" in told
    assert Supporter.objects.get().email

    assert "They are erased." in said("erase", AMINA, "--yes")
    assert Supporter.objects.get().email is None
    assert Tombstone.objects.get().origin == "staff"
    with pytest.raises(CommandError, match="Open Doors knows nobody with this address"):
        said("erase", AMINA, "--yes")


def test_machines_are_told_too():
    found = json.loads(said("erase", AMINA, "--yes", "--json"))
    assert found["erased"]
    assert found["rows"]["actions.Message"] == 1
    assert found["recipients"] == [{"name": "Tove Ek", "address": "minister@justice.example.org"}]


def test_what_is_wrong_is_one_sentence(capsys):
    with pytest.raises(CommandError, match="There is no organization called “nobody”; there are: open-doors"):
        call_command("supporters", "erase", AMINA, "--organization", "nobody")
    with pytest.raises(CommandError, match="has an @ in it"):
        said("export", "amina")
