"""Automations that follow from what people agreed to and chose."""

from __future__ import annotations

from amparo.mailings.automations.digest import Digest
from amparo.mailings.automations.registry import automation_kinds
from amparo.mailings.automations.welcome import Welcome

automation_kinds.register("welcome")(Welcome)
automation_kinds.register("digest")(Digest)
