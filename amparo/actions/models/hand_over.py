from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amparo.actions.models.action_page import ActionPage
from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class HandOverQuerySet(TenantQuerySet["HandOver"]):
    def open(self) -> Self:
        """Those whose letters are neither with the office nor given up."""
        return self.filter(state__in=HandOver.OPEN)

    def unpaused(self) -> Self:
        """Under no pause switch of their organization, campaign or page."""
        return self.filter(
            organization__sending_paused_at__isnull=True,
            page__sending_paused_at__isnull=True,
            page__campaign__sending_paused_at__isnull=True,
        )

    def to_make(self, *, now: datetime) -> Self:
        """Planned, and their hour has come. One that only our staff can give is made whatever is paused."""
        return self.filter(state=HandOver.State.PLANNED, due_at__lte=now, next_attempt_at__lte=now)

    def to_send(self, *, now: datetime) -> Self:
        """Made, to go by mail, due, before the hard stop and under no pause switch."""
        return self.unpaused().filter(
            Q(page__hard_stop__isnull=True) | Q(page__hard_stop__gt=now),
            state=HandOver.State.MADE,
            way=HandOver.Way.MAIL,
            next_attempt_at__lte=now,
        )


class HandOver(models.Model):
    """What goes to one target together, as one signed document: letters that cannot leave one by one in time, or names.

    `planned → making → made → claimed → in_flight → sent | uncertain`, or from `made` to `handed_over` by our staff.
    Names begin as `proposed`, until a second person agreed. As with a letter, `in_flight` is committed before DATA: a
    crash leaves it uncertain, and it is never sent twice. The document itself is in `HandOverPiece`, sealed, until its
    texts are erased; its fingerprint and signature stay.
    """

    class Of(models.TextChoices):
        LETTERS = "letters", _("letters")
        NAMES = "names", _("names")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("waits for a second person")
        REFUSED = "refused", _("not agreed to")
        PLANNED = "planned", _("planned")
        MAKING = "making", _("being made")
        MADE = "made", _("ready")
        CLAIMED = "claimed", _("about to be sent")
        IN_FLIGHT = "in_flight", _("being sent")
        SENT = "sent", _("sent")
        UNCERTAIN = "uncertain", _("probably sent")
        HANDED_OVER = "handed_over", _("handed over")
        LAPSED = "lapsed", _("never handed over")
        EMPTY = "empty", _("not needed")

    class Way(models.TextChoices):
        MAIL = "mail", _("by e-mail")
        BY_HAND = "by_hand", _("by us: in person, or through the office's form")

    #: The letters of these can be in no other bundle.
    OPEN = ("proposed", "planned", "making", "made", "claimed", "in_flight")
    #: Those whose letters count as with the office.
    ARRIVED = frozenset({"sent", "uncertain", "handed_over"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="hand_overs")
    page = models.ForeignKey(ActionPage, on_delete=models.PROTECT, related_name="hand_overs")
    of = models.CharField(max_length=8, choices=Of.choices, default=Of.LETTERS)
    target_key = models.CharField(
        max_length=140, help_text="The post; or free/…, where names go to somebody who is no target."
    )
    target_name = models.CharField(max_length=200, blank=True)
    target_label = models.CharField(max_length=300)
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.MAIL)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PLANNED)
    reason = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField(help_text="When it is made.")
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    claimed_by = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    letters = models.PositiveIntegerField(
        default=0,
        help_text="How many letters are in the document, or how many people signed what is handed over.",
    )
    sheets = models.PositiveIntegerField(default=0, help_text="Pages of the document.")
    size = models.PositiveIntegerField(default=0, help_text="Bytes of the document.")
    sha256 = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=100, blank=True)
    sent_to = models.CharField(
        max_length=254, blank=True, help_text="The office's public address that was used."
    )
    created_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True, help_text="When it was sent or handed over.")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Who of our staff handed it over.",
    )
    place = models.CharField(max_length=160, blank=True, help_text="Where it was handed over.")
    received_by = models.CharField(
        max_length=200, blank=True, help_text="Who received it, as the page says it."
    )
    photograph = models.ForeignKey(
        "content.CreditedImage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True, help_text="When its last letter had followed it.")
    erased_at = models.DateTimeField(null=True)

    objects = HandOverQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["page", "target_key"],
                condition=Q(state__in=["proposed", "planned", "making", "made", "claimed", "in_flight"]),
                name="one_open_hand_over_per_page_and_target",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["making", "claimed", "in_flight"])
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
                name="claimed_hand_over_has_its_claimant",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["made", "claimed", "in_flight", "sent", "uncertain", "handed_over"])
                | (Q(made_at__isnull=False) & ~Q(sha256="") & ~Q(signature="")),
                name="made_hand_over_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "handed_over"]) | Q(sent_at__isnull=False),
                name="sent_hand_over_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(of="names")
                | Q(state__in=["proposed", "refused", "empty"])
                | Q(agreed_at__isnull=False),
                name="names_are_handed_over_once_agreed_to",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True)
                | Q(proposed_by__isnull=True)
                | ~Q(agreed_by=models.F("proposed_by")),
                name="nobody_agrees_to_their_own_hand_over",
            ),
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="hand_overs_due")]

    def __str__(self) -> str:
        return f"hand-over {self.pk}"


class HandOverPiece(models.Model):
    """Half a megabyte of a file of a hand-over, sealed; erased with the texts."""

    class File(models.TextChoices):
        PDF = "pdf", _("the document")
        CSV = "csv", _("the names as a table")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    hand_over = models.ForeignKey(HandOver, on_delete=models.CASCADE, related_name="pieces")
    file = models.CharField(max_length=3, choices=File.choices, default=File.PDF)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["file", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["hand_over", "file", "number"], name="one_piece_per_number_of_a_file"
            )
        ]

    def __str__(self) -> str:
        return f"piece {self.number} of hand-over {self.hand_over_id}"
