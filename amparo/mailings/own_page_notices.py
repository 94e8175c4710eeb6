"""The mails about a supporter's own page: the link to it, a new address, a complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.content.own_address import address_of
from amparo.mailings.registry import NoticeKind, Text, notice_kinds
from amparo.mailings.unsubscribing import choices_url
from amparo.supporters import changing_address, linking, suppression
from amparo.supporters.models import AddressChange, Complaint, Supporter
from amparo.supporters.rights import complaining

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.mailings.models import Notice

OWN_LINK = "own_link"
CONFIRM_ADDRESS = "confirm_address"
ADDRESS_ASKED = "address_asked"
COMPLAINT_RECEIVED = "complaint_received"
COMPLAINT_ANSWERED = "complaint_answered"


def _written(subject: str, template: str, notice: Notice, **context: object) -> Text:
    whole = {"organization": notice.organization, **context}
    return Text(subject, render_to_string(f"mailings/mail/{template}", whole))


@notice_kinds.register(OWN_LINK)
class OwnLink(NoticeKind):
    """The link to one's own page, for whoever lost it."""

    def write(self, notice: Notice) -> Text | None:
        supporter = _supporter(notice)
        if supporter is None or not linking.takes_service_mail(supporter):
            return None
        link = linking.url_of(supporter, language=notice.language)
        return _written(_("Your link to your data and choices"), "own_link.txt", notice, link=link)


@notice_kinds.register(CONFIRM_ADDRESS)
class ConfirmAddress(NoticeKind):
    """Asks at the new address whether it is really theirs. It names nobody: it may reach a stranger."""

    def write(self, notice: Notice) -> Text | None:
        change = AddressChange.objects.filter(pk=notice.subject_id, closed_at__isnull=True).first()
        if change is None or not change.email:
            return None
        if suppression.is_suppressed(organization=notice.organization, email=change.email):
            return None
        link = address_of(notice.organization) + reverse(
            "my_address", args=[changing_address.token_for(change)]
        )
        return _written(_("Please confirm your new address"), "confirm_address.txt", notice, link=link)


@notice_kinds.register(ADDRESS_ASKED)
class AddressAsked(NoticeKind):
    """Tells the address in use that another one was asked for, and how to stop it. It does not name the other one."""

    def write(self, notice: Notice) -> Text | None:
        change = AddressChange.objects.select_related("supporter").filter(pk=notice.subject_id).first()
        if change is None or not linking.takes_service_mail(change.supporter):
            return None
        link = linking.url_of(change.supporter, language=notice.language)
        return _written(_("A new address was asked for"), "address_asked.txt", notice, link=link)


class _AboutComplaint(NoticeKind):
    template = ""

    def subject(self) -> str:
        raise NotImplementedError

    def write(self, notice: Notice) -> Text | None:
        complaint = (
            Complaint.objects.select_related("supporter", "organization").filter(pk=notice.subject_id).first()
        )
        if complaint is None or complaint.text is None:
            return None
        link = choices_url(complaint.supporter, recipient=notice.recipient, language=notice.language)
        owed_by = complaining.owed_by(complaint)
        return _written(
            self.subject(), self.template, notice, complaint=complaint, owed_by=owed_by, choices=link
        )


@notice_kinds.register(COMPLAINT_RECEIVED)
class ComplaintReceived(_AboutComplaint):
    """Acknowledges a complaint, as soon as it came."""

    template = "complaint_received.txt"

    def subject(self) -> str:
        return _("We have your complaint")

    def after_sending(self, notice: Notice, *, now: datetime) -> None:
        complaining.note_acknowledged(complaint_id=notice.subject_id, now=now)


@notice_kinds.register(COMPLAINT_ANSWERED)
class ComplaintAnswered(_AboutComplaint):
    """Carries what staff answered."""

    template = "complaint_answered.txt"

    def subject(self) -> str:
        return _("Our answer to your complaint")


def _supporter(notice: Notice) -> Supporter | None:
    present = Supporter.objects.for_organization(notice.organization).present()
    return present.filter(pk=notice.subject_id).first()
