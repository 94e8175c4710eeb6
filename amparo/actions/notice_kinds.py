"""The mails supporters receive about what they did. Each in their language; each names only their own deeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.actions import confirming, following_up, telling, trends
from amparo.actions import reminder_notices as reminder_notices
from amparo.actions.deadlines import hour_notices as hour_notices
from amparo.actions.followers import case_news, following
from amparo.actions.hand_over import names_news
from amparo.actions.models import CaseFollowing, CaseTelling, Confirmation, HandedName, Message, Trend
from amparo.actions.taking import CONFIRM
from amparo.actions.trend_words import in_a_sentence
from amparo.content.own_address import address_of
from amparo.kit import part_dates
from amparo.mailings.registry import NoticeKind, Text, notice_kinds
from amparo.mailings.unsubscribing import choices_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.actions.models import Action
    from amparo.mailings.models import Notice


@notice_kinds.register(CONFIRM)
class ConfirmAction(NoticeKind):
    """Asks whether it was really you; lists everything that waits at this link."""

    def write(self, notice: Notice) -> Text | None:
        confirmation = Confirmation.objects.filter(pk=notice.subject_id, closed_at__isnull=True).first()
        actions = confirming.waiting_actions(confirmation) if confirmation else []
        followings = following.waiting_at(confirmation) if confirmation else []
        if confirmation is None or not (actions or followings):
            return None
        link = address_of(notice.organization) + reverse(
            "confirm", args=[confirming.link_for(confirmation.pk)]
        )
        words = confirming.words_of(actions, followings=len(followings))
        titles = [(action.page.title, action.organization.name) for action in actions]
        today = timezone.now().date()
        titles += [(following.heading(one.case, today=today), one.organization.name) for one in followings]
        context = {
            "titles": titles,
            "opening": words.mail_one % {"page": titles[0][0]} if len(titles) == 1 else words.mail_several,
            "words": words,
            "link": link,
            "organization": notice.organization,
            "choices": _choices(notice, _own_action([*actions, *followings], notice)),
        }
        return Text(words.mail_subject, render_to_string("actions/mail/confirm.txt", context))

    def after_sending(self, notice: Notice, *, now: datetime) -> None:
        confirming.mail_left(confirmation_id=notice.subject_id, now=now)


@notice_kinds.register(trends.FOUND)
class TrendFound(NoticeKind):
    """Tells administrators, once, that far more came than usual; they decide whether that is good news."""

    def write(self, notice: Notice) -> Text | None:
        trend = Trend.objects.select_related("organization").filter(pk=notice.subject_id).first()
        if trend is None:
            return None
        context = {
            "sentence": in_a_sentence(trend),
            "organization": notice.organization,
            "link": settings.BASE_URL + reverse("staff_abuse"),
        }
        return Text(
            _("Far more than usual is coming in"), render_to_string("actions/mail/trend.txt", context)
        )


class _AboutOneLetter(NoticeKind):
    template = ""

    def subject(self) -> str:
        raise NotImplementedError

    def write(self, notice: Notice) -> Text | None:
        message = (
            Message.objects.select_related("page", "action__supporter").filter(pk=notice.subject_id).first()
        )
        if message is None:
            return None
        context = {
            "message": message,
            "organization": notice.organization,
            "name": message.action.given_name or "",
            "choices": _choices(notice, message.action),
        }
        return Text(self.subject(), render_to_string(self.template, context))


@notice_kinds.register(telling.LETTER_FAILED)
class LetterFailed(_AboutOneLetter):
    template = "actions/mail/failed.txt"

    def subject(self) -> str:
        return _("Your letter could not be delivered")


@notice_kinds.register(telling.LETTER_BOUNCED)
class LetterBounced(_AboutOneLetter):
    template = "actions/mail/failed.txt"

    def subject(self) -> str:
        return _("Your letter came back")


@notice_kinds.register(telling.LETTERS_SENT)
class LettersSent(NoticeKind):
    """Says once, when the last of an action's letters has left, what became of each."""

    def write(self, notice: Notice) -> Text | None:
        letters = Message.objects.select_related("page", "action__supporter")
        messages = list(letters.filter(action=notice.subject_id))
        if not messages:
            return None
        action = messages[0].action
        link = address_of(notice.organization) + reverse(
            "letters", args=[confirming.status_link_for(action.pk)]
        )
        context = {
            "messages": messages,
            "action": action,
            "organization": notice.organization,
            "link": link,
            "choices": _choices(notice, action),
        }
        return Text(_("Your letter is on its way"), render_to_string("actions/mail/sent.txt", context))


@notice_kinds.register(following_up.QUESTION)
class DidTheyAnswer(NoticeKind):
    """Asks once, two weeks after an action's letters left; nothing when somebody said meanwhile what came of them."""

    def write(self, notice: Notice) -> Text | None:
        letters = Message.objects.select_related("page", "action__supporter").filter(
            action=notice.subject_id, state__in=Message.ARRIVED, chases__isnull=True, answer__isnull=True
        )
        messages = list(letters.order_by("created_at", "pk"))
        if not messages or not following_up.wants_to_be_asked(messages[0].action.supporter):
            return None
        site = address_of(notice.organization)
        linked = [(message, following_up.link_for(message.pk)) for message in messages]
        context = {
            "letters": [
                {
                    "target": message.target_name or message.target_label,
                    "yes": site + reverse("answer_said", args=[token, "yes"]),
                    "no": site + reverse("answer_said", args=[token, "no"]),
                    "remind": site + reverse("answer_said", args=[token, "remind"]),
                }
                for message, token in linked
            ],
            "page": messages[0].page,
            "name": messages[0].action.given_name or "",
            "organization": notice.organization,
            "stop": site + reverse("no_questions", args=[linked[0][1]]),
            "choices": _choices(notice, messages[0].action),
        }
        return Text(
            _("Did they answer your letter?"), render_to_string("actions/mail/did_they_answer.txt", context)
        )


@notice_kinds.register(names_news.HANDED_OVER)
class NamesHandedOver(NoticeKind):
    """Tells a signer once that their name was handed over with the others; nothing once they want no news."""

    def write(self, notice: Notice) -> Text | None:
        rows = HandedName.objects.select_related(
            "hand_over__page", "hand_over__organization", "signature__action__supporter"
        )
        name = rows.filter(pk=notice.subject_id).first()
        if name is None or not names_news.may_still_be_told(name):
            return None
        hand_over, action = name.hand_over, name.signature.action
        site = address_of(notice.organization)
        context = {
            "hand_over": hand_over,
            "page": hand_over.page,
            "name": action.given_name or "",
            "address": hand_over.page.full_url if hand_over.page.live else site,
            "organization": notice.organization,
            "choices": _choices(notice, action),
        }
        return Text(
            _("Your signature was handed over"), render_to_string("actions/mail/handed_over.txt", context)
        )


@notice_kinds.register(case_news.NEWS)
class NewsOfACase(NoticeKind):
    """One development, to one who follows the case; nothing when it was taken back, or they follow no more."""

    def write(self, notice: Notice) -> Text | None:
        tellings = CaseTelling.objects.select_related(
            "following__supporter",
            "following__case__organization",
            "following__case__person",
            "news__development__case__organization",
            "news__development__case__person",
        )
        telling = tellings.filter(
            pk=notice.subject_id, following__in=CaseFollowing.objects.in_force()
        ).first()
        today = timezone.now().date()
        public = case_news.shown(telling.news.development, today=today) if telling else None
        if telling is None or public is None:
            return None
        followed = telling.following
        page = following.page_of(followed.case, language=notice.language)
        if page is None:
            return None
        stop = address_of(notice.organization) + reverse(
            "stop_following", args=[following.link_for(followed.pk)]
        )
        one_click = (
            {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if stop.startswith("https:") else {}
        )
        context = {
            "name": followed.supporter.given_name or "",
            "case": following.heading(followed.case, today=today),
            "when": part_dates.parse(public["dated"]).in_words(language=notice.language),
            "title": public["title"],
            "text": public["text"],
            "link": page.full_url,
            "stop": stop,
            "organization": notice.organization,
            "choices": choices_url(followed.supporter, recipient=notice.recipient, language=notice.language),
        }
        return Text(
            _("News of a case that you follow"),
            render_to_string("actions/mail/case_news.txt", context),
            {"List-Unsubscribe": f"<{stop}>", **one_click},
        )


def _own_action(actions: Sequence[Action | CaseFollowing], notice: Notice) -> Action | CaseFollowing | None:
    """The first of `actions` that was taken with the organization that writes: one link may confirm several's."""
    return next((action for action in actions if action.organization_id == notice.organization_id), None)


def _choices(notice: Notice, action: Action | CaseFollowing | None) -> str:
    """The link to the reader's own page, where the mailbox is known to be theirs."""
    if action is None:
        return ""
    return choices_url(action.supporter, recipient=notice.recipient, language=notice.language)
