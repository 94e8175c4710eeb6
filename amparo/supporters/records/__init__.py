"""Documents that the law asks for, worked out from the declarations of what is kept (`kit/personal_data.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string

from amparo.kit.personal_data import Declaration, Kind, Who, declarations
from amparo.kit.sealed_fields import SealedTextField

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Record:
    """One document: what it says for programs, and in words (Markdown)."""

    name: str
    data: dict[str, Any]

    @property
    def markdown(self) -> str:
        return render_to_string(f"supporters/records/{self.name}.txt", self.data).strip() + "\n"


#: Whom the groups of data are about, as a record says it.
SUBJECTS = {
    Who.SUPPORTER: "people who sign, write, subscribe or are on a list that was brought in",
    Who.STAFF: "staff and volunteers who sign in",
    Who.CASE: "people in prison and those around them, in the case register",
    Who.OFFICE: "holders of public office, from published sources, and the organization itself",
}
#: The kinds of data in words.
KINDS = {
    Kind.IDENTITY: "names and roles",
    Kind.CONTACT: "addresses and telephone numbers",
    Kind.PLACE: "postcode, street address, constituency, country",
    Kind.OPINION: "political opinion: what somebody stood up for (GDPR Art. 9)",
    Kind.WORDS: "letters, comments, notes and answers",
    Kind.HEALTH: "health (GDPR Art. 9)",
    Kind.JUSTICE: "accusations, custody, court and sentence (GDPR Art. 10)",
    Kind.CONSENT: "what was agreed to, when and to which words",
    Kind.TECHNICAL: "numbers, states and moments",
    Kind.NOT_PERSONAL: "nothing about the person",
}


def about(organization: Organization, *, now: datetime) -> dict[str, Any]:
    """Who answers for the data, as every document begins."""
    return {
        "made_on": now.date().isoformat(),
        "controller": {
            "name": organization.name,
            "contact": organization.contact_email,
            "address": organization.postal_address,
            "jurisdiction": organization.get_jurisdiction_display(),
        },
    }


def groups() -> list[dict[str, Any]]:
    """What is kept, one entry for each model that holds something about a person."""
    return [group_of(declaration) for declaration in declarations(*SUBJECTS)]


def group_of(declaration: Declaration) -> dict[str, Any]:
    """What is kept in one model: about whom, of which kinds, why, how long, and what of it is sealed."""
    return {
        "model": declaration.label,
        "title": str(declaration.title),
        "subjects": SUBJECTS.get(declaration.about, "nobody: keyed marks that lead to no one"),
        "kinds": [{"kind": str(kind), "words": KINDS[kind]} for kind in declaration.kinds],
        "sealed": sealed_columns(declaration),
        "why": str(declaration.why),
        "kept": str(declaration.kept.says),
        "kept_days": declaration.kept.kept.days if declaration.kept.kept else None,
    }


def sealed_columns(declaration: Declaration) -> list[str]:
    """Columns that nobody reads without the key file."""
    fields = declaration.model._meta.concrete_fields
    return [field.name for field in fields if isinstance(field, SealedTextField)]
