"""A clock that stands still for the worker, and a state directory of the test's own."""

from __future__ import annotations

import pytest

from amparo.supporters.importing.line import Imports
from tests.factories.moments import NOW


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(Imports, "clock", staticmethod(lambda: NOW))
    settings.AMPARO_VAR = tmp_path
