from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.organizations.models import Organization


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A member of staff who signs in, by e-mail address."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("email address"), unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()  # type: ignore[misc,assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


class Role(models.TextChoices):
    """What a member of staff may do in one organization; each includes the ones before it."""

    VOLUNTEER = "volunteer", _("Volunteer: writes drafts")
    EDITOR = "editor", _("Editor: publishes pages, sees letters' states")
    APPROVER = "approver", _("Approver: clears what goes out, releases and holds letters")
    ADMINISTRATOR = "administrator", _("Administrator: people, roles and settings")


class StaffRole(models.Model):
    """One user's role in one organization. Appoint with `accounts.roles.appoint`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_roles")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="staff_roles")
    role = models.CharField(max_length=16, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization"], name="one_role_per_user_and_organization"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
