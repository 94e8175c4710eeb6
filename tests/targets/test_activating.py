from __future__ import annotations

from contextlib import suppress

import pytest
from django.db import IntegrityError, transaction

from amparo.accounts.models import AuditEntry
from amparo.targets import activating, finding, version_files
from amparo.targets.activating import ActivatedMeanwhile, EmptySet, TooMuchChanged, activate
from amparo.targets.models import ActiveDataset, Dataset, Post
from amparo.targets.staging import stage
from tests.factories.people import a_user
from tests.targets.orlund import orlund, postcodes, table, vacated, with_emails, without_seats

pytestmark = pytest.mark.django_db


def in_use():
    return ActiveDataset.objects.get(slug="orlund").dataset.version


@pytest.fixture
def first(now):
    dataset = stage(bundle=orlund(), now=now)
    activate(dataset=dataset, now=now)
    return dataset


def test_the_first_version_answers_once_it_is_activated(now):
    dataset = stage(bundle=orlund(), now=now)

    activate(dataset=dataset, now=now)

    answer = finding.find(slug="orlund", postcode="ex7 1aa", now=now)
    assert answer.dataset == "orlund/1"
    assert ActiveDataset.objects.get().activated_at == now


def test_activating_leaves_an_audit_entry_and_doing_it_twice_does_not(first, now):
    bruno = a_user()
    dataset = stage(bundle=orlund("second", **vacated("O05")), now=now)

    activate(dataset=dataset, now=now, by=bruno)
    activate(dataset=dataset, now=now, by=bruno)

    entry = AuditEntry.objects.get(actor=bruno)
    assert entry.verb == "activated targets"
    assert entry.subject_id == str(dataset.pk)
    assert entry.details["former"] == "orlund/1"
    assert entry.details["posts_touched"] == 1


def test_a_twentieth_may_change_without_anybody_saying_yes(first, now):
    one_of_27 = stage(bundle=orlund("second", **with_emails({"O05": "new@assembly.example.org"})), now=now)

    activate(dataset=one_of_27, now=now)

    assert in_use() == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (vacated("O05", "O06"), "differ"),
        (with_emails({"O05": "o06@assembly.example.org", "O06": "o05@assembly.example.org"}), "differ"),
        (without_seats("O19", "O20"), "are missing"),
        ({"postcodes": postcodes(table()[8:])}, "are missing"),
        ({"postcodes": postcodes([(code, areas and (("O01", None),), point) for code, areas, point in table()])},
         "differ"),
    ],
    ids=["seats emptied", "addresses swapped", "seats abolished", "table cut short", "everybody sent next door"],
)  # fmt: skip
def test_more_than_a_twentieth_waits_for_a_person_to_say_yes(first, now, changes, says):
    dataset = stage(bundle=orlund("second", **changes), now=now)

    with pytest.raises(TooMuchChanged, match=says):
        activate(dataset=dataset, now=now)

    assert in_use() == 1
    assert finding.find(slug="orlund", postcode="EX7 1AA", now=now).dataset == "orlund/1"
    activate(dataset=dataset, now=now, even_if_large=True)
    assert in_use() == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"posts": (), "memberships": (), "contacts": ()}, "it has no posts"),
        ({"postcodes": None}, "it has no postcodes"),
    ],
)
def test_an_empty_set_is_refused(first, now, changes, says):
    dataset = stage(bundle=orlund("second", **changes), now=now)

    with pytest.raises(EmptySet, match=says):
        activate(dataset=dataset, now=now)

    assert in_use() == 1


def test_an_empty_set_is_refused_even_as_the_first(now):
    dataset = stage(bundle=orlund(posts=(), memberships=(), contacts=()), now=now)

    with pytest.raises(EmptySet):
        activate(dataset=dataset, now=now)

    assert not ActiveDataset.objects.exists()


def test_three_versions_are_kept_with_their_files(first, now, django_capture_on_commit_callbacks):
    for edition in ("second", "third", "fourth"):
        with django_capture_on_commit_callbacks(execute=True):
            activate(dataset=stage(bundle=orlund(edition), now=now), now=now)

    assert sorted(Dataset.objects.values_list("version", flat=True)) == [2, 3, 4]
    assert not Post.objects.filter(dataset=first).exists()
    kept = {entry.name for entry in version_files.home_of("orlund").iterdir() if entry.is_dir()}
    assert kept == {"2", "3", "4"}


def test_an_earlier_version_can_be_put_back(first, now, django_capture_on_commit_callbacks):
    activate(dataset=stage(bundle=orlund("second", **vacated("O05")), now=now), now=now)
    stage(bundle=orlund("third"), now=now)

    with django_capture_on_commit_callbacks(execute=True):
        activate(dataset=first, now=now)

    assert in_use() == 1
    assert finding.target_by_key("orlund/assembly/O05", organization=None, now=now).status == "held"
    assert Dataset.objects.count() == 3


def test_files_stay_until_the_swap_is_certain(first, now):
    second, third = (stage(bundle=orlund(edition), now=now) for edition in ("second", "third"))
    activate(dataset=second, now=now)
    activate(dataset=third, now=now)
    fourth = stage(bundle=orlund("fourth"), now=now)

    with suppress(RuntimeError), transaction.atomic():
        activate(dataset=fourth, now=now)
        raise RuntimeError

    assert in_use() == 3
    assert version_files.folder_of("orlund", 1).exists()
    assert Post.objects.filter(dataset=first).exists()


def test_who_comes_second_is_told_so(first, now, monkeypatch):
    second, third = (stage(bundle=orlund(edition), now=now) for edition in ("second", "third"))
    compare = activating.compare

    def slowly(old, new):
        ActiveDataset.objects.filter(slug="orlund").update(dataset=third)
        return compare(old, new)

    monkeypatch.setattr(activating, "compare", slowly)

    with pytest.raises(ActivatedMeanwhile):
        activate(dataset=second, now=now)

    assert in_use() == 3


def test_of_two_first_versions_one_wins(now, monkeypatch):
    dataset, other = (stage(bundle=orlund(edition), now=now) for edition in ("first", "second"))
    compare = activating.compare

    def slowly(old, new):
        ActiveDataset.objects.create(slug="orlund", dataset=other, activated_at=now)
        return compare(old, new)

    monkeypatch.setattr(activating, "compare", slowly)

    with pytest.raises(ActivatedMeanwhile):
        activate(dataset=dataset, now=now)

    assert in_use() == 2


def test_an_active_version_cannot_be_deleted(first):
    with pytest.raises(IntegrityError):
        first.delete()
