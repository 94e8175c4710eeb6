from amparo.organizations.models.attempt_count import AttemptCount, SpentProof
from amparo.organizations.models.organization import (
    Installation,
    Jurisdiction,
    Organization,
    OrganizationQuerySet,
    TenantQuerySet,
)

__all__ = [
    "AttemptCount",
    "Installation",
    "Jurisdiction",
    "Organization",
    "OrganizationQuerySet",
    "SpentProof",
    "TenantQuerySet",
]
