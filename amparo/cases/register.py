"""The register, declared: every kind of record, its columns, and what publishing each of them asks for.

Staff screens, publication, export and the completeness check are worked out from this; a new kind of record is a model
and an entry here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from amparo.cases import models
from amparo.cases.models.publication import PublicationConsent

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from amparo.cases.models.record import Record

Scope = PublicationConsent.Scope


@dataclass(frozen=True, slots=True)
class Column:
    """One column: whether it can ever be public, and which consent that takes."""

    name: str
    #: False for what is never shown: internal notes, contacts, what stands behind a public summary.
    can_be_public: bool = True
    #: What the person has to have agreed to; None where no consent is needed (the deeds of the state).
    scope: PublicationConsent.Scope | None = None
    #: Read by approvers alone, and each reading is on record.
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its model, where it hangs, and its columns in the order of the screens."""

    model: type[Record]
    title: _StrOrPromise
    plural: _StrOrPromise
    columns: tuple[Column, ...]
    #: The way from a row to its case, such as "proceeding__case"; empty for the case itself and what stands alone.
    to_case: str = "case"
    #: The field that names the record above it, which new rows are given.
    parent: str = "case"
    #: Whether it is written on a screen of its own, and shown beside what it belongs to.
    has_own_screen: bool = False

    @property
    def name(self) -> str:
        return self.model.__name__

    def records_of(self, case: models.Case) -> list[Any]:
        """The records of this kind that belong to a case."""
        rows = self.model._default_manager.filter(organization=case.organization_id)
        mine = rows.filter(**{self.to_case: case.pk}) if self.to_case else rows.filter(pk=case.pk)
        return list(mine.distinct())

    def column(self, name: str) -> Column:
        """The column of that name. Raises `KeyError`."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _public(*names: str, scope: PublicationConsent.Scope | None = None) -> tuple[Column, ...]:
    return tuple(Column(name, scope=scope) for name in names)


def _never(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, can_be_public=False) for name in names)


def _restricted(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, can_be_public=False, restricted=True) for name in names)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            models.Case,
            _("Case"),
            _("Cases"),
            (
                *_public("title", "summary", "story"),
                *_public("responsible_state", "target_state"),
                *_never("reference", "slug", "campaign", "aftermath", "closed_on", "internal_note"),
            ),
            to_case="",
            parent="",
        ),
        Kind(
            models.Person,
            _("Person"),
            _("People"),
            (
                *_public("birth_date", "gender", "occupation", "nationality", "about", scope=Scope.NAME),
                *_public("image", scope=Scope.FACE),
            ),
            to_case="cases",
            parent="",
        ),
        Kind(
            models.PersonName,
            _("Name"),
            _("Names"),
            (*_public("text", scope=Scope.NAME), *_never("kind", "language", "position")),
            to_case="person__cases",
            parent="person",
        ),
        Kind(
            models.Relation,
            _("Relation"),
            _("Relations"),
            (*_public("kind", "note", scope=Scope.FAMILY), *_never("other")),
            to_case="person__cases",
            parent="person",
        ),
        Kind(
            models.CustodySpell,
            _("Time in custody"),
            _("Times in custody"),
            (
                *_public("began", "ended", "end", "kind", "authority", "ordered_by", "grounds"),
                *_never("release_terms"),
            ),
        ),
        Kind(
            models.Stay,
            _("Place of detention"),
            _("Places of detention"),
            _public("facility", "began", "ended", scope=Scope.PLACE),
            to_case="spell__case",
            parent="spell",
        ),
        Kind(
            models.Condition,
            _("Condition of detention"),
            _("Conditions of detention"),
            _public("kind", "began", "ended", "description"),
        ),
        Kind(
            models.ConditionOrder,
            _("Order"),
            _("Orders"),
            _public("ordered_on", "until", "authority", "reason_given"),
            to_case="condition__case",
            parent="condition",
        ),
        Kind(
            models.HealthNote,
            _("Note on health"),
            _("Notes on health"),
            (*_public("public_summary", scope=Scope.HEALTH), *_restricted("dated", "assessor", "text")),
        ),
        Kind(
            models.Proceeding,
            _("Proceeding"),
            _("Proceedings"),
            (
                *_public("court", "court_kind", "number", "opened", "closed", scope=Scope.LAW),
                *_never("appeal_of"),
            ),
        ),
        Kind(
            models.Charge,
            _("Charge"),
            _("Charges"),
            (*_public("text", "law", scope=Scope.LAW), *_never("position")),
            to_case="proceeding__case",
            parent="proceeding",
        ),
        Kind(
            models.ChargeUpdate,
            _("What became of it"),
            _("What became of charges"),
            _public("dated", "status", "note", scope=Scope.LAW),
            to_case="charge__proceeding__case",
            parent="charge",
        ),
        Kind(
            models.Hearing,
            _("Hearing"),
            _("Hearings"),
            (*_public("day", "hour", "time_zone", "place", "purpose", "status"), *_never("postponed_to")),
            to_case="proceeding__case",
            parent="proceeding",
        ),
        Kind(
            models.Verdict,
            _("Verdict"),
            _("Verdicts"),
            _public("dated", "outcome", "counts_convicted", "counts_total", "note", scope=Scope.LAW),
            to_case="proceeding__case",
            parent="proceeding",
        ),
        Kind(
            models.Sentence,
            _("Sentence"),
            _("Sentences"),
            _public("kind", "years", "months", "days", "amount", "currency", "note", scope=Scope.LAW),
            to_case="verdict__proceeding__case",
            parent="verdict",
        ),
        Kind(
            models.Development,
            _("Development"),
            _("Timeline"),
            (*_public("dated", "title", "text"), *_never("is_news")),
        ),
        Kind(
            models.Claim,
            _("Claim"),
            _("Claims"),
            _public("subject", "value", "attributed_to", "stance", "verification", "dated"),
        ),
        Kind(
            models.Quotation,
            _("Quotation"),
            _("Quotations"),
            (*_public("words", "speaker", "role", "dated", scope=Scope.WORDS), *_never("is_verbatim")),
        ),
        Kind(
            models.Designation,
            _("Designation"),
            _("Designations"),
            _public("title", "by", "criteria", "dated", "reference"),
        ),
        Kind(
            models.Intervention,
            _("Intervention"),
            _("Who has spoken up"),
            (
                *_public("by", "by_kind", "kind", "dated", "addressed_to", "people", "about"),
                *_public("response", "impact", "status"),
            ),
        ),
        Kind(
            models.Source,
            _("Source"),
            _("Sources"),
            (
                *_public("title", "publisher", "kind", "published", "url", "read_on", "archived_url"),
                *_never("reliability", "archived_sha256", "is_confidential"),
            ),
        ),
        Kind(
            models.Citation,
            _("Citation"),
            _("Citations"),
            (*_public("passage", "page"), *_never("record_type", "record_id", "column")),
            to_case="source__case",
            parent="source",
            has_own_screen=True,
        ),
        Kind(
            models.Contact,
            _("Contact"),
            _("Contacts"),
            _restricted("role", "name", "phone", "email", "safe_way"),
        ),
    )
}


def kind_of(record: Record) -> Kind:
    """The declaration of a record's kind."""
    return KINDS[type(record).__name__]
