from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings

from amparo.targets import recording, staging, version_files
from amparo.targets.index import PostcodeIndex
from amparo.targets.indexing import NoRows, UnusableRows
from amparo.targets.models import (
    ActiveDataset,
    Area,
    ContactPoint,
    Dataset,
    Legislature,
    Membership,
    Person,
    Post,
)
from amparo.targets.outlines import Outlines, UnusableOutlines
from amparo.targets.problems import Place, ProblemLog
from amparo.targets.records import OutlineRows, PostRecord
from amparo.targets.sectioned_file import UnwritableFile
from amparo.targets.snapshot import take_snapshot
from amparo.targets.staging import stage
from tests.factories.organizations import an_organization
from tests.targets.orlund import orlund, postcodes, posts, table, vacated

pytestmark = pytest.mark.django_db


def folders():
    home = settings.AMPARO_VAR / "targets" / "orlund"
    return sorted(entry.name for entry in home.iterdir() if entry.is_dir()) if home.exists() else []


def test_a_version_is_taken_in_whole_and_answers_nobody_yet(now):
    bundle = orlund()

    dataset = stage(bundle=bundle, now=now)

    assert dataset.label == "orlund/1"
    assert not ActiveDataset.objects.exists()
    for model, records in (
        (Area, bundle.areas),
        (Legislature, bundle.legislatures),
        (Person, bundle.people),
        (Post, bundle.posts),
        (Membership, bundle.memberships),
        (ContactPoint, bundle.contacts),
    ):
        assert model.objects.filter(dataset=dataset).count() == len(records)
    assert dataset.counts["posts"] == len(bundle.posts)
    assert dataset.counts["postcodes"] == len(table())
    assert dataset.counts["postcodes_without_area"] == 2
    assert dataset.counts["postcodes_by_point"] == 1
    assert dataset.reach["O01"] == 5


def test_what_was_written_is_read_back_as_it_was(now):
    bundle = orlund()

    snapshot = take_snapshot(stage(bundle=bundle, now=now))

    assert list(snapshot.areas.values()) == list(bundle.areas)
    assert list(snapshot.legislatures.values()) == list(bundle.legislatures)
    assert [seat.post for seat in snapshot.seats.values()] == list(bundle.posts)
    holdings = [holding for seat in snapshot.seats.values() for holding in seat.holdings]
    assert {holding.membership for holding in holdings} == set(bundle.memberships)
    assert {holding.person.code: holding.person for holding in holdings} == {
        person.code: person for person in bundle.people
    }
    contacts = {contact for seat in snapshot.seats.values() for contact in seat.contacts}
    contacts |= {contact for holding in holdings for contact in holding.contacts}
    assert contacts == set(bundle.contacts)


def test_the_files_lie_beside_each_other_under_the_version(now):
    dataset = stage(bundle=orlund(), now=now)

    folder = version_files.folder_of("orlund", 1)
    with PostcodeIndex.open(folder / version_files.POSTCODES) as index:
        assert index.version == dataset.label
        assert index.find("EX71AA").codes == ("O07",)
    with PostcodeIndex.open(folder / version_files.POINTS) as points:
        assert points.find("EX38AA").codes == ("O03",)
    assert Outlines.load(folder / version_files.outlines_name("seats")).locate(7.5, 60.5) == ["O07"]
    assert folders() == ["1"]


def test_problems_are_kept_with_the_version(now):
    dataset = stage(bundle=orlund(), now=now)

    assert (dataset.problem_count, dataset.error_count) == (2, 1)
    assert dataset.problems == [
        {"file": "members.csv", "line": 3, "reason": "this is not one e-mail address", "value": "a form",
         "severity": "error"},
        {"file": "postcodes.csv", "line": 7, "reason": "left out", "value": "EX99 9ZZ", "severity": "warning"},
    ]  # fmt: skip


def test_of_very_many_problems_the_first_are_kept_and_all_counted(now, monkeypatch):
    monkeypatch.setattr(staging, "KEPT_PROBLEMS", 10)
    log = ProblemLog()
    for line in range(2, 52):
        log.error(Place("members.csv", line), "the row is not UTF-8 text")

    dataset = stage(bundle=orlund(problems=log, postcodes=None), now=now)

    assert len(dataset.problems) == 10
    assert dataset.problem_count == dataset.error_count == 50


def test_the_same_files_twice_are_one_version(now):
    first = stage(bundle=orlund(), now=now)

    second = stage(bundle=orlund(), now=now)

    assert second == first
    assert Dataset.objects.count() == 1


def test_the_same_files_again_are_a_second_version_when_the_reader_has_changed(now):
    first = stage(bundle=orlund(), now=now)

    second = stage(bundle=orlund(), now=now, again=True)

    assert (first.version, second.version) == (1, 2)
    assert folders() == ["1", "2"]


def test_other_files_are_the_next_version(now):
    stage(bundle=orlund(), now=now)

    assert stage(bundle=orlund("second"), now=now).label == "orlund/2"


def test_targets_without_postcodes_and_outlines_need_no_files(now):
    dataset = stage(bundle=orlund(postcodes=None, outlines=()), now=now)

    assert not dataset.has_postcodes
    assert list(version_files.folder_of("orlund", 1).iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"postcodes": postcodes([*table(), ("EX7 1AA", (("O07", None),), None)])}, UnusableRows),
        ({"postcodes": postcodes([("EX71AA", (("O99", None),), None)])}, UnusableRows),
        ({"postcodes": postcodes([])}, NoRows),
        ({"outlines": (OutlineRows("seats", "EPSG:4326", lambda _log: iter([("O01", {"type": "Point"})])),)},
         UnusableOutlines),
        ({"posts": (*posts(), PostRecord("x" * 100, "Too long a code"))}, recording.UnfitRecord),
        ({"slug": "../../etc"}, version_files.UnfitSlug),
        ({"slug": "Orlund"}, version_files.UnfitSlug),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_in_leaves_nothing(now, changes, refusal):
    with pytest.raises(refusal):
        stage(bundle=orlund(**changes), now=now)

    assert not Dataset.objects.exists()
    assert not Post.objects.exists()
    assert folders() == []


def test_a_person_in_a_post_of_many_seats_needs_a_key_that_fits(now):
    bundle = orlund()
    member = replace(bundle.people[0], code="p" * 80)
    post = PostRecord(
        "committee/" + "c" * 60, "Member of a committee with a long name", kind="committee", seats=2
    )
    seat = replace(bundle.memberships[0], post=post.code, person=member.code)

    with pytest.raises(recording.UnfitRecord, match="140"):
        stage(bundle=orlund(people=(*bundle.people, member), posts=(*bundle.posts, post),
                            memberships=(*bundle.memberships, seat)), now=now)  # fmt: skip


@pytest.mark.parametrize("where", ["record_bundle", "put_in_place"])
def test_an_accident_midway_leaves_nothing(now, monkeypatch, where):
    def accident(*_args, **_kwargs):
        raise MemoryError

    monkeypatch.setattr(staging if where == "record_bundle" else version_files, where, accident)

    with pytest.raises(MemoryError):
        stage(bundle=orlund(), now=now)

    assert not Dataset.objects.exists()
    assert folders() == []


def test_an_accident_after_the_files_are_in_place_takes_them_away_again(now, monkeypatch):
    put_in_place = version_files.put_in_place

    def accident(*args, **kwargs):
        put_in_place(*args, **kwargs)
        assert folders() == ["1"]
        raise MemoryError

    monkeypatch.setattr(version_files, "put_in_place", accident)

    with pytest.raises(MemoryError):
        stage(bundle=orlund(), now=now)

    assert not Dataset.objects.exists()
    assert folders() == []


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(now, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.rename", full)

    with pytest.raises(UnwritableFile, match="No space left on device"):
        stage(bundle=orlund(), now=now)

    assert not Dataset.objects.exists()
    assert folders() == []


def test_what_a_killed_load_left_is_swept_by_the_next(now):
    stage(bundle=orlund(), now=now)
    home = version_files.home_of("orlund")
    (home / ".unfinished-abc").mkdir()
    (home / "2").mkdir()
    (home / "2" / "postcodes.index").write_text("half")

    dataset = stage(bundle=orlund("second"), now=now)

    assert folders() == ["1", "2"]
    PostcodeIndex.open(version_files.folder_of("orlund", dataset.version) / version_files.POSTCODES).close()


def test_files_that_were_lost_or_damaged_are_made_again_under_the_same_version(now):
    dataset = stage(bundle=orlund(), now=now)
    lost = version_files.folder_of("orlund", 1) / version_files.POSTCODES
    lost.write_bytes(lost.read_bytes()[:-9])

    assert stage(bundle=orlund(), now=now) == dataset

    with PostcodeIndex.open(lost) as index:
        assert index.find("EX71AA").codes == ("O07",)
    assert stage(bundle=orlund("second"), now=now).version == 2
    assert folders() == ["1", "2"]


def test_two_loads_at_once_are_one_too_many(now):
    with (
        version_files.one_load_at_a_time("orlund"),
        pytest.raises(version_files.AlreadyLoading, match="orlund"),
    ):
        stage(bundle=orlund(), now=now)

    stage(bundle=orlund(), now=now)


def test_nobody_replaces_the_targets_of_somebody_else(now):
    ours, theirs = an_organization("open-doors"), an_organization("free-words")
    stage(bundle=orlund(), organization=ours, now=now)

    for other in (theirs, None):
        with pytest.raises(staging.SlugTaken):
            stage(bundle=orlund("second"), organization=other, now=now)

    assert stage(bundle=orlund("second"), organization=ours, now=now).version == 2


def test_progress_is_told_from_the_first_row_to_the_last(now):
    told = []

    stage(bundle=orlund(), now=now, progress=lambda step, done: told.append((step, done)))

    assert ("postcodes", 0) in told
    assert ("postcodes", len(table())) in told
    assert ("posts", len(posts())) in told


def test_a_vacant_seat_is_a_post_without_a_membership(now):
    snapshot = take_snapshot(stage(bundle=orlund(**vacated("O05")), now=now))

    assert snapshot.seats["assembly/O05"].holdings == ()
