from __future__ import annotations

import pytest

from amparo.accounts.models import AuditEntry
from amparo.targets.activating import activate
from amparo.targets.current import NoTargets
from amparo.targets.models import LegislatureOverride, PostcodeOverride
from amparo.targets.overriding import (
    NoPostcodes,
    NoSuchArea,
    NoSuchState,
    override_legislature,
    override_postcode,
    remove_postcode_override,
)
from amparo.targets.postcodes import MalformedPostcode
from amparo.targets.staging import stage
from tests.factories.people import a_user
from tests.targets.orlund import orlund

pytestmark = pytest.mark.django_db


@pytest.fixture
def _loaded(now):
    activate(dataset=stage(bundle=orlund(), now=now), now=now)


@pytest.mark.usefixtures("_loaded")
def test_a_postcode_is_recorded_in_its_compact_form_once(now):
    bruno = a_user()

    for area in ("O08", "O09"):
        override_postcode(slug="orlund", postcode="ex7 iaa", area_code=area, reason="told", by=bruno, now=now)

    override = PostcodeOverride.objects.get()
    assert (override.postcode, override.area_code, override.recorded_by) == ("EX71AA", "O09", bruno)
    assert [entry.details["area"] for entry in AuditEntry.objects.filter(actor=bruno).order_by("id")] == [
        "O08",
        "O09",
    ]


@pytest.mark.usefixtures("_loaded")
@pytest.mark.parametrize(
    ("postcode", "area", "refusal"),
    [("hello", "O08", MalformedPostcode), ("EX7 1AA", "E14001063", NoSuchArea)],
)
def test_an_override_that_leads_nowhere_is_refused(now, postcode, area, refusal):
    with pytest.raises(refusal):
        override_postcode(slug="orlund", postcode=postcode, area_code=area, reason="", now=now)

    assert not PostcodeOverride.objects.exists()


def test_there_is_nothing_to_override_before_anything_is_loaded_or_without_postcodes(now):
    with pytest.raises(NoTargets):
        override_postcode(slug="orlund", postcode="EX7 1AA", area_code="O08", reason="", now=now)
    activate(dataset=stage(bundle=orlund(postcodes=None), now=now), now=now)
    with pytest.raises(NoPostcodes):
        override_postcode(slug="orlund", postcode="EX7 1AA", area_code="O08", reason="", now=now)


@pytest.mark.usefixtures("_loaded")
def test_an_override_can_be_taken_back(now):
    override_postcode(slug="orlund", postcode="EX7 1AA", area_code="O08", reason="", now=now)

    assert remove_postcode_override(slug="orlund", postcode="ex7 1aa", now=now) is True
    assert remove_postcode_override(slug="orlund", postcode="ex7 1aa", now=now) is False


@pytest.mark.usefixtures("_loaded")
@pytest.mark.parametrize(("house", "state"), [("commons", "dissolved"), ("assembly", "asleep")])
def test_only_known_houses_and_states_are_recorded(now, house, state):
    with pytest.raises(NoSuchState):
        override_legislature(slug="orlund", legislature_code=house, state=state, reason="", now=now)

    assert not LegislatureOverride.objects.exists()
