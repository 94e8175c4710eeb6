from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from amparo.content.models import Campaign
from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from datetime import datetime

#: Days between two mails at most: whoever is written to later has forgotten why.
MOST_DAYS = 365


class AutomationQuerySet(TenantQuerySet["Automation"]):
    def due(self, *, now: datetime) -> Self:
        """Those that are on, whose turn it is, and that neither their organization nor their campaign pauses."""
        return self.filter(
            Q(campaign__isnull=True) | Q(campaign__sending_paused_at__isnull=True),
            on_since__isnull=False,
            look_at__lte=now,
            organization__sending_paused_at__isnull=True,
        )


class Automation(models.Model):
    """Mail that follows by itself from something a person did: a series, a thank-you, a reminder, a digest.

    `kind` names who knows what it follows from (`mailings.automations.registry`). It is written on while it is off, and
    sends what a second person switched on.
    """

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="automations")
    kind = models.SlugField(max_length=20)
    name = models.CharField(max_length=120, help_text=_("For staff; readers never see it."))
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="+")
    page = models.ForeignKey(
        Page,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text=_("After what; empty: after every action of the campaign."),
    )
    ask = models.ForeignKey(
        Page, on_delete=models.SET_NULL, null=True, related_name="+", help_text=_("What is asked for next.")
    )
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices, default=Weekday.FRIDAY)
    hour = models.PositiveSmallIntegerField(
        default=9,
        validators=[MaxValueValidator(23)],
        help_text=_("By the organization's clock; of a digest, with the weekday."),
    )
    on_since = models.DateTimeField(null=True, editable=False)
    switched_on_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    looked_until = models.DateTimeField(
        null=True, editable=False, help_text="Up to when what people did was looked at."
    )
    look_at = models.DateTimeField(null=True, editable=False, help_text="When it is looked at next.")
    claimed_by = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)

    objects = AutomationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(on_since__isnull=True) | Q(look_at__isnull=False, looked_until__isnull=False),
                name="an_automation_that_is_on_has_its_next_turn",
            ),
            models.CheckConstraint(
                condition=Q(weekday__lte=6, hour__lte=23), name="an_automations_hour_is_in_the_week"
            ),
            # Two of them would send each person everything twice.
            models.UniqueConstraint(
                fields=["organization", "kind"],
                condition=Q(kind__in=["digest", "reminder"], on_since__isnull=False),
                name="one_digest_and_one_reminder_are_on",
            ),
        ]
        indexes = [
            models.Index(
                fields=["look_at"], name="automations_due", condition=models.Q(on_since__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on(self) -> bool:
        return self.on_since is not None


class AutomationStep(models.Model):
    """One mail of an automation: which in its order, and how many days after the one before.

    Its text is a mailing of its own that is never sent (`Mailing.Use.STEP`); what is sent are copies of it
    (`Mailing.Use.EDITION`), a new one whenever what would be sent has changed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text=_("After the mail before; of the first: after what it follows from."),
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["automation", "number"], name="one_step_of_a_number"),
            models.CheckConstraint(condition=Q(number__gt=0), name="steps_count_from_one"),
            models.CheckConstraint(
                condition=Q(number=1) | Q(days__gt=0), name="steps_are_at_least_a_day_apart"
            ),
            models.CheckConstraint(condition=Q(days__lte=MOST_DAYS), name="a_step_is_within_a_year"),
        ]

    def __str__(self) -> str:
        return f"step {self.number}"


class DigestIssue(models.Model):
    """One week's digest of an organization: for which week, what it looked back on, and how many it went to."""

    id = models.BigAutoField(primary_key=True)
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="issues")
    week = models.DateField(help_text="The Monday of its week.")
    looked_until = models.DateTimeField()
    alerts = models.PositiveSmallIntegerField(help_text="How many alerts there were to tell of.")
    people = models.PositiveIntegerField(help_text="To how many it went.")

    class Meta:
        ordering = ["-week"]
        constraints = [
            models.UniqueConstraint(fields=["automation", "week"], name="one_digest_a_week"),
            models.CheckConstraint(
                condition=Q(alerts__gt=0) | Q(people=0), name="nobody_gets_an_empty_digest"
            ),
        ]

    def __str__(self) -> str:
        return f"digest of {self.week}"


class DigestReader(models.Model):
    """Who is in one digest, once, and of which alerts it tells them: a bit for each. Kept for a week."""

    id = models.BigAutoField(primary_key=True)
    issue = models.ForeignKey(DigestIssue, on_delete=models.CASCADE, related_name="readers")
    supporter = models.ForeignKey(Supporter, on_delete=models.CASCADE, related_name="+")
    alerts = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issue", "supporter"], name="one_digest_a_week_for_each"),
            models.CheckConstraint(condition=Q(alerts__gt=0), name="no_digest_without_an_alert"),
        ]
        indexes = [models.Index(fields=["issue", "alerts"], name="digest_readers_by_alerts")]

    def __str__(self) -> str:
        return f"digest reader {self.pk}"
