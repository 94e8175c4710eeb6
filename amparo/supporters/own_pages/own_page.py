"""What a supporter's own page shows of them, and what it says after each deed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from amparo.supporters import changing_address
from amparo.supporters.deeds import deeds_of, subscriptions_of
from amparo.supporters.models import Complaint, OtherAddress, Purpose, Supporter
from amparo.supporters.own_pages import preferences
from amparo.supporters.rights import complaining

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from amparo.supporters.own_pages.preferences import Question

#: Dots that stand for what is not shown, however long it is.
HIDDEN = "•••"


def read(person: Supporter, *, language: str, now: datetime) -> dict[str, Any]:
    """Everything on the page except its forms."""
    change = changing_address.open_change_of(person, now=now)
    complaints = Complaint.objects.for_organization(person.organization).filter(
        supporter__in=_records_of(person)
    )
    others = OtherAddress.objects.for_organization(person.organization).filter(supporter=person)
    return {
        "organization": person.organization,
        "person": person,
        "address": masked(person.email or ""),
        "other_addresses": [masked(other.email) for other in others],
        "phone": masked_phone(person.phone or ""),
        "new_address": masked(change.email or "") if change else "",
        "questions": [_shown(question) for question in preferences.questions_of(person, language=language)],
        "is_paused": preferences.is_paused(person, now=now),
        "stopped": preferences.stopped_everything(person),
        "deeds": deeds_of(person),
        "subscriptions": subscriptions_of(person, now=now),
        "complaints": [
            {"complaint": complaint, "owed_by": complaining.owed_by(complaint)}
            for complaint in complaints.select_related("organization").order_by("-received_at")
        ],
        "owed_by": complaining.last_day(person.organization, received_at=now),
    }


def _records_of(person: Supporter) -> Any:
    people = Supporter.objects.for_organization(person.organization).of_one_person(person)
    return people.values("pk")


def _shown(question: Question) -> dict[str, Any]:
    last, wording = question.last, question.wording
    return {
        "slug": question.slug,
        "label": label_of(question),
        "words": wording.text if wording else "",
        "evidence": last.evidence if last and question.granted and wording is None else "",
        "granted": question.granted,
        "may_give": question.offered is not None,
        "answered_at": last.recorded_at if last else None,
    }


def label_of(question: Question) -> str:
    """What it is about and by which means, in a line."""
    means = {
        "email": pgettext("by which means", "by e-mail"),
        "sms": pgettext("by which means", "by text message"),
        "phone": pgettext("by which means", "by telephone"),
        "post": pgettext("by which means", "by post"),
    }
    if question.purpose == Purpose.PARTNER:
        subject = _("Sharing with %(partner)s") % {"partner": question.partner}
    else:
        subject = {
            Purpose.NEWS: _("News and action alerts"),
            Purpose.FUNDRAISING: _("Fundraising"),
            Purpose.EVENTS: _("Invitations to events"),
        }[question.purpose]
    return _("%(subject)s, %(means)s") % {"subject": subject, "means": means[question.channel.value]}


def masked(email: str) -> str:
    """An address by which its owner knows it and nobody who looks over a shoulder: `s•••@example.org`."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}{HIDDEN}{at}{domain}" if at else ""


def masked_phone(phone: str) -> str:
    """A number by its last three digits."""
    return f"{HIDDEN}{phone[-3:]}" if phone else ""


def new_key() -> UUID:
    """The key of one form, so that sending it twice does one thing."""
    return uuid4()


def sentence_about(done: str, person: Supporter, *, now: datetime) -> str:
    """What is now the case, after the deed of this name; empty for any other name."""
    if done == "paused" and preferences.is_paused(person, now=now) and person.paused_until:
        return _("You hear nothing from us until %(date)s.") % {
            "date": date_format(person.paused_until, _("j F Y"))
        }
    return _sentences().get(done, "")


def _sentences() -> dict[str, str]:
    return {
        "given": _("Thank you. You agreed, and we may write to you."),
        "taken_back": _("You took your agreement back. We no longer write to you about this."),
        "stopped": _(
            "You are unsubscribed from everything. We only write to you about what you yourself ask for here."
        ),
        "ended": _("You are not told of this any more."),
        "frequency": _("Saved. From now on we write as often as you chose."),
        "resumed": _("The pause is over. You hear from us again."),
        "details": _("Saved. Your details are as you see them here."),
        "address_asked": _(
            "Please look into your new mailbox and open the link there. Until then your address stays as it is."
        ),
        "address_kept": _("Your address stays as it is."),
        "complained": _(
            "We have your complaint, and confirm that by e-mail. Below you see by when we answer."
        ),
    }
