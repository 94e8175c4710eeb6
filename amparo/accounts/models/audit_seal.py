from __future__ import annotations

from django.db import models

from amparo.kit.sealed_fields import FingerprintField


class AuditSeal(models.Model):
    """One link of the chain over the audit trail: what stood there when it was sealed, and all that stood before.

    Append-only. The chain is made afterwards, in the background, so that nobody waits for it while writing
    (`accounts/audit_chain.py`); `position` counts without gaps.
    """

    position = models.PositiveBigIntegerField(primary_key=True)
    entry_id = models.UUIDField(unique=True)
    mac = FingerprintField()
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.position}"
