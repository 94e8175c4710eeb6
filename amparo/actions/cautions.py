"""What action pages bring to the register's cautions: their texts about a case, and names of people who left office.

A campaign binds to posts, and the holder is looked up when a letter leaves. A text that names somebody is not: it goes
on naming them after they left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from amparo.actions.models import ActionPage
from amparo.cases.cautions import texts_of_page
from amparo.cases.models import Case
from amparo.cases.registry import Caution, Look, PublicText, cautions, public_texts
from amparo.content.brace_words import texts_of
from amparo.targets.models import Dataset, Membership

if TYPE_CHECKING:
    from datetime import date

_WORD = re.compile(r"[^\W\d_]+")


@public_texts.register("action")
def texts_of_actions(case: Case) -> Iterator[PublicText]:
    """The action pages of the case's campaign; where it has several cases, those that name this person."""
    if case.campaign_id is None:
        return
    alone = not Case.objects.filter(campaign=case.campaign_id).exclude(pk=case.pk).exists()
    names = [name.text for name in case.person.names.all() if name.text]
    pages = ActionPage.objects.filter(campaign=case.campaign_id, organization=case.organization_id).live()
    for page in pages.specific().iterator():
        texts = list(texts_of_page(page))
        if alone or any(name in text.text for name in names for text in texts):
            yield from texts


@dataclass(frozen=True, slots=True)
class _Former:
    """Somebody who held a post, and until when."""

    name: str
    post: str
    key: str
    until: date


@cautions.register("former-holder")
def former_holders(look: Look) -> Iterator[Caution]:
    """Live action pages of which a text names somebody who has left the post they are known for."""
    if look.of_one_case:
        pages = ActionPage.objects.filter(campaign__in=[case.campaign_id for case in look.cases])
    else:
        pages = ActionPage.objects.all()
    former: Mapping[str, list[_Former]] | None = None
    for page in pages.filter(organization=look.organization).live().specific().iterator():
        former = _former_by_word(look) if former is None else former
        texts = texts_of(page)
        words = {word.casefold() for text in texts for word in _WORD.findall(text)}
        for each in sorted({one for word in words for one in former.get(word, [])}, key=lambda one: one.key):
            if any(each.name in text for text in texts):
                yield Caution(
                    "former-holder",
                    _("The page “%(title)s” names %(name)s, who left this office on %(day)s: %(post)s.")
                    % {
                        "title": page.title,
                        "name": each.name,
                        "day": date_format(each.until),
                        "post": each.post,
                    },
                    reverse("wagtailadmin_pages:edit", args=[page.pk]),
                    (str(page.pk), each.key, each.name),
                )


def _former_by_word(look: Look) -> Mapping[str, list[_Former]]:
    """Those who left a post and do not hold it now, by the last word of their name, in small letters.

    Somebody who was elected again holds it: what ended is the former term.
    """
    datasets = Dataset.objects.active().visible_to(look.organization)
    memberships = Membership.objects.filter(dataset__in=datasets)
    ended = memberships.filter(end__lte=look.today).select_related("person", "post__dataset")
    holding = set(
        memberships.filter(Q(end__isnull=True) | Q(end__gt=look.today))
        .annotate(name=F("person__name"))
        .values_list("post_id", "name")
    )
    found: dict[str, list[_Former]] = {}
    for membership in ended:
        name = membership.person.name
        words = _WORD.findall(name)
        if words and membership.end and (membership.post_id, name) not in holding:
            former = _Former(name, membership.post.label, membership.post.key, membership.end)
            found.setdefault(words[-1].casefold(), []).append(former)
    return found
