from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.kit.ids import new_id
from amparo.organizations.models import Organization


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def active(self) -> Self:
        return self.filter(active_for__isnull=False)

    def visible_to(self, organization: Organization) -> Self:
        """Published data belongs to everybody; what was typed or uploaded belongs to its organization."""
        return self.filter(models.Q(organization__isnull=True) | models.Q(organization=organization))


class Dataset(models.Model):
    """One version of one country's (or list's) targets, loaded whole or not at all.

    `ActiveDataset` points at the version in use. A version is never edited: the next one is staged, compared and
    activated. The exception is what staff typed by hand, which has `by_hand` and a new `changed_at` for each edit.

    `counts` says how many of what were loaded, `reach` how many postcodes lead to each area: a table that sends
    everybody next door shows there. `problems` are the first of `problem_count` rows that a person should look at.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="target_datasets"
    )
    title = models.CharField(max_length=500)
    country = models.CharField(max_length=2, blank=True)
    source = models.TextField(blank=True)
    licence = models.TextField(blank=True)
    credits = models.JSONField(default=list)
    published_on = models.DateField(null=True, blank=True)
    input_hash = models.CharField(max_length=64)
    by_hand = models.BooleanField(default=False)
    postcode_format = models.CharField(max_length=20, blank=True)
    postcode_area_set = models.CharField(max_length=60, blank=True)
    postcode_reach = models.CharField(
        max_length=8, choices=[("exact", "exact"), ("hint", "hint")], default="exact",
        help_text="A hint names a larger area whose children are the candidates.",
    )  # fmt: skip
    has_postcodes = models.BooleanField(default=False)
    counts = models.JSONField(default=dict)
    reach = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    problem_count = models.PositiveIntegerField(default=0)
    error_count = models.PositiveIntegerField(default=0)
    staged_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, editable=False)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ["slug", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="one_dataset_per_slug_and_version")
        ]

    def __str__(self) -> str:
        return f"{self.slug} {self.version}"

    @property
    def label(self) -> str:
        return f"{self.slug}/{self.version}"


class ActiveDataset(models.Model):
    """The pointer: which version of `slug` answers. Swapping it is one UPDATE."""

    slug = models.SlugField(max_length=40, primary_key=True)
    dataset = models.OneToOneField(Dataset, on_delete=models.PROTECT, related_name="active_for")
    activated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class PostcodeOverride(models.Model):
    """Staff know better than the source: this postcode is in that area. It wins over every index."""

    slug = models.SlugField(max_length=40)
    postcode = models.CharField(max_length=12, help_text=_("Without spaces, in capitals."))
    area_code = models.CharField(max_length=60)
    reason = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )
    recorded_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug", "postcode"], name="one_override_per_postcode")]

    def __str__(self) -> str:
        return f"{self.slug} {self.postcode}: {self.area_code}"


class LegislatureOverride(models.Model):
    """Staff know that a parliament is dissolved, or sits again, before any source says so."""

    slug = models.SlugField(max_length=40)
    legislature_code = models.CharField(max_length=40)
    state = models.CharField(
        max_length=10,
        choices=[
            ("sitting", _("sitting")),
            ("dissolved", _("dissolved")),
            ("between", _("between elections")),
        ],
    )
    since = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )
    recorded_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "legislature_code"], name="one_override_per_legislature")
        ]

    def __str__(self) -> str:
        return f"{self.slug} {self.legislature_code}: {self.state}"
