"""Hours for staff: what comes, what is missing, what is over; opening a page again, telling what was achieved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffPage
from amparo.actions import hours, pacing
from amparo.actions.deadlines import achieving, minding_hours, missing, plan_words
from amparo.actions.models import Achievement, ActionPage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amparo.actions.hours import Hour

HOURS = (gettext_lazy("Hours"), "staff_hours")
#: Pages that are over are shown for so many of them.
MOST_OVER = 30


@dataclass(frozen=True, slots=True)
class PageHour:
    """One page with its hour."""

    page: ActionPage
    hour: Hour | None
    plan: str
    missing: Sequence[str]
    achievement: Achievement | None
    may_reopen: bool
    moved_to: datetime | None


class Hours(StaffPage):
    """Every live page with an hour: first those that come, the nearest first, then those that are over."""

    template_name = "actions/staff/hours.html"
    page_title = gettext_lazy("Hours")
    header_icon = "calendar-alt"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pages = ActionPage.objects.live().filter(organization__in=self.organizations)
        pages = pages.select_related("organization", "hearing__postponed_to").order_by("deadline")
        coming = pages.filter(closed_at__isnull=True, deadline__isnull=False)
        over = pages.filter(closed_at__isnull=False).order_by("-closed_at")[:MOST_OVER]
        return super().get_context_data(**kwargs) | {
            "coming": [self._row(page) for page in coming],
            "over": [self._row(page) for page in over],
        }

    def _row(self, page: ActionPage) -> PageHour:
        specific = page.specific
        is_open = page.takes_actions(now=self.now)
        standing = hours.standing_of(page.hearing) if page.hearing else None
        moment = standing.moment if standing and not is_open else None
        return PageHour(
            page=page,
            hour=hours.hour_of(page, now=self.now),
            plan=plan_words.in_a_sentence(page, pacing.plan(page=page, now=self.now)) if is_open else "",
            missing=missing.sentences(specific, now=self.now) if is_open else [],
            achievement=page.achievements.exclude(state=Achievement.State.WITHDRAWN).first(),
            may_reopen=not is_open and self.may(Role.APPROVER, page.organization_id),
            moved_to=moment if moment and moment > self.now else None,
        )


class _OfOnePage(StaffDeed):
    """A deed about one page of the user's organizations."""

    least_role = Role.APPROVER
    above = (HOURS,)
    header_icon = "calendar-alt"

    @cached_property
    def page(self) -> ActionPage:
        rows = ActionPage.objects.select_related("organization", "hearing__postponed_to")
        found: ActionPage = self.find(rows, pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return self.page.title


class Reopen(_OfOnePage):
    """Open a page again that is over."""

    button = gettext_lazy("Open it again")

    def consequences(self) -> list[str]:
        said = [_("People can take part again at once. Letters that came too late before stay unsent.")]
        if self.page.hearing is not None:
            standing = hours.standing_of(self.page.hearing)
            said.append(
                _("Its hour is that of the hearing now: %(moment)s.")
                % {"moment": f"{standing.moment:%Y-%m-%d %H:%M %Z}"}
                if standing.moment
                else _("No day is known for its hearing; the page shows no deadline.")
            )
        return said

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        minding_hours.reopen(page=self.page, by=self.user, now=self.now)
        return _("“%(page)s” is open again.") % {"page": self.page.title}


class AchievementForm(forms.Form):
    """What was achieved, in words for those who took part."""

    text = forms.CharField(
        label=gettext_lazy("What you achieved"),
        max_length=achieving.LONGEST,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy(
            "Plain text. Say what happened, what part those who acted had in it, and what comes next."
        ),
    )


class TellAchievement(_OfOnePage):
    """Tell those who took part what they achieved, once."""

    form_class = AchievementForm
    button = gettext_lazy("Tell them")

    def consequences(self) -> list[str]:
        number = achieving.who_will_be_told(self.page, now=self.now).count()
        counted = ngettext(
            "%(number)s person who took part wants news by e-mail and gets this.",
            "%(number)s people who took part want news by e-mail and get this.",
            number,
        ) % {"number": number}
        said = [counted, _("It also stands on each one's own page, under what they signed. It is sent once.")]
        if number > achieving.SECOND_PERSON_ABOVE:
            said.append(_("That is many people: somebody else has to agree first."))
        else:
            said.append(_("It leaves in half an hour; until then you can take it back here."))
        return said

    def act(self, form: Any) -> str:
        written = achieving.ask(page=self.page, text=form.cleaned_data["text"], by=self.user, now=self.now)
        if written.state == Achievement.State.WAITING:
            return _("It waits for somebody else to agree.")
        return _("It leaves in half an hour.")


class _OfOneAchievement(StaffDeed):
    least_role = Role.APPROVER
    above = (HOURS,)
    header_icon = "calendar-alt"

    @cached_property
    def achievement(self) -> Achievement:
        rows = Achievement.objects.select_related("page", "organization")
        found: Achievement = self.find(rows, pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return self.achievement.page.title


class AgreeToAchievement(_OfOneAchievement):
    """The second person's yes."""

    button = gettext_lazy("Agree")

    def consequences(self) -> list[str]:
        number = achieving.who_will_be_told(self.achievement.page, now=self.now).count()
        return [
            ngettext("%(number)s person gets this:", "%(number)s people get this:", number)
            % {"number": number},
            self.achievement.text,
            _("It leaves half an hour after you agree."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        achieving.agree(achievement=self.achievement, by=self.user, now=self.now)
        return _("It leaves in half an hour.")


class TakeBackAchievement(_OfOneAchievement):
    """Stop it before it has left."""

    serious = True
    button = gettext_lazy("Take it back")

    def consequences(self) -> list[str]:
        told = ngettext(
            "%(number)s mail has been posted already.",
            "%(number)s mails have been posted already.",
            self.achievement.told,
        ) % {"number": self.achievement.told}
        return [told, _("No more of it leaves. You can write another; nobody gets a second one.")]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        achieving.take_back(achievement=self.achievement, by=self.user, now=self.now)
        return _("It was taken back.")
