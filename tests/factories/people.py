"""Staff who may sign in, and supporters."""

from __future__ import annotations

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from django.test import Client

from amparo.accounts import second_factor_seal
from amparo.accounts.models import Role, User
from amparo.accounts.roles import appoint
from amparo.organizations.models import Organization
from amparo.supporters.identity import find_or_create
from amparo.supporters.models import Supporter
from tests.factories.moments import NOW

#: What every member of staff in a test types to sign in.
PASSWORD = "a plain test passphrase"
#: A TOTP secret in base32, the same for everybody.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def a_user(email: str = "bruno@example.org", *, second_factor: bool = True, **details) -> User:
    """A user without any role, with a one-time code enrolled unless told otherwise."""
    user = User.objects.filter(email=email).first()
    if user is None:
        details.setdefault("first_name", email.partition("@")[0].partition(".")[0].title())
        user = User.objects.create_user(email, PASSWORD, **details)
    if second_factor and not Authenticator.objects.filter(user=user).exists():
        Authenticator.objects.create(
            user=user, type=Authenticator.Type.TOTP, data={"secret": second_factor_seal.seal(TOTP_SECRET)}
        )
    return user


def a_member_of_staff(
    organization: Organization, role: str = Role.EDITOR, *, email: str | None = None, now=NOW
) -> User:
    """A user with this role here, and a second factor. Sign in with `signed_in`."""
    user = a_user(email or f"{role}@{organization.slug}.example.org")
    appoint(user=user, organization=organization, role=Role(role), by=None, now=now)
    return user


def a_superuser(email: str = "root@example.org") -> User:
    """Who looks after the installation."""
    return a_user(email, is_superuser=True, is_staff=True)


def signed_in(user: User, *, minutes_ago: float = 0, **kwargs) -> Client:
    """A browser in which `user` has signed in with both factors, just now or so many minutes ago."""
    client = Client(**kwargs)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": method, "at": time.time() - 60 * minutes_ago} for method in ("password", "mfa")
    ]
    session.save()
    return client


def a_supporter(
    organization: Organization, *, given_name="Amina", family_name="Rahal", email=None, now=NOW, **details
) -> Supporter:
    """A supporter of this organization; the same one for the same address."""
    return find_or_create(
        organization=organization,
        email=email or f"{given_name}@supporters.example.net".lower(),
        given_name=given_name,
        family_name=family_name,
        postal_code=details.pop("postal_code", "AA1 1AA"),
        postal_address=details.pop("postal_address", "1 Long Lane"),
        country=details.pop("country", "GB"),
        language=details.pop("language", "en"),
        area=details.pop("area", ""),
        now=now,
    )
