from __future__ import annotations

import pytest

from tests.factories.organizations import an_organization
from tests.fakes.text_provider import a_text_provider


@pytest.fixture
def doors():
    return an_organization()


@pytest.fixture(autouse=True)
def own_state(settings, tmp_path):
    settings.AMPARO_VAR = str(tmp_path)


@pytest.fixture
def provider(settings, monkeypatch):
    with a_text_provider(settings, monkeypatch) as running:
        yield running
