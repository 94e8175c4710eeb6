"""What the register does when rows of its own go."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver

from amparo.cases import evidence_files
from amparo.cases.models import SourceFile


@receiver(post_delete, sender=SourceFile)
def forget_bytes(instance: SourceFile, **_signal: Any) -> None:
    """A file goes with its source, or by itself: no bytes stay behind without their row."""
    evidence_files.forget_bytes(instance)
