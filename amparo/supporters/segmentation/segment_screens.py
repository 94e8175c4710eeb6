"""What the screens of segments have in common: a question is asked, and told as far as the reader may know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts.staff_screens import StaffPage
from amparo.kit.refusal import Refusal
from amparo.supporters import questions
from amparo.supporters.models import Channel, Purpose, Segment
from amparo.supporters.screens import SUPPORTERS, NamesScreen
from amparo.supporters.segmentation import segments
from amparo.supporters.showing import names_of

if TYPE_CHECKING:
    from amparo.organizations.models import Organization
    from amparo.supporters.questions import Group
    from amparo.supporters.segmentation.segments import Answer
    from amparo.supporters.showing import Named

SEGMENTS = (gettext_lazy("Segments"), "staff_segments")
#: Cells below this are not told to those who may not see names: they could be put together to find one person (P8).
SMALLEST_CELL = 10


def in_words(segment: Segment) -> str:
    """A segment's question as a sentence, or why it cannot be asked any more."""
    try:
        return questions.sentence(questions.read(segment.question, organization=segment.organization))
    except Refusal as refusal:
        return _("Cannot be asked any more. %(why)s") % {"why": refusal}


class OneSegment(NamesScreen):
    """A screen about one segment of the user's organizations."""

    header_icon = "list-ul"
    above = (SUPPORTERS, SEGMENTS)

    @cached_property
    def segment(self) -> Segment:
        found: Segment = self.find(Segment.objects.select_related("organization"), pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return self.segment.name


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as the reader may see it, what it counts, and how many of a hundred, where that is told."""

    number: str
    label: str
    share: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as the reader may see it."""

    matching: str
    sendable: Figure
    excluded: list[Figure]
    #: Whether too few match to show any of them.
    few: bool


def tell(answer: Answer, *, everything: bool) -> Told:
    """Every number to those who may see names; to others none below ten, nor one more by which it could be found."""
    cells = {"": answer.sendable} | {reason.value: number for reason, number in answer.excluded.items()}
    small = set() if everything else {name for name, number in cells.items() if 0 < number < SMALLEST_CELL}
    hidden = set(small)
    if len(small) == 1:
        others = sorted((number, name) for name, number in cells.items() if number and name not in small)
        hidden |= {name for _number, name in others[:1]}

    def figure(name: str, label: str) -> Figure:
        if name in small:
            return Figure(_few(), label, None)
        if name in hidden:
            return Figure(_("not shown"), label, None)
        share = round(100 * cells[name] / answer.matching) if answer.matching else 0
        return Figure(in_digits(cells[name]), label, share)

    few = not everything and 0 < answer.matching < SMALLEST_CELL
    return Told(
        matching=_few() if few else in_digits(answer.matching),
        sendable=figure("", _("may be written to")),
        excluded=[] if few else [figure(reason.value, str(reason.label)) for reason in answer.excluded],
        few=few,
    )


def in_digits(number: int) -> str:
    """With thin spaces between the thousands, as everywhere in the world."""
    return f"{number:,}".replace(",", "\u202f")


def _few() -> str:
    return _("fewer than %(number)d") % {"number": SMALLEST_CELL}


class ReachForm(forms.Form):
    """What the count is for: who may be written to differs by purpose and channel."""

    purpose = forms.ChoiceField(
        label=gettext_lazy("To write to them for"),
        choices=[(each.value, each.label) for each in (Purpose.NEWS, Purpose.FUNDRAISING, Purpose.EVENTS)],
        required=False,
    )
    channel = forms.ChoiceField(label=gettext_lazy("by"), choices=Channel.choices, required=False)

    def chosen(self) -> tuple[Purpose, Channel]:
        """News by e-mail unless something else was chosen."""
        cleaned = self.cleaned_data if self.is_valid() else {}
        return Purpose(cleaned.get("purpose") or Purpose.NEWS), Channel(
            cleaned.get("channel") or Channel.EMAIL
        )


class AskingScreen(NamesScreen, StaffPage):
    """A screen that asks a question of one organization and shows the answer."""

    @cached_property
    def organization(self) -> Organization:
        raise NotImplementedError

    @property
    def sees_names(self) -> bool:
        return self.organization.pk in self.open_organizations

    def answered(self, root: Group) -> dict[str, Any]:
        """The count of a question that was read, for what the reader chose to write."""
        reach = ReachForm(self.request.POST or self.request.GET)
        purpose, channel = reach.chosen()
        found = segments.matching(root, organization=self.organization, now=self.now)
        answer = segments.count_of(found, purpose=purpose, channel=channel, now=self.now)
        return {
            "found": found,
            "told": tell(answer, everything=self.sees_names),
            "sentence": questions.sentence(root),
            "anybody": bool(answer.matching),
            "reach": reach,
        }

    def ten_of(self, answered: dict[str, Any]) -> list[tuple[Any, Named]]:
        """Ten of those who match, by chance; their names only for those who may read them."""
        if answered["told"].few or not answered["anybody"]:
            return []
        drawn = segments.sample(answered["found"])
        names = names_of(drawn, readable=self.open_organizations)
        return [(supporter, names[supporter.pk]) for supporter in drawn]
