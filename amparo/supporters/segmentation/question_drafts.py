"""A question while somebody builds it: a tree that may still be unfinished, carried from page to page by a form.

Every part has a number. `n0` is the outermost group; `n3_in=1` says that part 3 lies in group 1, `n3_filter=country`
what it asks, `n3_not=1` that it is turned round, and `n3-countries=GB` is a value of its filter's form. Nothing is
kept between two requests: the form holds all of it, so that Back, reload and a second window do no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.datastructures import MultiValueDict

from amparo.supporters.questions import MOST_CONDITIONS
from amparo.supporters.registry import segment_filters

if TYPE_CHECKING:
    from django.http import QueryDict

    from amparo.organizations.models import Organization
    from amparo.supporters.registry import SegmentFilter

#: Groups in one another; a campaigner rarely needs two.
DEEPEST = 4
_PART = re.compile(r"n(\d{1,3})_in")
#: How a group joins its parts; “none” is any, turned round.
JOINS = ("all", "any", "none")


@dataclass
class DraftCondition:
    """One condition, with whatever was typed so far."""

    slug: str
    values: MultiValueDict[str, str] = field(default_factory=MultiValueDict)
    negated: bool = False
    number: int = 0
    is_group: ClassVar[bool] = False

    def bound(self, organization: Organization) -> SegmentFilter:
        """Its filter's form as it is shown, with what was typed."""
        prefixed: MultiValueDict[str, str] = MultiValueDict(
            {f"n{self.number}-{name}": values for name, values in self.values.lists()}
        )
        return segment_filters.get(self.slug)(
            prefixed, prefix=f"n{self.number}", organization=organization, use_required_attribute=False
        )


@dataclass
class DraftGroup:
    """A group of conditions and groups."""

    join: str = "all"
    parts: list[DraftCondition | DraftGroup] = field(default_factory=list)
    number: int = 0
    is_group: ClassVar[bool] = True

    def all_parts(self) -> Iterator[DraftCondition | DraftGroup]:
        """Itself and everything in it, from above to below."""
        yield self
        for part in self.parts:
            if isinstance(part, DraftGroup):
                yield from part.all_parts()
            else:
                yield part


# --- From what is stored, and back ----------------------------------------------------------------


def draft_of(question: Any) -> DraftGroup:
    """What a stored question looks like in the builder; what it does not understand is left out."""
    part = _part_of(question)
    root = part if isinstance(part, DraftGroup) else DraftGroup("all", [part] if part else [])
    return _numbered(root)


def _part_of(found: Any) -> DraftCondition | DraftGroup | None:
    if not isinstance(found, Mapping):
        return None
    if "not" in found:
        return _turned(_part_of(found["not"]))
    if "filter" in found:
        if found["filter"] not in segment_filters:
            return None
        values = {
            key: [str(each) for each in (value if isinstance(value, list) else [value])]
            for key, value in found.items()
            if key != "filter"
        }
        return DraftCondition(found["filter"], MultiValueDict(values))
    for join in ("all", "any"):
        if isinstance(found.get(join), list):
            parts = [part for part in map(_part_of, found[join]) if part is not None]
            return DraftGroup(join, parts)
    return None


def _turned(part: DraftCondition | DraftGroup | None) -> DraftCondition | DraftGroup | None:
    if isinstance(part, DraftCondition):
        part.negated = not part.negated
    elif isinstance(part, DraftGroup):
        opposite = {"any": "none", "none": "any"}.get(part.join)
        if opposite is None:
            return DraftGroup("none", [part])
        part.join = opposite
    return part


def question_of(part: DraftCondition | DraftGroup) -> dict[str, Any]:
    """The question as `questions.read` takes it; groups without a condition are passed over, as not yet begun."""
    if isinstance(part, DraftCondition):
        values: dict[str, Any] = {}
        for name, given in part.values.lists():
            typed = [text for text in given if text]
            if typed:
                values[name] = typed if len(typed) > 1 else typed[0]
        asked: dict[str, Any] = {"filter": part.slug, **values}
        return {"not": asked} if part.negated else asked
    begun = [each for each in part.parts if not isinstance(each, DraftGroup) or _has_condition(each)]
    parts = [question_of(each) for each in begun]
    if part.join == "none" and parts:
        return {"not": {"any": parts}}
    return {part.join if parts else "all": parts}


def _has_condition(group: DraftGroup) -> bool:
    return any(not part.is_group for part in group.all_parts())


# --- From a form, and a step further --------------------------------------------------------------


def draft_from(post: QueryDict) -> DraftGroup:
    """The tree that the posted form holds; whatever does not fit is left out."""
    root = DraftGroup(_join(post, 0))
    groups: dict[int, DraftGroup] = {0: root}
    depth = {0: 0}
    numbers = sorted({int(match[1]) for match in map(_PART.fullmatch, post) if match})
    for number in numbers[: MOST_CONDITIONS * 2]:
        inside = post.get(f"n{number}_in", "")
        above = int(inside) if inside.isdecimal() else -1
        if above not in groups:
            continue
        slug = post.get(f"n{number}_filter")
        if slug is None:
            if depth[above] + 1 < DEEPEST:
                groups[number] = DraftGroup(_join(post, number), number=number)
                depth[number] = depth[above] + 1
                groups[above].parts.append(groups[number])
        elif slug in segment_filters:
            groups[above].parts.append(_condition_from(post, number, slug))
    return root


def _condition_from(post: QueryDict, number: int, slug: str) -> DraftCondition:
    start = f"n{number}-"
    values = {name.removeprefix(start): post.getlist(name) for name in post if name.startswith(start)}
    return DraftCondition(slug, MultiValueDict(values), bool(post.get(f"n{number}_not")), number)


def _join(post: QueryDict, number: int) -> str:
    join = post.get(f"n{number}_join", "all")
    return join if join in JOINS else "all"


def step(root: DraftGroup, deed: str, post: QueryDict, organization: Organization) -> None:
    """Do what a button of the builder says: `add:0`, `group:0`, `remove:4`. Anything else changes nothing."""
    verb, _colon, target = deed.partition(":")
    if not target.isdecimal():
        return
    number = int(target)
    for part in list(root.all_parts()):
        if not isinstance(part, DraftGroup):
            continue
        if verb == "remove":
            part.parts = [each for each in part.parts if each.number != number]
        elif part.number == number and verb == "group":
            part.parts.append(DraftGroup("any"))
        elif part.number == number and verb == "add":
            slug = post.get(f"n{number}_add", "")
            if slug in segment_filters:
                part.parts.append(_begun(slug, organization))
    _numbered(root)


def _begun(slug: str, organization: Organization) -> DraftCondition:
    """A new condition, with what its filter offers to begin with."""
    fresh = segment_filters.get(slug)(organization=organization)
    initial = {name: [str(each.initial)] for name, each in fresh.fields.items() if each.initial is not None}
    return DraftCondition(slug, MultiValueDict(initial))


def _numbered(root: DraftGroup) -> DraftGroup:
    """Numbers from above to below, so that every group has a smaller one than its parts."""
    for number, part in enumerate(root.all_parts()):
        part.number = number
    return root
