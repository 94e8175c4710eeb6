"""Bruno builds a segment without a script; what he may know of it, and what Chidi may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from amparo.accounts.models import AuditEntry, Role
from amparo.supporters import consent, wordings
from amparo.supporters.models import Channel, Purpose, Segment, Supporter, Tag
from amparo.supporters.segmentation import segmenting
from amparo.supporters.segmentation.segment_screens import tell
from amparo.supporters.segmentation.segments import Answer, Excluded
from tests.factories.letters import an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, a_supporter, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def bruno(organization):
    """Bruno edits."""
    return signed_in(a_member_of_staff(organization, Role.EDITOR, email="bruno@example.org"))


@pytest.fixture
def chidi(organization):
    """Chidi approves."""
    return signed_in(a_member_of_staff(organization, Role.APPROVER, email="chidi@example.org"))


def supporters(organization, number, now, **fields):
    wording = wordings.word(
        organization=organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we write to you?",
    )
    for at in range(number):
        supporter = a_supporter(
            organization,
            given_name="Quenilda",
            email=f"{at}@x.example.net",
            now=now,
            **fields,
        )
        consent.record(supporter=supporter, answers={wording.pk: True}, source="/", now=now)


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def add_url(organization):
    return reverse("staff_segment_add", args=[organization.pk])


#: Everybody in Britain, as the form posts it.
BRITAIN = {"n0_join": "all", "n1_in": "0", "n1_filter": "country", "n1-countries": ["GB"]}


def test_bruno_builds_and_saves_a_segment_without_a_script(bruno, organization, now):
    supporters(organization, 12, now)
    page = an_email_page(organization, title="Free Ilan")
    place = add_url(organization)
    assert "this means everybody on your list" in text(bruno.get(place))

    begun = bruno.post(place, {"do": "add:0", "n0_add": "country", "n0_join": "all", "name": "Britain"})
    assert 'name="n1-countries"' in begun.content.decode()
    assert "Not finished yet" in text(begun)
    grouped = bruno.post(place, {**BRITAIN, "do": "group:0", "name": "Britain"})
    assert "A group, of which" in text(grouped)
    assert 'value="GB" id="id_n1-countries_' in grouped.content.decode()
    assert 'value="Britain"' in grouped.content.decode()
    inner = {"n2_in": "0", "n2_join": "none", "n3_in": "2", "n3_filter": "acted-on", "n3-pages": [page.pk]}
    counted = text(bruno.post(place, {**BRITAIN, **inner, "do": "count"}))
    assert "Everybody who lives in United Kingdom, and did not take part in “Free Ilan”." in counted
    assert "12 match" in counted
    assert "12 may be written to" in counted
    removed = bruno.post(place, {**BRITAIN, **inner, "do": "remove:2"})
    assert "Free Ilan" not in text(removed).partition("The answer")[2]
    assert not Segment.objects.exists()

    saved = bruno.post(place, {**BRITAIN, **inner, "do": "save", "name": "Britain"}, follow=True)

    assert "“Britain” is saved." in text(saved)
    segment = Segment.objects.get()
    assert segment.question == {
        "all": [
            {"filter": "country", "countries": ["GB"]},
            {"not": {"any": [{"filter": "acted-on", "pages": [str(page.pk)]}]}},
        ]
    }
    assert AuditEntry.objects.filter(verb="keep_segment", subject_id=str(segment.pk)).exists()


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(bruno, organization):
    wrong = {"n1_in": "0", "n1_filter": "joined", "n1-since": "2026-11-20", "n1-until": "2026-11-02"}

    shown = bruno.post(add_url(organization), {**wrong, "do": "save", "name": "Wrong"})

    assert "This is before the day it begins." in text(shown)
    assert 'value="2026-11-20"' in shown.content.decode()
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    "posted",
    [
        {"n1_in": "7", "n1_filter": "country"},
        {"n1_in": "1", "n1_filter": "country"},
        {"n1_in": "0", "n1_filter": "password", "n1-x": "1"},
        {"n1_in": "x", "n1_join": "all"},
        {"n1_in": "0", "n1_join": "some"},
        {f"n{number}_in": str(number - 1) for number in range(1, 60)},
        {"n0_join": "drop", "do": "add:99", "n99_add": "country"},
        {"do": "add:0", "n0_add": "password"},
        {"do": "remove:0"},
        {"do": "remove:²"},
    ],
)
def test_mallory_posts_nonsense_and_gets_a_page(bruno, organization, posted):
    response = bruno.post(add_url(organization), posted)

    assert response.status_code == 200
    assert "Everybody on the list." in text(response) or "Not finished yet" in text(response)


def test_a_stored_question_comes_back_into_the_builder_and_is_changed(bruno, organization, now):
    question = {
        "any": [{"not": {"filter": "joined", "days": 30}}, {"filter": "country", "countries": ["FR"]}]
    }
    segment = segmenting.keep(organization=organization, name="Old", question=question, by=None, now=now)
    place = reverse("staff_segment_change", args=[segment.pk])

    shown = bruno.get(place).content.decode()
    assert '<option value="any" selected>' in shown
    assert '<option value="1" selected>' in shown
    assert 'name="n1-days" value="30"' in shown
    bruno.post(place, {**BRITAIN, "do": "save", "name": "New"})

    segment.refresh_from_db()
    assert segment.name == "New"
    assert segment.question == {"all": [{"filter": "country", "countries": ["GB"]}]}


def test_a_segment_is_renamed_copied_and_deleted(bruno, organization, now):
    segment = segmenting.keep(organization=organization, name="All", question={"all": []}, by=None, now=now)

    bruno.post(reverse("staff_segment_rename", args=[segment.pk]), {"name": "Everybody"})
    copied = bruno.post(reverse("staff_segment_copy", args=[segment.pk]), {"name": "Second"}, follow=True)
    assert "“Second” is there." in text(copied)
    assert "No supporter is deleted" in text(bruno.get(reverse("staff_segment_delete", args=[segment.pk])))
    gone = bruno.post(reverse("staff_segment_delete", args=[segment.pk]), follow=True)

    assert "“Everybody” is deleted." in text(gone)
    assert list(Segment.objects.values_list("name", flat=True)) == ["Second"]


def test_the_list_says_who_is_in_each_segment_and_which_cannot_be_asked(bruno, organization, now):
    tag = Tag.objects.create(organization=organization, name="Donor", created_at=now)
    tagged = {"filter": "tag", "tags": [str(tag.pk)]}
    segmenting.keep(organization=organization, name="Donors", question=tagged, by=None, now=now)
    assert "Everybody who has the tag “Donor”." in text(bruno.get(reverse("staff_segments")))
    tag.delete()

    shown = text(bruno.get(reverse("staff_segments")))

    assert "Cannot be asked any more." in shown
    place = reverse("staff_segment", args=[Segment.objects.get().pk])
    assert "This question cannot be asked any more." in text(bruno.get(place))
    assert bruno.get(reverse("staff_segment_change", args=[Segment.objects.get().pk])).status_code == 200


def test_names_are_for_approvers(bruno, chidi, organization, now):
    supporters(organization, 12, now)
    segment = segmenting.keep(organization=organization, name="All", question={"all": []}, by=None, now=now)
    place = reverse("staff_segment", args=[segment.pk])

    seen, unseen = text(chidi.get(place)), text(bruno.get(place))

    assert seen.count("Quenilda Rahal") == 10
    assert "Quenilda" not in unseen
    assert unseen.count("GB, since") == 10
    assert "Quenilda" in text(chidi.post(add_url(organization), {"do": "ten"}))


def test_what_is_counted_depends_on_what_is_to_be_written(chidi, organization, now):
    supporters(organization, 3, now)
    segment = segmenting.keep(organization=organization, name="All", question={"all": []}, by=None, now=now)
    place = reverse("staff_segment", args=[segment.pk])

    assert "3 may be written to" in text(chidi.get(place))
    assert "0 may be written to" in text(chidi.get(place + "?purpose=fundraising&channel=email"))
    assert "3 may be written to" in text(chidi.get(place + "?purpose=nonsense"))


def test_editors_are_told_no_number_below_ten(bruno, chidi, organization, now):
    supporters(organization, 4, now, country="FR")
    question = {"n1_in": "0", "n1_filter": "country", "n1-countries": ["FR"], "do": "ten"}

    shown = text(bruno.post(add_url(organization), question))

    assert "fewer than 10 match" in shown
    assert "GB, since" not in shown
    assert "FR, since" not in shown
    assert "4 match" in text(chidi.post(add_url(organization), question))


def test_no_number_below_ten_can_be_found_by_subtraction():
    answer = Answer(100, 88, {Excluded.BOUNCED: 3, Excluded.PAUSED: 9})
    two = tell(answer, everything=False)
    assert [figure.number for figure in two.excluded] == ["fewer than 10", "fewer than 10"]
    one = tell(Answer(100, 60, {Excluded.BOUNCED: 3, Excluded.UNCONSENTED: 37}), everything=False)
    assert (one.sendable.number, one.sendable.share) == ("60", 60)
    assert [(figure.number, figure.share) for figure in one.excluded] == [
        ("fewer than 10", None),
        ("not shown", None),
    ]
    assert [figure.number for figure in tell(answer, everything=True).excluded] == ["3", "9"]


def test_the_script_asks_for_the_answer_alone(bruno, organization, now):
    supporters(organization, 12, now)
    place = reverse("staff_segment_count", args=[organization.pk])

    answer = bruno.post(place, {**BRITAIN, "purpose": "news", "channel": "email"})

    assert "12 match" in text(answer)
    assert "<html" not in answer.content.decode()
    assert bruno.get(place).status_code == 405
    assert "Not finished yet" in text(bruno.post(place, {"n1_in": "0", "n1_filter": "country"}))


def test_another_organizations_supporters_tags_and_pages_are_out_of_reach(bruno, organization, now):
    theirs = an_organization("lamp-light")
    page = an_email_page(theirs, title="Quibanary")
    an_action(page, supporter=a_supporter(theirs, now=now), now=now)
    segment = segmenting.keep(organization=theirs, name="Quibanary", question={"all": []}, by=None, now=now)
    asked = {"n1_in": "0", "n1_filter": "acted-on", "n1-pages": [page.pk], "do": "save", "name": "x"}

    assert bruno.get(add_url(theirs)).status_code == 404
    assert bruno.post(add_url(theirs), {"do": "save", "name": "x"}).status_code == 404
    assert bruno.get(reverse("staff_segment", args=[segment.pk])).status_code == 404
    assert "Quibanary" not in text(bruno.get(reverse("staff_segments")))
    shown = text(bruno.post(add_url(organization), asked))
    assert "Quibanary" not in shown
    assert "match" not in shown.partition("The answer")[2].partition("To write")[0]
    assert Segment.objects.count() == 1


def test_merged_and_anonymised_records_are_no_part_of_the_answer(chidi, organization, now):
    supporters(organization, 2, now)
    first, second = Supporter.objects.order_by("pk")
    Supporter.objects.filter(pk=second.pk).update(merged_into=first.pk)
    a_supporter(organization, email="new@x.example.net", now=now - timedelta(days=900))

    assert "2 match" in text(chidi.post(add_url(organization), {"do": "count"}))
