from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id

if TYPE_CHECKING:
    from datetime import datetime


AnyModel = TypeVar("AnyModel", bound=models.Model, covariant=True)


class Jurisdiction(models.TextChoices):
    """Whose law on data and mail an organization chose to follow."""

    UK = "uk", _("United Kingdom")
    EU = "eu", _("European Union")
    GERMANY_AUSTRIA = "de-at", _("Germany and Austria")
    CANADA = "ca", _("Canada")
    UNITED_STATES = "us", _("United States")


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def may_send(self) -> Self:
        """Those whose own pause switch is off."""
        return self.filter(sending_paused_at__isnull=True)


class Organization(models.Model):
    """The tenant: a group that campaigns, with its own supporters, its own key and its own senders.

    Nothing of one organization is ever readable by another's staff. Found one with `founding.found`, which also
    makes its data key.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    jurisdiction = models.CharField(max_length=8, choices=Jurisdiction.choices, default=Jurisdiction.UK)
    is_statutory_charity = models.BooleanField(
        _("registered charity"),
        default=False,
        help_text=_(
            "Only a charity by the law of its country may write to people who did not say yes and did not say no"
            " (the soft opt-in). Leave it out when you are not sure."
        ),
    )
    locale = models.CharField(
        max_length=10, default="en", help_text=_("The language staff and letters start from.")
    )
    time_zone = models.CharField(max_length=60, default="UTC")
    sender_name = models.CharField(max_length=200, help_text=_("The name supporters see in their mailbox."))
    sender_email = models.EmailField(
        help_text=_(
            "On a domain of yours that your mail server may send for: letters and confirmations leave from it."
        )
    )
    contact_email = models.EmailField(help_text=_("Where people write to you; printed on every page."))
    postal_address = models.TextField(blank=True)
    boilerplate = models.TextField(blank=True, help_text=_("The standing paragraph on who you are."))
    second_person_above = models.PositiveIntegerField(
        default=500,
        help_text=_("A mailing to more people than this needs a second person. With 0 every mailing does."),
    )
    quiet_from = models.TimeField(
        null=True, blank=True, help_text=_("From this hour on, by your own clock, no mailing is sent.")
    )
    quiet_until = models.TimeField(
        null=True, blank=True, help_text=_("Until this hour. Both empty: mailings are sent at any hour.")
    )
    wrapped_data_key = models.BinaryField(editable=False)
    sending_paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(sender_email=""), name="organization_has_a_sender_address"
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & ~models.Q(quiet_from=models.F("quiet_until")),
                name="quiet_hours_begin_and_end",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_paused(self) -> bool:
        return self.sending_paused_at is not None


class TenantQuerySet(models.QuerySet[AnyModel]):
    """The start of every read of tenant data."""

    def for_organization(self, organization: Organization) -> Self:
        return self.filter(organization=organization)


class Installation(models.Model):
    """One row: what holds for every organization on this server.

    `sending_paused_at` is the switch that stops all mail to targets and supporters; a restored copy starts with it on.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    sending_paused_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True, blank=True
    )
    paused_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_installation")]

    def __str__(self) -> str:
        return "this installation"
