from __future__ import annotations

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField, SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet

if TYPE_CHECKING:
    from datetime import datetime


class SupporterQuerySet(TenantQuerySet["Supporter"]):
    def with_fingerprint(self, fingerprint: bytes) -> Self:
        return self.filter(email_fingerprint=fingerprint)

    def present(self) -> Self:
        """Those who are somebody: not anonymised, and not merged into another."""
        return self.filter(anonymized_at__isnull=True, merged_into__isnull=True)

    def of_one_person(self, supporter: Supporter | UUID) -> Self:
        """The supporter and whoever was merged into them."""
        pk = supporter if isinstance(supporter, UUID) else supporter.pk
        return self.filter(models.Q(pk=pk) | models.Q(merged_into=pk))

    def agreed(self, bit: int) -> Self:
        """Those whose present answer is yes; `bit` is `consent.bit(purpose, channel)`."""
        return self.annotate(_agreed=models.F("agreed_to").bitand(bit)).filter(_agreed=bit)

    def awake(self, *, now: datetime) -> Self:
        """Those who did not ask for a pause, or whose pause is over."""
        return self.filter(models.Q(paused_until__isnull=True) | models.Q(paused_until__lte=now))


class Supporter(models.Model):
    """A member of the public who did or asked something of one organization.

    Names and addresses are sealed with the organization's key; equality goes through fingerprints. A person who acts
    with two organizations is two supporters, and neither organization can tell.

    Whoever was merged into another keeps their row, their actions and their ledger, so that a merge can be undone:
    a reading of one person begins with `of_one_person`.
    """

    class Frequency(models.TextChoices):
        ALL = "all", _("Every message")
        WEEKLY = "weekly", _("One digest a week")
        URGENT = "urgent", _("Only when it is urgent")

    class Unreachable(models.TextChoices):
        NO = "", _("Can be written to")
        SUPPRESSED = "suppressed", _("On the suppression list")
        BOUNCED = "bounced", _("Mail came back")
        COMPLAINED = "complained", _("Marked a mail as junk")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="supporters")
    given_name = SealedTextField(null=True, blank=True)
    family_name = SealedTextField(null=True, blank=True)
    email = SealedTextField(null=True, blank=True)
    email_fingerprint = FingerprintField(null=True, editable=False)
    phone = SealedTextField(null=True, blank=True, max_plain_length=32)
    phone_fingerprint = FingerprintField(null=True, editable=False)
    postal_code = SealedTextField(null=True, blank=True)
    postal_address = SealedTextField(null=True, blank=True)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=10, default="en")
    area = models.CharField(
        max_length=80, blank=True, help_text=_("The area they live in, such as uk/E14001063.")
    )
    agreed_to = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="One bit for each purpose and channel whose last line in the ledger is yes; written with the ledger.",
    )
    unreachable = models.CharField(
        max_length=12,
        choices=Unreachable.choices,
        default=Unreachable.NO,
        blank=True,
        editable=False,
        help_text="Whether the address is suppressed; written with the suppression.",
    )
    frequency = models.CharField(max_length=8, choices=Frequency.choices, default=Frequency.ALL)
    paused_until = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="absorbed",
        db_index=False,  # nearly all are empty: `supporters_by_survivor` holds the others
    )
    confirmed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    anonymized_at = models.DateTimeField(null=True, editable=False)

    objects = SupporterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email_fingerprint"],
                name="one_supporter_per_address_and_organization",
            ),
            models.CheckConstraint(
                condition=models.Q(anonymized_at__isnull=True)
                | models.Q(
                    email__isnull=True,
                    email_fingerprint__isnull=True,
                    phone__isnull=True,
                    phone_fingerprint__isnull=True,
                    given_name__isnull=True,
                    family_name__isnull=True,
                    postal_code__isnull=True,
                    postal_address__isnull=True,
                    agreed_to=0,
                ),
                name="anonymized_supporter_has_no_name_or_address",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("id")),
                name="nobody_is_merged_into_themselves",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "phone_fingerprint"], name="supporters_by_phone"),
            # Whoever is somebody, with every column that a question or its count asks of this table: on a list of half
            # a million it is read instead of the table, which is eight times as long (bench/segments.py). The columns
            # of the condition are in it because SQLite looks at them again.
            models.Index(
                fields=[
                    "organization",
                    "id",
                    "agreed_to",
                    "unreachable",
                    "paused_until",
                    "confirmed_at",
                    "country",
                    "language",
                    "area",
                    "created_at",
                    "frequency",
                    "merged_into",
                    "anonymized_at",
                ],
                condition=models.Q(merged_into__isnull=True, anonymized_at__isnull=True),
                name="supporters_to_count",
            ),
            models.Index(
                fields=["merged_into", "id"],
                condition=models.Q(merged_into__isnull=False),
                name="supporters_by_survivor",
            ),
            models.Index(
                fields=["id", "merged_into"],
                condition=models.Q(merged_into__isnull=False),
                name="supporters_absorbed",
            ),
        ]

    def __str__(self) -> str:
        return f"supporter {self.pk}"

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.given_name, self.family_name) if part)

    @property
    def person_id(self) -> UUID:
        """Whose record this is: its own, or the one it was merged into."""
        return self.merged_into_id or self.pk


class OtherAddress(models.Model):
    """A further address of a supporter: an earlier one, or one that came with a merge or an import.

    Mail goes to `Supporter.email` alone; whoever acts with one of these is recognised as the same person.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    supporter = models.ForeignKey(Supporter, on_delete=models.CASCADE, related_name="other_addresses")
    email = SealedTextField()
    fingerprint = FingerprintField(editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    added_at = models.DateTimeField(editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "fingerprint"], name="one_supporter_per_other_address"
            )
        ]

    def __str__(self) -> str:
        return f"other address {self.pk}"


class Merge(models.Model):
    """Two records found to be one person: who decided it and when, and whether it was undone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    survivor = models.ForeignKey(Supporter, on_delete=models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Supporter, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    tags_given = models.JSONField(
        default=list, help_text="Tags that the survivor got by it, and loses when it is undone."
    )
    filled = models.JSONField(
        default=dict,
        help_text="Names of what the survivor lacked and got by it, each with what stood there before.",
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["absorbed"],
                condition=models.Q(undone_at__isnull=True),
                name="nobody_is_merged_twice_at_once",
            )
        ]

    def __str__(self) -> str:
        return f"merge {self.pk}"
