"""Bundles of letters that cannot leave one by one in time: what is planned, the document, and who handed it over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts import audit
from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffPage
from amparo.actions import pacing
from amparo.actions.desk.sending_views import SENDING
from amparo.actions.desk.staff_words import reason_of
from amparo.actions.hand_over import documents, hand_over_deeds, names_preview, planning_bundles
from amparo.actions.hand_over.hand_over_forms import BundleForm, ReceiptForm, WhenForm
from amparo.actions.models import ActionPage, HandOver, HandOverPiece, Message

if TYPE_CHECKING:
    from datetime import datetime

State, File = HandOver.State, HandOverPiece.File
#: The screen of all bundles of a page, by what is in them.
_SCREENS: dict[str, str] = {HandOver.Of.LETTERS: "staff_bundles", HandOver.Of.NAMES: "staff_hand_overs"}


class _OfOnePage:
    """What a bundle is of: a page of the user's organizations."""

    kwargs: dict[str, Any]
    find: Any

    @cached_property
    def page(self) -> ActionPage:
        found: ActionPage = self.find(ActionPage.objects.select_related("organization"), pk=self.kwargs["pk"])
        return found


class Bundles(_OfOnePage, StaffPage):
    """The bundles of one page, and what pacing makes of the letters that still wait."""

    template_name = "actions/staff/bundles.html"
    above = (SENDING,)
    header_icon = "package"

    def get_page_title(self) -> str:
        return _("Hand-over: %(page)s") % {"page": self.page.title}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = pacing.plan(page=self.page, now=self.now)
        return super().get_context_data(**kwargs) | {
            "page": self.page,
            "plan": plan,
            "targets": [(target, _label_of(self.page, target.target_key)) for target in plan.targets],
            "hand_overs": HandOver.objects.filter(page=self.page, of=HandOver.Of.LETTERS),
            "may_make": plan.waiting and self.may(Role.APPROVER, self.page.organization_id),
        }


def _label_of(page: ActionPage, target_key: str) -> str:
    found = (
        Message.objects.filter(page=page, target_key=target_key)
        .order_by("-created_at")
        .values_list("target_name", "target_label")
        .first()
    )
    return " – ".join(filter(None, found)) if found else target_key


class MakeBundle(_OfOnePage, StaffDeed):
    """Put everything that waits for one target into a bundle now, before its hour or on a page without one."""

    least_role = Role.APPROVER
    above = (SENDING,)
    header_icon = "package"
    form_class = BundleForm
    button = gettext_lazy("Make the bundle")

    def get_page_title(self) -> str:
        return _("Make a bundle: %(page)s") % {"page": self.page.title}

    def consequences(self) -> list[str]:
        return [
            _(
                "Every letter that waits for this target is put into one signed document, and leaves in no other way."
            ),
            _(
                "By e-mail it goes to the office as soon as it is made. Otherwise it waits until you hand it over."
            ),
            _("Until then you can take it apart again; the letters then wait for their turn as before."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        waiting = pacing.plan(page=self.page, now=self.now).targets
        targets = [
            (target.target_key, f"{_label_of(self.page, target.target_key)} ({target.waiting})")
            for target in waiting
        ]
        return {**super().get_form_kwargs(), "targets": targets}

    def act(self, form: Any) -> str:
        planning_bundles.make_now(
            page=self.page,
            target_key=form.cleaned_data["target"],
            way=form.cleaned_data["way"],
            by=self.user,
            now=self.now,
        )
        return _("The bundle is being made.")

    def after(self) -> str:
        return reverse("staff_bundles", args=[self.kwargs["pk"]])


class OfOneBundle:
    """One bundle of the user's organizations."""

    kwargs: dict[str, Any]
    find: Any

    @cached_property
    def hand_over(self) -> HandOver:
        found: HandOver = self.find(
            HandOver.objects.select_related(
                "organization",
                "page__locale",
                "page__organization",
                "names__version",
                "recorded_by",
                "proposed_by",
                "agreed_by",
                "photograph",
            ),
            pk=self.kwargs["pk"],
        )
        return found

    def name(self) -> str:
        return self.hand_over.target_name or self.hand_over.target_label


class Bundle(OfOneBundle, StaffPage):
    """One bundle: where it stands, its document and signature, and what can be done."""

    template_name = "actions/staff/bundle.html"
    above = (SENDING,)
    header_icon = "package"

    def get_page_title(self) -> str:
        return _("Bundle for %(name)s") % {"name": self.name()}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = super().get_breadcrumbs_items()
        page = self.hand_over.page
        return [
            *items[:-1],
            {"url": reverse(_SCREENS[self.hand_over.of], args=[page.pk]), "label": page.title},
            items[-1],
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hand_over = self.hand_over
        may = self.may(Role.APPROVER, hand_over.organization_id)
        of_names = hand_over.of == HandOver.Of.NAMES
        return super().get_context_data(**kwargs) | {
            "hand_over": hand_over,
            "of_names": of_names,
            "preview": names_preview.preview_of(hand_over, now=self.now) if of_names else None,
            "screen": reverse(_SCREENS[hand_over.of], args=[hand_over.page_id]),
            "may_agree": may
            and hand_over.state == State.PROPOSED
            and hand_over.proposed_by_id != self.user.pk,
            "is_mine": hand_over.proposed_by_id == self.user.pk,
            "may_describe": may and hand_over.state in {State.SENT, State.HANDED_OVER},
            "reason": reason_of(hand_over.reason),
            "has_document": hand_over.sha256 and hand_over.erased_at is None,
            "may_read": may,
            "may_record": may and hand_over.state in {State.MADE, State.UNCERTAIN},
            "may_take_apart": may and hand_over.state in {State.PLANNED, State.MADE},
        }


class Document(Bundle):
    """A file of it. Opening one is a deed, as reading a letter is: asked for by POST, noted in the trail."""

    least_role = Role.APPROVER
    http_method_names = ["post"]
    file = File.PDF

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> StreamingHttpResponse:  # noqa: ARG002
        hand_over = self.hand_over
        if not hand_over.sha256 or hand_over.erased_at or self.file not in documents.files_of(hand_over):
            raise Http404
        audit.record(
            verb="read_bundle",
            subject=hand_over,
            by=self.user,
            organization=hand_over.organization,
            now=self.now,
            details={"file": self.file},
        )
        size = hand_over.names.table_size if self.file == File.CSV else hand_over.size
        return StreamingHttpResponse(
            documents.read(hand_over, file=self.file),
            content_type=documents.media_of(self.file),
            headers={
                "Content-Disposition": f'attachment; filename="{documents.name_of(hand_over, file=self.file)}"',
                "Content-Length": str(size),
            },
        )


class Proof(Bundle):
    """The signature file that belongs to a file of it; nothing personal stands in it."""

    file = File.PDF

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:  # noqa: ARG002
        if not self.hand_over.sha256 or self.file not in documents.files_of(self.hand_over):
            raise Http404
        name = f"{documents.name_of(self.hand_over, file=self.file)}.sig.txt"
        return HttpResponse(
            documents.signature_file(self.hand_over, file=self.file),
            content_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class BundleDeed(OfOneBundle, StaffDeed):
    """Something that approvers do with one bundle."""

    least_role = Role.APPROVER
    above = (SENDING,)
    header_icon = "package"

    def after(self) -> str:
        return reverse("staff_bundle", args=[self.kwargs["pk"]])


class HandedOver(BundleDeed):
    """Record that our staff handed it over."""

    form_class = WhenForm
    button = gettext_lazy("It was handed over")

    def get_page_title(self) -> str:
        return _("Handed over to %(name)s") % {"name": self.name()}

    def get_initial(self) -> dict[str, datetime]:
        return {"at": self.now}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organization": self.hand_over.organization}

    def consequences(self) -> list[str]:
        count = self.hand_over.letters
        if self.hand_over.of == HandOver.Of.NAMES:
            told = ngettext(
                "%(count)d signature counts as handed over, and the page says so, with what you write here.",
                "%(count)d signatures count as handed over, and the page says so, with what you write here.",
                count,
            )
        else:
            told = ngettext(
                "%(count)d letter counts as handed over, and its writer is told.",
                "%(count)d letters count as handed over, and their writers are told.",
                count,
            )
        sentences = [told % {"count": count}]
        if self.hand_over.of == HandOver.Of.NAMES and self.hand_over.names.tells_signers:
            sentences.append(_("Those who signed and agreed to news by e-mail are told, each once."))
        return [
            *sentences,
            _("Your name and the time are kept with the bundle."),
            _("That it was handed over cannot be taken back."),
        ]

    def act(self, form: Any) -> str:
        hand_over_deeds.hand_over_by_staff(
            hand_over=self.hand_over,
            at=form.cleaned_data["at"],
            receipt=form.receipt(),
            by=self.user,
            now=self.now,
        )
        return _("It is recorded.")


class Describe(BundleDeed):
    """What the page says of a hand-over that took place: where, to whom, with a photograph."""

    form_class = ReceiptForm
    button = gettext_lazy("Say so on the page")

    def get_page_title(self) -> str:
        return _("On the page: handed over to %(name)s") % {"name": self.name()}

    def get_initial(self) -> dict[str, Any]:
        hand_over = self.hand_over
        return {
            "place": hand_over.place,
            "received_by": hand_over.received_by,
            "photograph": hand_over.photograph_id,
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organization": self.hand_over.organization}

    def consequences(self) -> list[str]:
        return [_("The page of a petition or letter says it to everybody, beside the day and the number.")]

    def act(self, form: Any) -> str:
        hand_over_deeds.illustrate(
            hand_over=self.hand_over, receipt=form.receipt(), by=self.user, now=self.now
        )
        return _("The page says so.")


class TakeApart(BundleDeed):
    """Give up a bundle; its letters wait for their turn again."""

    serious = True
    button = gettext_lazy("Take it apart")

    def get_page_title(self) -> str:
        return _("Take the bundle for %(name)s apart") % {"name": self.name()}

    def consequences(self) -> list[str]:
        if self.hand_over.of == HandOver.Of.NAMES:
            return [
                _("The document is removed. If you handed out a copy, record that instead."),
                _("The names can be in another hand-over."),
            ]
        return [
            _(
                "The document is removed. If you handed out a copy, record that instead: its letters would come twice."
            ),
            _(
                "The letters wait for their turn again, one after another; those that come too late are never sent."
            ),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        hand_over_deeds.take_apart(hand_over=self.hand_over, by=self.user, now=self.now)
        return _("It is taken apart.")
