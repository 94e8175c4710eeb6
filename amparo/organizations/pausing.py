"""The two wide pause switches: one organization's, and the whole installation's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.organizations.models import Installation, Organization

if TYPE_CHECKING:
    from datetime import datetime


def pause_installation(*, because: str, now: datetime) -> None:
    """Stop all sending from this server, as a restored copy does by itself."""
    Installation.objects.update_or_create(
        pk=1, defaults={"sending_paused_at": now, "paused_because": because}
    )


def resume_installation() -> None:
    Installation.objects.update_or_create(pk=1, defaults={"sending_paused_at": None, "paused_because": ""})


def installation_is_paused() -> bool:
    return Installation.objects.filter(sending_paused_at__isnull=False).exists()


def pause_organization(*, organization: Organization, now: datetime) -> bool:
    """True when this call paused it, False when it was paused before."""
    return bool(Organization.objects.filter(pk=organization.pk).may_send().update(sending_paused_at=now))


def resume_organization(*, organization: Organization) -> bool:
    return bool(
        Organization.objects.filter(pk=organization.pk, sending_paused_at__isnull=False).update(
            sending_paused_at=None
        )
    )
