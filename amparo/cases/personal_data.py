"""What the register keeps about people in prison and those around them (see `kit/personal_data.py`).

They are no supporters, and nobody is found in it by an address: what is kept of them is theirs to see, to put right and
to have taken down through whoever follows their case (`docs/campaign/cases.md`).
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from amparo.cases.importing.stored_file import KEPT
from amparo.kit.personal_data import Kind, Rule, Term, Use, Who, declare, deleted, rules

TO_FOLLOW = _("To follow a person in prison until release, and to be able to prove what is said of them.")
WITH_THE_CASE = Term(
    _("As long as the case is followed, and until the person or their family ask otherwise.")
)
#: What every record has.
_FRAME = ("id", "organization", "entered_at", "changed_at")


def _declare(model: str, title: object, columns: dict[Kind, str], frame: str = "") -> None:
    """One record of the register: kinds of data, each with its columns; `frame` names what only holds it together."""
    fields: list[list[Use]] = [deleted(kind, *names.split()) for kind, names in columns.items()]
    fields.append(deleted(Kind.TECHNICAL, *_FRAME, *frame.split()))
    declare(
        f"cases.{model}",
        title=title,  # type: ignore[arg-type]
        about=Who.CASE,
        why=TO_FOLLOW,
        kept=WITH_THE_CASE,
        fields=fields,
    )


_declare(
    "Person",
    _("People in the register"),
    {Kind.IDENTITY: "birth_date gender occupation nationality about image"},
)
_declare("PersonName", _("Their names"), {Kind.IDENTITY: "text kind language"}, "person position")
_declare("Relation", _("Who belongs together"), {Kind.IDENTITY: "kind note"}, "person other")
_declare(
    "Case",
    _("Cases"),
    {Kind.WORDS: "title summary story internal_note", Kind.JUSTICE: "responsible_state target_state"},
    "person campaign reference slug aftermath closed_on",
)
_declare(
    "Contact",
    _("How family and lawyers are reached"),
    {Kind.CONTACT: "name role phone email safe_way"},
    "case",
)
_declare(
    "CustodySpell",
    _("Times in custody"),
    {Kind.JUSTICE: "began ended end kind authority ordered_by grounds release_terms"},
    "case",
)
_declare("Stay", _("Places of detention"), {Kind.PLACE: "facility", Kind.JUSTICE: "began ended"}, "spell")
_declare("Condition", _("Conditions of detention"), {Kind.JUSTICE: "kind began ended description"}, "case")
_declare(
    "ConditionOrder", _("Orders"), {Kind.JUSTICE: "ordered_on until authority reason_given"}, "condition"
)
_declare("HealthNote", _("Notes on health"), {Kind.HEALTH: "dated assessor text public_summary"}, "case")
_declare(
    "Proceeding", _("Proceedings"), {Kind.JUSTICE: "court court_kind number opened closed"}, "case appeal_of"
)
_declare("Charge", _("Charges"), {Kind.JUSTICE: "text law"}, "proceeding position")
_declare("ChargeUpdate", _("What became of charges"), {Kind.JUSTICE: "dated status note"}, "charge")
_declare(
    "Hearing",
    _("Hearings"),
    {Kind.JUSTICE: "day hour time_zone place purpose status"},
    "proceeding postponed_to revision",
)
_declare(
    "Verdict",
    _("Verdicts"),
    {Kind.JUSTICE: "dated outcome counts_convicted counts_total note"},
    "proceeding",
)
_declare("Sentence", _("Sentences"), {Kind.JUSTICE: "kind years months days amount currency note"}, "verdict")
_declare(
    "Source",
    _("Sources"),
    {Kind.WORDS: "title publisher url archived_url"},
    "case kind reliability published read_on archived_sha256 is_confidential"
    " link_due_at link_answer link_failed_on link_failures",
)
_declare(
    "Citation", _("What proves what"), {Kind.WORDS: "passage"}, "source record_type record_id column page"
)
_declare(
    "Claim",
    _("Claims"),
    {Kind.WORDS: "subject value attributed_to", Kind.JUSTICE: "stance verification dated"},
    "case",
)
_declare("Quotation", _("Quotations"), {Kind.WORDS: "words speaker role dated is_verbatim"}, "case")
_declare(
    "Intervention",
    _("Who spoke up"),
    {Kind.WORDS: "by addressed_to about", Kind.JUSTICE: "by_kind kind dated people response impact status"},
    "case",
)
_declare("Development", _("Timeline"), {Kind.WORDS: "title text", Kind.JUSTICE: "dated is_news"}, "case")
_declare(
    "PublicationConsent",
    _("Consents to publish"),
    {Kind.CONSENT: "giver capacity scopes way language given_on until withdrawn_on kept_at"},
    "person",
)
_declare(
    "SourceFile",
    _("Copies of sources"),
    {Kind.WORDS: "name captured_by captured_from captured_how"},
    "source media_type size pages sha256 captured_at entered_by redacted_from redaction",
)
_declare(
    "CaseImport",
    _("Spreadsheets of cases"),
    {Kind.WORDS: "file_name problems"},
    "by started_by state existing counts file_removed_at cases_total cases_done claimed_by claimed_until faults",
)
_declare("SafetyCheck", _("Safety checks"), {Kind.WORDS: "answers"}, "case checked_by checked_on")


def _forget_spreadsheets(*, now: datetime) -> int:
    # This file is read while apps are being made ready, when forms cannot be loaded yet.
    from amparo.cases.importing.running import forget_old

    return forget_old(now=now)


rules.register("case-imports")(
    Rule(_("spreadsheets of cases that were not brought in"), KEPT, _forget_spreadsheets)
)
