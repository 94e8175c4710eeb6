from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.cases.models.case import Case
from amparo.cases.models.record import Record
from amparo.kit.part_dates import PartDateField
from amparo.kit.sealed_fields import SealedTextField


class Proceeding(Record):
    """One matter before one court. An appeal is a proceeding of its own that names the one it is against."""

    class Court(models.TextChoices):
        UNKNOWN = "", _("not known")
        CIVILIAN = "civilian", _("civilian court")
        MILITARY = "military", _("military court")
        ADMINISTRATIVE = "administrative", _("administrative court")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="proceedings")
    court = SealedTextField(null=True, blank=True, max_plain_length=200)
    court_kind = models.CharField(max_length=16, choices=Court.choices, default=Court.UNKNOWN, blank=True)
    number = SealedTextField(
        null=True, blank=True, max_plain_length=80, help_text=_("The court's own number.")
    )
    opened = PartDateField()
    closed = PartDateField()
    appeal_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="appeals"
    )

    class Meta:
        ordering = ["opened", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(appeal_of__isnull=True) | ~models.Q(appeal_of=models.F("id")),
                name="nothing_is_an_appeal_against_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"proceeding {self.pk}"


class Charge(Record):
    """One thing somebody is accused of. Where it stands is its latest update, with its day."""

    proceeding = models.ForeignKey(Proceeding, on_delete=models.CASCADE, related_name="charges")
    text = SealedTextField(max_plain_length=500)
    law = SealedTextField(null=True, blank=True, max_plain_length=200, help_text=_("Article and law."))
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"charge {self.pk}"


class ChargeUpdate(Record):
    """What became of a charge, on a day."""

    class Status(models.TextChoices):
        PENDING = "pending", _("brought, not decided")
        CHANGED = "changed", _("changed to another")
        DROPPED = "dropped", _("dropped")
        CONVICTED = "convicted", _("convicted")
        ACQUITTED = "acquitted", _("acquitted")
        OVERTURNED = "overturned", _("conviction overturned")

    charge = models.ForeignKey(Charge, on_delete=models.CASCADE, related_name="updates")
    dated = PartDateField(blank=False)
    status = models.CharField(max_length=12, choices=Status.choices)
    note = SealedTextField(null=True, blank=True, max_plain_length=500)

    class Meta:
        ordering = ["dated", "id"]

    def __str__(self) -> str:
        return f"{self.status} {self.dated}"


class Hearing(Record):
    """A day in court. Campaigns count down to it, and readers put it into their calendars."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("to be held")
        POSTPONED = "postponed", _("postponed")
        HELD = "held", _("held")
        CANCELLED = "cancelled", _("cancelled")

    proceeding = models.ForeignKey(Proceeding, on_delete=models.CASCADE, related_name="hearings")
    day = models.DateField()
    hour = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    place = SealedTextField(null=True, blank=True, max_plain_length=200)
    purpose = SealedTextField(null=True, blank=True, max_plain_length=200)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SCHEDULED)
    postponed_to = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revision = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts changes, for calendars (RFC 5545, SEQUENCE)."
    )

    class Meta:
        ordering = ["day", "hour", "id"]

    def __str__(self) -> str:
        return f"hearing on {self.day}"


class Verdict(Record):
    """What a court decided: on how many of how many counts."""

    class Outcome(models.TextChoices):
        CONVICTED = "convicted", _("convicted")
        ACQUITTED = "acquitted", _("acquitted")
        DISMISSED = "dismissed", _("dismissed")
        UPHELD = "upheld", _("upheld on appeal")
        OVERTURNED = "overturned", _("overturned on appeal")

    proceeding = models.ForeignKey(Proceeding, on_delete=models.CASCADE, related_name="verdicts")
    dated = PartDateField(blank=False)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    counts_convicted = models.PositiveSmallIntegerField(null=True, blank=True)
    counts_total = models.PositiveSmallIntegerField(null=True, blank=True)
    note = SealedTextField(null=True, blank=True, max_plain_length=1000)

    class Meta:
        ordering = ["dated", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(counts_total__isnull=True)
                | models.Q(counts_convicted__isnull=True)
                | models.Q(counts_convicted__lte=models.F("counts_total")),
                name="nobody_is_convicted_on_more_counts_than_there_are",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.dated}"


class Sentence(Record):
    """What a verdict imposed; several may stand beside one another."""

    class Kind(models.TextChoices):
        PRISON = "prison", _("prison")
        SUSPENDED = "suspended", _("suspended prison sentence")
        PROBATION = "probation", _("probation")
        FINE = "fine", _("fine")
        DEATH = "death", _("death")
        OTHER = "other", _("other")

    verdict = models.ForeignKey(Verdict, on_delete=models.CASCADE, related_name="sentences")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    years = models.PositiveSmallIntegerField(null=True, blank=True)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, help_text=_("ISO 4217."))
    note = SealedTextField(null=True, blank=True, max_plain_length=500)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | ~models.Q(currency=""),
                name="a_fine_names_its_currency",
            ),
        ]

    def __str__(self) -> str:
        return self.kind
