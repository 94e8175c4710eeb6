"""The sources of targets that can be loaded: one file, or one folder, in `sources/` for each."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from amparo.kit.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from amparo.organizations.models import Organization
    from amparo.targets.records import SourceBundle


class Reading(Protocol):
    """How a source is read: a folder, zip or file in, a checked bundle out.

    `today` decides which terms have begun and which have ended. Raises `UnreadableSource`.
    """

    def __call__(self, path: Path, *, today: date) -> SourceBundle: ...


@dataclass(frozen=True, slots=True)
class TargetSource:
    """One thing to choose from in `amparo targets load <slug> <path>`."""

    slug: str
    title: str
    read: Reading


target_sources: Registry[TargetSource] = Registry("target source")


class TargetFacts(Protocol):
    """What an upper floor knows about a target, as lines of a name and a value, for one organization's staff."""

    def __call__(self, *, organization: Organization, target_key: str) -> list[tuple[str, str]]: ...


#: Asked by the staff screen of a target; offered in an app's `target_facts.py`.
target_facts: Registry[TargetFacts] = Registry("kind of fact about a target")


def register_source(slug: str, *, title: str) -> Callable[[Reading], Reading]:
    """Offer a reading function under `slug`, the first word after `amparo targets load`."""

    def add(read: Reading) -> Reading:
        target_sources.register(slug)(TargetSource(slug, title, read))
        return read

    return add


def load_sources() -> Registry[TargetSource]:
    """The registry, after importing every file in `sources/`. Cheap when they are imported already."""
    package = importlib.import_module("amparo.targets.sources")
    for inner in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{inner.name}")
    return target_sources
