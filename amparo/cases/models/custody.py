from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.cases.models.case import Case
from amparo.cases.models.record import Record
from amparo.kit.part_dates import PartDateField
from amparo.kit.sealed_fields import SealedTextField


class CustodySpell(Record):
    """One unbroken time in custody. Present status and days held follow from these, and are typed nowhere.

    Types after HURIDOCS micro-thesaurus 29 (type of detention), by our own words; its numbers are in `codes.toml`.
    """

    class Kind(models.TextChoices):
        UNKNOWN = "", _("not known")
        ADMINISTRATIVE = "administrative", _("administrative, without charge")
        EMERGENCY = "emergency", _("under emergency law")
        PRE_TRIAL = "pre-trial", _("before trial")
        SENTENCE = "sentence", _("serving a sentence")
        HOUSE_ARREST = "house-arrest", _("house arrest")
        DISAPPEARED = "disappeared", _("held in secret")

    class End(models.TextChoices):
        STILL = "", _("not ended")
        RELEASED = "released", _("released")
        RELEASED_ON_TERMS = "on-terms", _("released on conditions")
        ESCAPED = "escaped", _("escaped")
        DIED = "died", _("died in custody")
        DEPORTED = "deported", _("deported")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="spells")
    began = PartDateField(help_text=_("2015-10-12, 2015-10 or 2015: as far as it is known."), blank=False)
    ended = PartDateField()
    end = models.CharField(max_length=12, choices=End.choices, default=End.STILL, blank=True)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.UNKNOWN, blank=True)
    authority = SealedTextField(
        null=True, blank=True, max_plain_length=200, help_text=_("Who holds or held them.")
    )
    ordered_by = SealedTextField(null=True, blank=True, max_plain_length=200, help_text=_("Who ordered it."))
    grounds = SealedTextField(null=True, blank=True, max_plain_length=1000)
    release_terms = SealedTextField(
        null=True, blank=True, max_plain_length=1000, help_text=_("What they must not do, and until when.")
    )

    class Meta:
        ordering = ["began", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(ended=""), name="one_open_custody_spell_per_case"
            ),
            models.CheckConstraint(
                condition=models.Q(ended="", end="") | (~models.Q(ended="") & ~models.Q(end="")),
                name="an_ended_spell_says_how_it_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.began}–{self.ended}"


class Stay(Record):
    """Where somebody was held during a spell, from when to when: the history of transfers."""

    spell = models.ForeignKey(CustodySpell, on_delete=models.CASCADE, related_name="stays")
    facility = SealedTextField(max_plain_length=200)
    began = PartDateField()
    ended = PartDateField()

    class Meta:
        ordering = ["began", "id"]

    def __str__(self) -> str:
        return f"stay {self.pk}"


class Condition(Record):
    """How somebody is held: in solitary, without visits, without a doctor. Its length is worked out, never typed."""

    class Kind(models.TextChoices):
        SOLITARY = "solitary", _("solitary confinement")
        NO_VISITS = "no-visits", _("no visits from family")
        NO_LAWYER = "no-lawyer", _("no access to a lawyer")
        NO_CONTACT = "no-contact", _("no contact with the outside")
        NO_CARE = "no-care", _("medical care withheld")
        OVERCROWDED = "overcrowded", _("overcrowded")
        RESTRAINED = "restrained", _("restrained")
        OTHER = "other", _("other")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="conditions")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    began = PartDateField(blank=False)
    ended = PartDateField()
    description = SealedTextField(null=True, blank=True, max_plain_length=2000)

    class Meta:
        ordering = ["began", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.began}–{self.ended}"


class ConditionOrder(Record):
    """An order that began or renewed a condition."""

    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="orders")
    ordered_on = PartDateField(blank=False)
    until = PartDateField()
    authority = SealedTextField(null=True, blank=True, max_plain_length=200)
    reason_given = SealedTextField(null=True, blank=True, max_plain_length=1000)

    class Meta:
        ordering = ["ordered_on", "id"]

    def __str__(self) -> str:
        return f"order of {self.ordered_on}"


class HealthNote(Record):
    """What is known of somebody's health. Restricted: read by approvers, and each reading is on record."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="health_notes")
    dated = PartDateField()
    assessor = SealedTextField(null=True, blank=True, max_plain_length=200, help_text=_("Who examined them."))
    text = SealedTextField(max_plain_length=4000)
    public_summary = SealedTextField(
        null=True,
        blank=True,
        max_plain_length=500,
        help_text=_("What may be said in public, on consent alone."),
    )

    class Meta:
        ordering = ["dated", "id"]

    def __str__(self) -> str:
        return f"health note {self.pk}"
