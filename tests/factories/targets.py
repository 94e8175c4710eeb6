"""The invented country of Alvenia, loaded by the verbs themselves."""

from __future__ import annotations

from pathlib import Path

from amparo.targets import activating, staging
from amparo.targets.models import Dataset
from amparo.targets.registry import load_sources
from tests.factories.moments import NOW

ALVENIA = Path(__file__).parent.parent / "targets" / "bundles" / "alvenia"


def alvenia(*, now=NOW) -> Dataset:
    """Deputies by postcode, a dissolved senate and a minister; staged and in use."""
    bundle = load_sources().get("bundle").read(ALVENIA, today=now.date())
    dataset = staging.stage(bundle=bundle, now=now)
    activating.activate(dataset=dataset, now=now)
    return dataset
