"""The builder of questions: it works without a script, and more smoothly with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from amparo.kit.refusal import Refusal
from amparo.supporters import questions
from amparo.supporters.models import Segment
from amparo.supporters.registry import HEADINGS, segment_filters
from amparo.supporters.screens import SUPPORTERS
from amparo.supporters.segmentation import question_drafts, segmenting
from amparo.supporters.segmentation.segment_screens import SEGMENTS, AskingScreen, OneSegment, ReachForm

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from amparo.organizations.models import Organization
    from amparo.supporters.segmentation.question_drafts import DraftCondition, DraftGroup


class Builder(AskingScreen):
    """A question being built. Every button posts the whole form; only “Save” stores anything."""

    template_name = "supporters/staff/segment_builder.html"
    header_icon = "list-ul"
    above = (SUPPORTERS, SEGMENTS)
    page_title = gettext_lazy("New segment")

    @cached_property
    def organization(self) -> Organization:
        wanted = self.kwargs["organization"]
        for organization in self.organizations:
            if organization.pk == wanted:
                return organization
        # The same answer as for one that there is not.
        found: Organization = self.find(Segment.objects.none())
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        return self._show(self.first_draft(), name=self.first_name())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        root = question_drafts.draft_from(request.POST)
        deed, name = request.POST.get("do", "count"), request.POST.get("name", "")
        if deed == "save":
            try:
                segment = self.save(name=name, question=question_drafts.question_of(root))
            except Refusal as refusal:
                return self._show(root, name=name, refusal=str(refusal), complains=True)
            messages.success(request, _("“%(name)s” is saved.") % {"name": segment.name})
            return HttpResponseRedirect(reverse("staff_segment", args=[segment.pk]))
        question_drafts.step(root, deed, request.POST, self.organization)
        asked = deed in {"count", "ten"}
        return self._show(root, name=name, complains=asked, shows_ten=deed == "ten")

    def first_draft(self) -> DraftGroup:
        return question_drafts.draft_of({"all": []})

    def first_name(self) -> str:
        return ""

    def save(self, *, name: str, question: dict[str, Any]) -> Segment:
        """Store what was built. Raises the refusals of `segmenting`."""
        return segmenting.keep(
            organization=self.organization, name=name, question=question, by=self.user, now=self.now
        )

    def _show(
        self,
        root: DraftGroup,
        *,
        name: str,
        refusal: str = "",
        complains: bool = False,
        shows_ten: bool = False,
    ) -> HttpResponse:
        context = {
            "root": self._node(root, complains=complains, deep=0),
            "name": name,
            "refusal": refusal,
            "organization": self.organization,
            "sees_names": self.sees_names,
            "count_url": reverse("staff_segment_count", args=[self.organization.pk]),
            "longest_name": segmenting.LONGEST_NAME,
            "reach": ReachForm(self.request.POST or self.request.GET),
        } | answer_to(self, root, shows_ten=shows_ten)
        return self.render_to_response(self.get_context_data(**context))

    def _node(self, part: DraftCondition | DraftGroup, *, complains: bool, deep: int) -> dict[str, Any]:
        """One part of the tree as the template shows it."""
        if isinstance(part, question_drafts.DraftGroup):
            inner = [self._node(each, complains=complains, deep=deep + 1) for each in part.parts]
            for each in inner:
                each["inside"] = part.number
            joins = [("all", _("all of these")), ("any", _("any of these")), ("none", _("none of these"))]
            word = {"all": _("and"), "any": _("or"), "none": _("nor")}[part.join]
            return {
                "is_group": True,
                "number": part.number,
                "join": part.join,
                "joins": joins,
                "word": word,
                "parts": inner,
                "inside": None,
                "choices": self._choices,
                "may_nest": deep + 1 < question_drafts.DEEPEST,
            }
        form = part.bound(self.organization)
        complaints = form.errors if complains else {}
        return {
            "is_group": False,
            "number": part.number,
            "slug": part.slug,
            "label": form.label,
            "negated": part.negated,
            "fields": [(field, complaints.get(field.name, [])) for field in form],
            "complaints": form.non_field_errors() if complains else [],
        }

    @cached_property
    def _choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What can be asked, under its headings; what the organization has nothing for is left out."""
        offered = [
            (slug, kind, kind(organization=self.organization)) for slug, kind in segment_filters.items()
        ]
        return [
            (
                str(heading),
                sorted(
                    (
                        (slug, str(kind.label))
                        for slug, kind, form in offered
                        if kind.heading == heading and form.is_offered()
                    ),
                    key=lambda pair: pair[1],
                ),
            )
            for heading in HEADINGS
        ]


class ChangeSegment(OneSegment, Builder):
    """The same builder, begun with a stored question."""

    @cached_property
    def organization(self) -> Organization:
        return self.segment.organization

    def get_page_title(self) -> str:
        return _("Change “%(name)s”") % {"name": self.segment.name}

    def first_draft(self) -> DraftGroup:
        return question_drafts.draft_of(self.segment.question)

    def first_name(self) -> str:
        return self.segment.name

    def save(self, *, name: str, question: dict[str, Any]) -> Segment:
        segmenting.change(segment=self.segment, name=name, question=question, by=self.user, now=self.now)
        return self.segment


class CountQuestion(Builder):
    """The answer alone, for the script that asks while somebody builds."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        root = question_drafts.draft_from(request.POST)
        context = answer_to(self, root, shows_ten=False) | {"sees_names": self.sees_names}
        return render(request, "supporters/staff/_segment_answer.html", context)


def answer_to(screen: AskingScreen, root: DraftGroup, *, shows_ten: bool) -> dict[str, Any]:
    """The answer to a draft, or why there is none yet."""
    try:
        read = questions.read(question_drafts.question_of(root), organization=screen.organization)
    except Refusal as refusal:
        return {"unfinished": str(refusal)}
    answered = screen.answered(read)
    return answered | {"ten": screen.ten_of(answered) if shows_ten else []}
