from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import SealedTextField
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models.import_run import ImportRun
from amparo.supporters.models.supporter import Supporter


class ImportChunk(models.Model):
    """Some rows of a list, brought in by one transaction; what there is to undo about them.

    `created` holds, for each supporter who came with these rows, the 16 bytes of the id and 8 of a digest of what was
    written, so that somebody changed since is told from somebody who was not. `suppressed` holds ids alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    first_row = models.PositiveIntegerField()
    last_row = models.PositiveIntegerField()
    first_id = models.UUIDField(null=True)
    last_id = models.UUIDField(null=True)
    created = models.BinaryField(default=bytes)
    suppressed = models.BinaryField(default=bytes)
    done_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="a_chunk_is_brought_in_once"),
        ]
        indexes = [models.Index(fields=["organization", "first_id"], name="chunks_by_who_came")]

    def __str__(self) -> str:
        return f"chunk {self.number} of {self.run_id}"


class ImportChange(models.Model):
    """What an import changed about somebody who was there before, and how it was before that."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    chunk = models.ForeignKey(ImportChunk, on_delete=models.CASCADE, related_name="changes")
    supporter = models.ForeignKey(Supporter, on_delete=models.CASCADE, related_name="import_changes")
    before = SealedTextField(max_plain_length=20_000)
    after = SealedTextField(max_plain_length=20_000)
    tags = models.JSONField(default=list, help_text=_("Ids of the tags that were new to them."))
    answers = models.JSONField(
        default=list,
        help_text=_("Purpose, channel, yes or no, and the id of the ledger's line before it or none."),
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chunk", "supporter"], name="somebody_is_changed_once_by_a_chunk"
            ),
        ]

    def __str__(self) -> str:
        return f"import change {self.pk}"


class ImportProblem(models.Model):
    """A row, or a cell, that was not brought in as it stands, and why. It never repeats what the cell said."""

    class During(models.TextChoices):
        CHECK = "check", _("dry run")
        RUN = "run", _("import")
        UNDO = "undo", _("undoing")

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems")
    during = models.CharField(max_length=5, choices=During.choices)
    table = models.CharField(max_length=200, blank=True)
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=40)
    other_row = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["run", "during", "id"], name="problems_of_an_import")]

    def __str__(self) -> str:
        return f"row {self.row}: {self.reason}"
