from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.actions.models.action import Action
from amparo.actions.models.action_page import ActionPage
from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet

#: Characters of a comment: a thought, not an essay.
LONGEST_COMMENT = 500


class SignatureQuerySet(TenantQuerySet["Signature"]):
    def counted(self) -> Self:
        """Of actions that were confirmed."""
        return self.filter(action__state=Action.State.CONFIRMED)

    def shown(self) -> Self:
        """Confirmed, and by the signer's own choice under a name or initials; an organization once staff agreed."""
        return (
            self.counted()
            .exclude(shown_as=Signature.ShownAs.NOBODY)
            .exclude(action__supporter__anonymized_at__isnull=False)
            .filter(models.Q(represents=None) | models.Q(approval=Signature.Approval.GIVEN))
        )

    def waiting(self) -> Self:
        """Confirmed, with a comment or an organization that staff have to look at first."""
        return self.counted().filter(approval=Signature.Approval.WAITING)


class Signature(models.Model):
    """What a signer adds to a petition or an open letter: how they want to appear, and what they wrote.

    Nobody appears anywhere unless they chose to. A comment, and a signature for an organization, are shown once staff
    agreed.
    """

    class ShownAs(models.TextChoices):
        NOBODY = "", _("Do not show my name")
        NAME = "name", _("Show my name")
        NAME_AND_PLACE = "place", _("Show my name and where I live")
        INITIALS = "initials", _("Show my initials")

    class Approval(models.TextChoices):
        NOT_NEEDED = "", _("nothing to look at")
        WAITING = "waiting", _("waiting")
        GIVEN = "given", _("shown")
        REFUSED = "refused", _("not shown")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    page = models.ForeignKey(ActionPage, on_delete=models.PROTECT, related_name="signatures")
    action = models.OneToOneField(Action, on_delete=models.CASCADE, related_name="signature")
    shown_as = models.CharField(max_length=8, choices=ShownAs.choices, default=ShownAs.NOBODY, blank=True)
    place = SealedTextField(null=True, max_plain_length=80)
    comment = SealedTextField(null=True, max_plain_length=LONGEST_COMMENT)
    represents = SealedTextField(
        null=True, max_plain_length=160, help_text="The organization they sign for, where they do."
    )
    role = SealedTextField(null=True, max_plain_length=120)
    approval = models.CharField(
        max_length=8, choices=Approval.choices, default=Approval.NOT_NEEDED, blank=True
    )
    version = models.ForeignKey(
        "actions.LetterVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="signatures",
        help_text="The version of an open letter that was before their eyes.",
    )
    signed_at = models.DateTimeField()

    objects = SignatureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(approval="") | models.Q(comment__isnull=True, represents__isnull=True),
                name="a_comment_or_an_organization_needs_approval",
            ),
        ]
        indexes = [
            models.Index(fields=["page", "-signed_at", "-id"], name="signatures_newest"),
            models.Index(
                fields=["organization", "signed_at"],
                name="signatures_to_look_at",
                condition=models.Q(approval="waiting"),
            ),
        ]

    def __str__(self) -> str:
        return f"signature {self.pk}"

    @property
    def shown_name(self) -> str:
        """The name as the signer wants it, or nothing."""
        if self.shown_as == self.ShownAs.NOBODY:
            return ""
        if self.shown_as == self.ShownAs.INITIALS:
            parts = [self.action.given_name or "", self.action.family_name or ""]
            return " ".join(f"{part.strip()[0]}." for part in parts if part.strip())
        return self.action.full_name

    @property
    def shown_place(self) -> str:
        """Where they live, if they want that to be read."""
        return (self.place or "") if self.shown_as == self.ShownAs.NAME_AND_PLACE else ""

    @property
    def shown_comment(self) -> str:
        """What they wrote, once staff agreed."""
        return (self.comment or "") if self.approval == self.Approval.GIVEN else ""


class PaperSheet(models.Model):
    """Signatures that were collected on paper: how many, when and where, so that the figure can be answered for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    page = models.ForeignKey(ActionPage, on_delete=models.PROTECT, related_name="paper_sheets")
    number = models.PositiveIntegerField()
    collected_on = models.DateField()
    provenance = models.CharField(
        max_length=300, help_text=_("Where they were collected and where the sheets are kept.")
    )
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gt=0), name="a_paper_sheet_has_signatures"),
        ]
        indexes = [models.Index(fields=["page", "collected_on"], name="paper_sheets_by_page")]

    def __str__(self) -> str:
        return f"{self.number} on paper"
