from amparo.organizations.models.organization import (
    Installation,
    Jurisdiction,
    Organization,
    OrganizationQuerySet,
    TenantQuerySet,
)

__all__ = ["Installation", "Jurisdiction", "Organization", "OrganizationQuerySet", "TenantQuerySet"]
