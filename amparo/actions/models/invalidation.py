from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.actions.models.action import Action
from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet


class Invalidation(models.Model):
    """Many actions taken out of the count at once, because of what they have in common; it can be undone.

    What they were chosen by is kept in words for whoever asks later, sealed, since a domain can be one person's own.
    """

    class State(models.TextChoices):
        WORKING = "working", _("being worked through")
        DONE = "done", _("done")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="invalidations")
    conditions = SealedTextField(max_plain_length=2000)
    reason = models.CharField(max_length=200)
    chosen = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WORKING)
    invalidated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    invalidated_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-invalidated_at"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="actions_are_invalidated_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"invalidation {self.pk}"

    @property
    def may_be_undone(self) -> bool:
        """Whether it is not undone yet; whether it is not too late is decided when it is asked for."""
        return self.state in {self.State.WORKING, self.State.DONE}


class InvalidatedAction(models.Model):
    """One action of an invalidation: what it was before, and which of its letters were withdrawn with it."""

    class State(models.TextChoices):
        CHOSEN = "chosen", _("chosen")
        INVALIDATED = "invalidated", _("invalidated")
        RESTORED = "restored", _("restored")
        LEFT = "left", _("left as it was")

    invalidation = models.ForeignKey(Invalidation, on_delete=models.CASCADE, related_name="rows")
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=11, choices=State.choices, default=State.CHOSEN)
    was = models.CharField(max_length=12, blank=True, help_text="The action's state before.")
    letters = models.JSONField(default=dict, help_text="Letter to the state it was withdrawn from.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invalidation", "action"], name="an_action_is_once_in_an_invalidation"
            )
        ]
        indexes = [models.Index(fields=["invalidation", "state"], name="invalidated_by_state")]

    def __str__(self) -> str:
        return f"{self.action_id}: {self.state}"
