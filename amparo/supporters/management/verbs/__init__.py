"""What `amparo supporters` can do: one file for each verb, found by being here; it offers a `VERB`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from amparo.organizations.models import Organization
from amparo.supporters.identity import find

if TYPE_CHECKING:
    from django.core.management.base import BaseCommand, CommandParser

    from amparo.supporters.models import Supporter


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: its name and what it does, its arguments, and the deed, which is given the command and the options."""

    name: str
    help: str
    add_arguments: Callable[[CommandParser], None]
    run: Callable[[BaseCommand, dict[str, Any]], None]


def verbs() -> list[Verb]:
    """Every verb, in the order of their names."""
    found = [
        importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)
    ]
    return sorted((module.VERB for module in found), key=lambda verb: verb.name)


def organization_called(slug: str) -> Organization:
    """The organization of this slug; a sentence that names those there are, otherwise."""
    found = Organization.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Organization.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no organization called “{slug}”; there are: {known}.")
    return found


def supporter_with(email: str, *, organization: Organization) -> Supporter:
    """Whose address this is, now or earlier; a sentence that does not repeat it, otherwise."""
    found = find(organization=organization, email=email)
    if found is None:
        raise CommandError(f"{organization.name} knows nobody with this address.")
    return found
