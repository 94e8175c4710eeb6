"""Automations that follow from actions."""

from __future__ import annotations

from amparo.actions.reminding import ReminderToConfirm
from amparo.actions.thanking import Thanks
from amparo.mailings.automations.registry import automation_kinds

automation_kinds.register("thanks")(Thanks)
automation_kinds.register("reminder")(ReminderToConfirm)
