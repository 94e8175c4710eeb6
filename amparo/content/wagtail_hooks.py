"""Choosers show what the user may edit: a draft's title is no business of another organization's staff.

Whoever saves a page is told which of its words in braces readers will not see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from wagtail import hooks
from wagtail.admin import messages
from wagtail.permissions import page_permission_policy

from amparo.content.brace_words import texts_of, wrong_in
from amparo.content.models import BasePage

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from wagtail.admin.menu import MenuItem
    from wagtail.models import Page


@hooks.register("construct_page_chooser_queryset")
def own_pages_only(pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    """Those on the way to, or within, the trees where the user has a permission."""
    mine = page_permission_policy.explorable_instances(request.user)
    parent = request.resolver_match.kwargs.get("parent_page_id") if request.resolver_match else None
    if parent is not None and not mine.filter(pk=parent).exists():
        raise Http404
    return pages.filter(pk__in=mine.order_by().values("pk"))


@hooks.register("construct_reports_menu")
def no_report_across_organizations(request: HttpRequest, menu_items: list[MenuItem]) -> None:  # noqa: ARG001
    """The report on page types counts every site's pages; its address is shut (`web/shut_doors.py`)."""
    menu_items[:] = [item for item in menu_items if item.name != "page-types-usage"]


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def tell_what_readers_will_not_see(request: HttpRequest, page: Page) -> None:
    """A sentence for each word in braces that cannot be filled in: the page is saved all the same."""
    specific = page.specific
    if not isinstance(specific, BasePage) or not any("{" in text for text in texts_of(specific)):
        return
    for sentence in wrong_in(texts_of(specific), organization=specific.owning_organization):
        messages.warning(request, sentence)
