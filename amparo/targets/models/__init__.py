from amparo.targets.models.area import Area, AreaSet
from amparo.targets.models.contact_health import ContactFailure, ContactOverride, MistakeReport
from amparo.targets.models.dataset import (
    ActiveDataset,
    Dataset,
    DatasetQuerySet,
    LegislatureOverride,
    PostcodeOverride,
)
from amparo.targets.models.target import ContactPoint, Legislature, Membership, Person, Post

__all__ = [
    "ActiveDataset",
    "Area",
    "AreaSet",
    "ContactFailure",
    "ContactOverride",
    "ContactPoint",
    "Dataset",
    "DatasetQuerySet",
    "Legislature",
    "LegislatureOverride",
    "Membership",
    "MistakeReport",
    "Person",
    "Post",
    "PostcodeOverride",
]
