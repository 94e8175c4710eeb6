from __future__ import annotations

from django.db import models

from amparo.kit.ids import new_id
from amparo.organizations.models import Organization, TenantQuerySet
from amparo.supporters.models.supporter import Supporter


class Tag(models.Model):
    """A word under which staff file supporters. It is no place for secrets: tags are kept in the clear."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="supporter_tags")
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_tag_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """A supporter filed under a tag."""

    id = models.BigAutoField(primary_key=True)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings")
    supporter = models.ForeignKey(Supporter, on_delete=models.CASCADE, related_name="taggings")
    tagged_at = models.DateTimeField(editable=False)
    change = models.ForeignKey(
        "supporters.BulkChange", on_delete=models.SET_NULL, null=True, editable=False, related_name="taggings"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tag", "supporter"], name="a_supporter_has_a_tag_once"),
        ]

    def __str__(self) -> str:
        return f"tagging {self.pk}"
