"""A question about supporters: a tree of conditions, as it is stored, as it is asked and as it is read aloud.

Stored as JSON: `{"all": […]}`, `{"any": […]}`, `{"not": …}` and `{"filter": "country", "countries": ["GB"]}`. Whatever
comes from outside goes through `read`, which knows nothing it was not told: an unknown filter, key or value, another
organization's tag or page, a tree too deep or too long is refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.supporters.listed import Listed
from amparo.supporters.registry import SegmentFilter, segment_filters

if TYPE_CHECKING:
    from datetime import datetime

    from django.forms import Field

    from amparo.organizations.models import Organization

#: Deeper or longer questions can be read by nobody, and cost a database more than they tell.
DEEPEST, MOST_CONDITIONS, MOST_VALUES, LONGEST_VALUE = 10, 40, 300, 400
JOINS = ("all", "any")


class NotAQuestion(Refusal):
    """What was handed in is no question that can be asked here."""

    sentence = _("This is no question about supporters.")


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter with its values, or its opposite."""

    slug: str
    filter: SegmentFilter
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions and groups of which all hold, or any; or, turned round, not all, or none."""

    join: str
    parts: tuple[Condition | Group, ...]
    negated: bool = False


def read(question: object, *, organization: Organization) -> Group:
    """The question that this JSON stands for, in which everything named is `organization`'s. Raises `NotAQuestion`."""
    root = _Reading(organization).node(question, depth=0)
    return root if isinstance(root, Group) else Group("all", (root,))


def plain(node: Condition | Group) -> dict[str, Any]:
    """The JSON under which it is stored, and which `read` reads."""
    if isinstance(node, Group):
        found: dict[str, Any] = {node.join: [plain(part) for part in node.parts]}
    else:
        found = {"filter": node.slug, **_values_of(node.filter)}
    return {"not": found} if node.negated else found


def condition(node: Condition | Group, *, now: datetime) -> Q:
    """What it asks of the database."""
    found = _asked(node, turned=False, now=now, joined=True)
    return found.asked(joined=True) if isinstance(found, Listed) else found


def _asked(node: Condition | Group, *, turned: bool, now: datetime, joined: bool) -> Q | Listed:
    """The same, or its opposite; `joined` as long as everything above it has to hold (`supporters.listed`).

    Opposites go down to the conditions, of which each is yes or no for everybody: “not (A or B)” is “not A, and not B”.
    """
    turned ^= node.negated
    if isinstance(node, Condition):
        found = node.filter.condition(now=now)
        return ~found if turned else found
    is_any = (node.join == "any") ^ turned
    joined = joined and not (is_any and len(node.parts) > 1)
    parts = [_asked(part, turned=turned, now=now, joined=joined) for part in node.parts]
    # Lists of which any one is enough are one list.
    lists = [part for part in parts if isinstance(part, Listed) and not part.turned] if is_any else []
    if lists and len(lists) == len(parts):
        return reduce(or_, lists)
    others = [part for part in parts if not any(part is listed for listed in lists)]
    asked = Q(_connector=Q.OR if is_any else Q.AND)
    asked.children.extend(
        part.asked(joined=joined) if isinstance(part, Listed) else part
        for part in [*others, *([reduce(or_, lists)] if lists else [])]
    )
    return asked


def sentence(root: Group) -> str:
    """The question as a campaigner says it: “Everybody who lives in France, and signed “Free Ilan”.”"""
    if not root.parts and not root.negated:
        return gettext("Everybody on the list.")
    return gettext("Everybody who %(conditions)s.") % {
        "conditions": _in_words(root, turned=False, inner=False)
    }


def _in_words(node: Condition | Group, *, turned: bool, inner: bool) -> str:
    turned ^= node.negated
    if isinstance(node, Condition):
        return node.filter.opposite() if turned else node.filter.sentence()
    said = [_in_words(part, turned=turned, inner=len(node.parts) > 1) for part in node.parts]
    if (node.join == "any") ^ turned:
        joined = pgettext("between conditions", ", or ").join(said)
    else:
        joined = pgettext("between conditions", ", and ").join(said)
    return f"({joined})" if inner and len(said) > 1 else joined


class _Reading:
    """Reads one tree, and counts as it goes."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.conditions = 0

    def node(self, found: object, *, depth: int) -> Condition | Group:
        if depth > DEEPEST:
            raise NotAQuestion(_("The groups lie too deep in one another; at most %(most)d."), most=DEEPEST)
        if not isinstance(found, Mapping) or not all(isinstance(key, str) for key in found):
            raise NotAQuestion
        if "filter" in found:
            return self._condition(found)
        if len(found) != 1:
            raise NotAQuestion
        ((join, inside),) = found.items()
        if join == "not":
            return self._turned(inside, depth=depth)
        if join not in JOINS or not isinstance(inside, list):
            raise NotAQuestion
        if not inside and depth:
            raise NotAQuestion(_("A group has no condition in it."))
        if len(inside) > MOST_CONDITIONS:
            raise self._too_many()
        return Group(join, tuple(self.node(part, depth=depth + 1) for part in inside))

    def _turned(self, inside: object, *, depth: int) -> Condition | Group:
        part = self.node(inside, depth=depth + 1)
        if isinstance(part, Condition):
            return Condition(part.slug, part.filter, not part.negated)
        if not part.parts:
            raise NotAQuestion(_("A group has no condition in it."))
        return Group(part.join, part.parts, not part.negated)

    def _condition(self, found: Mapping[str, Any]) -> Condition:
        self.conditions += 1
        if self.conditions > MOST_CONDITIONS:
            raise self._too_many()
        slug = found["filter"]
        if not isinstance(slug, str) or slug not in segment_filters:
            raise NotAQuestion(_("One of the conditions is of a kind that is not known here."))
        values = {key: value for key, value in found.items() if key != "filter"}
        return Condition(slug, fill(slug, values, organization=self.organization))

    def _too_many(self) -> NotAQuestion:
        return NotAQuestion(_("A question may have at most %(most)d conditions."), most=MOST_CONDITIONS)


def fill(slug: str, values: Mapping[str, Any], *, organization: Organization) -> SegmentFilter:
    """The filter with these values, all of which it takes. Raises `NotAQuestion` with its first complaint."""
    data: MultiValueDict[str, str] = MultiValueDict()
    for key, value in values.items():
        data.setlist(key, _texts(value))
    filled = segment_filters.get(slug)(data, organization=organization)
    one_at_most = {name for name, field in filled.fields.items() if not _takes_many(field)}
    if not set(data) <= set(filled.fields) or any(len(data.getlist(name)) > 1 for name in one_at_most):
        raise NotAQuestion(
            _("“%(filter)s” was given something that it does not ask for."), filter=filled.label
        )
    if not filled.is_valid():
        complaint = next(iter(filled.errors.values()))[0]
        raise NotAQuestion(_("“%(filter)s”: %(complaint)s"), filter=filled.label, complaint=complaint)
    return filled


def _texts(value: object) -> list[str]:
    """A value, or a list of them, as a form would send it."""
    values = value if isinstance(value, list) else [value]
    if len(values) > MOST_VALUES:
        raise NotAQuestion(_("A condition names more than %(most)d things."), most=MOST_VALUES)
    if not all(isinstance(each, str | int) and not isinstance(each, bool) for each in values):
        raise NotAQuestion
    texts = [str(each) for each in values]
    if any(len(text) > LONGEST_VALUE or "\0" in text for text in texts):
        raise NotAQuestion
    return texts


def _values_of(filled: SegmentFilter) -> dict[str, Any]:
    """What the form was given, in the order of its fields; what was left empty is left out."""
    found: dict[str, Any] = {}
    for name, field in filled.fields.items():
        given = [text for text in filled.data.getlist(name) if text]  # type: ignore[attr-defined]
        if given:
            found[name] = given if _takes_many(field) else given[-1]
    return found


def _takes_many(field: Field) -> bool:
    return bool(getattr(field.widget, "allow_multiple_selected", False))
