"""How an office answers: counts that tell nothing about one writer, on the staff screen of the target."""

from __future__ import annotations

import pytest
from django.urls import reverse

from amparo.actions import following_up
from amparo.actions.campaigns import responsiveness
from tests.factories.letters import a_letter, letters
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, signed_in
from tests.factories.targets import alvenia

pytestmark = pytest.mark.django_db
DEPUTY = "alvenia/diet/N1"


@pytest.fixture
def page():
    alvenia()
    return an_email_page(an_organization())


def said(page, kind, count, now):
    for letter in letters(page, count, state="sent", target_key=DEPUTY):
        following_up.record(message=letter, told=following_up.Told(kind), now=now)


def of(page):
    return responsiveness.of_target(organization=page.organization, target_key=DEPUTY)


def test_ten_and_more_are_counted_and_fewer_are_hidden_with_their_sum(page, now):
    said(page, "yes", 11, now)
    assert (of(page).arrived, of(page).answered, of(page).not_answered, of(page).said) == (11, 11, 0, 11)

    said(page, "no", 9, now)
    assert (of(page).answered, of(page).not_answered, of(page).said) == (11, None, None)

    said(page, "no", 1, now)
    assert (of(page).not_answered, of(page).said) == (10, 21)


def test_another_organizations_letters_do_not_count(page, now):
    other = an_email_page(an_organization("other"))
    said(other, "yes", 12, now)

    assert of(page) == responsiveness.Responsiveness(0, 0, 0, 0, 0)


def test_reminders_are_not_counted_twice(page, now):
    first = a_letter(page, state="sent", target_key=DEPUTY)
    letters(page, 9, state="sent", target_key=DEPUTY)
    following_up.remind(message=first, now=now)

    assert of(page).arrived == 10


def test_it_stands_on_the_staff_screen_of_the_target(page, now):
    said(page, "yes", 11, now)
    said(page, "automatic", 3, now)
    bruno = a_member_of_staff(page.organization)

    shown = signed_in(bruno).get(reverse("staff_target", args=[DEPUTY])).content.decode()

    assert "14 letters" in shown
    assert "Writers who say: answered</dt><dd>11" in shown
    assert "fewer than 10" in shown
