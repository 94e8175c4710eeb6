from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.cases.models.case import Case
from amparo.cases.models.person import Person
from amparo.cases.models.record import Record
from amparo.kit.sealed_fields import SealedTextField
from amparo.organizations.models import TenantQuerySet


class PublicationConsent(Record):
    """What the person, or who may speak for them, agreed to have published. A record, not a tick."""

    class Capacity(models.TextChoices):
        SELF = "self", _("the person")
        PARENT = "parent", _("parent or guardian")
        SPOUSE = "spouse", _("husband or wife")
        FAMILY = "family", _("another relative")
        LAWYER = "lawyer", _("lawyer")

    class Scope(models.TextChoices):
        NAME = "name", _("name")
        FACE = "face", _("picture")
        HEALTH = "health", _("health")
        FAMILY = "family", _("family")
        PLACE = "place", _("where they are held")
        WORDS = "words", _("their own words")
        LAW = "law", _("charges and court")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="publication_consents")
    giver = SealedTextField(max_plain_length=200)
    capacity = models.CharField(max_length=8, choices=Capacity.choices)
    scopes = models.JSONField(default=list)
    way = models.CharField(max_length=200, help_text=_("How it was given: letter, call, through the lawyer."))
    language = models.CharField(max_length=10, blank=True)
    given_on = models.DateField()
    until = models.DateField(null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    kept_at = SealedTextField(null=True, blank=True, help_text=_("Where the proof of it is kept."))

    class Meta:
        ordering = ["-given_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("given_on")),
                name="a_consent_does_not_end_before_it_was_given",
            ),
        ]

    def __str__(self) -> str:
        return f"publication consent {self.pk}"


class ClearanceQuerySet(TenantQuerySet["Clearance"]):
    def in_force(self) -> Self:
        """Asked for, agreed to by a second person, and not withdrawn."""
        return self.filter(state=Clearance.State.CLEARED)


class Clearance(Record):
    """Leave to show one column of one record to everybody: asked for by one person for a reason, given by another.

    Nothing is public without one. Where the column is covered by a consent, the clearance holds as long as that does.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        CLEARED = "cleared", _("public")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clearances")
    record_type = models.CharField(max_length=40)
    record_id = models.UUIDField()
    column = models.CharField(max_length=40)
    reason = models.CharField(max_length=300, help_text=_("Why readers should know it. Name nobody here."))
    consent = models.ForeignKey(
        PublicationConsent, on_delete=models.PROTECT, null=True, blank=True, related_name="clearances"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    objects = ClearanceQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_type", "record_id", "column"],
                condition=models.Q(state__in=["asked", "cleared"]),
                name="one_open_clearance_per_column",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="cleared")
                | (models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("asked_by"))),
                name="two_people_publish",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_clearance_has_its_reason"),
        ]
        indexes = [models.Index(fields=["case", "state"], name="clearances_by_case")]

    def __str__(self) -> str:
        return f"{self.record_type}.{self.column}: {self.state}"


class SafetyCheck(Record):
    """The questions that are answered before anything of a case is published: what could it do to whom."""

    QUESTIONS = [
        ("reprisal", _("Could publishing bring reprisals on the person?")),
        ("family", _("Is family within reach of those who might take offence?")),
        ("appeal", _("Is an appeal or a deal open that publicity could harm?")),
        ("lawyer", _("Has the lawyer been asked, and what did they say?")),
        ("minor", _("Is anybody in it under 18, or was then?")),
        ("health", _("Is anything of health told that need not be?")),
        ("third", _("Is anybody else named, or to be recognised?")),
        ("place", _("Does a picture or a place lead to somebody?")),
        ("others", _("Are other prisoners named?")),
    ]

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="safety_checks")
    answers = SealedTextField(max_plain_length=8000, help_text="JSON: question to answer.")
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_on = models.DateField()

    class Meta:
        ordering = ["-checked_on", "-id"]

    def __str__(self) -> str:
        return f"safety check of {self.checked_on}"
