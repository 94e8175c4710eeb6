"""What every staff screen stands on: it shows and changes only what is of organizations where its user has the role.

Two kinds of screen inherit from here: lists, and deeds. A deed says on GET what will happen, to whom and when, and lets
it happen on POST; no screen changes anything on GET (guarantee S13).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import BaseListingView, WagtailAdminTemplateMixin

from amparo.accounts.models import Role, User
from amparo.accounts.roles import organizations_of
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.utils.functional import _StrOrPromise

    from amparo.organizations.models import Organization

    DeedBase = FormView[Form]

    class ViewBase(TemplateView):
        page_title: _StrOrPromise

        def get_page_title(self) -> str: ...
else:
    ViewBase = object
    DeedBase = FormView

#: Rows on one page of a list.
ROWS = 50


class StaffScreen(ViewBase):
    """Mixin of every screen: shut without `least_role` in some organization, blind to the other organizations."""

    least_role: ClassVar[Role] = Role.EDITOR
    only_superusers: ClassVar[bool] = False
    #: The screens above this one, as pairs of label and name of address.
    above: ClassVar[Sequence[tuple[_StrOrPromise, str]]] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.organizations or (self.only_superusers and not self.user.is_superuser):
            raise PermissionDenied
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store, private"
        return response

    @property
    def user(self) -> User:
        return cast("User", self.request.user)

    @cached_property
    def now(self) -> datetime:
        """The moment of this request; screens ask for it here, and verbs are given it."""
        return timezone.now()

    @cached_property
    def organizations(self) -> list[Organization]:
        """Those in which the user holds at least the role that this screen asks for."""
        return organizations_of(self.user, at_least=self.least_role)

    def may(self, role: Role, organization_id: UUID) -> bool:
        """Whether the user holds `role` or a higher one in this organization."""
        return any(found.pk == organization_id for found in organizations_of(self.user, at_least=role))

    def find(self, rows: QuerySet[Any], **lookup: Any) -> Any:
        """The one row among those of the user's organizations; 404 for another organization's, as for none at all."""
        return get_object_or_404(rows.filter(organization__in=self.organizations), **lookup)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = [{"url": reverse("wagtailadmin_home"), "label": "Amparo"}]
        items += [{"url": reverse(name), "label": label} for label, name in self.above]
        return [*items, {"url": "", "label": self.get_page_title()}]


class StaffPage(StaffScreen, WagtailAdminTemplateMixin, TemplateView):
    """A screen to be read."""


class StaffList(StaffScreen, BaseListingView):
    """A list with search, filters and pages; give it `rows()` and `columns`."""

    paginate_by = ROWS
    is_searchable = True
    search_backend_name = None

    def get_base_queryset(self) -> QuerySet[Any]:
        return self.rows()

    def rows(self) -> QuerySet[Any]:
        """What may be listed, already narrowed to the user's organizations."""
        raise NotImplementedError

    def get_search_form(self) -> Any:
        return super().get_search_form() if self.search_fields else None


class StaffDeed(StaffScreen, WagtailAdminTemplateMixin, DeedBase):
    """Something a member of staff does: `consequences` before, `act` on POST, one sentence afterwards."""

    template_name = "accounts/staff/deed.html"
    form_class: Any = Form
    button: _StrOrPromise = ""
    #: Whether it takes something away, so that its button is red.
    serious = False

    def consequences(self) -> Iterable[str]:
        """Plain sentences: what will happen, to how many, when, and what will not."""
        return ()

    def act(self, form: Any) -> str:
        """Do it and say in a sentence what was done. Raises `Refusal`, whose sentence stands above the form then."""
        raise NotImplementedError

    def after(self) -> str:
        """Where to go afterwards; by default to the screen above."""
        return reverse(self.above[-1][1])

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            done = self.act(form)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, done)
        return HttpResponseRedirect(self.after())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "consequences": [str(sentence) for sentence in self.consequences()],
            "button": self.button,
            "serious": self.serious,
            "back": self.after(),
        }


class StaffMenuItem(MenuItem):
    """A line of the menu, shown to those who may open the screen behind it."""

    def __init__(self, *args: Any, screen: type[StaffScreen], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.screen = screen

    def is_shown(self, request: HttpRequest) -> bool:
        user = cast("User", request.user)
        if self.screen.only_superusers:
            return user.is_superuser
        # Some thirty lines ask about three roles, on every page.
        known: dict[Role, bool] = vars(request).setdefault("_roles_held", {})
        role = self.screen.least_role
        if role not in known:
            known[role] = bool(organizations_of(user, at_least=role))
        return known[role]


def in_words(verb: str) -> str:
    """A verb of the audit trail as a person reads it."""
    return verb.replace("_", " ")
