"""What this floor keeps about people, column by column (see `kit/personal_data.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from amparo.actions import erasing, trends
from amparo.actions.erasing import MARKS_KEPT, TEXTS_KEPT
from amparo.actions.hand_over import documents
from amparo.actions.models import HandedName, HandOver, Message, MessageEvent
from amparo.kit.personal_data import (
    Kind,
    Person,
    Recipient,
    Rule,
    Term,
    Who,
    declare,
    deleted,
    emptied,
    recipients,
    rules,
    stays,
    withheld,
)
from amparo.supporters.retention import PEOPLE_KEPT, WITH_THE_PERSON

if TYPE_CHECKING:
    from django.db.models import QuerySet

TEXTS = Term(
    _(
        "The words: 28 days after the letter left, so that a complaint can be answered. That it was sent: it stays."
    ),
    TEXTS_KEPT,
)
MARKS = Term(_("91 days after the link was used or ran out."), MARKS_KEPT)

declare(
    "actions.Action",
    title=_("What you took part in"),
    about=Who.SUPPORTER,
    path="supporter",
    why=_("To count you, and to be able to answer for the figures that were shown."),
    kept=WITH_THE_PERSON,
    reads={"page": "page.title"},
    fields=[
        emptied(Kind.IDENTITY, given_name=_("First name"), family_name=_("Last name")),
        stays(Kind.PLACE, area=_("Constituency or area")),
        stays(Kind.OPINION, page=_("Page"), state=_("State"), own_words=_("Your own words, in per cent")),
        stays(Kind.CONSENT, consent_answers=_("Answers that wait for your confirmation")),
        emptied(Kind.TECHNICAL, "confirmation"),
        stays(Kind.TECHNICAL, "id", "organization", "supporter", "key", "is_test", "counted_at", "proved"),
        stays(Kind.TECHNICAL, "superseded_by_merge"),
        stays(Kind.TECHNICAL, language=_("Language"), source=_("Where"), via=_("Followed a link from")),
        stays(Kind.TECHNICAL, taken_at=_("When"), confirmed_at=_("Confirmed")),
    ],
)

declare(
    "actions.Signature",
    title=_("How you signed"),
    about=Who.SUPPORTER,
    path="action__supporter",
    why=_("To show your name as you chose, and to hand it over with the others."),
    kept=WITH_THE_PERSON,
    reads={"page": "page.title"},
    fields=[
        emptied(Kind.PLACE, place=_("Where you live, as you wrote it")),
        emptied(Kind.WORDS, comment=_("Why you signed")),
        emptied(Kind.IDENTITY, represents=_("Organisation"), role=_("Your role there")),
        stays(Kind.OPINION, page=_("Page")),
        stays(Kind.TECHNICAL, shown_as=_("How your name appears"), approval=_("Looked at by staff")),
        stays(Kind.TECHNICAL, "id", "organization", "action", "version", signed_at=_("Signed")),
    ],
)

declare(
    "actions.Message",
    title=_("Letters of yours"),
    about=Who.SUPPORTER,
    path="action__supporter",
    why=_("To deliver what you wrote, once, and to tell you what became of it."),
    kept=TEXTS,
    reads={"page": "page.title"},
    stamp="erased_at",
    fields=[
        emptied(
            Kind.WORDS, salutation=_("Salutation"), subject=_("Subject"), body=_("Text"), closing=_("Closing")
        ),
        stays(Kind.OPINION, page=_("Page"), state=_("State"), reason=_("Reason")),
        stays(Kind.NOT_PERSONAL, target_label=_("Written to"), target_name=_("Name"), sent_to=_("Sent to")),
        stays(Kind.NOT_PERSONAL, "target_key", "dataset_label", "form_url"),
        stays(Kind.TECHNICAL, "id", "organization", "action", "evidence", "urgency", "attempts"),
        stays(Kind.TECHNICAL, "next_attempt_at", "claimed_by", "claimed_until", "erased_at"),
        stays(Kind.TECHNICAL, "first_tried_at", "asked_at", "hand_over", "chases"),
        stays(Kind.TECHNICAL, language=_("Language"), created_at=_("Written"), sent_at=_("Sent")),
    ],
)


def _messages(person: Person) -> QuerySet[Message]:
    return Message.objects.filter(action__supporter__in=person.ids)


def _steps(person: Person) -> QuerySet[MessageEvent]:
    return MessageEvent.objects.filter(message_id__in=_messages(person).values("pk"))


declare(
    "actions.MessageEvent",
    title=_("Steps of your letters"),
    about=Who.SUPPORTER,
    finder=_steps,
    why=_("To deliver what you wrote, once, and to tell you what became of it."),
    kept=WITH_THE_PERSON,
    fields=[
        stays(Kind.TECHNICAL, "id", "message_id"),
        stays(Kind.TECHNICAL, state=_("State"), reason=_("Reason"), recorded_at=_("When")),
    ],
)

declare(
    "actions.HandOver",
    title=_("Letters and names that were handed over"),
    about=Who.NOBODY,
    why=_("To show what was handed over to whom, and that a copy of it is ours."),
    kept=Term(_("It stays, without the document.")),
    fields=[
        stays(Kind.NOT_PERSONAL, "target_key", "target_name", "target_label", "sent_to", "page"),
        stays(Kind.NOT_PERSONAL, "place", "received_by", "photograph"),
        stays(Kind.TECHNICAL, "proposed_by", "agreed_by", "agreed_at", "of"),
        stays(Kind.TECHNICAL, "id", "organization", "way", "state", "reason", "due_at", "attempts"),
        stays(Kind.TECHNICAL, "next_attempt_at", "claimed_by", "claimed_until", "letters", "sheets"),
        stays(Kind.TECHNICAL, "size", "sha256", "signature", "created_at", "made_at", "sent_at"),
        stays(Kind.TECHNICAL, "recorded_by", "settled_at", "erased_at"),
    ],
)

declare(
    "actions.HandOverPiece",
    title=_("The document of a bundle, in pieces"),
    about=Who.NOBODY,
    why=_(
        "To hand the letters over. It holds many people's letters, so each gets their own from the letters themselves;"
        " it is removed when one of them is erased."
    ),
    kept=Term(_("28 days after it was handed over."), documents.KEPT),
    fields=[
        stays(Kind.WORDS, "content"),
        stays(Kind.TECHNICAL, "id", "organization", "hand_over", "file", "number"),
    ],
)

declare(
    "actions.HandedName",
    title=_("When your signature was handed over"),
    about=Who.SUPPORTER,
    path="signature__action__supporter",
    why=_("To count you once for each who gets the names, and to tell you when they had them."),
    kept=WITH_THE_PERSON,
    reads={"hand_over": "hand_over.target_label"},
    fields=[
        stays(Kind.NOT_PERSONAL, hand_over=_("Handed over to")),
        stays(Kind.TECHNICAL, "id", "signature"),
    ],
)

declare(
    "actions.NamesBundle",
    title=_("What is said with names that are handed over"),
    about=Who.NOBODY,
    why=_("To hand names over as our staff agreed, and to answer for the figures that were named."),
    kept=Term(_("It stays, without the document.")),
    fields=[
        stays(Kind.NOT_PERSONAL, "letter", "salutation", "email"),
        stays(Kind.TECHNICAL, "hand_over", "organization", "reach", "comments", "chosen", "tells_signers"),
        stays(Kind.TECHNICAL, "version", "named", "on_paper", "table_size", "table_sha256"),
        stays(Kind.TECHNICAL, "table_signature"),
    ],
)

declare(
    "actions.Answer",
    title=_("Whether your letters were answered"),
    about=Who.SUPPORTER,
    path="message__action__supporter",
    why=_("To know which offices answer, and to remind those that do not."),
    kept=WITH_THE_PERSON,
    fields=[
        emptied(Kind.WORDS, summary=_("What they answered, in your words"), text=_("What they wrote")),
        stays(Kind.OPINION, kind=_("Answered")),
        stays(Kind.CONSENT, agreed_words=_("What you agreed to"), agreed_at=_("Agreed")),
        stays(Kind.NOT_PERSONAL, answered_on=_("Answered on"), substance=_("What it comes to")),
        stays(Kind.NOT_PERSONAL, public_summary=_("What readers see of it"), is_shown=_("Shown to readers")),
        stays(Kind.TECHNICAL, "id", "organization", "message", "shows_text", "looked_at"),
        stays(Kind.TECHNICAL, recorded_at=_("When")),
        withheld(stays(Kind.TECHNICAL, "looked_at_by")),
    ],
)

declare(
    "actions.CaseFollowing",
    title=_("Cases that you follow"),
    about=Who.SUPPORTER,
    path="supporter",
    why=_("To tell you when there is news of a case, as you asked."),
    kept=WITH_THE_PERSON,
    reads={"case": "case.reference"},
    fields=[
        deleted(Kind.OPINION, case=_("Case")),
        deleted(Kind.CONSENT, words=_("What you agreed to"), asked_at=_("Asked for"), since=_("Since")),
        deleted(Kind.CONSENT, ended=_("Ended"), ended_why=_("Why it ended")),
        deleted(Kind.TECHNICAL, "id", "organization", "supporter", "confirmation", language=_("Language")),
    ],
)

declare(
    "actions.CaseTelling",
    title=_("News of cases that you were told"),
    about=Who.SUPPORTER,
    path="following__supporter",
    why=_("So that nobody is told the same thing twice."),
    kept=WITH_THE_PERSON,
    fields=[deleted(Kind.TECHNICAL, "id", "organization", "following", "news", queued_at=_("When"))],
)

_OFFICES = Term(_("As long as the campaign is kept."))
declare(
    "actions.Stance",
    title=_("Where people in office stand on a demand"),
    about=Who.OFFICE,
    why=_("To thank those who agree, and to press those who do not."),
    kept=_OFFICES,
    fields=[
        stays(Kind.IDENTITY, "name", "office", "person_code"),
        stays(Kind.OPINION, "side", "known_by", "dated", "source_url"),
        stays(Kind.TECHNICAL, "id", "organization", "demand", "target_key", "recorded_by", "recorded_at"),
    ],
)

declare(
    "actions.Voice",
    title=_("People in office who spoke up"),
    about=Who.OFFICE,
    why=_("To show readers who has acted already, with the source."),
    kept=_OFFICES,
    fields=[
        stays(Kind.IDENTITY, "name", "office", "person_code"),
        stays(Kind.OPINION, "kind", "dated", "source_url"),
        stays(Kind.TECHNICAL, "id", "organization", "campaign", "target_key", "recorded_by", "recorded_at"),
        stays(Kind.TECHNICAL, "withdrawn_at"),
    ],
)

declare(
    "actions.NoQuestions",
    title=_("That you do not want to be asked whether you were answered"),
    about=Who.SUPPORTER,
    path="supporter",
    why=_("So that we do not ask again."),
    kept=WITH_THE_PERSON,
    fields=[deleted(Kind.CONSENT, recorded_at=_("When")), deleted(Kind.TECHNICAL, "supporter")],
)

declare(
    "actions.InvalidatedAction",
    title=_("Deeds of yours that our staff took out of the count"),
    about=Who.SUPPORTER,
    path="action__supporter",
    why=_("To be able to answer for the figures that were shown."),
    kept=WITH_THE_PERSON,
    fields=[
        stays(Kind.TECHNICAL, "id", "invalidation", "action", "letters"),
        stays(Kind.TECHNICAL, state=_("State"), was=_("Before")),
    ],
)

declare(
    "actions.Invalidation",
    title=_("Why deeds were taken out of the count"),
    about=Who.NOBODY,
    why=_("To be able to answer for the figures that were shown."),
    kept=Term(_("It stays, with the count that it explains.")),
    fields=[
        stays(Kind.WORDS, "conditions", "reason"),
        stays(Kind.TECHNICAL, "id", "organization", "chosen", "state", "invalidated_by"),
        stays(Kind.TECHNICAL, "invalidated_at", "undone_at"),
    ],
)

declare(
    "actions.TakenCount",
    title=_("How much came from one network or domain in an hour"),
    about=Who.NOBODY,
    why=_("To notice robots. The marks are keyed and lead back to nobody."),
    kept=Term(_("Eight days."), trends.COUNTS_KEPT),
    fields=[stays(Kind.TECHNICAL, "id", "organization", "kind", "mark", "hour", "count")],
)

declare(
    "actions.Trend",
    title=_("Far more than usual from one place"),
    about=Who.NOBODY,
    why=_("To notice robots. The marks are keyed and lead back to nobody."),
    kept=Term(_("30 days."), trends.TRENDS_KEPT),
    fields=[
        stays(Kind.CONTACT, "label"),
        stays(Kind.TECHNICAL, "id", "organization", "kind", "mark", "day", "count", "usual", "found_at"),
    ],
)

declare(
    "actions.Confirmation",
    title=_("Links that prove an address"),
    about=Who.NOBODY,
    why=_(
        "So that nobody can be flooded with confirmation mails: the mark is keyed and leads back to nobody."
    ),
    kept=MARKS,
    fields=[
        stays(Kind.TECHNICAL, "id", "address_mark", "opened_at", "expires_at", "used_at", "closed_at"),
    ],
)

declare(
    "actions.ConfirmationReminder",
    title=_("Reminders of such links"),
    about=Who.NOBODY,
    why=_("So that nobody is reminded more than twice."),
    kept=MARKS,
    fields=[stays(Kind.TECHNICAL, "id", "confirmation", "number", "decided_at")],
)

#: States in which an office has a letter, or may have it.
_ARRIVED = [Message.State.SENT, Message.State.UNCERTAIN, Message.State.IN_FLIGHT]


@recipients.register("letters")
def offices(person: Person) -> list[Recipient]:
    """The offices that letters of this person reached, the first one first."""
    letters = _messages(person).filter(state__in=_ARRIVED).order_by("sent_at", "created_at")
    return [
        Recipient(
            name=letter.target_name or letter.target_label,
            address=letter.sent_to,
            what=_("A letter, with your name and address"),
            at=letter.sent_at or letter.created_at,
        )
        for letter in letters.only("target_name", "target_label", "sent_to", "sent_at", "created_at")
    ]


@recipients.register("names")
def addressees(person: Person) -> list[Recipient]:
    """Who got this person's signature together with the others, the first one first."""
    names = HandedName.objects.filter(
        signature__action__supporter__in=person.ids, hand_over__state__in=HandOver.ARRIVED
    ).select_related("hand_over")
    return [
        Recipient(
            name=name.hand_over.target_name or name.hand_over.target_label,
            address=name.hand_over.sent_to,
            what=_("Your signature, named as you chose"),
            at=name.hand_over.sent_at or name.hand_over.created_at,
        )
        for name in names.order_by("hand_over__sent_at")
    ]


rules.register("texts")(Rule(_("texts of letters"), TEXTS_KEPT, erasing.erase_texts))
rules.register("bundles")(
    Rule(_("documents with letters, to be handed over"), documents.KEPT, documents.forget_old)
)
rules.register("links")(Rule(_("links that prove an address"), MARKS_KEPT, erasing.forget_links))
rules.register("people")(Rule(_("names and addresses of supporters"), PEOPLE_KEPT, erasing.anonymize_people))
rules.register("trends")(Rule(_("counts of what came in"), trends.COUNTS_KEPT, trends.forget))

declare(
    "actions.Report",
    title=_("What you told us of what you did"),
    about=Who.SUPPORTER,
    path="action__supporter",
    why=_("To count what was done, and to know how offices answer. Without an address it points at nobody."),
    kept=WITH_THE_PERSON,
    reads={"page": "page.title"},
    fields=[
        stays(Kind.OPINION, page=_("Page"), said=_("How it went")),
        stays(Kind.NOT_PERSONAL, target_key=_("Whom you turned to"), channel=_("By which means")),
        stays(Kind.TECHNICAL, "id", "organization", "action", "key", reported_at=_("When")),
    ],
)
