from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import pgettext_lazy

from amparo.actions.models.action_page import ActionPage
from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField, SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models import Merge, Supporter


class Confirmation(models.Model):
    """One open link that proves one address; every action taken meanwhile with that address joins it.

    It belongs to the address, not to an organization: the cap on mail holds over the whole installation. The mark is
    keyed, and the row goes when it has expired.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    address_mark = FingerprintField()
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, help_text="Counted from the first mail that left.")
    used_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address_mark"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_confirmation_per_address",
            )
        ]
        # Whether an address confirmed lately: asked with every action that is taken.
        indexes = [models.Index(fields=["address_mark", "used_at"], name="confirmations_by_address")]

    def __str__(self) -> str:
        return f"confirmation {self.pk}"


class ActionQuerySet(TenantQuerySet["Action"]):
    def pending(self) -> Self:
        return self.filter(state=Action.State.PENDING)

    def confirmed(self) -> Self:
        return self.filter(state=Action.State.CONFIRMED)


class Action(models.Model):
    """One supporter answered one ask, once: pending, then confirmed by the link in the mail.

    `key` is the form's own, so that a double click, Back, a reload or a retry makes one row. A supporter
    has at most one confirmed action per page; the database sees to it.
    """

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("what somebody did", "awaiting confirmation")
        CONFIRMED = "confirmed", pgettext_lazy("what somebody did", "confirmed")
        SUPERSEDED = "superseded", pgettext_lazy("what somebody did", "replaced by a newer one")
        EXPIRED = "expired", pgettext_lazy("what somebody did", "never confirmed")
        INVALIDATED = "invalidated", pgettext_lazy("what somebody did", "invalidated by staff")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="actions")
    page = models.ForeignKey(ActionPage, on_delete=models.PROTECT, related_name="actions")
    supporter = models.ForeignKey(Supporter, on_delete=models.PROTECT, related_name="actions")
    confirmation = models.ForeignKey(
        Confirmation, on_delete=models.SET_NULL, null=True, related_name="actions"
    )
    key = models.UUIDField(unique=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    given_name = SealedTextField(null=True)
    family_name = SealedTextField(null=True)
    language = models.CharField(max_length=10)
    area = models.CharField(max_length=80, blank=True)
    own_words = models.PositiveSmallIntegerField(
        null=True, help_text="Per cent of the letter the supporter wrote."
    )
    consent_answers = models.JSONField(
        default=dict,
        help_text="Wording id to yes or no; written to the ledger when the address is confirmed.",
    )
    source = models.CharField(max_length=200, blank=True)
    via = models.CharField(
        max_length=12, blank=True, help_text="By which means the link came that was followed here."
    )
    proved = models.BooleanField(
        null=True,
        help_text="Whether a proof of work came with it; not known of actions before this was kept.",
    )
    is_test = models.BooleanField(default=False)
    taken_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    superseded_by_merge = models.ForeignKey(
        Merge,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The merge by which it became a second action of one person on one page.",
    )

    objects = ActionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page", "supporter"],
                condition=models.Q(state="confirmed"),
                name="one_confirmed_action_per_supporter_and_page",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed") | models.Q(confirmed_at__isnull=False),
                name="confirmed_action_has_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["page"],
                name="actions_to_count",
                condition=models.Q(state="confirmed", counted_at=None),
            ),
            # How many await confirmation on each page, looked at every few seconds.
            models.Index(
                fields=["page", "supporter", "state", "is_test"],
                condition=models.Q(state="pending", is_test=False),
                name="actions_awaiting",
            ),
            models.Index(fields=["supporter", "page"], name="actions_of_supporter"),
            # What segments ask: who took part on a page, and who acted lately. Both are read without their table; the
            # columns of the condition are in them because SQLite looks at those again.
            models.Index(
                fields=["organization", "page", "supporter", "taken_at", "state", "is_test"],
                condition=models.Q(state="confirmed", is_test=False),
                name="actions_by_page",
            ),
            models.Index(
                fields=["organization", "taken_at", "supporter", "state", "is_test"],
                condition=models.Q(state="confirmed", is_test=False),
                name="actions_by_time",
            ),
            # How often each person acted, in the order in which PostgreSQL joins.
            models.Index(
                fields=["organization", "supporter", "taken_at", "state", "is_test"],
                condition=models.Q(state="confirmed", is_test=False),
                name="actions_by_person",
            ),
            # Who confirmed since the last look: asked once a minute by each thank-you that is on.
            models.Index(
                fields=["organization", "confirmed_at"],
                condition=models.Q(state="confirmed", is_test=False),
                name="actions_by_confirmation",
            ),
        ]

    def __str__(self) -> str:
        return f"action {self.pk}"

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.given_name, self.family_name) if part)
