"""Bruno asks whom he may write to in France, by pressing and by choosing, with a script and without."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from amparo.supporters import consent, wordings
from amparo.supporters.models import Channel, Purpose, Segment, Supporter, Tag, Tagging
from tests.factories.letters import an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, a_supporter, signed_in
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def organization(now):
    """Six wrote from France: one is tagged, one did not agree, one's mail comes back. Amina wrote from Britain."""
    organization = an_organization()
    page = an_email_page(organization, title="Free Ilan")
    tag = Tag.objects.create(organization=organization, name="press", created_at=now)
    wording = wordings.word(
        organization=organization, purpose=Purpose.NEWS, channel=Channel.EMAIL, language="en", text="News?"
    )
    people = [a_supporter(organization, country="GB")]
    people += [
        a_supporter(
            organization, given_name=f"Suzie {number}", email=f"suzie{number}@example.org", country="FR"
        )
        for number in range(6)
    ]
    for person in people:
        an_action(page, supporter=person, now=now)
        if person != people[2]:
            consent.record(supporter=person, answers={wording.pk: True}, source="/write/", now=now)
    Supporter.objects.update(confirmed_at=now)
    Supporter.objects.filter(pk=people[3].pk).update(unreachable=Supporter.Unreachable.BOUNCED)
    Tagging.objects.create(tag=tag, supporter=people[1], tagged_at=now)
    return organization


@pytest.fixture
def bruno(visit_staff, organization):
    """Signed in with both factors a moment ago."""
    kept = signed_in(a_member_of_staff(organization, "approver", email="bruno@example.org"))
    name = django_settings.SESSION_COOKIE_NAME

    def come(**how):
        visitor = visit_staff(**how)
        cookie = {"name": name, "value": kept.cookies[name].value, "url": visitor.server.url}
        visitor.context.add_cookies([cookie])
        visitor.go(reverse("staff_segment_add", args=[organization.pk]))
        return visitor

    return come


def add(visitor, kind, number):
    """Add a condition of this kind, which becomes part `number`; a script shows it without a new page."""
    visitor.page.select_option("[name=n0_add]", label=kind)
    visitor.page.click("button[value='add:0']")
    part = visitor.page.locator(f"#n{number}")
    part.wait_for()
    return part


def press(visitor, words):
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name=words, exact=True).click()


@pytest.mark.parametrize(("size", "script"), [(DESK, True), (PHONE, False)], ids=["script", "no-script"])
def test_bruno_asks_who_lives_in_france_wrote_and_is_not_tagged(bruno, organization, size, script):
    visitor = bruno(size=size, script=script)
    answer = visitor.page.locator("#segment-answer")
    assert "this means everybody on your list" in visitor.text

    country = add(visitor, "Country", 1)
    if script:
        country.get_by_label("Find in this list").fill("fran")
    country.get_by_label("France", exact=True).check()
    add(visitor, "Took part in an action", 2).get_by_label("Free Ilan").check()
    tag = add(visitor, "Tag", 3)
    tag.get_by_label("press").check()
    tag.locator("[name=n3_not]").select_option(label="is not so")
    if not script:
        press(visitor, "Count again")

    answer.get_by_text("5 match").wait_for()
    said = answer.inner_text()
    assert "lives in France" in said
    assert "3 may be written to" in " ".join(said.split())
    for reason in ("1 did not agree to this", "1 mail came back"):
        assert reason in " ".join(said.split())
    visitor.check_page()
    visitor.page.set_viewport_size(PHONE)
    visitor.check_page()

    press(visitor, "Show ten of them")
    assert visitor.page.locator(".segment-ten li").count() == 5
    assert "Suzie 5" in answer.inner_text()
    visitor.page.fill("[name=name]", "France, not the press")
    press(visitor, "Save")
    assert Segment.objects.get().name == "France, not the press"
    visitor.go(visitor.page.url)  # without the message, which Wagtail fades in
    assert "5 match" in " ".join(visitor.text.split())
    visitor.check_page()
