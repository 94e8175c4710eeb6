"""What this floor keeps about people, column by column (see `kit/personal_data.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from amparo.kit.personal_data import (
    Kind,
    Person,
    Rule,
    Term,
    Who,
    declare,
    deleted,
    emptied,
    rules,
    stays,
    withheld,
)
from amparo.organizations.models import Organization
from amparo.supporters import changing_address, linking, suppression
from amparo.supporters.identity import installation_mark_of
from amparo.supporters.models import LinkRequest, Suppression
from amparo.supporters.retention import AS_A_BAR, AS_PROOF, UNTIL_ANONYMIZED, WITH_THE_PERSON

if TYPE_CHECKING:
    from django.db.models import QuerySet

TO_KNOW_YOU = _("To know who took part, to answer, and to write to you if you agreed to that.")
TO_WORK_TOGETHER = _("To find the people whom a message is for, and to remember what you told us.")

declare(
    "supporters.Supporter",
    title=_("You"),
    about=Who.SUPPORTER,
    path="pk",
    why=TO_KNOW_YOU,
    kept=UNTIL_ANONYMIZED,
    stamp="anonymized_at",
    fields=[
        emptied(Kind.IDENTITY, given_name=_("First name"), family_name=_("Last name")),
        emptied(Kind.CONTACT, email=_("E-mail address"), phone=_("Telephone")),
        emptied(
            Kind.PLACE,
            postal_code=_("Postcode"),
            postal_address=_("Street address"),
            area=_("Constituency or area"),
        ),
        stays(Kind.PLACE, country=_("Country")),
        emptied(Kind.CONSENT, "agreed_to"),
        emptied(Kind.CONSENT, paused_until=_("No mail until")),
        stays(Kind.CONSENT, frequency=_("How often we write")),
        emptied(Kind.TECHNICAL, "email_fingerprint", "phone_fingerprint", "unreachable"),
        stays(Kind.TECHNICAL, "id", "organization", "merged_into", language=_("Language")),
        stays(Kind.TECHNICAL, created_at=_("Known since"), confirmed_at=_("Address confirmed")),
        stays(Kind.TECHNICAL, "anonymized_at"),
    ],
)

declare(
    "supporters.OtherAddress",
    title=_("Your other addresses"),
    about=Who.SUPPORTER,
    path="supporter",
    why=_("To recognise you when you write from another address."),
    kept=WITH_THE_PERSON,
    fields=[
        deleted(Kind.CONTACT, email=_("E-mail address")),
        deleted(Kind.TECHNICAL, "id", "organization", "supporter", "fingerprint"),
        deleted(Kind.TECHNICAL, confirmed_at=_("Address confirmed"), added_at=_("Added")),
    ],
)

declare(
    "supporters.Merge",
    title=_("Records of yours that were put together"),
    about=Who.SUPPORTER,
    path="survivor",
    why=_("So that putting two records together can be undone."),
    kept=AS_PROOF,
    fields=[
        stays(Kind.TECHNICAL, "id", "organization", "survivor", "absorbed", "tags_given", "filled"),
        stays(Kind.TECHNICAL, merged_at=_("Put together"), undone_at=_("Undone")),
    ],
)

declare(
    "supporters.ConsentRecord",
    title=_("What you agreed to, and what you did not"),
    about=Who.SUPPORTER,
    path="supporter",
    why=_("The law asks us to be able to show what you were asked and what you answered (GDPR Art. 7(1))."),
    kept=AS_PROOF,
    reads={"wording": "wording.text"},
    fields=[
        stays(Kind.CONSENT, granted=_("Yes"), purpose=_("What for"), channel=_("By which means")),
        stays(Kind.CONSENT, partner=_("Shared with"), wording=_("What you were asked")),
        stays(Kind.CONSENT, legal_basis=_("On what ground"), origin=_("By what door"), source=_("Where")),
        stays(Kind.CONSENT, evidence=_("Evidence"), given_on=_("Said on"), recorded_at=_("When")),
        stays(Kind.TECHNICAL, "id", "organization", "supporter"),
    ],
)

declare(
    "supporters.Tagging",
    title=_("Words under which our staff file you"),
    about=Who.SUPPORTER,
    path="supporter",
    why=TO_WORK_TOGETHER,
    kept=WITH_THE_PERSON,
    reads={"tag": "tag.name"},
    fields=[
        deleted(Kind.OPINION, tag=_("Tag")),
        deleted(Kind.TECHNICAL, "id", "supporter", "change", tagged_at=_("When")),
    ],
)

declare(
    "supporters.CustomValue",
    title=_("Your answers to our own questions"),
    about=Who.SUPPORTER,
    path="supporter",
    why=TO_WORK_TOGETHER,
    kept=WITH_THE_PERSON,
    reads={"field": "field.label"},
    fields=[
        deleted(Kind.WORDS, plain=_("Answer"), sealed=_("Answer, kept sealed")),
        deleted(Kind.TECHNICAL, "id", "organization", "supporter", "mark", field=_("Question")),
    ],
)

declare(
    "supporters.Note",
    title=_("What our staff wrote about you"),
    about=Who.SUPPORTER,
    path="supporter",
    why=TO_WORK_TOGETHER,
    kept=WITH_THE_PERSON,
    fields=[
        deleted(Kind.WORDS, text=_("Note")),
        withheld(deleted(Kind.IDENTITY, "written_by")),
        deleted(Kind.TECHNICAL, "id", "organization", "supporter", written_at=_("When")),
    ],
)


def _suppressions(person: Person) -> QuerySet[Suppression]:
    """The lines of the suppression list that bar this person's addresses, lifted ones included."""
    organization = Organization(pk=person.organization_id)
    marks = [
        suppression.mark_of(digest, organization=organization)
        for address in person.addresses
        for digest in suppression.digests_of(address)
    ]
    return Suppression.objects.for_organization(organization).filter(mark__in=marks)


declare(
    "supporters.Suppression",
    title=_("Addresses we must not write to"),
    about=Who.SUPPORTER,
    finder=_suppressions,
    why=_("So that nobody writes to an address again that does not want it, or does not work."),
    kept=AS_A_BAR,
    fields=[
        emptied(Kind.CONTACT, "digest"),
        stays(Kind.TECHNICAL, "id", "organization", "mark", "phone_fingerprint"),
        stays(Kind.CONSENT, reason=_("Why"), source=_("Where"), suppressed_at=_("When")),
        stays(Kind.CONSENT, lifted_at=_("Lifted"), lifted_because=_("Lifted because")),
    ],
)

declare(
    "supporters.InstallationSuppression",
    title=_("Addresses that nobody on this server writes to"),
    about=Who.NOBODY,
    why=_("So that nobody writes to an address again that does not want it, or does not work."),
    kept=AS_A_BAR,
    fields=[
        stays(
            Kind.TECHNICAL, "id", "mark", "reason", "source", "suppressed_at", "lifted_at", "lifted_because"
        )
    ],
)

declare(
    "supporters.AddressChange",
    title=_("Your wish to be written to at another address"),
    about=Who.SUPPORTER,
    path="supporter",
    why=_("To be sure that the new address is yours before we use it."),
    kept=Term(_("The address: while the link waits. That there was a wish: as long as your name.")),
    fields=[
        deleted(Kind.CONTACT, email=_("E-mail address")),
        deleted(Kind.TECHNICAL, "id", "organization", "supporter", requested_at=_("When")),
        deleted(Kind.TECHNICAL, "expires_at", confirmed_at=_("Confirmed"), closed_at=_("Closed")),
    ],
)


def _link_requests(person: Person) -> QuerySet[LinkRequest]:
    marks = [installation_mark_of(address) for address in person.addresses]
    organization = Organization(pk=person.organization_id)
    return LinkRequest.objects.for_organization(organization).filter(address_mark__in=marks)


declare(
    "supporters.LinkRequest",
    title=_("When you asked for the link to your settings"),
    about=Who.SUPPORTER,
    finder=_link_requests,
    why=_("To send you the link, and to nobody a flood of them."),
    kept=Term(_("The address: until the link was sent. The rest: two days.")),
    fields=[
        deleted(Kind.CONTACT, email=_("E-mail address")),
        deleted(Kind.TECHNICAL, "id", "organization", "address_mark", "day", language=_("Language")),
        deleted(Kind.TECHNICAL, "handled_at", requested_at=_("When")),
    ],
)

declare(
    "supporters.Complaint",
    title=_("Your complaints, and our answers"),
    about=Who.SUPPORTER,
    path="supporter",
    why=_("To answer, and to be able to show that we did."),
    kept=WITH_THE_PERSON,
    fields=[
        emptied(Kind.WORDS, text=_("Complaint"), answer=_("Answer")),
        withheld(stays(Kind.TECHNICAL, "answered_by")),
        stays(Kind.TECHNICAL, "id", "organization", "supporter", "key", language=_("Language")),
        stays(
            Kind.TECHNICAL,
            received_at=_("When"),
            acknowledged_at=_("Acknowledged"),
            answered_at=_("Answered"),
        ),
    ],
)

declare(
    "supporters.ImportChange",
    title=_("What lists that were brought in changed about you"),
    about=Who.SUPPORTER,
    path="supporter",
    why=_("So that bringing in a list can be undone."),
    kept=WITH_THE_PERSON,
    fields=[
        deleted(Kind.WORDS, before=_("Before"), after=_("After")),
        deleted(Kind.CONSENT, "answers"),
        deleted(Kind.TECHNICAL, "id", "organization", "chunk", "supporter", "tags"),
    ],
)

declare(
    "supporters.ImportRun",
    title=_("Lists that were brought in"),
    about=Who.NOBODY,
    why=_("To bring in a list that people agreed to be on, and to undo it if it was wrong."),
    kept=Term(
        _("The file, which lies sealed beside the database: until the day it says. That it was: it stays.")
    ),
    fields=[
        stays(Kind.TECHNICAL, "id", "organization", "state", "source", "file_name", "file_size", "file_mark"),
        stays(
            Kind.TECHNICAL, "file_kept_until", "file_removed_at", "encoding", "columns", "answer", "existing"
        ),
        stays(Kind.TECHNICAL, "tags", "country", "language", "rows_total", "rows_done", "forecast", "counts"),
        stays(Kind.TECHNICAL, "undone_counts", "trouble", "claimed_by", "claimed_until", "made_by"),
        stays(Kind.TECHNICAL, "created_at", "changed_at", "checked_at", "started_at", "finished_at"),
        stays(Kind.TECHNICAL, "undone_at"),
    ],
)

declare(
    "supporters.ExportRequest",
    title=_("Lists of supporters that staff took out"),
    about=Who.STAFF,
    path="asked_by",
    why=_("To know, when a list turns up somewhere, who took it out and for what."),
    kept=Term(_("The file, which lies sealed beside the database: seven days. That it was made: it stays.")),
    fields=[
        stays(Kind.WORDS, "reason"),
        stays(Kind.TECHNICAL, "id", "organization", "state", "asked_by", "asked_at", "chosen", "reach"),
        stays(Kind.TECHNICAL, "agreed_to", "partner", "form", "byte_order_mark", "columns", "rows"),
        stays(Kind.TECHNICAL, "approved_by", "approved_at", "approved_rows", "due_at", "attempts"),
        stays(Kind.TECHNICAL, "claimed_by", "claimed_until", "written", "made_at", "expires_at"),
        stays(Kind.TECHNICAL, "downloads", "canary"),
    ],
)

declare(
    "supporters.Tombstone",
    title=_("That somebody was erased"),
    about=Who.NOBODY,
    why=_(
        "So that a restored backup cannot bring back whom we erased. It holds numbers and keyed marks only."
    ),
    kept=Term(_("It stays.")),
    fields=[
        stays(Kind.TECHNICAL, "id", "organization", "supporter_id", "marks", "origin", "passed_on_to"),
        stays(Kind.TECHNICAL, "erased_by", "erased_at"),
    ],
)

rules.register("links-asked-for")(Rule(_("requests for a lost link"), linking.MARKS_KEPT, linking.forget_old))
rules.register("address-changes")(
    Rule(
        _("new addresses that were never confirmed"), changing_address.LINK_LASTS, changing_address.forget_old
    )
)
