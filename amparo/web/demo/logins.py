"""The staff of the demonstration: who they are, and how to sign in as one of them."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings

from amparo.accounts.models import Role, User
from amparo.web.demo.places import LOGINS


@dataclass(frozen=True, slots=True)
class Member:
    """One member of staff and what they may do."""

    email: str
    given_name: str
    family_name: str
    role: Role
    organization: str


STAFF = (
    Member("ada@opencells.example", "Ada", "Fenn", Role.ADMINISTRATOR, "open-cells"),
    Member("bruno@opencells.example", "Bruno", "Salis", Role.EDITOR, "open-cells"),
    Member("chidi@opencells.example", "Chidi", "Eze", Role.APPROVER, "open-cells"),
    Member("noor@lanterns.example", "Noor", "Haddan", Role.ADMINISTRATOR, "lanterns"),
)


@dataclass(frozen=True, slots=True)
class Logins:
    """What everybody in the demonstration signs in with; made up once for each state directory."""

    password: str
    secret: str

    @property
    def code(self) -> str:
        """The one-time code of this half-minute."""
        counters = list(totp.yield_hotp_counters_from_time())
        counter = counters[len(counters) // 2]
        return totp.format_hotp_value(totp.hotp_value(self.secret, counter))


def read_or_make() -> Logins:
    """The logins of this state directory, which only its owner may read."""
    path = Path(settings.AMPARO_VAR) / LOGINS
    try:
        return Logins(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        pass
    logins = Logins(password=secrets.token_urlsafe(9), secret=totp.generate_totp_secret())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(logins), file)
    return logins


def user_for(member: Member, logins: Logins) -> User:
    """The account of one member of staff, with its second factor set up, so that signing in works at once."""
    user = User.objects.filter(email=member.email).first()
    if user is None:
        user = User.objects.create_user(
            member.email, logins.password, first_name=member.given_name, last_name=member.family_name
        )
        Authenticator.objects.filter(user=user).delete()
        totp.TOTP.activate(user, logins.secret)
    return user
