"""Names to be handed over, for staff: plan, look at what it would hold, agree, fetch what was made."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts import audit
from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffPage
from amparo.accounts.step_up import SteppedUpDeed
from amparo.actions.hand_over import documents, names_document, names_of, names_table, planning_names
from amparo.actions.hand_over.addressees import addressee_of
from amparo.actions.hand_over.hand_over_forms import PlanForm, RefusalForm
from amparo.actions.hand_over.hand_over_views import BundleDeed, OfOneBundle
from amparo.actions.models import (
    ActionPage,
    HandOver,
    HandOverPiece,
    OpenLetterPage,
    PetitionPage,
    SignedPage,
)

if TYPE_CHECKING:
    from datetime import datetime

State, File = HandOver.State, HandOverPiece.File
SIGNED = (gettext_lazy("Petitions and letters"), "staff_signed")
#: Comments that can be ticked one by one.
OFFERED = 100


class _OfOnePage:
    """A petition or an open letter of the user's organizations."""

    kwargs: dict[str, Any]
    find: Any
    now: datetime

    @cached_property
    def page(self) -> SignedPage:
        found = self.find(ActionPage.objects.select_related("locale"), pk=self.kwargs["pk"]).specific
        if not isinstance(found, SignedPage):
            raise Http404
        return found


class HandOvers(_OfOnePage, StaffPage):
    """The hand-overs of one petition or letter."""

    template_name = "actions/staff/hand_overs.html"
    above = (SIGNED,)
    header_icon = "package"

    def get_page_title(self) -> str:
        return _("Hand-over: %(page)s") % {"page": self.page.title}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hand_overs = HandOver.objects.filter(page=self.page.pk, of=HandOver.Of.NAMES)
        return super().get_context_data(**kwargs) | {
            "page": self.page,
            "hand_overs": hand_overs.select_related("names", "proposed_by", "agreed_by"),
            "countable": names_of.countable(self.page).count(),
        }


class Plan(_OfOnePage, StaffDeed):
    """Plan to hand names over."""

    above = (SIGNED,)
    header_icon = "package"
    form_class = PlanForm
    button = gettext_lazy("Plan it")

    def get_page_title(self) -> str:
        return _("Plan a hand-over: %(page)s") % {"page": self.page.title}

    def consequences(self) -> list[str]:
        return [
            _(
                "Nothing is made or sent yet. You see what it would hold, and somebody else has to agree to it."
            ),
            _("Names stand in it as their owners chose; whoever chose nothing is counted and not named."),
            _("Once it was handed over, the page says so, and those who agreed to news are told."),
        ]

    def get_initial(self) -> dict[str, Any]:
        page = self.page
        initial: dict[str, Any] = {"due_at": self.now}
        if isinstance(page, PetitionPage):
            initial |= {"office": page.addressee}
        elif isinstance(page, OpenLetterPage):
            initial |= {
                "name": page.addressee_name,
                "office": page.addressee_office,
                "salutation": page.salutation,
            }
        return initial

    def get_form_kwargs(self) -> dict[str, Any]:
        shown = names_of.countable(self.page).shown().filter(comment__isnull=False, approval="given")
        newest = shown.select_related("action").order_by("-pk")[:OFFERED]
        offered = [(str(one.pk), f"{one.shown_comment} – {one.shown_name}") for one in newest]
        return {**super().get_form_kwargs(), "offered": offered}

    def act(self, form: Any) -> str:
        self.planned = planning_names.propose(
            page=self.page, wish=planning_names.Wish(**form.cleaned_data), by=self.user, now=self.now
        )
        return _("It is planned. Look at what it would hold; then somebody else has to agree.")

    def after(self) -> str:
        if hasattr(self, "planned"):
            return reverse("staff_bundle", args=[self.planned.pk])
        return reverse("staff_hand_overs", args=[self.kwargs["pk"]])


class _OfNames(OfOneBundle):
    """One hand-over of names; 404 for a bundle of letters."""

    @cached_property
    def hand_over(self) -> HandOver:
        found = super().hand_over
        if found.of != HandOver.Of.NAMES:
            raise Http404
        return found


class Draft(_OfNames, StaffPage):
    """What it would look like: true figures, the first names. Names stand in it as they may be read by everybody."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:  # noqa: ARG002
        drawn = io.BytesIO()
        names_document.draw(
            self.hand_over,
            found=planning_names.would_hold(self.hand_over, now=self.now),
            addressee=addressee_of(self.hand_over, now=self.now),
            write=drawn.write,
            beat=lambda: None,
            draft=True,
            now=self.now,
        )
        name = documents.name_of(self.hand_over)
        return HttpResponse(
            drawn.getvalue(),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="draft-{name}"'},
        )


class Agree(_OfNames, BundleDeed):
    """Agree to a hand-over that somebody else planned."""

    button = gettext_lazy("I agree: hand it over like this")

    def get_page_title(self) -> str:
        return _("Agree to the hand-over to %(name)s") % {"name": self.name()}

    def consequences(self) -> list[str]:
        hand_over = self.hand_over
        found = planning_names.would_hold(hand_over, now=self.now)
        figures = names_of.figures(hand_over, found)
        addressee = addressee_of(hand_over, now=self.now)
        counted = ngettext(
            "%(total)d signature as of now, %(named)d of them under a name or initials.",
            "%(total)d signatures as of now, %(named)d of them under a name or initials.",
            figures.total,
        )
        sentences = [counted % {"total": figures.total, "named": figures.named}]
        if hand_over.way == HandOver.Way.MAIL:
            sentences.append(
                _("It is mailed to %(address)s as soon as it is made, once.") % {"address": addressee.address}
            )
        else:
            sentences.append(_("It is made and waits here until you hand it over."))
        if hand_over.names.tells_signers:
            sentences.append(
                _(
                    "Once it was handed over, those who signed and agreed to news by e-mail are told, each once."
                )
            )
        return [*sentences, _("Your name is kept with it, and that of whoever planned it.")]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        planning_names.agree(hand_over=self.hand_over, by=self.user, now=self.now)
        return _("Agreed. It is made when it is due.")


class Refuse(_OfNames, BundleDeed):
    """Say no to a hand-over, or take one's own plan back."""

    least_role = Role.EDITOR
    form_class = RefusalForm
    serious = True
    button = gettext_lazy("Do not hand it over")

    def get_page_title(self) -> str:
        return _("No hand-over to %(name)s") % {"name": self.name()}

    def consequences(self) -> list[str]:
        return [_("Nothing is made. It stays on record with your reason, and another one can be planned.")]

    def act(self, form: Any) -> str:
        planning_names.refuse(
            hand_over=self.hand_over, reason=form.cleaned_data["reason"], by=self.user, now=self.now
        )
        return _("It will not be handed over.")


class Everything(_OfNames, SteppedUpDeed):
    """The table for our own record, with what every signer wrote; behind a fresh second factor."""

    least_role = Role.APPROVER
    above = (SIGNED,)
    header_icon = "package"
    button = gettext_lazy("Download the table")

    def get_page_title(self) -> str:
        return _("Who is in the hand-over to %(name)s") % {"name": self.name()}

    def consequences(self) -> list[str]:
        return [
            _(
                "A table of everybody in it under their full names, also of those who do not want to be named."
            ),
            _("It is for your own record: it must not be given to the addressee, or to anybody else."),
            _("E-mail addresses are not in it; they leave through exports of supporters alone."),
            _("The audit trail notes that you took it."),
        ]

    def form_valid(self, form: Any) -> HttpResponse:
        refused = super().form_valid(form)
        if form.errors:
            return refused
        name = documents.name_of(self.hand_over, file=File.CSV)
        return StreamingHttpResponse(  # type: ignore[return-value]
            names_table.everything(self.hand_over),
            content_type=documents.media_of(File.CSV),
            headers={"Content-Disposition": f'attachment; filename="internal-{name}"'},
        )

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        audit.record(
            verb="read_all_names",
            subject=self.hand_over,
            by=self.user,
            organization=self.hand_over.organization,
            now=self.now,
            details={"names": self.hand_over.letters},
        )
        return _("The table is being downloaded.")

    def after(self) -> str:
        return reverse("staff_bundle", args=[self.kwargs["pk"]])
