"""Cases of people in prison; everybody is invented."""

from __future__ import annotations

from datetime import date

from amparo.cases.models import (
    Case,
    Condition,
    CustodySpell,
    Person,
    PersonName,
    PublicationConsent,
    SafetyCheck,
)
from amparo.organizations.models import Organization
from tests.factories.moments import NOW


def a_person(organization: Organization, *names: str, now=NOW, **fields) -> Person:
    """Somebody of this name, or of these names."""
    person = Person.objects.create(organization=organization, entered_at=now, changed_at=now, **fields)
    for position, name in enumerate(names or ["Ilan Sarr"]):
        PersonName.objects.create(
            organization=organization,
            person=person,
            text=name,
            position=position,
            entered_at=now,
            changed_at=now,
        )
    return person


def a_case(organization: Organization, *, person: Person | None = None, now=NOW, **fields) -> Case:
    """A case with nothing in it yet."""
    fields.setdefault("reference", "IS-1")
    fields.setdefault("slug", "ilan-sarr")
    fields.setdefault("title", "Ilan Sarr, printer")
    return Case.objects.create(
        organization=organization,
        person=person or a_person(organization, birth_date="1994-05"),
        entered_at=now,
        changed_at=now,
        **fields,
    )


def a_spell(case: Case, began: str, ended: str = "", *, now=NOW, **fields) -> CustodySpell:
    """Time in custody; ended by a release unless told otherwise."""
    if ended:
        fields.setdefault("end", "released")
    return CustodySpell.objects.create(
        organization=case.organization,
        case=case,
        began=began,
        ended=ended,
        entered_at=now,
        changed_at=now,
        **fields,
    )


def a_condition(case: Case, began: str, ended: str = "", *, kind="solitary", now=NOW, **fields) -> Condition:
    return Condition.objects.create(
        organization=case.organization,
        case=case,
        kind=kind,
        began=began,
        ended=ended,
        entered_at=now,
        changed_at=now,
        **fields,
    )


def a_publication_consent(person: Person, *scopes: str, now=NOW, **fields) -> PublicationConsent:
    """The person's own consent, by letter, to publishing these."""
    fields.setdefault("given_on", date(2026, 6, 1))
    return PublicationConsent.objects.create(
        organization=person.organization,
        person=person,
        giver=fields.pop("giver", "Ilan Sarr"),
        capacity="self",
        scopes=list(scopes),
        way="A letter through his lawyer",
        entered_at=now,
        changed_at=now,
        **fields,
    )


def a_safety_check(case: Case, *, by, now=NOW) -> SafetyCheck:
    return SafetyCheck.objects.create(
        organization=case.organization,
        case=case,
        answers="{}",
        checked_by=by,
        checked_on=now.date(),
        entered_at=now,
        changed_at=now,
    )


def publish(record, *columns: str, case: Case, asked_by, agreed_by, consent=None, now=NOW) -> None:
    """Ask for and agree to each of these columns."""
    from amparo.cases import publishing, register

    for column in columns:
        scope = register.kind_of(record).column(column).scope if consent else None
        clearance = publishing.ask(
            record=record,
            column=column,
            reason="Readers should know.",
            consent=consent if scope else None,
            case=case,
            by=asked_by,
            now=now,
        )
        publishing.agree(clearance=clearance, by=agreed_by, now=now)


def a_development(case: Case, dated: str, title: str, *, now=NOW, **fields):
    from amparo.cases.models import Development

    return Development.objects.create(
        organization=case.organization,
        case=case,
        dated=dated,
        title=title,
        entered_at=now,
        changed_at=now,
        **fields,
    )


def a_hearing(case: Case, day, *, now=NOW, **fields):
    """A hearing before the district court."""
    from amparo.cases.models import Hearing, Proceeding

    proceeding = case.proceedings.first() or Proceeding.objects.create(
        organization=case.organization, case=case, court="District court", entered_at=now, changed_at=now
    )
    return Hearing.objects.create(
        organization=case.organization,
        proceeding=proceeding,
        day=day,
        entered_at=now,
        changed_at=now,
        **fields,
    )


def a_figure(organization: Organization, key="held", *, now=NOW, **fields):
    """A figure with its day and its source."""
    from amparo.cases.models import Figure, Source

    source = fields.pop("source", None) or Source.objects.create(
        organization=organization, title="Report of the Bar", entered_at=now, changed_at=now
    )
    fields.setdefault("value", 31)
    fields.setdefault("unit", "people held without trial")
    fields.setdefault("as_of", "2026-10")
    return Figure.objects.create(
        organization=organization, key=key, source=source, entered_at=now, changed_at=now, **fields
    )


def a_case_page(case: Case, *, title="A case", slug="a-case"):
    """A live page for the case, below the front page."""
    from amparo.cases.models import CasePage
    from tests.factories.pages import a_site

    page = CasePage(title=title, slug=slug, case=case)
    a_site(case.organization).add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def a_source(organization: Organization, *, case: Case | None = None, now=NOW, **fields):
    """A press report; of a case, or shared by figures and laws."""
    from amparo.cases.models import Source

    fields.setdefault("title", "The Alvenia Courier, “Printer taken”")
    fields.setdefault("kind", "press")
    return Source.objects.create(
        organization=organization, case=case, entered_at=now, changed_at=now, **fields
    )


def a_citation(source, record, column="", *, now=NOW, **fields):
    """Of a source, for a record or one column of it."""
    from amparo.cases.models import Citation

    return Citation.objects.create(
        organization=source.organization,
        source=source,
        record_type=type(record).__name__,
        record_id=record.pk,
        column=column,
        entered_at=now,
        changed_at=now,
        **fields,
    )


def an_intervention(case: Case, by="Four senators", *, now=NOW, **fields):
    """A letter of theirs."""
    from amparo.cases.models import Intervention

    fields.setdefault("kind", "letter")
    return Intervention.objects.create(
        organization=case.organization, case=case, by=by, entered_at=now, changed_at=now, **fields
    )


def a_law(organization: Organization, name="Press Bill", *, now=NOW, **fields):
    """A bill before parliament, with its source."""
    from amparo.cases.models import Legislation

    fields.setdefault(
        "source", a_source(organization, title="Gazette 12") if "source" not in fields else None
    )
    fields.setdefault("state", "FR")
    fields.setdefault("about", "Licences for printers.")
    fields.setdefault("stage", "introduced")
    fields.setdefault("as_of", "2026-10")
    return Legislation.objects.create(
        organization=organization, name=name, entered_at=now, changed_at=now, **fields
    )


def a_claim(case: Case, *, now=NOW, **fields):
    """What somebody says is so."""
    from amparo.cases.models import Claim

    fields.setdefault("subject", "The arrest")
    return Claim.objects.create(
        organization=case.organization, case=case, entered_at=now, changed_at=now, **fields
    )


def a_quotation(case: Case, *, now=NOW, **fields):
    """Somebody's words."""
    from amparo.cases.models import Quotation

    return Quotation.objects.create(
        organization=case.organization, case=case, entered_at=now, changed_at=now, **fields
    )
