"""Doing something with ticked letters: first what will happen, then, on a second POST, it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.admin import messages

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffPage
from amparo.actions.desk.letter_deeds import DEEDS, LetterDeed, left_as_they_are
from amparo.actions.desk.staff_views import LETTERS, LetterFilters
from amparo.actions.models import Message
from amparo.actions.pacing import gap
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from django import forms
    from django.db.models import QuerySet
    from django.http.response import HttpResponseBase

#: Letters moved in one transaction; whoever has more does it again.
MOST_AT_ONCE = 1_000
#: Targets named in the question; the others are counted.
TARGETS_NAMED = 10


class Moderation(StaffPage):
    """One deed on the letters that were ticked, or on all that the list shows."""

    least_role = Role.APPROVER
    http_method_names = ["post"]
    template_name = "actions/staff/moderation.html"
    above = (LETTERS,)
    header_icon = "mail"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        if not self.chosen:
            messages.warning(request, _("Tick the letters first."))
            return HttpResponseRedirect(self.after())
        sure = "sure" in request.POST
        form = self.deed.form(request.POST if sure else None)
        if sure and form.is_valid() and self._done(form):
            return HttpResponseRedirect(self.after())
        return self.render_to_response(self.get_context_data(form=form))

    def _done(self, form: forms.Form) -> bool:
        try:
            moved = self.deed.act(messages=self.letters, form=form, by=self.user, now=self.now)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return False
        sentence = self.deed.sentence_after(len(moved))
        left = len(self.chosen) - len(moved)
        (messages.success if moved else messages.warning)(
            self.request, f"{sentence} {left_as_they_are(left)}" if left else sentence
        )
        return True

    @cached_property
    def deed(self) -> LetterDeed:
        slug = self.request.POST.get("deed", "")
        if slug not in DEEDS:
            raise Http404
        return DEEDS[slug]

    @cached_property
    def chosen(self) -> list[UUID]:
        """The letters meant, at most a thousand; 404 as soon as one of them is not the user's to move."""
        mine = Message.objects.filter(organization__in=self.organizations)
        if "all" in self.request.POST:
            return list(self._listed(mine).order_by("created_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
        ids = {_uuid(value) for value in self.request.POST.getlist("letter")[:MOST_AT_ONCE]}
        found = list(mine.filter(pk__in=ids).order_by("created_at").values_list("pk", flat=True))
        if len(found) != len(ids):
            raise Http404
        return found

    def _listed(self, mine: QuerySet[Message]) -> QuerySet[Message]:
        """What the list showed: its filters once more; its search has to be given up for them."""
        filters = LetterFilters(QueryDict(self.request.POST.get("query", "")), mine, request=self.request)
        found: QuerySet[Message] = filters.qs if filters.is_valid() else mine.none()
        return found

    @property
    def letters(self) -> QuerySet[Message]:
        return Message.objects.filter(organization__in=self.organizations, pk__in=self.chosen)

    def get_page_title(self) -> str:
        return str(self.deed.label)

    def after(self) -> str:
        """Back to the one letter, or to the list as it was."""
        if len(self.chosen) == 1 and "single" in self.request.POST:
            return reverse("staff_letter", args=[self.chosen[0]])
        query = QueryDict(self.request.POST.get("query", "")).urlencode()
        return reverse("staff_letters") + (f"?{query}" if query else "")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        touched = self.deed.touches(self.letters, self.now)
        count = touched.count()
        form = kwargs["form"]
        uncertain = touched.filter(state=Message.State.UNCERTAIN).count()
        if "twice" in form.fields and not uncertain:
            del form.fields["twice"]
        return super().get_context_data(**kwargs) | {
            "deed": self.deed,
            "button": self.deed.label,
            "serious": self.deed.serious,
            "consequences": self._consequences(count, uncertain),
            "targets": _targets(touched),
            "chosen": self.chosen,
            "query": self.request.POST.get("query", ""),
            "single": "single" in self.request.POST,
            "back": self.after(),
        }

    def _consequences(self, count: int, uncertain: int) -> list[str]:
        certain = count - uncertain if self.deed.slug == "retry" else count
        said = [self.deed.sentence_before(certain)] if certain or not uncertain else []
        if left := len(self.chosen) - count:
            said.append(left_as_they_are(left))
        if self.deed.slug in {"release", "retry"} and count:
            minutes = max(round(gap().total_seconds() / 60), 1)
            said.append(
                ngettext(
                    "A target receives one letter a minute.",
                    "A target receives one letter every %(minutes)d minutes.",
                    minutes,
                )
                % {"minutes": minutes}
            )
        if uncertain and self.deed.slug == "retry":
            said.append(
                ngettext(
                    "%(count)d letter is uncertain: it has probably arrived. It is sent again only if you tick below.",
                    "%(count)d letters are uncertain: they have probably arrived. They are sent again only if you tick"
                    " below.",
                    uncertain,
                )
                % {"count": uncertain}
            )
        if len(self.chosen) == MOST_AT_ONCE:
            said.append(
                _("At most 1,000 letters are moved at once, the oldest first. Do it again for the rest.")
            )
        return said


def _targets(touched: QuerySet[Message]) -> list[str]:
    """To whom, with how many each; the rest as one line."""
    counted = list(
        touched.order_by()
        .values_list("target_name", "target_label")
        .annotate(number=Count("pk"))
        .order_by("-number", "target_label")[: TARGETS_NAMED + 1]
    )
    named = [
        _("%(target)s: %(number)d") % {"target": f"{name}, {label}" if name else label, "number": number}
        for name, label, number in counted[:TARGETS_NAMED]
    ]
    return [*named, _("and others")] if len(counted) > TARGETS_NAMED else named


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Http404 from None
