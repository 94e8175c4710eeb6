"""What staff see of a page in numbers."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from amparo.actions import figuring
from amparo.actions.models import Report
from tests.factories.doing_pages import a_share_page
from tests.factories.letters import an_action
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_supporter, signed_in

pytestmark = pytest.mark.django_db


def test_a_page_in_numbers(now):
    page = a_share_page(an_organization())
    for name, via in (("Amina", "whatsapp"), ("Suzie", "whatsapp"), ("Dana", "")):
        an_action(page, supporter=a_supporter(page.organization, given_name=name), via=via, now=now)
    waiting = an_action(
        page, supporter=a_supporter(page.organization, given_name="Late"), state="pending", now=now
    )
    said = [(None, "shared", "signal"), (None, "shared", ""), (waiting, "shared", "email")]
    for action, answer, channel in said:
        Report.objects.create(
            organization=page.organization,
            page=page,
            action=action,
            key=uuid4(),
            said=answer,
            channel=channel,
            reported_at=now,
        )
    figures = figuring.figures_of(page)
    assert (figures.confirmed, figures.awaiting, figures.without_address) == (3, 1, 2)
    assert figures.came_by == [("WhatsApp", 2)]
    assert figures.asked_by == [("Signal", 1)], "what is not confirmed does not count"
    assert figures.said == [("I asked others", 2)]

    client = signed_in(a_member_of_staff(page.organization))
    assert page.title in client.get(reverse("staff_figures")).content.decode()
    assert "WhatsApp" in client.get(reverse("staff_figures_of", args=[page.pk])).content.decode()
