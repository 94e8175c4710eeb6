"""What this floor knows about a target, for the staff screen of targets (see `targets.registry.target_facts`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.actions.campaigns.responsiveness import LEAST, of_target
from amparo.targets.registry import target_facts

if TYPE_CHECKING:
    from amparo.organizations.models import Organization


@target_facts.register("answers")
def answers(*, organization: Organization, target_key: str) -> list[tuple[str, str]]:
    """What stands on the staff screen of a target."""
    found = of_target(organization=organization, target_key=target_key)
    if found.arrived == 0:
        return []
    sent = (
        _few()
        if found.arrived is None
        else ngettext("%(count)d letter", "%(count)d letters", found.arrived) % {"count": found.arrived}
    )
    lines = [(_("Letters of ours that arrived"), sent)]
    if found.said != 0:
        lines += [
            (_("Writers who say: answered"), _counted(found.answered)),
            (_("Writers who say: not answered"), _counted(found.not_answered)),
            (_("Writers who say: only an automatic reply"), _counted(found.automatic)),
        ]
    return lines


def _counted(count: int | None) -> str:
    return _few() if count is None else str(count)


def _few() -> str:
    return _("fewer than %(least)d") % {"least": LEAST}
