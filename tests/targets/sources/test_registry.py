"""The sources that can be loaded are the files in the folder."""

from __future__ import annotations

import pytest

from amparo.kit.registry import NotRegistered
from amparo.targets.registry import load_sources


def test_every_source_is_found_by_its_file() -> None:
    assert list(load_sources()) == ["action-network", "bundle", "ca", "uk", "us"]
    assert all(source.title and source.slug == slug for slug, source in load_sources().items())


def test_an_unknown_source_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotRegistered, match="There are: action-network, bundle, ca, uk, us"):
        load_sources().get("atlantis")
