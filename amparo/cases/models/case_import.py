from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.cases.models.record import Record
from amparo.kit.sealed_fields import SealedTextField


class CaseImport(Record):
    """A spreadsheet of cases that was handed over: what it would bring or has brought into the register.

    `cases_done` is the cursor: it is committed with the case it counts, so that whoever goes on after a crash begins
    exactly there.
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked, not brought in")
        RUNNING = "running", _("Being brought in")
        DONE = "done", _("Brought in")
        UNDONE = "undone", _("Undone")
        FORGOTTEN = "forgotten", _("Not brought in; the file is removed")
        FAILED = "failed", _("Our program broke over it; what is in the register stays")

    class Existing(models.TextChoices):
        REFUSE = "refuse", _("Refuse it: only new cases are brought in")
        ADD = "add", _("Add its new records; nothing that is there is changed")

    #: In these a worker has something to do, and only in these may one have taken it.
    WORKING = [State.CHECKING, State.RUNNING]
    #: In these something of it may be in the register.
    UNDOABLE = [State.DONE, State.FAILED]

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    file_name = SealedTextField(max_plain_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKED)
    existing = models.CharField(max_length=6, choices=Existing.choices, default=Existing.REFUSE)
    counts: models.JSONField[Any, Any] = models.JSONField(
        default=dict, help_text="By kind of record: how many are new; and of cases, how many stay out."
    )
    problems = SealedTextField(max_plain_length=2_000_000, help_text="JSON: each with its cell and sentence.")
    file_removed_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    cases_total = models.PositiveIntegerField(default=0)
    cases_done = models.PositiveIntegerField(default=0)
    claimed_by = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    faults = models.PositiveSmallIntegerField(default=0, help_text="How often our own program broke over it.")

    class Meta:
        ordering = ["-entered_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(claimed_by__isnull=True)
                | models.Q(claimed_until__isnull=False, state__in=["checking", "running"]),
                name="only_a_case_import_with_work_to_do_is_claimed",
            )
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def is_working(self) -> bool:
        """Whether a worker has something to do with it."""
        return self.state in self.WORKING


class ImportedRecord(models.Model):
    """One record that an import brought in, so that the import can be undone while nothing was changed since."""

    run = models.ForeignKey(CaseImport, on_delete=models.CASCADE, related_name="brought_in")
    record_type = models.CharField(max_length=40)
    record_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_type", "record_id"], name="a_record_is_brought_in_once"),
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id}"
