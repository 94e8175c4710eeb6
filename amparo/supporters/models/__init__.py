from amparo.supporters.models.attempt_count import AttemptCount, SpentProof
from amparo.supporters.models.consent_record import Channel, ConsentRecord, ConsentWording, LegalBasis, Purpose
from amparo.supporters.models.supporter import Supporter, SupporterQuerySet

__all__ = [
    "AttemptCount",
    "Channel",
    "ConsentRecord",
    "ConsentWording",
    "LegalBasis",
    "Purpose",
    "SpentProof",
    "Supporter",
    "SupporterQuerySet",
]
