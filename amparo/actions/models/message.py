from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amparo.actions.models.action import Action
from amparo.actions.models.action_page import ActionPage
from amparo.actions.models.hand_over import HandOver
from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet


class MessageQuerySet(TenantQuerySet["Message"]):
    def open(self) -> Self:
        """Those whose journey has not ended."""
        return self.filter(state__in=["pending", "queued", "claimed", "in_flight", "held", "bundled"])

    def sendable(self, *, now: datetime) -> Self:
        """Due, before the hard stop, and under no pause switch."""
        return self.filter(
            Q(page__hard_stop__isnull=True) | Q(page__hard_stop__gt=now),
            state=Message.State.QUEUED,
            next_attempt_at__lte=now,
            organization__sending_paused_at__isnull=True,
            page__sending_paused_at__isnull=True,
            page__campaign__sending_paused_at__isnull=True,
        )


class Message(models.Model):
    """One supporter's words to one target.

    `queued → claimed → in_flight → sent | uncertain | failed`. `in_flight` is committed before DATA, so a
    crash can leave a letter *uncertain*, shown to staff, but never a second copy. The holder of the post is
    found when the letter leaves, and what was used is kept here.

    A letter that pacing cannot bring before the hard stop is `bundled` into a `HandOver`, and from then on leaves in
    no other way: `handed_over` when the bundle arrived. A letter that `chases` another reminds of it, once.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting for you to confirm")
        QUEUED = "queued", _("waiting to be sent")
        CLAIMED = "claimed", _("about to be sent")
        IN_FLIGHT = "in_flight", _("being sent")
        SENT = "sent", _("sent")
        UNCERTAIN = (
            "uncertain",
            _("sent, we believe: the connection broke before the office's server answered"),
        )
        FAILED = "failed", _("could not be delivered")
        BOUNCED = "bounced", _("came back")
        EXPIRED = "expired", _("too late to be sent")
        HELD = "held", _("held by our staff")
        WITHDRAWN = "withdrawn", _("withdrawn")
        BY_FORM = "by_form", _("for you to send through the office's own form")
        BY_FORM_DONE = "by_form_done", _("sent by you through the office's own form")
        BUNDLED = "bundled", _("in the bundle that we hand over")
        HANDED_OVER = "handed_over", _("handed over together with other people's letters")

    FINAL = frozenset(
        {
            "sent",
            "uncertain",
            "failed",
            "bounced",
            "expired",
            "withdrawn",
            "by_form",
            "by_form_done",
            "handed_over",
        }
    )
    #: With the office, as far as anybody can know.
    ARRIVED = frozenset({"sent", "handed_over"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="messages")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="messages")
    page = models.ForeignKey(ActionPage, on_delete=models.PROTECT, related_name="messages")
    target_key = models.CharField(max_length=140)
    target_name = models.CharField(max_length=200, blank=True)
    target_label = models.CharField(max_length=300)
    dataset_label = models.CharField(max_length=60, blank=True)
    evidence = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10)
    salutation = SealedTextField(null=True)
    subject = SealedTextField(null=True)
    body = SealedTextField(null=True, max_plain_length=25_000)
    closing = SealedTextField(null=True)
    sent_to = models.CharField(
        max_length=254, blank=True, help_text="The office's public address that was used."
    )
    form_url = models.URLField(max_length=500, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    urgency = models.PositiveSmallIntegerField(default=5)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    claimed_by = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    first_tried_at = models.DateTimeField(null=True, help_text="Since when the office's server says: later.")
    sent_at = models.DateTimeField(null=True)
    hand_over = models.ForeignKey(HandOver, on_delete=models.PROTECT, null=True, related_name="bundled")
    chases = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="chaser",
        help_text="The unanswered letter that this one reminds of.",
    )
    asked_at = models.DateTimeField(
        null=True, help_text="When we asked whether it was answered, or let it be."
    )
    erased_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["action", "target_key"],
                condition=Q(chases__isnull=True),
                name="one_message_per_action_and_target",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["bundled", "handed_over"]) | Q(hand_over__isnull=False),
                name="bundled_message_has_its_hand_over",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="sent_message_has_its_time"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "in_flight"])
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
                name="claimed_message_has_its_claimant",
            ),
        ]
        indexes = [
            models.Index(
                fields=["target_key", "urgency", "next_attempt_at"],
                name="messages_due",
                condition=Q(state="queued"),
            ),
            models.Index(fields=["organization", "state", "-created_at"], name="messages_by_state"),
            models.Index(
                fields=["sent_at"],
                name="messages_to_ask_about",
                condition=Q(state__in=["sent", "handed_over"], asked_at=None),
            ),
            models.Index(fields=["hand_over"], name="messages_bundled", condition=Q(state="bundled")),
            models.Index(
                fields=["claimed_until"],
                name="messages_claimed",
                condition=Q(state__in=["claimed", "in_flight"]),
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class MessageEvent(models.Model):
    """One step of one message, for ever: what happened, when and why. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message_id = models.UUIDField(db_index=True)
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.state


class TargetPace(models.Model):
    """When the next letter may go to one target, over all campaigns: the target is the queue."""

    target_key = models.CharField(max_length=140, primary_key=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.target_key
