"""Data protection on staff screens: the register and the documents."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from amparo.supporters.models import Complaint, Origin
from amparo.supporters.rights import erasure
from tests.factories.letters import a_letter, an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, a_supporter, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _state(settings, tmp_path):
    settings.AMPARO_VAR = tmp_path


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def ada(organization):
    """An administrator's browser."""
    return signed_in(a_member_of_staff(organization, "administrator"))


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_register_counts_what_was_asked_and_what_waits(ada, organization, now):
    suzie = a_supporter(organization, given_name="Suzie")
    page = an_email_page(organization)
    a_letter(page, action=an_action(page, supporter=suzie, now=now), state="sent", now=now)
    erasure.erase(supporter=suzie, by=None, origin=Origin.PREFERENCES, now=now)
    Complaint.objects.create(
        organization=organization,
        supporter=a_supporter(organization),
        key=uuid4(),
        text="You wrote to me.",
        language="en",
        received_at=now - timedelta(days=4000),
    )
    shown = text_of(ada.get(reverse("staff_data_protection")))
    assert "1 complaint has waited longer than it may." in shown
    assert "minister@justice.example.org" in shown
    assert "The preference centre" in shown
    assert "You wrote to me." not in shown


@pytest.mark.parametrize("kind", ["article30", "dpia"])
def test_documents_come_as_files(ada, organization, kind):
    response = ada.get(reverse("staff_record", args=[organization.pk, kind]))
    assert response["Content-Disposition"] == f'attachment; filename="open-doors-{kind}.md"'
    assert response.content.startswith(b"# ")
    assert ada.get(reverse("staff_record", args=[organization.pk, "novel"])).status_code == 404


def test_on_the_worst_day_a_document_is_made_and_nothing_else(ada, organization):
    said = {
        "organization": str(organization.pk), "what": "table", "table": "supporters.Supporter",
        "since": "2026-11-01 00:00", "until": "2026-11-22 00:00", "noticed": "2026-11-22 08:00",
    }  # fmt: skip
    response = ada.post(reverse("staff_breach"), said)
    assert response["Content-Disposition"] == 'attachment; filename="open-doors-breach.md"'
    assert b"2026-11-25T08:00" in response.content
    missing = ada.post(reverse("staff_breach"), {**said, "table": ""})
    assert "There is no table called" in text_of(missing)
