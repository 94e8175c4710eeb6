"""The demonstration is there at once, in three languages, and only once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from wagtail.models import Page, Site

from amparo.accounts.models import StaffRole, User
from amparo.organizations.models import Organization
from amparo.supporters.models import ConsentWording
from amparo.targets import current
from amparo.targets.models import Dataset
from amparo.web.demo import loading
from tests.factories.moments import NOW


@pytest.fixture
def state(settings, tmp_path):
    settings.AMPARO_VAR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BASE_URL = "http://127.0.0.1:8000"
    settings.ALLOWED_HOSTS = ["*"]
    current.forget()
    yield tmp_path
    current.forget()


@pytest.fixture
def demo(db, state):
    assert loading.load(now=NOW)
    Site.clear_site_root_paths_cache()
    return state


def how_much_there_is() -> dict[str, int]:
    models = (Page, Site, Organization, User, StaffRole, ConsentWording, Dataset)
    return {model.__name__: model.objects.count() for model in models}


def test_loading_twice_doubles_nothing(demo):
    before = how_much_there_is()
    assert not loading.load(now=NOW + timedelta(hours=1))
    assert how_much_there_is() == before
