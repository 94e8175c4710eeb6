from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import FingerprintField
from amparo.organizations.models import Organization, TenantQuerySet


class ImportRun(models.Model):
    """A list that is brought in: the file, what staff said about it, how far it has come, and what became of it.

    `rows_done` is the cursor: it is committed together with the rows it counts, so that whoever goes on after a crash
    begins exactly there. The file itself lies sealed beside the database (`importing/sealed_file.py`).
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Being prepared")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked, not started")
        RUNNING = "running", _("Being brought in")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Stopped half-way")
        DONE = "done", _("Brought in")
        FAILED = "failed", _("Could not be read")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    class Existing(models.TextChoices):
        FILL = "fill", _("Only fill what is empty")
        UPDATE = "update", _("Replace what differs")

    #: In these a worker has something to do, and only in these may one have taken it.
    WORKING = [State.CHECKING, State.RUNNING, State.UNDOING]
    #: In these something may have been written, which can be undone.
    UNDOABLE = [State.PAUSED, State.CANCELLED, State.DONE, State.FAILED]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="import_runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    source = models.SlugField(max_length=40, blank=True)
    file_name = models.CharField(max_length=200)
    file_size = models.PositiveBigIntegerField()
    file_mark = FingerprintField(null=True, editable=False)
    file_kept_until = models.DateTimeField()
    file_removed_at = models.DateTimeField(null=True)
    encoding = models.CharField(max_length=20, blank=True, help_text=_("Empty: found out from the file."))
    columns = models.JSONField(default=list, help_text=_("What each column of the file is, in its order."))
    answer = models.JSONField(default=dict, help_text=_("What these people agreed to, as staff answered."))
    existing = models.CharField(max_length=6, choices=Existing.choices, default=Existing.FILL)
    tags = models.JSONField(default=list, help_text=_("Names of tags that everybody on the list gets."))
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=10, blank=True)
    rows_total = models.PositiveIntegerField(null=True)
    rows_done = models.PositiveIntegerField(default=0)
    forecast = models.JSONField(default=dict, help_text=_("What the dry run counted."))
    counts = models.JSONField(default=dict, help_text=_("What was written so far."))
    undone_counts = models.JSONField(default=dict)
    trouble = models.CharField(max_length=300, blank=True)
    claimed_by = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    made_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)
    checked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "draft",
                        "checking",
                        "checked",
                        "running",
                        "paused",
                        "cancelled",
                        "done",
                        "failed",
                        "undoing",
                        "undone",
                    ]
                ),
                name="an_import_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=models.Q(claimed_by__isnull=True, claimed_until__isnull=True)
                | models.Q(
                    claimed_by__isnull=False,
                    claimed_until__isnull=False,
                    state__in=["checking", "running", "undoing"],
                ),
                name="only_an_import_at_work_is_claimed",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "checking", "failed"])
                | models.Q(checked_at__isnull=False),
                name="an_import_is_checked_before_it_runs",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(rows_done=models.F("rows_total")),
                name="an_import_is_done_at_its_last_row",
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(state__in=["running", "undoing"]),
                name="one_import_of_an_organization_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "claimed_until"], name="imports_to_work_on")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING

    @property
    def has_file(self) -> bool:
        return self.file_removed_at is None
