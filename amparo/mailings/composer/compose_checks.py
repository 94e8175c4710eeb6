"""What a mailing's text may not hold: words in braces that nobody fills in, and what is another organization's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy
from wagtail.models import GroupCollectionPermission, Page

from amparo.accounts.models import Role
from amparo.accounts.roles import group_name
from amparo.content.brace_words import brace_words
from amparo.content.models import CreditedImage, SiteIdentity
from amparo.kit.refusal import Refusal
from amparo.mailings.composer.block_kinds import stream_for
from amparo.mailings.merge_fields import FIELD, merge_fields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amparo.organizations.models import Organization

_BRACES = re.compile(r"\{+[^{}\n]*\}+")
_BRACE_WORD = re.compile(r"\{([a-z]+):[^{}\n]*\}")


class UnknownField(Refusal):
    sentence = gettext_lazy(
        "There is no merge field %(field)s. There are: %(known)s. What stands for readers of whom it is not known"
        " follows a stroke: {first name|friend}."
    )


class NotYours(Refusal):
    sentence = gettext_lazy("“%(title)s” belongs to another organization.")


def check_fields(texts: Iterable[str], *, with_register: bool = False) -> None:
    """Raises `UnknownField` for the first word in braces that nobody fills in.

    Words of the register, such as {figure:held}, are filled in where their source can stand below: in text blocks.
    """
    for text in texts:
        for found in _BRACES.findall(text):
            word = _BRACE_WORD.fullmatch(found)
            if with_register and word and word[1] in brace_words:
                continue
            field = FIELD.fullmatch(found)
            if field is None or field[1] not in merge_fields:
                known = ", ".join(f"{{{name}}}" for name in merge_fields)
                raise UnknownField(field=found, known=known)


def check_whose(raw: list[dict[str, Any]], *, organization: Organization) -> None:
    """Raises `NotYours` for a page, or a picture, that is another organization's or nobody's."""
    stream = stream_for(organization)
    named: dict[type, set[str]] = {}
    for model, pk, _model_path, _content_path in stream.extract_references(stream.to_python(raw)):
        named.setdefault(model, set()).add(str(pk))
    for page in Page.objects.filter(pk__in=named.get(Page, set())):
        site = page.get_site()
        if not SiteIdentity.objects.filter(site=site, organization=organization).exists():
            raise NotYours(title=page.title)
    for image in CreditedImage.objects.filter(pk__in=named.get(CreditedImage, set())):
        if not _may_use(image, organization):
            raise NotYours(title=image.title)


def _may_use(image: CreditedImage, organization: Organization) -> bool:
    """Whether a picture lies in a collection of the organization's, or in one that was given to nobody."""
    given = GroupCollectionPermission.objects.filter(
        collection__in=image.collection.get_ancestors(inclusive=True),
        group__name__regex=rf"^[\w-]+: ({'|'.join(Role.values)})$",
    )
    mine = [group_name(organization=organization, role=role) for role in Role.values]
    return not given.exists() or given.filter(group__name__in=mine).exists()


def strings_in(value: object) -> Iterable[str]:
    """Every text in raw blocks, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            if name != "id":
                yield from strings_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings_in(each)
