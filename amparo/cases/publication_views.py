"""What of a case becomes public: asking and agreeing, the consent and the safety it rests on, and its end."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed
from amparo.cases import publishing, recording, register
from amparo.cases.models import Case, Clearance, PublicationConsent
from amparo.cases.screens import CASES, CaseDeed, KindDeed, label_of, said_of
from amparo.cases.staff_forms import AftermathForm, ConsentForm, PublishForm, SafetyForm, WithdrawConsentForm

State = Clearance.State


class AskToPublish(KindDeed):
    """Ask that columns of a record be public."""

    button = gettext_lazy("Ask for it")

    def get_page_title(self) -> str:
        return _("What readers see: %(what)s") % {"what": self.kind.title}

    def get_form_class(self) -> Any:
        return PublishForm

    def consequences(self) -> list[str]:
        return [
            _("Nothing changes for readers yet: an approver, and not you, has to agree."),
            _(
                "Name, picture, health, family, place and words need the consent of the person or their family."
            ),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        columns = [
            (
                column,
                f"{label_of(self.kind, column.name)}: {said_of(self.record, column.name)}",
            )
            for column in self.kind.columns
            if column.can_be_public
        ]
        consents = self.case.person.publication_consents.filter(withdrawn_on__isnull=True)
        return {**super().get_form_kwargs(), "columns": columns, "consents": consents}

    def act(self, form: Any) -> str:
        asked = 0
        for column in form.cleaned_data["columns"]:
            publishing.ask(
                record=self.record,
                column=column,
                reason=form.cleaned_data["reason"],
                consent=form.cleaned_data["consent"] if self.kind.column(column).scope else None,
                case=self.case,
                by=self.user,
                now=self.now,
            )
            asked += 1
        return ngettext("%(count)d column is asked for.", "%(count)d columns are asked for.", asked) % {
            "count": asked
        }


class _ClearanceDeed(StaffDeed):
    """Something about one clearance."""

    above = (CASES,)
    header_icon = "view"

    @cached_property
    def clearance(self) -> Clearance:
        rows = Clearance.objects.select_related("organization", "case", "consent", "asked_by")
        found: Clearance = self.find(rows, pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return f"{register.KINDS[self.clearance.record_type].title}: {self.clearance.column}"

    def after(self) -> str:
        return reverse("staff_case", args=[self.clearance.case_id])


class Agree(_ClearanceDeed):
    """Make it public."""

    least_role = Role.APPROVER
    button = gettext_lazy("Make it public")

    def consequences(self) -> list[str]:
        return [
            _("Everybody can read it from then on, and copies of it cannot be called back."),
            _("Asked for by %(who)s: %(why)s")
            % {"who": self.clearance.asked_by, "why": self.clearance.reason},
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        publishing.agree(clearance=self.clearance, by=self.user, now=self.now)
        return _("It is public.")


class Refuse(_ClearanceDeed):
    """Leave it as it is."""

    least_role = Role.APPROVER
    button = gettext_lazy("Do not publish it")

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        publishing.refuse(clearance=self.clearance, by=self.user, now=self.now)
        return _("It stays as it is: not public.")


class TakeBack(_ClearanceDeed):
    """Take it off the page; one person is enough."""

    button = gettext_lazy("Take it off the page")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _("It leaves the page at once. To bring it back, it has to be asked for and agreed to again.")
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        publishing.withdraw(clearance=self.clearance, by=self.user, now=self.now)
        return _("It is off the page.")


class CheckSafety(CaseDeed):
    """The questions before anything is published."""

    page_title = gettext_lazy("Safety check")
    form_class = SafetyForm
    button = gettext_lazy("Keep the answers")

    def consequences(self) -> list[str]:
        return [
            _(
                "Publishing can do harm. Answer for this case as it is today, and again when something changes."
            ),
            _("The answers are kept sealed. Nothing is published by answering."),
        ]

    def act(self, form: Any) -> str:
        recording.check_safety(case=self.case, answers=form.as_json(), by=self.user, now=self.now)
        return _("The answers are kept.")


class RecordConsent(CaseDeed):
    """What the person, or who may speak for them, agreed to."""

    page_title = gettext_lazy("Consent to publish")
    form_class: Any = ConsentForm
    button = gettext_lazy("Record it")

    def get_form_kwargs(self) -> dict[str, Any]:
        # The person is the case's, and is set where it is stored.
        return {
            **super().get_form_kwargs(),
            "instance": PublicationConsent(organization=self.case.organization),
        }

    def act(self, form: Any) -> str:
        recording.record_consent(consent=form.save(commit=False), case=self.case, by=self.user, now=self.now)
        return _("The consent is on record.")


class WithdrawConsent(StaffDeed):
    """The person took it back."""

    above = (CASES,)
    header_icon = "no-view"
    page_title = gettext_lazy("A consent was taken back")
    form_class = WithdrawConsentForm
    button = gettext_lazy("It was taken back")
    serious = True

    @cached_property
    def consent(self) -> PublicationConsent:
        found: PublicationConsent = self.find(
            PublicationConsent.objects.select_related("organization", "person"), pk=self.kwargs["pk"]
        )
        return found

    def consequences(self) -> list[str]:
        count = self.consent.clearances.filter(state__in=[State.ASKED, State.CLEARED]).count()
        said = ngettext(
            "%(count)d column that rests on it leaves the page at once.",
            "%(count)d columns that rest on it leave the page at once.",
            count,
        )
        return [said % {"count": count}]

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.now.date()}

    def act(self, form: Any) -> str:
        publishing.withdraw_consent(
            consent=self.consent, on=form.cleaned_data["on"], by=self.user, now=self.now
        )
        return _("It is on record, and what rested on it is off the page.")

    def after(self) -> str:
        case = self.consent.person.cases.first()
        return reverse("staff_case", args=[case.pk]) if case else super().after()


class ChangeAftermath(CaseDeed):
    """How the page goes on after a release."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("How the page goes on")
    form_class = AftermathForm
    button = gettext_lazy("Do it")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _("After a release the risk goes on: some are told not to speak, and some want to be forgotten."),
            _("Without the name also takes back every text that may hold it. You can ask for each again."),
        ]

    def get_initial(self) -> dict[str, Any]:
        return {"aftermath": self.case.aftermath}

    def act(self, form: Any) -> str:
        taken = publishing.change_aftermath(
            case=self.case, to=Case.Aftermath(form.cleaned_data["aftermath"]), by=self.user, now=self.now
        )
        if not taken:
            return _("It is done.")
        return ngettext(
            "It is done. %(count)d column is public no more.",
            "It is done. %(count)d columns are public no more.",
            taken,
        ) % {"count": taken}
