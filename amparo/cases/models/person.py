from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.cases.models.record import Record
from amparo.kit import part_dates
from amparo.kit.sealed_fields import SealedTextField


class Person(Record):
    """Somebody in prison, or somebody their case cannot be told without. Names are in `PersonName`, one a row."""

    class Gender(models.TextChoices):
        UNKNOWN = "", _("not said")
        FEMALE = "female", _("female")
        MALE = "male", _("male")
        OTHER = "other", _("other")

    birth_date = SealedTextField(
        null=True,
        blank=True,
        max_plain_length=10,
        help_text=_("2002, 2002-01 or 2002-01-22: as far as it is known."),
        validators=[part_dates.validate],
    )
    gender = models.CharField(max_length=8, choices=Gender.choices, default=Gender.UNKNOWN, blank=True)
    occupation = SealedTextField(null=True, blank=True, max_plain_length=200)
    nationality = SealedTextField(null=True, blank=True, max_plain_length=200)
    about = SealedTextField(
        null=True, blank=True, max_plain_length=4000, help_text=_("Who they are, in a few sentences.")
    )
    image = models.ForeignKey(
        "content.CreditedImage", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"person {self.pk}"


class PersonName(Record):
    """One name of a person: in one script, of one kind."""

    class Kind(models.TextChoices):
        LEGAL = "legal", _("in documents")
        KNOWN = "known", _("by which they are known")
        BIRTH = "birth", _("at birth")
        PEN = "pen", _("as an author")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="names")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.KNOWN)
    language = models.CharField(
        max_length=10, blank=True, help_text=_("Such as ar, for the name in Arabic letters.")
    )
    text = SealedTextField(max_plain_length=200)
    position = models.PositiveSmallIntegerField(default=0, help_text=_("The first one is used in headings."))

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"name {self.pk}"


class Relation(Record):
    """How two people of the register belong together: cousin, mother, lawyer."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="relations")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60, help_text=_("What the other is to this person, such as: cousin."))
    note = SealedTextField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(person=models.F("other")), name="nobody_is_related_to_themselves"
            ),
        ]

    def __str__(self) -> str:
        return self.kind
