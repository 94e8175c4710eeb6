"""Automations that are on, and the turns of their line of work."""

from __future__ import annotations

from amparo.kit import work
from amparo.mailings.automations import arranging, editions
from amparo.mailings.automations.line import LINE
from amparo.mailings.composer import composing
from amparo.mailings.models import Automation
from amparo.organizations.models import Organization
from tests.factories.composed import WORDS
from tests.factories.moments import NOW

SUBJECTS = {"en": "Welcome, mail %d", "fr": "Bienvenue, courriel %d", "ar": "أهلًا بكم، الرسالة %d"}


def an_automation(
    organization: Organization, kind="welcome", *, days=(0,), is_on=True, by=None, now=NOW, **choices
) -> Automation:
    """An automation with a mail for each of `days`, written in three languages, and switched on."""
    automation = arranging.begin(
        organization=organization, kind=kind, name=f"Our {kind}", choices=choices, by=by, now=now
    )
    if automation.steps.exists():
        arranging.change_step(step=automation.steps.get(), days=days[0], by=by, now=now)
        for wait in days[1:]:
            arranging.add_step(automation=automation, days=wait, by=by, now=now)
        for step in automation.steps.all():
            for text in editions.text_of(step).texts.all():
                composing.write(
                    text=text,
                    subject=SUBJECTS[text.language] % step.number,
                    preview="",
                    raw=[WORDS],
                    seen=None,
                    by=by,
                    now=now,
                )
    if is_on:
        arranging.switch_on(automation=automation, by=by, now=now)
    return automation


def take_turn(now) -> work.Result:
    """One turn of every automation whose time has come."""
    return work.run_line(LINE, now_source=lambda: now)
