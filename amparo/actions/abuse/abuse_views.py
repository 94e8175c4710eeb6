"""Against abuse, for approvers: what is held back, what came in oddly, and taking many actions out of the count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffPage
from amparo.actions import trends
from amparo.actions.abuse import choosing, invalidating
from amparo.actions.models import ActionPage, InvalidatedAction, Invalidation, Trend
from amparo.actions.trend_words import in_a_sentence
from amparo.kit.names import countries
from amparo.kit.refusal import Refusal
from amparo.mailings import breaking
from amparo.mailings.models import Breaker

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.utils.functional import _StrOrPromise

    from amparo.organizations.models import Organization

ABUSE = (gettext_lazy("Abuse"), "staff_abuse")
#: Trends and invalidations that the overview lists.
LISTED = 20


class Abuse(StaffPage):
    """One look: what waits behind a breaker, what came more often than usual, and what was invalidated."""

    least_role = Role.APPROVER
    template_name = "actions/staff/abuse.html"
    page_title = gettext_lazy("Abuse")
    header_icon = "warning"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = Trend.objects.filter(organization__in=self.organizations)
        done = Invalidation.objects.filter(organization__in=self.organizations)
        return super().get_context_data(**kwargs) | {
            "breakers": [
                {
                    "breaker": breaker,
                    "waiting": breaking.waiting_behind(breaker),
                    "may_release": self.user.is_superuser or breaker.organization is not None,
                }
                for breaker in open_breakers(self.organizations)
            ],
            "rates": [
                (organization, breaking.most_in_an_hour(str(organization.pk)))
                for organization in self.organizations
            ],
            "trends": [
                {
                    "trend": trend,
                    "sentence": in_a_sentence(trend),
                    "is_choosable": trend.kind in {Trend.Kind.DOMAIN, Trend.Kind.COUNTRY, Trend.Kind.PAGE},
                }
                for trend in found.select_related("organization")[:LISTED]
            ],
            "least": trends.LEAST,
            "times": trends.TIMES,
            "invalidations": done.select_related("organization", "invalidated_by")[:LISTED],
            "several": len(self.organizations) > 1,
        }


def open_breakers(organizations: Iterable[Organization]) -> QuerySet[Breaker]:
    """Those that hold back mails of these organizations; the one that holds back everybody's included."""
    mine = [str(organization.pk) for organization in organizations]
    return Breaker.objects.open().filter(scope__in=[*mine, breaking.EVERYBODY])


class ReleaseBreaker(StaffDeed):
    """Let the confirmation mails leave that a breaker holds back."""

    least_role = Role.APPROVER
    above = (ABUSE,)
    header_icon = "warning"
    page_title = gettext_lazy("Let the confirmation mails leave")
    button = gettext_lazy("Let them leave")

    @cached_property
    def breaker(self) -> Breaker:
        mine = Breaker.objects.filter(organization__in=self.organizations)
        found = Breaker.objects.all() if self.user.is_superuser else mine
        breaker = found.filter(pk=self.kwargs["pk"]).first()
        if breaker is None:
            raise Http404
        return breaker

    def consequences(self) -> list[str]:
        if self.breaker.released_at is not None:
            return [_("Somebody let them leave already.")]
        waiting = breaking.waiting_behind(self.breaker)
        return [
            ngettext(
                "%(count)d mail waits. It leaves at once.",
                "%(count)d mails wait. They leave at once, the oldest first.",
                waiting,
            )
            % {"count": waiting},
            _("Once %(most)d more have left within the hour, they are held back again.")
            % {"most": breaking.most_in_an_hour(self.breaker.scope)},
            _(
                "If somebody typed in other people's addresses, take those actions out of the count first: nobody is"
                " then asked to confirm them."
            ),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        released = breaking.release(breaker=self.breaker, by=self.user, now=self.now)
        return _("The mails leave.") if released else _("It was so already.")


class ConditionsForm(forms.Form):
    """What the actions have in common, and why they do not count."""

    organization: forms.ModelChoiceField[Organization] = forms.ModelChoiceField(
        label=gettext_lazy("Organisation"), queryset=None
    )
    page: forms.ModelChoiceField[ActionPage] = forms.ModelChoiceField(
        label=gettext_lazy("Page"), queryset=None, required=False
    )
    since = forms.DateTimeField(
        label=gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("Such as 2026-11-22 14:00, in UTC."),
    )
    until = forms.DateTimeField(label=gettext_lazy("Until"), required=False)
    domain = forms.CharField(
        label=gettext_lazy("Domain of the address"),
        max_length=253,
        required=False,
        help_text=gettext_lazy("Such as mail.example.org; those below it are meant too."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The address of the page they came by, such as /write/."),
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    area = forms.CharField(
        label=gettext_lazy("Area"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Such as uk/E14001063."),
    )
    unproved = forms.BooleanField(label=gettext_lazy("Only those without a proof of work"), required=False)
    never_confirmed = forms.BooleanField(
        label=gettext_lazy("Only those whose link was never used"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("Your colleagues see it in the list. Name no supporter in it."),
    )

    def __init__(self, *args: Any, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [organization.pk for organization in organizations]
        owners = type(organizations[0]).objects.filter(pk__in=ids)
        self.fields["organization"].queryset = owners  # type: ignore[attr-defined]
        if len(ids) == 1:
            self.fields["organization"].initial = ids[0]
            self.fields["organization"].widget = forms.HiddenInput()
        self.fields["page"].queryset = ActionPage.objects.filter(  # type: ignore[attr-defined]
            organization__in=ids
        ).order_by("title")
        self.fields["country"].choices = [("", ""), *countries()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        page, organization = cleaned.get("page"), cleaned.get("organization")
        if page and organization and page.organization_id != organization.pk:
            self.add_error("page", _("This page belongs to another organisation."))
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            self.add_error("until", _("The end lies before the beginning."))
        return cleaned

    def conditions(self) -> choosing.Conditions:
        """What was typed, as the verbs take it."""
        return choosing.Conditions(
            **{name: value for name, value in self.cleaned_data.items() if name != "reason"}
        )


class Invalidate(StaffDeed):
    """First how many it would be and some of them, masked; on a second press, it happens."""

    least_role = Role.APPROVER
    above = (ABUSE,)
    template_name = "actions/staff/invalidate.html"
    header_icon = "warning"
    page_title = gettext_lazy("Take actions out of the count")
    form_class = ConditionsForm
    serious = True
    #: What would be chosen, once it was looked at.
    preview: choosing.Preview | None = None

    @property
    def button(self) -> str:  # type: ignore[override]
        return _("Take them out of the count") if self.preview else _("Look how many that are")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def get_initial(self) -> dict[str, Any]:
        """What the trend is about that was followed here; its hour is the one before it was found."""
        trend = self._trend()
        if trend is None:
            return {}
        initial: dict[str, Any] = {
            "organization": trend.organization_id,
            "since": f"{trend.found_at - trends.HOUR:%Y-%m-%d %H:%M}",
            "until": f"{trend.found_at:%Y-%m-%d %H:%M}",
        }
        if trend.kind == Trend.Kind.PAGE:
            return initial | {"page": self._page_called(trend)}
        return initial | {trend.kind: trend.label}

    def _trend(self) -> Trend | None:
        try:
            pk = UUID(self.request.GET.get("trend", ""))
        except ValueError:
            return None
        return Trend.objects.filter(organization__in=self.organizations, pk=pk).first()

    def _page_called(self, trend: Trend) -> ActionPage | None:
        return ActionPage.objects.filter(organization=trend.organization_id, title=trend.label).first()

    def form_valid(self, form: Any) -> HttpResponse:
        if "sure" in self.request.POST:
            return super().form_valid(form)
        try:
            self.preview = choosing.preview(form.conditions())
            if not self.preview.number:
                raise invalidating.NothingFound
        except Refusal as refusal:
            self.preview = None
            form.add_error(None, str(refusal))
        return self.render_to_response(self.get_context_data(form=form))

    def consequences(self) -> list[str]:
        found = self.preview
        if found is None:
            return [
                _(
                    "Fill in what the actions have in common. Nothing happens before you have seen how many that are."
                )
            ]
        return [
            _(
                "%(number)d actions are meant: %(confirmed)d that count, and %(waiting)d that wait to be confirmed."
            )
            % {"number": found.number, "confirmed": found.confirmed, "waiting": found.waiting},
            _("They leave the count at once, and nobody is asked to confirm them any more."),
            *self._about_letters(found),
            _("What people agreed to receive is not changed."),
            _("You can undo all of it within 30 days."),
        ]

    def _about_letters(self, found: choosing.Preview) -> list[str]:
        """What becomes of letters, where there are any."""
        withdrawn = ngettext(
            "%(count)d letter that has not left is withdrawn.",
            "%(count)d letters that have not left are withdrawn.",
            found.letters,
        )
        gone = ngettext(
            "%(count)d letter has left already and cannot be called back.",
            "%(count)d letters have left already and cannot be called back.",
            found.letters_gone,
        )
        counted = ((withdrawn, found.letters), (gone, found.letters_gone))
        return [sentence % {"count": count} for sentence, count in counted if count]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"preview": self.preview}

    def act(self, form: ConditionsForm) -> str:
        done = invalidating.invalidate(
            conditions=form.conditions(), reason=form.cleaned_data["reason"], by=self.user, now=self.now
        )
        return ngettext(
            "%(count)d action leaves the count.", "%(count)d actions leave the count.", done.chosen
        ) % {"count": done.chosen}


class UndoInvalidation(StaffDeed):
    """Put back what was taken out."""

    least_role = Role.APPROVER
    above = (ABUSE,)
    header_icon = "undo"
    page_title = gettext_lazy("Put actions back into the count")
    button: _StrOrPromise = gettext_lazy("Put them back")

    @cached_property
    def invalidation(self) -> Invalidation:
        found: Invalidation = self.find(Invalidation.objects.all(), pk=self.kwargs["pk"])
        return found

    def consequences(self) -> list[str]:
        chosen = self.invalidation.rows.exclude(state=InvalidatedAction.State.LEFT).count()
        return [
            _("Chosen because: %(conditions)s.") % {"conditions": self.invalidation.conditions},
            _("Reason given: %(reason)s") % {"reason": self.invalidation.reason},
            ngettext(
                "%(count)d action counts or waits again, as it did before.",
                "%(count)d actions count or wait again, as they did before.",
                chosen,
            )
            % {"count": chosen},
            _(
                "Letters that were withdrawn with them wait for their turn again, unless it is too late for them."
            ),
            _("Whoever did the same again meanwhile still counts once."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        invalidating.undo(invalidation=self.invalidation, by=self.user, now=self.now)
        return _("They are put back.")

    def after(self) -> str:
        return reverse("staff_abuse")
