"""What is kept about staff, column by column (see `kit/personal_data.py`)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amparo.kit.personal_data import Kind, Term, Who, declare, deleted, stays

TO_SIGN_IN = _("So that only those who were appointed can sign in, and only to what is theirs to do.")
WHILE_APPOINTED = Term(_("Until an administrator removes them."))

declare(
    "accounts.User",
    title=_("Staff"),
    about=Who.STAFF,
    path="pk",
    why=TO_SIGN_IN,
    kept=WHILE_APPOINTED,
    fields=[
        deleted(Kind.IDENTITY, "first_name", "last_name"),
        deleted(Kind.CONTACT, "email"),
        deleted(Kind.TECHNICAL, "id", "password", "last_login", "is_superuser", "is_staff", "is_active"),
        deleted(Kind.TECHNICAL, "date_joined"),
    ],
)

declare(
    "accounts.StaffRole",
    title=_("Roles"),
    about=Who.STAFF,
    path="user",
    why=TO_SIGN_IN,
    kept=WHILE_APPOINTED,
    fields=[deleted(Kind.IDENTITY, "role"), deleted(Kind.TECHNICAL, "id", "user", "organization")],
)

declare(
    "accounts.AuditEntry",
    title=_("Who did what"),
    about=Who.STAFF,
    path="actor",
    why=_(
        "So that what was done with people's data can be answered for. It holds numbers and verbs, no names."
    ),
    kept=Term(_("It stays: an administrator's number, without a name once they are removed.")),
    fields=[
        stays(Kind.TECHNICAL, "id", "organization", "actor", "verb", "subject_type", "subject_id"),
        stays(Kind.TECHNICAL, "details", "recorded_at", "mark"),
    ],
)

declare(
    "account.EmailAddress",
    title=_("Addresses that staff sign in with"),
    about=Who.STAFF,
    path="user",
    why=TO_SIGN_IN,
    kept=WHILE_APPOINTED,
    fields=[
        deleted(Kind.CONTACT, "email"),
        deleted(Kind.TECHNICAL, "id", "user", "verified", "primary"),
    ],
)

declare(
    "mfa.Authenticator",
    title=_("Second factors of staff"),
    about=Who.STAFF,
    path="user",
    why=TO_SIGN_IN,
    kept=WHILE_APPOINTED,
    fields=[deleted(Kind.TECHNICAL, "id", "user", "type", "data", "created_at", "last_used_at")],
)

declare(
    "sessions.Session",
    title=_("Running sessions of staff"),
    about=Who.STAFF,
    why=TO_SIGN_IN,
    kept=Term(_("Twelve hours.")),
    fields=[deleted(Kind.TECHNICAL, "session_key", "session_data", "expire_date")],
)

declare(
    "accounts.AuditSeal",
    title=_("The chain over who did what"),
    about=Who.NOBODY,
    why=_("So that nobody can alter what was done without being noticed."),
    kept=Term(_("It stays, as the trail does.")),
    fields=[stays(Kind.TECHNICAL, "position", "entry_id", "mac", "sealed_at")],
)
