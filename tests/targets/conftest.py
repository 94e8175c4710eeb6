"""Each test has a state directory of its own, and remembers no other's targets."""

from __future__ import annotations

import pytest

from amparo.targets import current


@pytest.fixture(autouse=True)
def _own_state(tmp_path, settings):
    settings.AMPARO_VAR = tmp_path / "state"
    current.forget()
    yield
    current.forget()
