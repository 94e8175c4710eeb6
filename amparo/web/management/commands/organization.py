"""`amparo organization found`: an organization, its site and its front page. `amparo organization list` names them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from amparo.content.own_address import address_of
from amparo.organizations.models import Jurisdiction, Organization
from amparo.web.opening import open_organization

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Found an organization with its own site, or list those there are."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        found = verbs.add_parser("found", help="a new organization with a site of its own")
        found.add_argument("--name", required=True, help="as people know it")
        found.add_argument("--slug", required=True, help="its short name in commands, such as open-doors")
        found.add_argument("--site-host", required=True, help="the name its site answers at")
        found.add_argument("--sender-email", required=True, help="letters and confirmations leave from it")
        found.add_argument("--contact-email", required=True, help="where people write to it")
        found.add_argument("--language", default="en", help="of its site: en, fr or ar")
        found.add_argument("--also", default="", help="further languages, such as fr,ar")
        found.add_argument("--time-zone", default="UTC", help="such as Europe/London")
        found.add_argument("--jurisdiction", choices=Jurisdiction.values, default=Jurisdiction.UK)
        found.add_argument("--json", action="store_true", help="for machines")
        listed = verbs.add_parser("list", help="the organizations there are")
        listed.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, verb: str, **options: Any) -> None:
        if verb == "list":
            self._list(as_json=options["json"])
        else:
            self._found(**options)

    def _found(self, *, site_host: str, also: str, json: bool, **options: Any) -> None:
        organization = open_organization(
            name=options["name"],
            slug=options["slug"],
            host=site_host.strip().lower(),
            sender_email=options["sender_email"].strip(),
            contact_email=options["contact_email"].strip(),
            language=options["language"],
            also=[language.strip() for language in also.split(",") if language.strip()],
            time_zone=options["time_zone"],
            jurisdiction=options["jurisdiction"],
            now=timezone.now(),
        )
        if json:
            self._write([organization])
            return
        self.stdout.write(f"{organization.name} has a site at {address_of(organization)}/.")
        self.stdout.write(
            f"Next: amparo staff create YOU@EXAMPLE.ORG --organization {organization.slug} --role administrator"
        )

    def _list(self, *, as_json: bool) -> None:
        organizations = list(Organization.objects.all())
        if as_json:
            self._write(organizations)
            return
        for organization in organizations:
            self.stdout.write(f"{organization.slug}: {organization.name}, {address_of(organization)}/")
        if not organizations:
            self.stdout.write("There is none yet; found one with `amparo organization found`.")

    def _write(self, organizations: list[Organization]) -> None:
        found = [
            {"slug": each.slug, "name": each.name, "site": address_of(each), "language": each.locale}
            for each in organizations
        ]
        self.stdout.write(json.dumps(found, indent=2))
