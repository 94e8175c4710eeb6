"""What this floor keeps about people, column by column (see `kit/personal_data.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from amparo.kit import addresses
from amparo.kit.personal_data import Kind, Person, Rule, Term, Who, declare, deleted, rules, stays, withheld
from amparo.organizations.models import Organization
from amparo.targets import forgetting
from amparo.targets.models import MistakeReport
from amparo.targets.retention import REPORTS_KEPT

if TYPE_CHECKING:
    from django.db.models import QuerySet

TO_REACH_OFFICES = _(
    "So that letters reach the office that answers for a place, with the right form of address."
)
WITH_ITS_VERSION = Term(_("With its version of the data, of which three are kept."))
UNTIL_REMOVED = Term(_("Until staff remove it."))


def _reports(person: Person) -> QuerySet[MistakeReport]:
    """Reports with one of this person's addresses; there are few, so each is unsealed and compared."""
    theirs = {addresses.canonical(address) for address in person.addresses}
    reports = MistakeReport.objects.for_organization(Organization(pk=person.organization_id))
    left = reports.filter(email__isnull=False).only("organization_id", "email")
    found = [report.pk for report in left if _canonical(report.email or "") in theirs]
    return reports.filter(pk__in=found)


def _canonical(email: str) -> str:
    """The canonical form of what a reader typed, which may be no address at all."""
    try:
        return addresses.canonical(email)
    except addresses.MalformedAddress:
        return ""


declare(
    "targets.MistakeReport",
    title=_("Mistakes you told us of"),
    about=Who.SUPPORTER,
    finder=_reports,
    why=_("To mend what is wrong about an office, and to answer you."),
    kept=Term(_("Three months after somebody looked at it, and never longer than a year."), REPORTS_KEPT),
    fields=[
        deleted(Kind.WORDS, what=_("What is wrong")),
        deleted(Kind.CONTACT, email=_("E-mail address")),
        deleted(Kind.NOT_PERSONAL, target_key=_("About")),
        deleted(Kind.TECHNICAL, "id", "organization", "dataset_label"),
        deleted(Kind.TECHNICAL, reported_at=_("When"), settled_at=_("Settled")),
        withheld(deleted(Kind.IDENTITY, "settled_by")),
    ],
)

declare(
    "targets.Person",
    title=_("People in office"),
    about=Who.OFFICE,
    why=TO_REACH_OFFICES,
    kept=WITH_ITS_VERSION,
    fields=[
        stays(Kind.IDENTITY, "name", "given_name", "family_name", "honorific_prefix", "honorific_suffix"),
        stays(Kind.IDENTITY, "gender", "salutations", "identifiers", "languages"),
        stays(Kind.TECHNICAL, "id", "dataset", "code"),
    ],
)

declare(
    "targets.Membership",
    title=_("Who holds which office"),
    about=Who.OFFICE,
    why=TO_REACH_OFFICES,
    kept=WITH_ITS_VERSION,
    fields=[
        stays(Kind.OPINION, "party", "party_name"),
        stays(Kind.IDENTITY, "post", "person", "status", "start", "end", "note"),
        stays(Kind.TECHNICAL, "id", "dataset", "flags"),
    ],
)

declare(
    "targets.ContactPoint",
    title=_("Public addresses of offices"),
    about=Who.OFFICE,
    why=TO_REACH_OFFICES,
    kept=WITH_ITS_VERSION,
    fields=[
        stays(Kind.CONTACT, "value", "type", "note", "office"),
        stays(Kind.TECHNICAL, "id", "dataset", "person", "post", "membership", "position"),
        stays(Kind.TECHNICAL, "accepts", "requires", "verified_on"),
    ],
)

declare(
    "targets.ContactOverride",
    title=_("Addresses of offices that staff know to be better"),
    about=Who.OFFICE,
    why=TO_REACH_OFFICES,
    kept=UNTIL_REMOVED,
    fields=[
        stays(Kind.CONTACT, "type", "value", "reason"),
        stays(Kind.TECHNICAL, "id", "organization", "target_key", "recorded_by", "recorded_at"),
    ],
)

declare(
    "targets.ContactFailure",
    title=_("Addresses of offices that refused a letter"),
    about=Who.OFFICE,
    why=TO_REACH_OFFICES,
    kept=Term(_("Until staff trust the address again.")),
    fields=[
        stays(Kind.CONTACT, "address"),
        stays(Kind.TECHNICAL, "id", "letter_id", "reason", "failed_at"),
    ],
)

rules.register("reports")(Rule(_("reports of mistakes"), REPORTS_KEPT, forgetting.forget_reports))
