from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.cases.models.person import Person
from amparo.cases.models.record import Record
from amparo.content.models import Campaign
from amparo.kit.sealed_fields import SealedTextField


class Case(Record):
    """What one person's imprisonment is followed under. One person, one case: charges differ from person to person."""

    class Aftermath(models.TextChoices):
        """How the page goes on after a release; a released person may ask for any of these."""

        SHOWN = "shown", _("Shown as before")
        QUIET = "quiet", _("Shown, but in no list, feed or search")
        RENAMED = "renamed", _("Shown without the name")
        REMOVED = "removed", _("Removed; the address says that it was, without a name")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases")
    campaign = models.ForeignKey(
        Campaign, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    reference = models.CharField(
        max_length=40,
        help_text=_("What you call it among yourselves. No name: it stands in addresses of screens."),
    )
    slug = models.SlugField(
        max_length=80,
        blank=True,
        help_text=_("The public address. It stays when the page is renamed or removed."),
    )
    title = SealedTextField(null=True, blank=True, max_plain_length=200, help_text=_("The public heading."))
    summary = SealedTextField(
        null=True,
        blank=True,
        max_plain_length=1000,
        help_text=_("Who, what happened, where it stands: in a minute."),
    )
    story = SealedTextField(
        null=True,
        blank=True,
        max_plain_length=20_000,
        help_text=_("The case at length. {days held} and the like are worked out anew for each reader."),
    )
    responsible_state = models.CharField(
        max_length=2, blank=True, help_text=_("ISO 3166: the state that holds the person.")
    )
    target_state = models.CharField(
        max_length=2,
        blank=True,
        help_text=_("ISO 3166: the state that is asked to act, where it is another."),
    )
    aftermath = models.CharField(max_length=8, choices=Aftermath.choices, default=Aftermath.SHOWN)
    closed_on = models.DateField(null=True, blank=True)
    internal_note = SealedTextField(null=True, blank=True, max_plain_length=8000)

    class Meta:
        ordering = ["reference"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "reference"], name="one_case_per_reference"),
            models.UniqueConstraint(
                fields=["organization", "slug"],
                condition=~models.Q(slug=""),
                name="one_case_per_public_address",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Contact(Record):
    """How family, lawyer or a source is reached. Kept apart from the case, read by approvers alone, never public."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="contacts")
    role = models.CharField(
        max_length=60, help_text=_("Such as: mother, lawyer, journalist who reported it.")
    )
    name = SealedTextField(max_plain_length=200)
    phone = SealedTextField(null=True, blank=True, max_plain_length=60)
    email = SealedTextField(null=True, blank=True, max_plain_length=254)
    safe_way = SealedTextField(
        null=True, blank=True, help_text=_("How and when it is safe to get in touch, and how it is not.")
    )

    def __str__(self) -> str:
        return self.role
