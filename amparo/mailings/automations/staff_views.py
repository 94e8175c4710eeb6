"""The screens about automations: the list, one with its mails and numbers, and what is done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList, StaffPage, StaffScreen, in_words
from amparo.mailings.automations import arranging, editions, numbers
from amparo.mailings.automations.forms import AutomationForm, DaysForm, NewAutomationForm
from amparo.mailings.automations.registry import automation_kinds, kind_of
from amparo.mailings.composer.languages import name_of
from amparo.mailings.models import Automation, AutomationStep
from amparo.mailings.screens.mailing_screens import MAILINGS

if TYPE_CHECKING:
    from django.db.models import QuerySet

AUTOMATIONS = (gettext_lazy("Automations"), "staff_automations")


def _kind_label(automation: Automation) -> str:
    return str(automation_kinds.get(automation.kind).label) if automation.kind in automation_kinds else "–"


def _state(automation: Automation) -> str:
    return _("on") if automation.is_on else _("off")


class Automations(StaffList):
    """The automations of the user's organizations."""

    page_title = gettext_lazy("Automations")
    header_icon = "rotate"
    above = (MAILINGS,)
    index_url_name = "staff_automations"
    index_results_url_name = "staff_automations_results"
    search_fields = ["name"]
    default_ordering = "name"
    verbose_name_plural = gettext_lazy("automations")
    columns = [
        TitleColumn(
            "name",
            label=gettext_lazy("Name"),
            get_url=lambda automation: reverse("staff_automation", args=[automation.pk]),
            sort_key="name",
        ),
        StatusTagColumn(
            "state",
            label=gettext_lazy("State"),
            accessor=_state,
            primary=lambda automation: automation.is_on,
        ),
        Column("kind", label=gettext_lazy("Kind"), accessor=_kind_label, classname="staff-wide"),
        Column(
            "organization",
            label=gettext_lazy("Organization"),
            accessor="organization.name",
            classname="staff-wide",
        ),
        DateColumn("changed_at", label=gettext_lazy("Changed"), accessor="changed_at"),
    ]

    def rows(self) -> QuerySet[Automation]:
        found = Automation.objects.filter(organization__in=self.organizations)
        return found.select_related("organization").order_by("name", "pk")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("New automation"), url=reverse("staff_automation_new"), icon_name="plus")]


class OneAutomation(StaffScreen):
    """A screen about one automation of the user's organizations."""

    header_icon = "rotate"
    above = (MAILINGS, AUTOMATIONS)

    @cached_property
    def automation(self) -> Automation:
        rows = Automation.objects.select_related("organization", "campaign", "page", "ask", "switched_on_by")
        found: Automation = self.find(rows, pk=self.kwargs["pk"])
        return found


class AutomationDeed(OneAutomation, StaffDeed):
    """Something that is done with one automation."""

    def get_page_title(self) -> str:
        return str(self.page_title)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = super().get_breadcrumbs_items()
        address = reverse("staff_automation", args=[self.automation.pk])
        return [*items[:-1], {"url": address, "label": self.automation.name}, items[-1]]

    def after(self) -> str:
        return reverse("staff_automation", args=[self.automation.pk])


class NewAutomation(StaffDeed):
    """Begin an automation."""

    above = (MAILINGS, AUTOMATIONS)
    page_title = gettext_lazy("New automation")
    header_icon = "rotate"
    form_class = NewAutomationForm
    button = gettext_lazy("Begin")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def consequences(self) -> list[str]:
        return [
            _("It is off until somebody who may approve switches it on. Until then nobody is written to.")
        ]

    def act(self, form: Any) -> str:
        told = form.cleaned_data
        self.made = arranging.begin(
            organization=told["organization"],
            kind=told["kind"],
            name=told["name"],
            by=self.user,
            now=self.now,
        )
        return _("“%(name)s” is there, switched off.") % {"name": self.made.name}

    def after(self) -> str:
        made = getattr(self, "made", None)
        if made is None:
            return reverse("staff_automations")
        chooses = bool(kind_of(made).fields(made.organization))
        return reverse("staff_automation_change" if chooses else "staff_automation", args=[made.pk])


class AutomationPage(OneAutomation, StaffPage):
    """What it does, whether it is on and since when, its mails, and what became of them."""

    template_name = "mailings/staff/automation.html"

    def get_page_title(self) -> str:
        return self.automation.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        automation = self.automation
        kind = kind_of(automation)
        steps = list(automation.steps.order_by("number")) if kind.most_steps else []
        counted = list(kind.numbers(automation))
        told = [self._told(step) for step in steps]
        return context | {
            "automation": automation,
            "kind": kind,
            "chosen": self._chosen(),
            "may_switch": self.may(Role.APPROVER, automation.organization_id),
            "lacks": "" if automation.is_on else arranging.lacks(automation, now=self.now),
            "numbers": counted,
            "somebody_was_in_it": any(number for _label, number in counted)
            or any(each["numbers"].edition is not None for each in told),
            "stopped": numbers.stopped_by_reason(automation),
            "steps": told,
            "may_add": not automation.is_on and len(steps) < kind.most_steps,
            "may_remove": not automation.is_on and len(steps) > 1,
            "history": [(in_words(entry.verb), entry) for entry in numbers.history(automation)],
        }

    def _chosen(self) -> list[tuple[str, str]]:
        """What staff chose for it, label and value."""
        automation, found = self.automation, []
        for name, field in kind_of(automation).fields(automation.organization).items():
            value = getattr(automation, name)
            said = automation.get_weekday_display() if name == "weekday" else value
            if name == "hour":
                said = f"{value:02}:00 ({automation.organization.time_zone})"
            found.append((str(field.label), "–" if said in (None, "") else str(said)))
        return found

    def _told(self, step: AutomationStep) -> dict[str, Any]:
        texts = editions.text_of(step).texts.order_by("language", "variant")
        return {
            "step": step,
            "texts": [(text, name_of(text.language)) for text in texts],
            "mailing": texts[0].mailing_id if texts else None,
            "numbers": numbers.of_step(step, now=self.now),
        }


class ChangeAutomation(AutomationDeed):
    """Its name, and what it follows from."""

    page_title = gettext_lazy("Change the automation")
    form_class = AutomationForm
    button = gettext_lazy("Save")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "automation": self.automation}

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.automation, name) for name in ("name", *arranging.CHOICES)}

    def act(self, form: Any) -> str:
        told = dict(form.cleaned_data)
        arranging.change(
            automation=self.automation, name=told.pop("name"), choices=told, by=self.user, now=self.now
        )
        return _("It is saved.")


class DeleteAutomation(AutomationDeed):
    """Forget one that nobody was enrolled in."""

    page_title = gettext_lazy("Delete the automation")
    button = gettext_lazy("Delete the automation")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _("“%(name)s” goes with all its texts, for good.") % {"name": self.automation.name},
            _("It is refused for one that somebody got mail from: switch that off."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        name = self.automation.name
        arranging.delete(automation=self.automation, by=self.user, now=self.now)
        self.is_gone = True
        return _("“%(name)s” is deleted.") % {"name": name}

    def after(self) -> str:
        return reverse("staff_automations") if getattr(self, "is_gone", False) else super().after()


class SwitchOn(AutomationDeed):
    """From now on."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("Switch the automation on")
    button = gettext_lazy("Switch it on")

    def consequences(self) -> list[str]:
        automation = self.automation
        return [
            str(kind_of(automation).explains),
            _("It follows what people do from now on. What they did before does not count."),
            _(
                "Whoever waited when it was switched off goes on, unless their mail would come two weeks late."
            ),
            _("Nobody can change its texts or its days while it is on."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002
        arranging.switch_on(automation=self.automation, by=self.user, now=self.now)
        return _("It is on.")


class SwitchOff(AutomationDeed):
    """No more."""

    page_title = gettext_lazy("Switch the automation off")
    button = gettext_lazy("Switch it off")
    serious = True

    def consequences(self) -> list[str]:
        return [
            _(
                "Nobody is enrolled and no further mail is handed on. Whoever waits goes on when it is on again."
            ),
            _("Mails that were handed on leave. To hold those back, pause their mailing."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002
        arranging.switch_off(automation=self.automation, by=self.user, now=self.now)
        return _("It is off.")


# --- Its mails ------------------------------------------------------------------------------------


class AddStep(AutomationDeed):
    """One more mail, after the others."""

    page_title = gettext_lazy("Add a mail")
    form_class = DaysForm
    button = gettext_lazy("Add")

    def consequences(self) -> list[str]:
        return [_("Whoever got the last mail before does not get it; whoever still waits does.")]

    def act(self, form: Any) -> str:
        step = arranging.add_step(
            automation=self.automation, days=form.cleaned_data["days"], by=self.user, now=self.now
        )
        return _("Mail %(number)d is there. Write its text.") % {"number": step.number}


class RemoveStep(AutomationDeed):
    """Take the last mail out."""

    page_title = gettext_lazy("Remove the last mail")
    button = gettext_lazy("Remove the last mail")
    serious = True

    def consequences(self) -> list[str]:
        return [_("It goes with its texts. It is refused once somebody got it or waits for it.")]

    def act(self, form: Any) -> str:  # noqa: ARG002
        arranging.remove_last_step(automation=self.automation, by=self.user, now=self.now)
        return _("It is removed.")


class ChangeDays(AutomationDeed):
    """After how many days a mail comes; the address names the step."""

    page_title = gettext_lazy("Change the days")
    form_class = DaysForm
    button = gettext_lazy("Save")

    @cached_property
    def step(self) -> AutomationStep:
        steps = AutomationStep.objects.select_related("automation__organization")
        found: AutomationStep = self.find(steps, pk=self.kwargs["pk"])
        return found

    @cached_property
    def automation(self) -> Automation:
        return self.step.automation

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "step": self.step}

    def get_initial(self) -> dict[str, Any]:
        return {"days": self.step.days}

    def consequences(self) -> list[str]:
        return [_("Whoever waits for this mail already gets it when it was due before.")]

    def act(self, form: Any) -> str:
        arranging.change_step(step=self.step, days=form.cleaned_data["days"], by=self.user, now=self.now)
        return _("It is saved.")
