from amparo.supporters.models.address_change import AddressChange, LinkRequest
from amparo.supporters.models.bulk_change import BulkChange
from amparo.supporters.models.complaint import Complaint
from amparo.supporters.models.consent_record import (
    Channel,
    ConsentRecord,
    ConsentWording,
    LegalBasis,
    Origin,
    Purpose,
)
from amparo.supporters.models.custom_field import CustomField, CustomValue
from amparo.supporters.models.export_request import ExportRequest
from amparo.supporters.models.import_run import ImportRun
from amparo.supporters.models.import_trace import ImportChange, ImportChunk, ImportProblem
from amparo.supporters.models.note import Note
from amparo.supporters.models.saved_mapping import SavedMapping
from amparo.supporters.models.segment import Segment
from amparo.supporters.models.supporter import Merge, OtherAddress, Supporter, SupporterQuerySet
from amparo.supporters.models.suppression import InstallationSuppression, Suppression
from amparo.supporters.models.tag import Tag, Tagging
from amparo.supporters.models.tombstone import Tombstone

__all__ = [
    "AddressChange",
    "BulkChange",
    "Channel",
    "Complaint",
    "ConsentRecord",
    "ConsentWording",
    "CustomField",
    "CustomValue",
    "ExportRequest",
    "ImportChange",
    "ImportChunk",
    "ImportProblem",
    "ImportRun",
    "InstallationSuppression",
    "LegalBasis",
    "LinkRequest",
    "Merge",
    "Note",
    "Origin",
    "OtherAddress",
    "Purpose",
    "SavedMapping",
    "Segment",
    "Supporter",
    "SupporterQuerySet",
    "Suppression",
    "Tag",
    "Tagging",
    "Tombstone",
]
