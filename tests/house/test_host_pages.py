"""What docs/host/ tells an administrator to type is what the program understands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from amparo.config import cli, env
from amparo.kit.smtp import parse_smtp_url
from amparo.organizations.models import Organization
from amparo.supporters import wordings
from amparo.targets.registry import load_sources

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
HOST = DOCS / "host"


def code(page: Path) -> str:
    """What stands in the page's blocks of code and between its backticks."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", page.read_text(encoding="utf-8"), re.DOTALL))


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_every_amparo_command_on_a_page_exists(page: Path):
    named = set(re.findall(r"(?:^|[\s`]|bin/)amparo ([a-z]+)\b", code(page)))
    not_yet = {"backup"} if page.name == "backup.md" else set()
    assert named - set(cli.COMMANDS) - not_yet == set()


def test_every_variable_in_the_installation_is_read_by_the_settings():
    settings = Path(env.__file__).with_name("settings.py").read_text(encoding="utf-8")
    assigned = {
        name
        for page in HOST.glob("*.md")
        for name in re.findall(r"^([A-Z][A-Z_]+)=", code(page), re.MULTILINE)
    }
    assert {"BASE_URL", "SMTP_URL", "DATABASE_URL", "AMPARO_MASTER_KEY_FILE"} <= assigned
    assert [name for name in assigned if f'"{name}"' not in settings] == []


@pytest.mark.parametrize("page", ["install.md", "mail.md"])
def test_the_mail_address_on_the_pages_is_one(page: str):
    for url in re.findall(r"^SMTP_URL=(\S+)$", code(HOST / page), re.MULTILINE):
        assert parse_smtp_url(url).security == "starttls"


def test_every_country_on_the_page_is_a_source_and_every_file_is_one_it_reads():
    text = (HOST / "targets.md").read_text(encoding="utf-8")
    sources = set(re.findall(r"^## .*: `(\w+)`$", text, re.MULTILINE))
    assert sources == set(load_sources()) - {"bundle", "action-network"}
    read = "".join(
        path.read_text(encoding="utf-8")
        for path in (DOCS.parent / "amparo" / "targets" / "sources").rglob("*.py")
    )
    cells = "".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    named = re.findall(r"`([\w-]+\.(?:csv|json|yaml|tsv|zip|geojson))`", cells)
    assert len(named) > 15
    # The ministers' files share a stem.
    assert [name for name in named if name not in read and not name.startswith("ifg_")] == []


def test_the_credit_lines_are_those_of_the_sources():
    text = " ".join((HOST / "targets.md").read_text(encoding="utf-8").replace("\n> ", " ").split())
    from amparo.targets.sources import uk, us

    assert [line for line in (*uk.CREDITS, *us.CREDITS) if line.rstrip(".") not in text] == []


@pytest.mark.django_db
def test_the_first_organization_is_founded_as_the_page_says(settings):
    settings.ALLOWED_HOSTS = ["campaigns.example.org"]
    (block,) = [
        block
        for block in re.findall(
            r"```\n(.*?)```", (HOST / "install.md").read_text(encoding="utf-8"), re.DOTALL
        )
        if "organization found" in block
    ]
    call_command(*shlex.split(block.replace("\\\n", " "))[1:])

    organization = Organization.objects.get(slug="open-doors")
    assert organization.jurisdiction == "uk"
    shown = Client(headers={"host": "campaigns.example.org"}).get("/")
    assert shown.status_code == 200
    assert "Open Doors" in shown.content.decode()
    assert wordings.questions(organization=organization, language="en")
    call_command(
        "staff", "create", "chidi@example.org", "--organization", "open-doors", "--role", "administrator"
    )
