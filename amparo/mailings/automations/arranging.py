"""Arrange an automation: begin one, choose its steps, switch it on and off. Who did it and when is in the audit trail.

It is written on while it is off. What is on is what somebody who may approve has switched on: nobody changes a word of
it, or a day, without switching it off first. Whoever was enrolled by then waits, and goes on where they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.addresses import one_line
from amparo.kit.refusal import Refusal
from amparo.mailings.automations import editions
from amparo.mailings.automations.registry import automation_kinds, kind_of
from amparo.mailings.composer import composing, hints
from amparo.mailings.models import Automation, AutomationStep, Enrolment, Mailing, MailingText
from amparo.supporters import linking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.organizations.models import Organization

#: Columns that staff fill in, whatever the kind; which of them a kind has is its own matter.
CHOICES = ("campaign", "page", "ask", "weekday", "hour")


class IsOn(Refusal):
    sentence = _("This automation is on. Switch it off to change it; whoever is enrolled waits meanwhile.")


class IsOff(Refusal):
    sentence = _("This automation is off already.")


class NameMissing(Refusal):
    sentence = _("Give the automation a name.")


class TooManySteps(Refusal):
    sentence = _("This kind of automation has %(most)s mails at most.")


class StepWasSent(Refusal):
    sentence = _(
        "This mail was sent to somebody already, or they wait for it. It stays, so that nobody gets it twice."
    )


class NotReady(Refusal):
    sentence = _("Mend this first: %(why)s")


class AnotherIsOn(Refusal):
    sentence = _(
        "Another automation of this kind is on: everybody would get everything twice. Switch that off first."
    )


class WasUsed(Refusal):
    sentence = _("Somebody was enrolled in this automation. It stays, so that nobody gets anything twice.")


# --- The automation -------------------------------------------------------------------------------


def begin(
    *,
    organization: Organization,
    kind: str,
    name: str,
    choices: Mapping[str, Any] | None = None,
    by: User | None,
    now: datetime,
) -> Automation:
    """A new one, switched off, with its first mail begun where it has any. Raises `NameMissing`."""
    automation = Automation(
        organization=organization, kind=kind, name=_as_name(name), created_at=now, changed_at=now
    )
    _choose(automation, choices or {})
    with transaction.atomic():
        automation.save(force_insert=True)
        _note("begin_automation", automation, by=by, now=now, details={"kind": kind})
        if kind_of(automation).most_steps:
            add_step(automation=automation, days=0, by=by, now=now)
    return automation


def change(
    *, automation: Automation, name: str, choices: Mapping[str, Any], by: User | None, now: datetime
) -> None:
    """Its name, and what it follows from. Raises `NameMissing` and `IsOn`."""
    with transaction.atomic():
        _held(automation, now=now)
        automation.name = _as_name(name)
        _choose(automation, choices)
        automation.save(update_fields=["name", *CHOICES])
        for step in automation.steps.all():
            _name_texts(step)
        _note("change_automation", automation, by=by, now=now)


def delete(*, automation: Automation, by: User | None, now: datetime) -> None:
    """Forget one that nobody was ever enrolled in. Raises `IsOn` and `WasUsed`."""
    with transaction.atomic():
        _held(automation, now=now)
        sent = Mailing.objects.filter(step__automation=automation, use=Mailing.Use.EDITION)
        if sent.exists() or Enrolment.objects.filter(automation=automation).exists():
            raise WasUsed
        _note("delete_automation", automation, by=by, now=now)
        Mailing.objects.filter(step__automation=automation).delete()
        automation.delete()


# --- Its steps ------------------------------------------------------------------------------------


def add_step(*, automation: Automation, days: int, by: User | None, now: datetime) -> AutomationStep:
    """One more mail, after the others, with a first text in every language. Raises `IsOn` and `TooManySteps`."""
    kind = kind_of(automation)
    with transaction.atomic():
        _held(automation, now=now)
        there = automation.steps.count()
        if there >= kind.most_steps:
            raise TooManySteps(most=kind.most_steps)
        step = AutomationStep.objects.create(
            organization=automation.organization,
            automation=automation,
            number=there + 1,
            days=days if there == 0 else max(days, 1),
        )
        _begin_text(step, by=by, now=now)
        _note("add_automation_step", automation, by=by, now=now, details={"step": step.number})
    return step


def change_step(*, step: AutomationStep, days: int, by: User | None, now: datetime) -> None:
    """How many days it comes after the one before, for those who do not wait for it yet. Raises `IsOn`."""
    with transaction.atomic():
        _held(step.automation, now=now)
        days = days if step.number == 1 else max(days, 1)
        AutomationStep.objects.filter(pk=step.pk).update(days=days)
        _note(
            "change_automation_step",
            step.automation,
            by=by,
            now=now,
            details={"step": step.number, "days": days},
        )


def remove_last_step(*, automation: Automation, by: User | None, now: datetime) -> None:
    """Take the last mail out again, where nobody got it or waits for it. Raises `IsOn` and `StepWasSent`."""
    with transaction.atomic():
        _held(automation, now=now)
        step = automation.steps.order_by("-number").first()
        if step is None or step.number == 1:
            raise StepWasSent
        sent = Mailing.objects.filter(step=step, use=Mailing.Use.EDITION)
        if sent.exists() or step.mails.exists() or step.waiting.exists():
            raise StepWasSent
        Mailing.objects.filter(step=step, use=Mailing.Use.STEP).delete()
        _note("remove_automation_step", automation, by=by, now=now, details={"step": step.number})
        step.delete()


# --- On and off -----------------------------------------------------------------------------------


def switch_on(*, automation: Automation, by: User | None, now: datetime) -> None:
    """From now on it follows what people do; what they did before does not count.

    Raises `IsOn`, `NotReady` and `AnotherIsOn`.
    """
    why = lacks(automation, now=now)
    if why:
        raise NotReady(why=why)
    off = Automation.objects.filter(pk=automation.pk, on_since__isnull=True)
    try:
        with transaction.atomic():
            moved = off.update(on_since=now, switched_on_by=by, looked_until=now, look_at=now, changed_at=now)
            if not moved:
                raise IsOn
            _note("switch_automation_on", automation, by=by, now=now)
    except IntegrityError:
        raise AnotherIsOn from None
    automation.refresh_from_db()


def switch_off(*, automation: Automation, by: User | None, now: datetime) -> None:
    """Nobody is enrolled and nothing is handed on any more; what is on its way leaves. Raises `IsOff`."""
    on = Automation.objects.filter(pk=automation.pk, on_since__isnull=False)
    with transaction.atomic():
        if not on.update(on_since=None, changed_at=now):
            raise IsOff
        _note("switch_automation_off", automation, by=by, now=now)
    automation.refresh_from_db()


def lacks(automation: Automation, *, now: datetime) -> str:
    """Why it cannot be switched on, as a sentence; empty when it can."""
    kind = kind_of(automation)
    why = kind.lacks(automation)
    if why or not kind.most_steps:
        return why
    for step in automation.steps.order_by("number"):
        grave = [hint for hint in hints.of_mailing(editions.text_of(step), now=now) if hint.is_grave]
        if grave:
            return str(_("Mail %(number)s: %(why)s") % {"number": step.number, "why": grave[0].sentence})
    return ""


# --- Inside ---------------------------------------------------------------------------------------


def _begin_text(step: AutomationStep, *, by: User | None, now: datetime) -> None:
    """The mailing in which the step's texts are written: one in each language, and further ones as staff like."""
    automation = step.automation
    kind = kind_of(automation)
    organization = automation.organization
    languages = [code for code, _name in settings.LANGUAGES]
    usual = organization.locale if organization.locale in languages else languages[0]
    mailing = composing.begin(
        organization=organization,
        name=_text_name(step),
        kind=kind.mailing_kind,
        campaign=automation.campaign,
        language=usual,
        by=by,
        now=now,
    )
    Mailing.objects.filter(pk=mailing.pk).update(use=Mailing.Use.STEP, step=step)
    mailing.refresh_from_db()
    for code in [usual, *(code for code in languages if code != usual)]:
        text: MailingText | None = mailing.texts.filter(language=code).first()
        if text is None:
            text = composing.add_text(mailing=mailing, language=code, variant=composing.FIRST, by=by, now=now)
        with translation.override(linking.spoken(code)):
            subject, blocks = kind.first_words(organization)
        if step.number == 1 and blocks:
            raw = [{"type": slug, "value": value} for slug, value in blocks]
            composing.write(text=text, subject=subject, preview="", raw=raw, seen=None, by=by, now=now)


def _name_texts(step: AutomationStep) -> None:
    Mailing.objects.filter(step=step, use=Mailing.Use.STEP).update(
        name=_text_name(step), campaign=step.automation.campaign
    )


def _text_name(step: AutomationStep) -> str:
    return f"{step.automation.name[:110]}, {step.number}"


def _choose(automation: Automation, choices: Mapping[str, Any]) -> None:
    """Fill in what the kind lets staff choose, and nothing else."""
    for name in automation_kinds.get(automation.kind)().fields(automation.organization):
        if name in CHOICES and name in choices:
            given = choices[name]
            setattr(automation, name, getattr(given, "page_ptr", given))


def _held(automation: Automation, *, now: datetime) -> None:
    """Hold an automation that is off while it is changed. Raises `IsOn`."""
    off = Automation.objects.filter(pk=automation.pk, on_since__isnull=True)
    if not off.update(changed_at=now):
        raise IsOn
    automation.on_since = None


def _as_name(name: str) -> str:
    found = one_line(name, 120)
    if not found:
        raise NameMissing
    return found


def _note(
    verb: str,
    automation: Automation,
    *,
    by: User | None,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    audit.record(
        verb=verb, subject=automation, by=by, organization=automation.organization, now=now, details=details
    )
