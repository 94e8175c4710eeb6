"""What approvers see of abuse, and that nothing happens before they have seen how much it is."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from amparo.accounts.models import Role
from amparo.actions import trends
from amparo.actions.abuse import invalidating
from amparo.actions.models import Action, Invalidation
from amparo.kit.work import run_line
from amparo.mailings import breaking
from amparo.mailings.models import Breaker
from tests.factories.letters import a_letter, an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import a_sign_up_page, an_email_page
from tests.factories.people import a_member_of_staff, a_superuser, a_supporter, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return an_email_page(an_organization(), title="Write for Ilan")


@pytest.fixture
def chidi(page):
    return signed_in(a_member_of_staff(page.organization, Role.APPROVER, email="chidi@example.org"))


@pytest.fixture
def robots(page):
    """Four signatures of one domain, one of which still waits, and Suzie's."""
    for number in range(4):
        supporter = a_supporter(
            page.organization, given_name="Zebulon", email=f"longname{number}@robots.test"
        )
        state = Action.State.CONFIRMED if number else Action.State.PENDING
        an_action(page, supporter=supporter, state=state, now=timezone.now())
    an_action(page, supporter=a_supporter(page.organization, email="suzie@example.org"))


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def invalidate(browser, where, **more):
    said = {"organization": str(where.organization.pk), "reason": "one robot", **more}
    return browser.post(reverse("staff_invalidate"), said)


def test_first_how_many_and_some_of_them_masked_and_nothing_has_happened(chidi, page, robots):
    a_letter(page, action=Action.objects.filter(supporter__given_name__isnull=False).first())

    shown = text(invalidate(chidi, page, domain="robots.test"))

    assert "4 actions are meant: 3 that count, and 1 that wait to be confirmed." in shown
    assert "1 letter that has not left is withdrawn." in shown
    assert "You can undo all of it within 30 days." in shown
    assert "l…@robots.test" in shown
    assert "Z… R…" in shown
    assert "longname" not in shown
    assert "Zebulon" not in shown
    assert not Invalidation.objects.exists()


def test_then_it_happens_and_can_be_undone_from_the_list(chidi, page, robots):
    first = invalidate(chidi, page, domain="robots.test").content.decode()
    carried = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', first))
    assert carried.pop("sure") == "1"
    carried.pop("csrfmiddlewaretoken", None)

    chidi.post(reverse("staff_invalidate"), {**carried, "sure": "1"})
    run_line("invalidation")

    assert Action.objects.confirmed().count() == 1
    done = Invalidation.objects.get()
    shown = text(chidi.get(reverse("staff_abuse")))
    assert "with an address at robots.test" in shown
    assert "one robot" in shown
    undo = reverse("staff_invalidation_undo", args=[done.pk])
    assert "4 actions count or wait again" in text(chidi.get(undo))
    assert Invalidation.objects.get().state == "done", "looking changes nothing"
    chidi.post(undo)
    run_line("invalidation")
    assert Action.objects.confirmed().count() == 4


def test_saying_nothing_in_common_or_finding_nothing_is_said_kindly(chidi, page, robots):
    assert "Say at least one thing" in text(invalidate(chidi, page))
    assert "No action that counts or waits" in text(invalidate(chidi, page, domain="nobody.test"))
    assert "lies before the beginning" in text(
        invalidate(chidi, page, domain="x.test", since="2026-11-22 12:00", until="2026-11-21 12:00")
    )


def test_a_page_of_another_organization_cannot_be_chosen(page, robots):
    other = an_email_page(an_organization("lamp-light"))
    both = a_member_of_staff(page.organization, Role.APPROVER, email="both@example.org")
    a_member_of_staff(other.organization, Role.APPROVER, email="both@example.org")
    browser = signed_in(both)

    assert "belongs to another organisation" in text(invalidate(browser, page, page=other.pk))


def test_an_editor_sees_none_of_it(page):
    bruno = signed_in(a_member_of_staff(page.organization, Role.EDITOR, email="bruno@example.org"))

    for place in ("staff_abuse", "staff_invalidate"):
        assert bruno.get(reverse(place)).status_code == 302
    assert "Abuse" not in bruno.get("/staff/").content.decode()


def test_a_breaker_is_a_banner_at_home_and_released_with_open_eyes(chidi, page):
    breaking.trip(scope=str(page.organization.pk), organization=page.organization, now=timezone.now())
    breaker = Breaker.objects.get()
    assert "Confirmation mails of Open Doors are held back" in text(chidi.get("/staff/"))
    assert "Let them leave" in text(chidi.get(reverse("staff_abuse")))
    release = reverse("staff_breaker_release", args=[breaker.pk])
    shown = text(chidi.get(release))
    assert "0 mails wait" in shown
    assert "take those actions out of the count first" in shown
    assert Breaker.objects.open().exists()

    chidi.post(release)

    assert not Breaker.objects.open().exists()
    assert "held back" not in text(chidi.get("/staff/"))


def test_the_breaker_of_the_whole_server_is_released_by_who_looks_after_it(chidi, page):
    breaking.trip(scope=breaking.EVERYBODY, organization=None, now=timezone.now())
    breaker = Breaker.objects.get()
    release = reverse("staff_breaker_release", args=[breaker.pk])

    assert "Whoever looks after this server can let them leave" in text(chidi.get(reverse("staff_abuse")))
    assert chidi.get(release).status_code == 404
    signed_in(a_superuser()).post(release)
    assert not Breaker.objects.open().exists()


def test_a_trend_leads_to_its_actions(chidi, page, robots, monkeypatch):
    monkeypatch.setattr(trends, "LEAST", 4)
    monkeypatch.setattr(trends, "TIMES", 1)
    found = trends.look(organization=page.organization, now=timezone.now() + timedelta(minutes=1))
    domain = next(trend for trend in found if trend.kind == "domain")

    shown = chidi.get(reverse("staff_abuse"))
    assert "4 people with an address at robots.test took part within an hour" in text(shown)
    link = f"{reverse('staff_invalidate')}?trend={domain.pk}"
    assert link.replace("&", "&amp;") in shown.content.decode()
    assert 'value="robots.test"' in chidi.get(link).content.decode()


def test_a_trend_of_another_organization_fills_in_nothing(chidi, page, monkeypatch):
    monkeypatch.setattr(trends, "LEAST", 1)
    monkeypatch.setattr(trends, "TIMES", 1)
    other = a_sign_up_page(an_organization("lamp-light"))
    an_action(other, supporter=a_supporter(other.organization, email="a@secret.test"), now=timezone.now())
    found = trends.look(organization=other.organization, now=timezone.now() + timedelta(minutes=1))

    for trend in found:
        shown = chidi.get(f"{reverse('staff_invalidate')}?trend={trend.pk}")
        assert "secret.test" not in shown.content.decode()


def test_too_late_is_said_and_not_offered_as_done(chidi, page, robots):
    done = invalidating.invalidate(
        conditions=invalidating.Conditions(organization=page.organization, domain="robots.test"),
        reason="one robot",
        by=a_superuser(),
        now=timezone.now() - timedelta(days=31),
    )

    answer = chidi.post(reverse("staff_invalidation_undo", args=[done.pk]))

    assert "more than 30 days ago" in text(answer)
