from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.actions.models.hand_over import HandOver
from amparo.actions.models.letter_version import LetterVersion
from amparo.actions.models.signature import Signature
from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet


class NamesBundle(models.Model):
    """What a hand-over of names has that one of letters has not: whose names, what is said with them, its figures."""

    class Reach(models.TextChoices):
        NEW = "new", _("Only names that this addressee has not had yet")
        ALL = "all", _("All names, those handed over before as well")

    class Comments(models.TextChoices):
        NONE = "none", _("None")
        CHOSEN = "chosen", _("Those that I tick below")
        ALL = "all", _("All that are shown on the page")

    hand_over = models.OneToOneField(
        HandOver, on_delete=models.CASCADE, primary_key=True, related_name="names"
    )
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    reach = models.CharField(max_length=4, choices=Reach.choices, default=Reach.NEW)
    comments = models.CharField(max_length=6, choices=Comments.choices, default=Comments.NONE)
    chosen = models.JSONField(
        default=list, help_text="Ids of the signatures whose comments were ticked, as text."
    )
    letter = models.TextField(blank=True, help_text="What we write ourselves, between greeting and demands.")
    salutation = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True, help_text="The public address of an addressee who is no target.")
    tells_signers = models.BooleanField(default=True)
    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT, null=True, related_name="+")
    named = models.PositiveIntegerField(
        default=0, help_text="How many of them stand in it by name or initials."
    )
    on_paper = models.PositiveIntegerField(default=0, help_text="Collected on paper when it was made.")
    table_size = models.PositiveIntegerField(default=0, help_text="Bytes of the table.")
    table_sha256 = models.CharField(max_length=64, blank=True)
    table_signature = models.CharField(max_length=100, blank=True)

    objects = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return f"names of {self.hand_over_id}"


class HandedName(models.Model):
    """That a signature is in a hand-over. It shows no name: what is shown stays the signer's to say."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hand_over = models.ForeignKey(HandOver, on_delete=models.CASCADE, related_name="handed_names")
    signature = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="handed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hand_over", "signature"], name="a_name_is_once_in_a_hand_over")
        ]

    def __str__(self) -> str:
        return f"handed name {self.pk}"
