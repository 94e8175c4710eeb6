"""Each organization's data key: wrapped by the master key, unwrapped in memory, never stored in the clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.kit import sealing
from amparo.organizations.models import Organization

if TYPE_CHECKING:
    from uuid import UUID


def _aad(organization_id: UUID) -> str:
    return f"data-key|{organization_id}"


def make_wrapped_key(*, organization_id: UUID) -> bytes:
    """A new data key for an organization that is being founded, wrapped for its row."""
    return sealing.wrap(sealing.new_data_key(), aad=_aad(organization_id))


def data_key(organization_id: UUID) -> sealing.DataKey:
    """The key that seals this organization's personal columns.

    Raises `Organization.DoesNotExist` and `sealing.Unsealable` (the master key file is not the one it was
    wrapped with).
    """
    wrapped = Organization.objects.values_list("wrapped_data_key", flat=True).get(pk=organization_id)
    return sealing.DataKey(sealing.unwrap(bytes(wrapped), aad=_aad(organization_id)))


def rewrap_all() -> int:
    """Wrap every data key with the current master key; the count of those that changed.

    Run after a new key was put on the first line of the master key file; the old line may go once this returned.
    Each row is replaced only if it still holds what was read, so that two runs at once cannot lose a key.
    """
    changed = 0
    for pk, wrapped in Organization.objects.values_list("pk", "wrapped_data_key"):
        renewed = sealing.rewrap(bytes(wrapped), aad=_aad(pk))
        if renewed is not None:
            changed += Organization.objects.filter(pk=pk, wrapped_data_key=wrapped).update(
                wrapped_data_key=renewed
            )
    return changed
