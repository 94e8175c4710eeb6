"""The staff screens on duplicates, merging and undoing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from amparo.accounts.models import Role
from amparo.supporters.identity import phone_fingerprint_of
from amparo.supporters.merging_people import merging
from amparo.supporters.models import Merge, Supporter
from tests.factories.organizations import an_organization
from tests.factories.people import a_member_of_staff, a_supporter, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    organization = an_organization()
    suzie = a_supporter(organization, given_name="Suzie", family_name="Okafor", email="suzie@example.org")
    susan = a_supporter(organization, given_name="Susan", family_name="Okafor", email="susan@example.net")
    mark = phone_fingerprint_of("+441632960001", organization=organization)
    Supporter.objects.filter(pk__in=[suzie.pk, susan.pk]).update(phone_fingerprint=mark)
    return suzie, susan


def browser(supporter, role):
    return signed_in(a_member_of_staff(supporter.organization, role))


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def test_bruno_sees_the_pair_without_names_and_may_not_merge(two):
    suzie, susan = two
    bruno = browser(suzie, Role.EDITOR)
    listed = text_of(bruno.get(reverse("staff_duplicates")))
    place = reverse("staff_compare", args=[suzie.pk, susan.pk])
    assert place in listed
    shown = text_of(bruno.get(place))
    for page in (listed, shown):
        assert "Okafor" not in page
        assert "example.org" not in page
    assert "Only an administrator" in shown
    assert bruno.post(place).status_code in {302, 403}
    assert not Merge.objects.exists()


def test_an_administrator_compares_merges_and_undoes(two):
    suzie, susan = two
    administrator = browser(suzie, Role.ADMINISTRATOR)
    place = reverse("staff_compare", args=[suzie.pk, susan.pk])
    shown = text_of(administrator.get(place))
    assert "suzie@example.org" in shown
    assert reverse("staff_compare", args=[susan.pk, suzie.pk]) in shown

    answered = administrator.post(place)

    assert answered.url == reverse("staff_supporter", args=[suzie.pk])
    merged = Merge.objects.get()
    assert merged.absorbed == susan
    undo = reverse("staff_merge_undo", args=[merged.pk])
    assert undo in text_of(administrator.get(reverse("staff_merges")))
    assert "two people again" in text_of(administrator.get(undo))
    assert administrator.post(undo).url == reverse("staff_merges")
    merged.refresh_from_db()
    assert merged.undone_at
    assert "told apart already" in text_of(administrator.post(undo))


def test_what_was_merged_already_cannot_be_merged_from_an_old_window(two):
    suzie, susan = two
    administrator = browser(suzie, Role.ADMINISTRATOR)
    place = reverse("staff_compare", args=[suzie.pk, susan.pk])
    administrator.post(place)
    assert "Only an administrator" in text_of(administrator.post(place))
    assert Merge.objects.count() == 1


def test_the_other_record_is_found_by_its_whole_address(two, now):
    suzie, susan = two
    chidi = browser(suzie, Role.APPROVER)
    place = reverse("staff_supporter_merge", args=[suzie.pk])
    assert place in text_of(chidi.get(reverse("staff_supporter", args=[suzie.pk])))
    found = chidi.post(place, {"words": "Susan@example.net"})
    assert found.url == reverse("staff_compare", args=[suzie.pk, susan.pk])
    for words, told in (
        ("suzie@example.org", "Nobody else"),
        ("dana@example.org", "Nobody else"),
        ("Okafor", "cannot be searched"),
    ):
        assert told in text_of(chidi.post(place, {"words": words}))


def test_another_organizations_record_is_not_compared(two, now):
    suzie, _susan = two
    theirs = a_supporter(an_organization("other"))
    administrator = browser(suzie, Role.ADMINISTRATOR)
    for pair in ([suzie.pk, theirs.pk], [theirs.pk, suzie.pk]):
        assert administrator.get(reverse("staff_compare", args=pair)).status_code == 404


def test_a_refusal_stands_on_the_screen(two, now, monkeypatch):
    suzie, susan = two
    administrator = browser(suzie, Role.ADMINISTRATOR)

    def refuse(**_said):
        raise merging.NotAsTheyWere

    monkeypatch.setattr(merging, "merge", refuse)
    shown = text_of(administrator.post(reverse("staff_compare", args=[suzie.pk, susan.pk])))
    assert "Nothing was changed" in shown
