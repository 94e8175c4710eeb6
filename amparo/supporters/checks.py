"""What is looked at when the program starts: the rule sets of law are whole, and each rule names its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import Error, register

from amparo.organizations.models import Jurisdiction
from amparo.supporters import rules

if TYPE_CHECKING:
    from django.core.checks import CheckMessage


@register
def rule_sets_are_whole(**_options: Any) -> list[CheckMessage]:
    """One error for each file of rules that cannot be believed; nothing starts with one."""
    return [
        Error(problem, hint="Put back the file that came with this version.", id="supporters.E001")
        for jurisdiction in Jurisdiction
        if (problem := _problem_of(jurisdiction))
    ]


def _problem_of(jurisdiction: Jurisdiction) -> str:
    try:
        rules.load(jurisdiction)
    except rules.MalformedRules as error:
        return str(error)
    return ""
