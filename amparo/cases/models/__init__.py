from amparo.cases.models.case import Case, Contact
from amparo.cases.models.case_import import CaseImport, ImportedRecord
from amparo.cases.models.case_page import CaseIndexPage, CasePage
from amparo.cases.models.custody import Condition, ConditionOrder, CustodySpell, HealthNote, Stay
from amparo.cases.models.dismissal import Dismissal
from amparo.cases.models.evidence import (
    Citation,
    Claim,
    Designation,
    Development,
    Figure,
    FigureCorrection,
    Legislation,
    Quotation,
    Source,
)
from amparo.cases.models.intervention import Intervention
from amparo.cases.models.person import Person, PersonName, Relation
from amparo.cases.models.proceeding import Charge, ChargeUpdate, Hearing, Proceeding, Sentence, Verdict
from amparo.cases.models.publication import Clearance, PublicationConsent, SafetyCheck
from amparo.cases.models.source_file import SourceFile

__all__ = [
    "Case",
    "CaseImport",
    "CaseIndexPage",
    "CasePage",
    "Charge",
    "ChargeUpdate",
    "Citation",
    "Claim",
    "Clearance",
    "Condition",
    "ConditionOrder",
    "Contact",
    "CustodySpell",
    "Designation",
    "Development",
    "Dismissal",
    "Figure",
    "FigureCorrection",
    "HealthNote",
    "Hearing",
    "ImportedRecord",
    "Intervention",
    "Legislation",
    "Person",
    "PersonName",
    "Proceeding",
    "PublicationConsent",
    "Quotation",
    "Relation",
    "SafetyCheck",
    "Sentence",
    "Source",
    "SourceFile",
    "Stay",
    "Verdict",
]
