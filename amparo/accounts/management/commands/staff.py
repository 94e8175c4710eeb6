"""`amparo staff create EMAIL --organization SLUG`: appoint somebody who may sign in."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.forms import ValidationError
from django.utils import timezone

from amparo.accounts.models import Role, User
from amparo.accounts.roles import appoint
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

#: 18 random bytes are 24 letters and digits: more than anybody guesses, few enough to copy once.
PASSWORD_BYTES = 18


class Command(BaseCommand):
    help = "Appoint somebody who may sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="give somebody a role, and a password when they are new")
        create.add_argument("email")
        create.add_argument("--organization", metavar="SLUG", required=True, help="where they work")
        create.add_argument(
            "--role", choices=Role.values, default=Role.EDITOR, help="editor, unless you say so"
        )
        create.add_argument("--name", default="", help="first and last name")
        create.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, **options: Any) -> None:
        organization = _organization(options["organization"])
        email = _checked(options["email"])
        given_name, _space, family_name = options["name"].partition(" ")
        password = None
        with transaction.atomic():
            user = User.objects.filter(email=email).first()
            if user is None:
                password = secrets.token_urlsafe(PASSWORD_BYTES)
                user = User.objects.create_user(email, password, first_name=given_name, last_name=family_name)
            role = Role(options["role"])
            appoint(user=user, organization=organization, role=role, by=None, now=timezone.now())
        self._tell(user, role=role, organization=organization, password=password, as_json=options["json"])

    def _tell(
        self, user: User, *, role: Role, organization: Organization, password: str | None, as_json: bool
    ) -> None:
        if as_json:
            found = {
                "email": user.email,
                "role": role,
                "organization": organization.slug,
                "password": password,
            }
            self.stdout.write(json.dumps(found, indent=2))
            return
        self.stdout.write(f"{user.email} is {role} of {organization.name}.")
        if password is None:
            self.stdout.write("They had an account already, and their password stays.")
            return
        self.stdout.write(f"Password: {password}")
        self.stdout.write(
            "It is shown only now. At the first sign-in they set up a passkey or a one-time code."
        )


def _organization(slug: str) -> Organization:
    found = Organization.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Organization.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no organization called “{slug}”; there are: {known}.")
    return found


def _checked(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(
            f"“{email}” is not an e-mail address; write one such as bruno@example.org."
        ) from None
    return email
