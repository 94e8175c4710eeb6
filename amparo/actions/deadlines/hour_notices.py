"""The mails about a page's hour to staff, and about what was achieved to those who took part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amparo.actions import hours
from amparo.actions.deadlines import achieving, minding_hours, missing
from amparo.actions.models import Action, Reminder
from amparo.mailings.registry import NoticeKind, Text, notice_kinds
from amparo.mailings.unsubscribing import choices_url, headers_for

if TYPE_CHECKING:
    from amparo.mailings.models import Notice

Kind = Reminder.Kind
#: What each mail is called, and how it begins; `%(page)s` is the page's title.
_SUBJECTS = {
    Kind.TWO_WEEKS: gettext_noop("Two weeks to go: %(page)s"),
    Kind.ONE_WEEK: gettext_noop("One week to go: %(page)s"),
    Kind.THREE_DAYS: gettext_noop("Three days to go: %(page)s"),
    Kind.ONE_DAY: gettext_noop("One day to go: %(page)s"),
    Kind.MOVED: gettext_noop("The hearing was moved: %(page)s"),
    Kind.NO_DAY: gettext_noop("The hearing has no day any more: %(page)s"),
    Kind.MOVED_LATE: gettext_noop("The hearing was moved after the page had closed: %(page)s"),
    Kind.CLOSED: gettext_noop("This page has closed: %(page)s"),
}
_OPENINGS = {
    Kind.MOVED: gettext_noop(
        "The deadline, the hard stop and the bundle moved with it. Look whether the page still says what is so."
    ),
    Kind.NO_DAY: gettext_noop(
        "The page shows no deadline now. Letters still stop leaving when they would have; change the hard stop if they"
        " should wait."
    ),
    Kind.MOVED_LATE: gettext_noop("The page stays closed until one of you opens it again."),
    Kind.CLOSED: gettext_noop(
        "Nothing is taken any more, and no letter leaves. Write on the page what happened, and tell those who took part"
        " what they achieved."
    ),
}


@notice_kinds.register(minding_hours.TELL_STAFF)
class HourOfAPage(NoticeKind):
    """Tells those who approve what is missing before a page's hour, or what became of the hour itself."""

    def write(self, notice: Notice) -> Text | None:
        reminder = Reminder.objects.select_related("page__organization").filter(pk=notice.subject_id).first()
        if reminder is None:
            return None
        page, now, kind = reminder.page.specific, timezone.now(), Kind(reminder.kind)
        context = {
            "page": page,
            "hour": hours.hour_of(page, now=now),
            "opening": _(_OPENINGS[kind]) if kind in _OPENINGS else "",
            "missing": [] if kind == Kind.CLOSED else missing.sentences(page, now=now),
            "is_reminder": kind not in _OPENINGS,
            "link": settings.BASE_URL + reverse("staff_hours"),
            "organization": notice.organization,
        }
        subject = _(_SUBJECTS[kind]) % {"page": page.title}
        return Text(subject, render_to_string("actions/mail/hour.txt", context))


@notice_kinds.register(achieving.ACHIEVED)
class Achieved(NoticeKind):
    """What those who took part achieved; nothing to who wants no news any more, or when it was taken back."""

    def write(self, notice: Notice) -> Text | None:
        action = (
            Action.objects.select_related("page", "supporter__merged_into__organization", "organization")
            .filter(pk=notice.subject_id)
            .first()
        )
        if action is None or not achieving.may_be_told(action, now=timezone.now()):
            return None
        achievement = achieving.told_on(action.page_id)
        if achievement is None:
            return None
        person = action.supporter.merged_into or action.supporter
        context = {
            "name": action.given_name or "",
            "page": action.page,
            "text": achievement.text,
            "link": action.page.full_url if action.page.live else "",
            "organization": notice.organization,
            "choices": choices_url(person, recipient=notice.recipient, language=notice.language),
        }
        return Text(
            _("What you achieved: %(page)s") % {"page": action.page.title},
            render_to_string("actions/mail/achieved.txt", context),
            headers_for(person),
        )
