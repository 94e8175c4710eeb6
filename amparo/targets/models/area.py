from __future__ import annotations

from django.db import models

from amparo.kit.ids import new_id
from amparo.targets.models.dataset import Dataset


class AreaSet(models.Model):
    """One drawing of the map: the seats that sit now, or those that the next election will fill."""

    class Role(models.TextChoices):
        SITTING = "sitting", "sitting"
        NEXT = "next", "next"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="area_sets")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=500)
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.SITTING)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    source = models.TextField(blank=True)
    licence = models.TextField(blank=True)
    crs = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "code"], name="one_area_set_per_code")]

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    """A constituency, district or country. Known by its set and its official code, never by its name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="areas")
    area_set = models.ForeignKey(AreaSet, on_delete=models.CASCADE, related_name="areas")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=500)
    names = models.JSONField(default=dict)
    identifiers = models.JSONField(default=dict)
    classification = models.CharField(max_length=60, blank=True)
    parent_set_code = models.CharField(max_length=60, blank=True)
    parent_code = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["area_set", "code"], name="one_area_per_code_in_a_set")
        ]
        indexes = [models.Index(fields=["dataset", "code"], name="area_by_code")]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        return str(self.names.get(language, self.name))
