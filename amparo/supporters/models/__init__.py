from amparo.supporters.models.consent_record import (
    Channel,
    ConsentRecord,
    ConsentWording,
    LegalBasis,
    Purpose,
)
from amparo.supporters.models.supporter import Supporter, SupporterQuerySet

__all__ = [
    "Channel",
    "ConsentRecord",
    "ConsentWording",
    "LegalBasis",
    "Purpose",
    "Supporter",
    "SupporterQuerySet",
]
