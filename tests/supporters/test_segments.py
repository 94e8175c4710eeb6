"""Segments: what is asked, of whom, and how the answer is counted. Suzie, Amina and others answer for many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from amparo.accounts.models import AuditEntry, Role
from amparo.actions.models import Action
from amparo.supporters import consent, custom_fields, questions, suppression, wordings
from amparo.supporters.merging_people import merging
from amparo.supporters.models import (
    Channel,
    CustomField,
    Purpose,
    Segment,
    Supporter,
    Suppression,
    Tag,
    Tagging,
)
from amparo.supporters.segmentation import segmenting, segments
from amparo.supporters.segmentation.segments import Excluded
from tests.factories.letters import an_action
from tests.factories.organizations import an_organization
from tests.factories.pages import a_campaign, an_email_page
from tests.factories.people import a_member_of_staff, a_supporter

pytestmark = pytest.mark.django_db

EMAIL = {"purpose": "news", "channel": "email"}


@pytest.fixture
def organization():
    return an_organization()


@pytest.fixture
def chidi(organization):
    return a_member_of_staff(organization, Role.APPROVER, email="chidi@example.org")


@pytest.fixture
def suzie(organization, now):
    return a_supporter(organization, given_name="Suzie", area="uk/E14001063", now=now - timedelta(days=10))


@pytest.fixture
def amina(organization, now):
    return a_supporter(
        organization, given_name="Amina", country="FR", language="fr", now=now - timedelta(days=200)
    )


def those(question, organization, now):
    """The given names of those for whom it holds."""
    found = segments.ask(question, organization=organization, now=now)
    return sorted(supporter.given_name for supporter in found)


def say_yes(supporter, now, granted=True):
    wording = wordings.word(
        organization=supporter.organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we write to you?",
    )
    consent.record(supporter=supporter, answers={wording.pk: granted}, source="/write/", now=now)


def a_tag(organization, now, name="Donor"):
    return Tag.objects.create(organization=organization, name=name, created_at=now)


# --- Every filter -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"all": []}, ["Amina", "Suzie"]),
        ({"filter": "country", "countries": ["FR"]}, ["Amina"]),
        ({"filter": "country", "countries": "GB"}, ["Suzie"]),
        ({"not": {"filter": "country", "countries": ["FR", "DE"]}}, ["Suzie"]),
        ({"filter": "language", "languages": ["fr"]}, ["Amina"]),
        ({"filter": "area", "area": "uk/E14001063", "extent": "one"}, ["Suzie"]),
        ({"filter": "area", "area": "uk/", "extent": "all"}, ["Suzie"]),
        ({"filter": "area", "area": "UK/", "extent": "all"}, []),
        ({"filter": "area", "area": "uk/", "extent": "one"}, []),
        ({"filter": "joined", "days": 30}, ["Suzie"]),
        ({"filter": "joined", "since": "2026-11-12"}, ["Suzie"]),
        ({"filter": "joined", "until": "2026-11-12"}, ["Amina", "Suzie"]),
        ({"filter": "joined", "until": "2026-11-11"}, ["Amina"]),
        (
            {"any": [{"filter": "joined", "days": 30}, {"filter": "country", "countries": ["FR"]}]},
            ["Amina", "Suzie"],
        ),
        ({"all": [{"filter": "joined", "days": 30}, {"filter": "country", "countries": ["FR"]}]}, []),
        ({"not": {"any": [{"filter": "joined", "days": 30}]}}, ["Amina"]),
    ],
)
def test_who_somebody_is(organization, suzie, amina, now, question, found):
    assert those(question, organization, now) == found


def test_days_are_those_of_the_organization(organization, now):
    """In Auckland it is the 23rd when it is noon of the 22nd in London."""
    organization.time_zone = "Pacific/Auckland"
    organization.save()
    a_supporter(organization, given_name="Suzie", now=now)

    assert those({"filter": "joined", "since": "2026-11-23"}, organization, now) == ["Suzie"]
    assert those({"filter": "joined", "until": "2026-11-22"}, organization, now) == []


def test_what_they_answered_and_whether_they_were_asked(organization, suzie, amina, now):
    dana = a_supporter(organization, given_name="Dana")
    say_yes(suzie, now)
    say_yes(amina, now, granted=False)

    for answer, found in (("yes", ["Suzie"]), ("no", ["Amina"]), ("never", ["Dana"])):
        question = {"filter": "consent", **EMAIL, "answer": answer}
        assert those(question, organization, now) == found
        assert those({"not": question}, organization, now) == sorted({"Amina", "Dana", "Suzie"} - set(found))
    assert dana.agreed_to == 0


def test_tags(organization, suzie, amina, now):
    tag, other = a_tag(organization, now), a_tag(organization, now, "Volunteer")
    Tagging.objects.create(tag=tag, supporter=suzie, tagged_at=now)

    assert those({"filter": "tag", "tags": [str(tag.pk)]}, organization, now) == ["Suzie"]
    assert those({"filter": "tag", "tags": [str(tag.pk), str(other.pk)]}, organization, now) == ["Suzie"]
    assert those({"not": {"filter": "tag", "tags": [str(tag.pk)]}}, organization, now) == ["Amina"]


def test_how_often_and_whether_mail_reaches_them(organization, suzie, amina, now):
    Supporter.objects.filter(pk=suzie.pk).update(frequency="weekly", paused_until=now + timedelta(days=1))
    Supporter.objects.filter(pk=amina.pk).update(
        unreachable="bounced", confirmed_at=now, paused_until=now - timedelta(days=1)
    )

    assert those({"filter": "frequency", "frequencies": ["weekly"]}, organization, now) == ["Suzie"]
    assert those({"filter": "state", "states": ["paused"]}, organization, now) == ["Suzie"]
    assert those({"filter": "state", "states": ["bounced", "complained"]}, organization, now) == ["Amina"]
    assert those({"filter": "state", "states": ["reachable"]}, organization, now) == []
    assert those({"not": {"filter": "state", "states": ["paused"]}}, organization, now) == ["Amina"]
    assert those({"filter": "confirmed-address"}, organization, now) == ["Amina"]


def a_field(organization, chidi, now, kind, privacy="ordinary", **fields):
    return custom_fields.make_field(
        organization=organization,
        label=f"{kind} {privacy}",
        kind=kind,
        privacy=privacy,
        by=chidi,
        now=now,
        **fields,
    )


def test_answers_to_the_organizations_own_fields(organization, chidi, suzie, amina, now):
    number, day = (
        a_field(organization, chidi, now, kind) for kind in (CustomField.Kind.NUMBER, CustomField.Kind.DATE)
    )
    union = a_field(organization, chidi, now, CustomField.Kind.TEXT, "personal")
    for supporter, answers in (
        (suzie, ("-3", "2026-01-02", "Printers")),
        (amina, ("12.5", "2025-12-31", "Bakers")),
    ):
        for field, text in zip((number, day, union), answers, strict=True):
            custom_fields.answer(supporter=supporter, field=field, text=text, by=chidi, now=now)

    def found(field, how, answer=""):
        question = {"filter": "custom-field", "field": str(field.pk), "how": how, "answer": answer}
        return those(question, organization, now)

    assert found(number, "least", "-3") == ["Amina", "Suzie"]
    assert found(number, "least", "0") == ["Amina"]
    assert found(number, "most", "12.49") == ["Suzie"]
    assert found(day, "is", "2025-12-31") == ["Amina"]
    assert found(day, "least", "2026-01-01") == ["Suzie"]
    assert found(union, "is", "Printers") == ["Suzie"]
    assert found(union, "given") == ["Amina", "Suzie"]
    for field, how, answer in ((union, "least", "A"), (number, "is", "many"), (number, "is", "")):
        with pytest.raises(questions.NotAQuestion):
            found(field, how, answer)


def test_what_they_did_where_when_and_how_often(organization, suzie, amina, now):
    first = an_email_page(organization, title="First")
    second = an_email_page(organization, title="Second", campaign=a_campaign(organization, title="Other"))
    an_action(first, supporter=suzie, now=now - timedelta(days=40))
    an_action(second, supporter=suzie, now=now - timedelta(days=2))
    an_action(first, supporter=amina, now=now, state=Action.State.PENDING)
    an_action(first, supporter=amina, now=now, state=Action.State.INVALIDATED)
    an_action(second, supporter=amina, now=now, is_test=True)

    def found(slug, **values):
        return those({"filter": slug, **values}, organization, now)

    assert found("acted-on", pages=[first.pk]) == ["Suzie"]
    assert found("acted-on", pages=[str(first.pk)], days=30) == []
    assert found("acted-on", pages=[first.pk, second.pk], days=30) == ["Suzie"]
    assert found("acted-on", pages=[first.pk], until="2026-10-31") == ["Suzie"]
    assert found("acted-in", campaigns=[str(second.campaign.pk)]) == ["Suzie"]
    assert found("acted") == ["Suzie"]
    assert found("acted", times=2) == ["Suzie"]
    assert found("acted", times=2, days=30) == []
    assert those({"not": {"filter": "acted", "times": 2}}, organization, now) == ["Amina"]


def test_what_a_merged_record_did_counts_for_the_person(organization, chidi, suzie, amina, now):
    first, second = an_email_page(organization, title="First"), an_email_page(organization, title="Second")
    an_action(first, supporter=suzie, now=now)
    an_action(second, supporter=amina, now=now)
    say_yes(amina, now)

    merging.merge(survivor=suzie, absorbed=amina, by=chidi, now=now)

    assert those({"all": []}, organization, now) == ["Suzie"]
    assert those({"filter": "acted-on", "pages": [second.pk]}, organization, now) == ["Suzie"]
    assert those({"filter": "acted-on", "pages": [first.pk]}, organization, now) == ["Suzie"]
    assert those({"not": {"filter": "acted-on", "pages": [second.pk]}}, organization, now) == []
    assert those({"filter": "acted", "times": 2}, organization, now) == ["Suzie"]
    assert those({"filter": "consent", **EMAIL, "answer": "never"}, organization, now) == []


def test_nobody_who_was_anonymised_is_in_a_segment(organization, suzie, now):
    Supporter.objects.filter(pk=suzie.pk).update(
        anonymized_at=now,
        given_name=None,
        family_name=None,
        email=None,
        email_fingerprint=None,
        postal_code=None,
        postal_address=None,
    )

    assert those({"all": []}, organization, now) == []


# --- Counting -----------------------------------------------------------------------------------------------------


def test_everybody_is_counted_under_one_reason(organization, now):
    fates = {
        "fine": {},
        "bounced": {"unreachable": "bounced"},
        "complained": {"unreachable": "complained"},
        "suppressed": {"unreachable": "suppressed", "paused_until": now + timedelta(days=9)},
        "paused": {"paused_until": now + timedelta(days=9)},
        "rested": {"paused_until": now - timedelta(days=9)},
    }
    for fate, state in fates.items():
        supporter = a_supporter(organization, given_name=fate)
        say_yes(supporter, now)
        Supporter.objects.filter(pk=supporter.pk).update(confirmed_at=now, **state)
    refused = a_supporter(organization, given_name="refused")
    Supporter.objects.filter(pk=refused.pk).update(confirmed_at=now)
    a_supporter(organization, given_name="unconfirmed")
    segment = segmenting.keep(organization=organization, name="All", question={"all": []}, by=None, now=now)

    answer = segments.count(segment, purpose=Purpose.NEWS, channel=Channel.EMAIL, now=now)

    assert (answer.matching, answer.sendable) == (8, 2)
    assert answer.excluded == {
        Excluded.SUPPRESSED: 1,
        Excluded.COMPLAINED: 1,
        Excluded.BOUNCED: 1,
        Excluded.UNCONFIRMED: 1,
        Excluded.UNCONSENTED: 1,
        Excluded.PAUSED: 1,
    }
    audience = segments.audience(segment, purpose=Purpose.NEWS, channel=Channel.EMAIL, now=now)
    assert sorted(each.given_name for each in audience) == ["fine", "rested"]


def test_a_count_is_one_statement(organization, suzie, now, django_assert_num_queries):
    from django.db import connection

    found = segments.ask({"filter": "acted"}, organization=organization, now=now)
    # PostgreSQL is asked what it may use, told, and told again, between the beginning and the end of a savepoint.
    around = 0 if connection.vendor == "sqlite" else 5

    with django_assert_num_queries(1 + around):
        segments.count_of(found, purpose=Purpose.NEWS, channel=Channel.EMAIL, now=now)


@pytest.mark.postgres
def test_what_a_whole_question_hangs_on_is_joined_and_not_looked_up(organization, now):
    page, other = an_email_page(organization), an_email_page(organization, slug="another", title="Another")
    took, did_not = ({"filter": "acted-on", "pages": [each.pk]} for each in (page, other))
    often = {"filter": "acted", "times": 2}
    for question in (
        {"all": [took, {"not": did_not}]},
        {"any": [took, often]},
        {"not": {"any": [took, did_not]}},
    ):
        found = segments.ask(question, organization=organization, now=now)
        with segments.room_to_count():
            plan = found.explain()
        assert "hashed SubPlan" not in plan
        assert "Join" in plan


def test_a_suppression_takes_somebody_out_of_the_audience(organization, suzie, now):
    say_yes(suzie, now)
    segment = segmenting.keep(organization=organization, name="All", question={"all": []}, by=None, now=now)
    asked = {"purpose": Purpose.NEWS, "channel": Channel.EMAIL, "now": now}
    assert segments.audience(segment, **asked).count() == 1

    suppression.suppress(
        organization=organization,
        email=suzie.email,
        reason=Suppression.Reason.UNSUBSCRIBED,
        source="test",
        now=now,
    )

    assert segments.audience(segment, **asked).count() == 0


def test_a_sample_is_ten_of_those_who_match(organization, now):
    for number in range(14):
        a_supporter(organization, email=f"s{number}@supporters.example.net", now=now)
    found = segments.ask({"filter": "country", "countries": ["GB"]}, organization=organization, now=now)

    drawn = segments.sample(found)

    assert len({supporter.pk for supporter in drawn}) == 10
    assert len(segments.sample(found, size=100)) == 14


# --- What is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        None,
        [],
        "everybody",
        {},
        {"some": []},
        {"all": {}},
        {"all": [], "any": []},
        {"all": [{"any": []}]},
        {"not": {"all": []}},
        {"not": []},
        {1: []},
        {"filter": "password"},
        {"filter": ["country"]},
        {"filter": "country"},
        {"filter": "country", "countries": []},
        {"filter": "country", "countries": ["XX"]},
        {"filter": "country", "countries": [None]},
        {"filter": "country", "countries": [{"a": 1}]},
        {"filter": "country", "countries": ["GB"] * 1000},
        {"filter": "country", "countries": ["GB"], "id__in": "1"},
        {"filter": "country", "countries": "GB\0"},
        {"filter": "joined"},
        {"filter": "joined", "days": 0},
        {"filter": "joined", "days": True},
        {"filter": "joined", "days": 1.5},
        {"filter": "joined", "days": ["1", "2"]},
        {"filter": "joined", "since": "2026-12-01", "until": "2026-11-01"},
        {"filter": "joined", "since": "yesterday"},
        {"filter": "area", "area": "uk/' OR 1=1 --", "extent": "all"},
        {"filter": "area", "area": "%", "extent": "all"},
        {"filter": "consent", "purpose": "partner", "channel": "email", "answer": "yes"},
        {"filter": "tag", "tags": ["') OR ('1'='1"]},
        {"filter": "acted-on", "pages": ["1; DROP TABLE actions_action"]},
        {"filter": "acted", "times": "1) OR (1=1"},
    ],
)
def test_what_is_no_question_is_refused_with_a_sentence(organization, suzie, now, question):
    an_email_page(organization)
    a_tag(organization, now)
    with pytest.raises(questions.NotAQuestion) as refusal:
        segments.ask(question, organization=organization, now=now)
    assert str(refusal.value)


def test_a_question_too_deep_or_too_long_is_refused(organization, now):
    deep = {"filter": "acted"}
    for _level in range(questions.DEEPEST + 1):
        deep = {"all": [deep]}
    turned = {"filter": "acted"}
    for _level in range(5000):
        turned = {"not": turned}
    for question in (deep, turned, {"all": [{"filter": "acted"}] * (questions.MOST_CONDITIONS + 1)}):
        with pytest.raises(questions.NotAQuestion):
            questions.read(question, organization=organization)


def test_what_is_another_organizations_is_not_there(organization, chidi, suzie, now):
    theirs = an_organization("lamp-light")
    page = an_email_page(theirs)
    mallory = a_member_of_staff(theirs, Role.APPROVER, email="mallory@example.org")
    field = a_field(theirs, mallory, now, CustomField.Kind.TEXT)
    foreign = [
        {"filter": "tag", "tags": [str(a_tag(theirs, now).pk)]},
        {"filter": "acted-on", "pages": [str(page.pk)]},
        {"filter": "acted-in", "campaigns": [str(page.campaign.pk)]},
        {"filter": "custom-field", "field": str(field.pk), "how": "given"},
    ]
    for question in foreign:
        assert questions.read(question, organization=theirs)
        with pytest.raises(questions.NotAQuestion):
            questions.read(question, organization=organization)
        with pytest.raises(questions.NotAQuestion):
            segmenting.keep(organization=organization, name="Theirs", question=question, by=chidi, now=now)
    a_supporter(theirs, given_name="Quibanary")
    assert those({"all": []}, organization, now) == ["Suzie"]
    assert those({"not": {"filter": "acted"}}, organization, now) == ["Suzie"]


# --- In words -----------------------------------------------------------------------------------------------------


def sentence(question, organization):
    return questions.sentence(questions.read(question, organization=organization))


def test_a_question_reads_as_a_sentence(organization, now):
    page = an_email_page(organization, title="Free Ilan")
    tag = a_tag(organization, now)
    question = {
        "all": [
            {"filter": "country", "countries": ["GB"]},
            {"filter": "acted-on", "pages": [page.pk]},
            {"not": {"filter": "tag", "tags": [str(tag.pk)]}},
            {"any": [{"filter": "joined", "days": 90}, {"filter": "acted", "times": 3}]},
        ]
    }
    assert sentence(question, organization) == (
        "Everybody who lives in United Kingdom, and took part in “Free Ilan”, and does not have the tag “Donor”, and"
        " (joined within the last 90 days, or took at least 3 actions)."
    )
    assert sentence({"all": []}, organization) == "Everybody on the list."
    assert sentence({"not": {"any": [*question["all"][:1], {"filter": "acted"}]}}, organization) == (
        "Everybody who does not live in United Kingdom, and took no action."
    )


def test_countries_are_called_as_the_reader_calls_them(organization):
    with translation.override("fr"):
        assert "Royaume-Uni" in sentence({"filter": "country", "countries": ["GB"]}, organization)


def test_what_is_read_is_stored_in_one_form_and_read_again(organization, now):
    tag = a_tag(organization, now)
    question = {
        "any": [{"filter": "tag", "tags": str(tag.pk)}, {"not": {"not": {"filter": "acted", "times": 2}}}]
    }

    stored = questions.plain(questions.read(question, organization=organization))

    assert stored == {"any": [{"filter": "tag", "tags": [str(tag.pk)]}, {"filter": "acted", "times": "2"}]}
    assert questions.plain(questions.read(stored, organization=organization)) == stored


# --- Keeping ------------------------------------------------------------------------------------------------------


def test_what_is_done_with_a_segment_is_on_the_trail_without_its_question(organization, chidi, now):
    done = {"by": chidi, "now": now}
    question = {"filter": "country", "countries": ["GB"]}
    segment = segmenting.keep(organization=organization, name=" Britain ", question=question, **done)
    segmenting.change(segment=segment, name="France", question={"filter": "acted"}, **done)
    segmenting.rename(segment=segment, name="Paris", **done)
    copied = segmenting.copy(segment=segment, name="Lyon", **done)
    segmenting.remove(segment=segment, **done)

    assert [(each.name, each.question) for each in Segment.objects.all()] == [
        ("Lyon", {"all": [{"filter": "acted"}]})
    ]
    trail = AuditEntry.objects.filter(subject_type="supporters.segment").order_by("id")
    assert [entry.verb for entry in trail] == [
        "keep_segment",
        "change_segment",
        "rename_segment",
        "keep_segment",
        "remove_segment",
    ]
    assert {str(entry.details) for entry in trail} == {"{}"}
    assert copied.created_at == now


def test_two_segments_have_two_names(organization, chidi, now):
    done = {"by": chidi, "now": now}
    segmenting.keep(organization=organization, name="All", question={"all": []}, **done)
    other = segmenting.keep(organization=organization, name="Other", question={"all": []}, **done)
    for name, refusal in (("All", segmenting.NameTaken), ("  ", segmenting.NameMissing)):
        with pytest.raises(refusal):
            segmenting.keep(organization=organization, name=name, question={"all": []}, **done)
        with pytest.raises(refusal):
            segmenting.rename(segment=other, name=name, **done)
    segmenting.keep(organization=an_organization("lamp-light"), name="All", question={"all": []}, **done)


def test_a_segment_in_use_is_not_deleted(organization, chidi, now, monkeypatch):
    from django.db.models import ProtectedError

    segment = segmenting.keep(organization=organization, name="All", question={"all": []}, by=chidi, now=now)

    def refuse(_segment):
        raise ProtectedError("a mailing uses it", set())

    monkeypatch.setattr(Segment, "delete", refuse)
    with pytest.raises(segmenting.SegmentInUse):
        segmenting.remove(segment=segment, by=chidi, now=now)
    assert not AuditEntry.objects.filter(verb="remove_segment").exists()
    assert Segment.objects.filter(pk=segment.pk).exists()


def test_a_question_about_something_that_is_gone_says_so(organization, now):
    tag = a_tag(organization, now)
    segment = segmenting.keep(
        organization=organization,
        name="Donors",
        question={"filter": "tag", "tags": [str(tag.pk)]},
        by=None,
        now=now,
    )
    tag.delete()
    with pytest.raises(questions.NotAQuestion, match="Tag"):
        segments.count(segment, purpose=Purpose.NEWS, channel=Channel.EMAIL, now=now)
