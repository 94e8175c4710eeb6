"""What this floor keeps about people, column by column (see `kit/personal_data.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import BinaryField, Q, Value
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
from amparo.mailings import posting
from amparo.mailings.answers import forgetting
from amparo.mailings.answers.retention import (
    ALLOWANCES_KEPT,
    DIGEST_READERS_KEPT,
    ENROLMENTS_KEPT,
    RECIPIENTS_KEPT,
    SOFT_BOUNCES_KEPT,
)
from amparo.mailings.models import AudienceChunk, DeliveryFailure, Notice
from amparo.mailings.models.audience_chunk import Place
from amparo.organizations.models import Organization
from amparo.supporters.identity import fingerprint_of

if TYPE_CHECKING:
    from django.db.models import QuerySet


def _notices(person: Person) -> QuerySet[Notice]:
    """Mails to any of this person's addresses whose recipient is still kept."""
    organization = Organization(pk=person.organization_id)
    marks = [fingerprint_of(address, organization=organization) for address in person.addresses]
    return Notice.objects.for_organization(organization).filter(recipient_mark__in=marks)


declare(
    "mailings.Notice",
    title=_("Mails to you about what you did"),
    about=Who.SUPPORTER,
    finder=_notices,
    why=_("To send you a link to confirm, and to tell you what became of your letters."),
    kept=Term(
        _("The address: a week after the mail was settled. That a mail was sent: it stays."), RECIPIENTS_KEPT
    ),
    fields=[
        emptied(Kind.CONTACT, recipient=_("To")),
        emptied(Kind.TECHNICAL, "recipient_mark"),
        stays(Kind.TECHNICAL, "id", "organization", "subject_id", "ordinal", "urgency", "attempts"),
        stays(Kind.TECHNICAL, "next_attempt_at", "claimed_by", "claimed_until", "to_stranger"),
        stays(Kind.TECHNICAL, kind=_("About"), state=_("State"), reason=_("Reason"), language=_("Language")),
        stays(Kind.TECHNICAL, created_at=_("Written"), sent_at=_("Sent")),
    ],
)

declare(
    "mailings.MailAllowance",
    title=_("How many confirmation mails an address was sent"),
    about=Who.NOBODY,
    why=_(
        "So that nobody can be flooded with confirmation mails: the mark is keyed and leads back to nobody."
    ),
    kept=Term(_("Two days."), ALLOWANCES_KEPT),
    fields=[stays(Kind.TECHNICAL, "id", "address_mark", "day", "ordinal")],
)

declare(
    "mailings.StrangerAllowance",
    title=_("When an address was last sent a confirmation mail"),
    about=Who.NOBODY,
    why=_(
        "So that nobody can be flooded with confirmation mails: the mark is keyed and leads back to nobody."
    ),
    kept=Term(_("A month after the last mail."), posting.A_MONTH),
    fields=[stays(Kind.TECHNICAL, "id", "address_mark", "last", "second_last", "third_last")],
)

declare(
    "mailings.SoftBounces",
    title=_("On how many days your mailbox refused our mail"),
    about=Who.SUPPORTER,
    path="supporter",
    why=_("So that we stop writing to an address that does not work any more."),
    kept=Term(_("90 days after the last time."), SOFT_BOUNCES_KEPT),
    fields=[deleted(Kind.TECHNICAL, "supporter", days=_("Days"), last=_("Last"))],
)


def _chunks(person: Person) -> QuerySet[AudienceChunk]:
    """The parts of audiences in which this person's number stands."""
    mine = AudienceChunk.objects.filter(mailing__organization=person.organization_id)
    within = Q(pk__in=[])
    for at, pk in enumerate(person.ids):
        mine = mine.annotate(**{f"place_{at}": Place("ids", Value(pk.bytes, BinaryField()))})
        within |= Q(**{f"place_{at}__gt": 0})
    return mine.filter(within)


def _failures(person: Person) -> QuerySet[DeliveryFailure]:
    """What became of mail to this person, which is noted at their place in a part of an audience."""
    here = Q(pk__in=[])
    for chunk in _chunks(person).only("ids"):
        places = [place for place, pk in enumerate(chunk.people) if pk in person.ids]
        here |= Q(chunk=chunk, position__in=places)
    return DeliveryFailure.objects.filter(here)


declare(
    "mailings.AudienceChunk",
    title=_("Mailings that were meant for you"),
    about=Who.SUPPORTER,
    finder=_chunks,
    why=_(
        "To send a mailing to each of its readers once, and to be able to say afterwards to how many. Who it was stands"
        " there as a number, which names nobody once you are erased."
    ),
    kept=Term(_("As long as the mailing is kept.")),
    reads={"mailing": "mailing.kind"},
    fields=[
        stays(Kind.CONSENT, mailing=_("Mailing"), frozen_at=_("When")),
        # One row holds what is known of up to 500 people.
        *(withheld(stays(Kind.TECHNICAL, name)) for name in ("ids", "outcomes", "variants")),
        stays(Kind.TECHNICAL, "id", "snapshot", "number", "is_open", "attempts", "next_attempt_at"),
        stays(Kind.TECHNICAL, "not_before", "zone"),
        stays(Kind.TECHNICAL, "claimed_by", "claimed_until"),
    ],
)

declare(
    "mailings.DeliveryFailure",
    title=_("Mailings that did not reach you"),
    about=Who.SUPPORTER,
    finder=_failures,
    why=_("To find out why mail does not arrive."),
    kept=Term(_("As long as the mailing is kept.")),
    fields=[
        stays(
            Kind.TECHNICAL, reason=_("Reason"), code=_("Code"), enhanced_code=_("Further code"), at=_("When")
        ),
        stays(Kind.TECHNICAL, "id", "mailing", "chunk", "position", "outcome", "is_permanent"),
    ],
)

declare(
    "mailings.Enrolment",
    title=_("Series of mails that you are in"),
    about=Who.SUPPORTER,
    path="supporter",
    why=_("To send you each mail of a series once, and none after you have left or done what it asks."),
    kept=Term(_("A year after the series ended for you."), ENROLMENTS_KEPT),
    reads={"automation": "automation.kind"},
    fields=[
        deleted(
            Kind.CONSENT,
            automation=_("Series"),
            state=_("State"),
            stopped=_("Why it stopped"),
            enrolled_at=_("Since"),
            next_at=_("Next mail"),
            ended_at=_("Ended"),
        ),
        deleted(Kind.TECHNICAL, "id", "organization", "supporter", "step"),
    ],
)

declare(
    "mailings.StepMail",
    title=_("Mails of such a series that were meant for you"),
    about=Who.SUPPORTER,
    path="enrolment__supporter",
    why=_("To send you each mail of a series once."),
    kept=Term(_("A year after the series ended for you."), ENROLMENTS_KEPT),
    reads={"step": "step.number"},
    fields=[
        deleted(Kind.CONSENT, step=_("Mail"), handed_on_at=_("When")),
        deleted(Kind.TECHNICAL, "id", "enrolment", "mailing", "snapshot"),
    ],
)

declare(
    "mailings.DigestReader",
    title=_("Digests that were meant for you"),
    about=Who.SUPPORTER,
    path="supporter",
    why=_("To send you one digest a week, with the alerts that you were spared for it."),
    kept=Term(_("A week."), DIGEST_READERS_KEPT),
    reads={"issue": "issue.week"},
    fields=[
        deleted(Kind.CONSENT, issue=_("Week")),
        deleted(Kind.TECHNICAL, "id", "supporter", "alerts"),
    ],
)

rules.register("enrolments")(
    Rule(_("who was in a series of mails"), ENROLMENTS_KEPT, forgetting.forget_enrolments)
)
rules.register("digest-readers")(
    Rule(_("who was in a digest"), DIGEST_READERS_KEPT, forgetting.forget_digest_readers)
)
rules.register("soft-bounces")(
    Rule(_("counts of mail that came back"), SOFT_BOUNCES_KEPT, forgetting.forget_soft_bounces)
)
rules.register("recipients")(
    Rule(_("addresses on mails that were settled"), RECIPIENTS_KEPT, forgetting.forget_recipients)
)
rules.register("allowances")(
    Rule(_("counts of confirmation mails"), ALLOWANCES_KEPT, posting.forget_allowances)
)
