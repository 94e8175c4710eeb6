"""The staff screens of targets: how old, what changes, who may put it to use, and what staff know better."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from amparo.accounts.models import AuditEntry, Role
from amparo.targets import contacting, entering, finding, staging
from amparo.targets.entering import Entry
from amparo.targets.models import (
    ActiveDataset,
    ContactFailure,
    ContactOverride,
    Dataset,
    LegislatureOverride,
    MistakeReport,
    Post,
    PostcodeOverride,
)
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_superuser, signed_in
from tests.factories.targets import alvenia
from tests.targets.orlund import orlund

pytestmark = pytest.mark.django_db

SEAT = "alvenia/diet/N1"


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def bruno(organization):
    """Bruno edits."""
    return signed_in(a_member_of_staff(organization, Role.EDITOR, email="bruno@example.org"))


@pytest.fixture
def ada(organization):
    """Ada administers."""
    return signed_in(a_member_of_staff(organization, Role.ADMINISTRATOR, email="ada@example.org"))


@pytest.fixture
def root(organization):
    """Who looks after the server."""
    return signed_in(a_superuser())


@pytest.fixture
def here(now):
    """Alvenia is in use."""
    return alvenia(now=now)


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def stage(edition, now, **changes):
    return staging.stage(bundle=orlund(edition, **changes), now=now)


# --- Sources ----------------------------------------------------------------------------------------------------


def test_a_source_says_how_old_it_is(bruno, here):
    published = timezone.now().date() - timedelta(weeks=28, days=3)
    Dataset.objects.filter(pk=here.pk).update(published_on=published)

    assert "28 weeks old" in text(bruno.get(reverse("staff_sources")))
    shown = text(bruno.get(reverse("staff_source", args=["alvenia"])))
    assert "28 weeks old" in shown
    assert "alvenia/1" in shown


def test_the_problems_of_a_source_are_named(bruno, here):
    problem = {
        "file": "people.csv",
        "line": 7,
        "reason": "a web address stands in the e-mail field",
        "value": "x",
        "severity": "error",
    }
    Dataset.objects.filter(pk=here.pk).update(problems=[problem, problem | {"line": 9}], problem_count=2)

    shown = text(bruno.get(reverse("staff_source", args=["alvenia"])))

    assert "a web address stands in the e-mail field (left out) 2 people.csv line 7: x line 9: x" in shown


def test_another_organizations_list_is_not_there(bruno, now):
    other = an_organization("lamp-light")
    theirs = staging.stage(bundle=orlund("theirs", slug="their-list"), organization=other, now=now)

    assert "their-list" not in bruno.get(reverse("staff_sources")).content.decode()
    assert bruno.get(reverse("staff_source", args=["their-list"])).status_code == 404
    assert bruno.get(reverse("staff_version", args=[theirs.pk])).status_code == 404


# --- Versions ---------------------------------------------------------------------------------------------------


def test_a_version_shows_what_it_changes_before_anybody_uses_it(root, bruno, now):
    first = stage("first", now)
    root.post(reverse("staff_version", args=[first.pk]))
    bundle = orlund("second")
    people = tuple(replace(one, name="Una Newcomer") if one.code == "m1" else one for one in bundle.people)
    second = stage("second", now, people=people)
    place = reverse("staff_version", args=[second.pk])

    shown = text(bruno.get(place))
    assert "Una Newcomer, name: Tove Ek is now Una Newcomer." in shown
    assert "Whoever looks after this server puts versions to use" in shown
    assert "orlund/2 waits to be compared" in text(bruno.get(reverse("staff_sources")))
    assert ActiveDataset.objects.get(slug="orlund").dataset == first

    assert root.post(place).status_code == 302
    assert ActiveDataset.objects.get(slug="orlund").dataset == second
    assert AuditEntry.objects.filter(verb="activated targets", actor__email="root@example.org").count() == 2


def test_only_who_looks_after_the_server_puts_published_data_to_use(bruno, ada, now):
    first = stage("first", now)

    for browser in (bruno, ada):
        assert browser.post(reverse("staff_version", args=[first.pk])).status_code == 404
    assert not ActiveDataset.objects.exists()


def test_an_administrator_puts_the_organizations_own_list_to_use(ada, bruno, organization, now):
    own = staging.stage(bundle=orlund("ours", slug="our-list"), organization=organization, now=now)
    place = reverse("staff_version", args=[own.pk])

    assert bruno.post(place).status_code == 404
    assert ada.post(place).status_code == 302
    assert ActiveDataset.objects.get().dataset == own


def test_much_change_asks_somebody_to_look_first(root, now):
    root.post(reverse("staff_version", args=[stage("first", now).pk]))
    bundle = orlund("second")
    fewer = stage("second", now, memberships=bundle.memberships[8:], contacts=())
    place = reverse("staff_version", args=[fewer.pk])

    assert "was not put to use" in text(root.get(place))
    refused = root.post(place)
    assert refused.status_code == 200
    assert "look at it, then tick this" in text(refused)
    assert ActiveDataset.objects.get().dataset.version == 1

    assert root.post(place, {"seen": "on"}).status_code == 302
    assert ActiveDataset.objects.get().dataset == fewer


def test_a_parliament_is_declared_dissolved_for_everybody(root, ada, here, organization, now):
    place = reverse("staff_legislature", args=["alvenia", "diet"])
    said = {"state": "dissolved", "since": "2026-11-20", "reason": "announced on the radio"}

    assert ada.post(place, said).status_code == 302
    assert not LegislatureOverride.objects.exists()

    assert root.post(place, said).status_code == 302
    assert LegislatureOverride.objects.get().since == date(2026, 11, 20)
    assert finding.target_by_key(SEAT, organization=organization, now=now).status == "dissolved"
    assert root.get(reverse("staff_legislature", args=["alvenia", "no-house"])).status_code == 404


# --- Targets ----------------------------------------------------------------------------------------------------


def test_targets_are_listed_with_holder_and_way(bruno, here):
    shown = text(bruno.get(reverse("staff_targets")))

    for part in ("Deputy for Brennick", "Dr Marit Osk", "by e-mail", "through a form", "nowhere", SEAT):
        assert part in shown


@pytest.mark.parametrize("query", ["q=brennick", "q=marit", "q=N1", "kind=minister"])
def test_targets_are_found_by_office_holder_and_area(bruno, here, query):
    shown = text(bruno.get(f"{reverse('staff_targets_results')}?{query}"))

    assert ("Brennick" in shown) == (query != "kind=minister")
    assert "Saltmarsh" not in shown


def test_a_target_shows_how_letters_reach_it_and_what_came_back(bruno, here, now, organization):
    contacting.record_failure(
        address="marit.osk@diet.example.org", letter_id=here.pk, reason="no such user", now=now
    )

    shown = text(bruno.get(reverse("staff_target", args=[SEAT])))

    for part in (
        "Dr Marit Osk",
        "marit.osk@diet.example.org",
        "postal_address",
        "no such user",
        "Brennick (N1)",
    ):
        assert part in shown
    assert "Write elsewhere" not in shown
    assert bruno.get(reverse("staff_target", args=["alvenia/diet/N99"])).status_code == 404


def test_areas_are_listed_with_their_offices(bruno, here):
    shown = text(bruno.get(f"{reverse('staff_areas')}?q=salt"))

    assert "Saltmarsh" in shown
    assert "Deputy for Saltmarsh" in shown
    assert "Brennick" not in shown


def test_an_administrator_writes_elsewhere_for_the_own_organization_alone(
    ada, bruno, here, organization, now
):
    place = reverse("staff_contact_override", args=[organization.pk, SEAT])
    said = {"type": "email", "value": "office@osk.example.org", "reason": "she told us"}

    assert bruno.post(place, said).status_code == 302
    assert not ContactOverride.objects.exists()
    assert ada.post(place, {**said, "value": "no mailbox"}).status_code == 200
    assert ada.post(place, said).status_code == 302

    assert finding.target_by_key(SEAT, organization=organization, now=now).address == "office@osk.example.org"
    other = an_organization("lamp-light")
    assert finding.target_by_key(SEAT, organization=other, now=now).address == "marit.osk@diet.example.org"
    assert ada.post(reverse("staff_contact_override", args=[other.pk, SEAT]), said).status_code == 404
    assert "she told us" in text(ada.get(reverse("staff_contact_overrides")))

    remove = reverse("staff_contact_override_remove", args=[ContactOverride.objects.get().pk])
    assert ada.get(remove).status_code == 200
    assert ContactOverride.objects.exists()
    ada.post(remove)
    assert not ContactOverride.objects.exists()


def test_a_mailbox_is_trusted_again_by_who_looks_after_the_server(root, ada, here, now):
    for number in range(2):
        contacting.record_failure(
            address="a@x.example.org", letter_id=Post.objects.all()[number].pk, reason="gone", now=now
        )
    place = reverse("staff_trust_again", args=[ContactFailure.objects.first().pk])

    assert ada.post(place).status_code == 302
    assert ContactFailure.objects.count() == 2
    root.post(place)
    assert not ContactFailure.objects.exists()


def test_a_postcode_is_placed_for_everybody(root, ada, here, now):
    add = reverse("staff_postcode_override_add")
    said = {"slug": "alvenia", "postcode": "1002", "area_code": "N2", "reason": "we live there"}

    assert ada.post(add, said).status_code == 302
    assert not PostcodeOverride.objects.exists()
    assert "There is no area" in text(root.post(add, {**said, "area_code": "N77"}))
    assert root.post(add, said).status_code == 302
    found = finding.find(slug="alvenia", postcode="1002", legislature=["diet"], now=now)
    assert [candidate.area_code for candidate in found.candidates] == ["N2"]

    assert "we live there" in text(root.get(reverse("staff_postcode_overrides")))
    root.post(reverse("staff_postcode_override_remove", args=[PostcodeOverride.objects.get().pk]))
    assert not PostcodeOverride.objects.exists()


# --- Entered by hand --------------------------------------------------------------------------------------------


def test_an_administrator_enters_amends_and_removes_a_target(ada, bruno, organization, now):
    add = reverse("staff_entered_add")
    said = {
        "label": "Director of Tallow Prison",
        "holder": "Odd Lind",
        "salutation": "Dear Director",
        "email": "director@tallow.example.org",
        "organization": organization.pk,
    }

    assert bruno.post(add, said).status_code == 302
    assert not Post.objects.exists()
    assert "is not an address" in text(ada.post(add, {**said, "email": "nobody at all"}))
    assert ada.post(add, said).status_code == 302
    post = Post.objects.get()
    assert "Odd Lind" in text(ada.get(reverse("staff_entered")))
    assert "Odd Lind" in text(bruno.get(reverse("staff_target", args=[post.key])))

    change = reverse("staff_entered_change", args=[post.pk])
    assert 'value="Odd Lind"' in ada.get(change).content.decode()
    ada.post(change, {**said, "holder": "Siv Moe"})
    assert finding.target_by_key(post.key, organization=organization, now=now).holder == "Siv Moe"

    remove = reverse("staff_entered_remove", args=[post.pk])
    assert ada.get(remove).status_code == 200
    assert Post.objects.exists()
    ada.post(remove)
    assert not Post.objects.exists()


def test_nobody_touches_what_another_organization_entered_or_what_was_published(ada, here, organization, now):
    other = an_organization("lamp-light")
    mallory = a_member_of_staff(other, Role.ADMINISTRATOR, email="mallory@example.org")
    theirs = entering.enter(organization=other, entry=Entry("Their office", "Ann Oy"), by=mallory, now=now)
    published = Post.objects.get(dataset=here, code="diet/N1")

    for post in (theirs, published):
        for name in ("staff_entered_change", "staff_entered_remove"):
            assert ada.get(reverse(name, args=[post.pk])).status_code == 404
            assert ada.post(reverse(name, args=[post.pk]), {"label": "Mine now"}).status_code == 404
    assert ada.get(reverse("staff_target", args=[theirs.key])).status_code == 404
    assert "Their office" not in ada.get(reverse("staff_targets")).content.decode()


# --- Reported mistakes ------------------------------------------------------------------------------------------


def test_a_report_is_read_and_settled_by_an_approver(bruno, organization, here, now):
    chidi = signed_in(a_member_of_staff(organization, Role.APPROVER, email="chidi@example.org"))
    report = contacting.report_mistake(
        organization=organization, target_key=SEAT, what="She left in May.", email="dana@example.net", now=now
    )
    place = reverse("staff_mistake", args=[report.pk])

    assert bruno.get(place).status_code == 302
    listed = chidi.get(reverse("staff_mistakes")).content.decode()
    assert SEAT in listed
    assert "She left in May." not in listed
    shown = text(chidi.get(place))
    assert "She left in May." in shown
    assert "dana@example.net" in shown
    assert MistakeReport.objects.get().settled_at is None

    assert chidi.post(place).status_code == 302
    assert MistakeReport.objects.get().settled_at is not None
    assert chidi.post(place).status_code == 404
    assert "dana@example.net" not in text(chidi.get(place))
