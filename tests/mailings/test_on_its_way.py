"""A mailing on its way through the screens: chosen, handed on, approved by another, paused, resumed, counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from amparo.accounts.models import Role
from amparo.mailings import audience, freezing, outcomes, steering, targeting
from amparo.mailings.composer import composing
from amparo.mailings.models import AudienceChunk, Mailing
from amparo.mailings.screens import mailing_report
from amparo.supporters import consent, wordings
from amparo.supporters.models import Channel, Purpose
from tests.factories.letters import an_action
from tests.factories.mailings import a_mailing, a_reader, a_segment, a_text
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db
State = Mailing.State


@pytest.fixture
def organization():
    return an_organization(second_person_above=1)


@pytest.fixture
def bruno(organization):
    return a_member_of_staff(organization, Role.EDITOR)


@pytest.fixture
def chidi(organization):
    return a_member_of_staff(organization, Role.APPROVER, email="chidi@example.org")


@pytest.fixture
def readers(organization):
    return [a_reader(organization, name) for name in ("Suzie", "Amina")]


@pytest.fixture
def ready(organization, readers, bruno):
    """Handed on by Bruno."""
    return a_mailing(organization, state=State.READY, ready_by=bruno)


@pytest.fixture
def sending(organization, readers):
    """Frozen, and nobody has it yet."""
    mailing = a_mailing(organization)
    (claimed,) = freezing.claim(limit=1, now=NOW)
    freezing.freeze(mailing=claimed, now=NOW)
    mailing.refresh_from_db()
    return mailing


def settle(mailing, *bytes_):
    """What became of the first of the audience."""
    chunk = AudienceChunk.objects.get(mailing=mailing)
    rest = bytes(chunk.outcomes)[len(bytes_) :]
    AudienceChunk.objects.filter(pk=chunk.pk).update(outcomes=bytes(bytes_) + rest)


def at(name, mailing):
    return reverse(f"staff_mailing_{name}", args=[mailing.pk])


def test_bruno_chooses_for_whom_and_sees_who_is_left_out(organization, readers, bruno):
    a_reader(organization, "Dana", agreed_to=0)
    mailing = composing.begin(
        organization=organization, name="Alert", kind=Mailing.Kind.ALERT, campaign=None, language="en",
        by=bruno, now=NOW,
    )  # fmt: skip
    browser = signed_in(bruno)
    segment = a_segment(organization)
    answer = browser.post(
        at("audience", mailing), {"segment": str(segment.pk), "urgency": "5", "unknown_policy": "hold"}
    )
    assert answer.status_code == 302
    mailing.refresh_from_db()
    assert (mailing.segment, mailing.unknown_policy) == (segment, "hold")
    shown = browser.get(reverse("staff_mailing", args=[mailing.pk])).content.decode()
    assert "<b>2</b>" in shown
    assert "did not agree to this" in shown


def test_who_did_it_already_is_left_out(organization, readers, bruno):
    page = an_email_page(organization)
    mailing = composing.begin(
        organization=organization, name="Alert", kind=Mailing.Kind.ALERT, campaign=None, language="en",
        by=bruno, now=NOW,
    )  # fmt: skip
    (text,) = mailing.texts.all()
    text.body.blocks = [{"type": "button", "value": {"text": "Write", "page": page.pk, "url": ""}}]
    text.body.save()
    an_action(page, supporter=readers[0])
    choice = {"segment": a_segment(organization), "urgency": 5, "unknown_policy": ""}
    targeting.choose_audience(mailing=mailing, **choice, leave_out_takers=True, by=bruno, now=NOW)
    found = audience.forecast(mailing=mailing, now=NOW)
    assert (found.sendable, found.excluded) == (1, {"acted": 1})


def test_an_editor_cannot_approve(ready, bruno):
    assert signed_in(bruno).get(at("approve", ready)).status_code in {302, 403}


def test_whoever_handed_it_on_cannot_approve_for_many(ready, chidi):
    Mailing.objects.filter(pk=ready.pk).update(ready_by=chidi)
    said = signed_in(chidi).post(at("approve", ready), {"when": "soon"}).content.decode()
    assert "somebody else has to approve it" in said
    ready.refresh_from_db()
    assert ready.state == State.READY


def test_for_few_they_can(ready, chidi, organization):
    organization.second_person_above = 2
    organization.save()
    Mailing.objects.filter(pk=ready.pk).update(ready_by=chidi)
    steering.approve(mailing=Mailing.objects.get(pk=ready.pk), at=NOW, by=chidi, now=NOW)


def test_chidi_approves_and_there_is_time_to_think_better_of_it(ready, chidi):
    browser = signed_in(chidi)
    assert "2 people get it, once each." in browser.get(at("approve", ready)).content.decode()
    before = timezone.now()
    browser.post(at("approve", ready), {"when": "soon"})
    ready.refresh_from_db()
    assert ready.state == State.SCHEDULED
    assert ready.scheduled_at >= before + timedelta(minutes=10)
    browser.post(at("take_back", ready))
    ready.refresh_from_db()
    assert (ready.state, ready.approved_by, ready.ready_by) == (State.DRAFT, None, None)


@pytest.mark.parametrize("day", ["", "2020-01-01", "2099-01-01"])
def test_an_hour_that_cannot_be_meant_is_refused(ready, chidi, day):
    answer = signed_in(chidi).post(at("approve", ready), {"when": "at", "day": day, "hour": "09:00"})
    assert answer.status_code == 200
    ready.refresh_from_db()
    assert ready.state == State.READY


def test_nobody_there_is_no_mailing(ready, chidi, readers):
    type(readers[0]).objects.update(agreed_to=0)
    with pytest.raises(steering.NobodyThere):
        steering.approve(mailing=ready, at=NOW, by=chidi, now=NOW)


def test_an_empty_draft_is_not_handed_on(organization, bruno):
    mailing = composing.begin(
        organization=organization, name="Alert", kind=Mailing.Kind.ALERT, campaign=None, language="en",
        by=bruno, now=NOW,
    )  # fmt: skip
    mailing.segment = a_segment(organization)
    mailing.save()
    with pytest.raises(steering.NotFit):
        steering.make_ready(mailing=mailing, by=bruno, now=NOW)


def test_it_is_paused_at_once_and_goes_on_where_it_was(sending, bruno, chidi):
    settle(sending, outcomes.SENT)
    editor = signed_in(bruno)
    assert "1 have it. The other 1 wait" in editor.get(at("pause", sending)).content.decode()
    editor.post(at("pause", sending))
    sending.refresh_from_db()
    assert sending.state == State.PAUSED
    assert editor.post(at("resume", sending)).status_code in {302, 403}
    sending.refresh_from_db()
    assert sending.state == State.PAUSED
    signed_in(chidi).post(at("resume", sending))
    sending.refresh_from_db()
    assert sending.state == State.SENDING


def test_the_screen_tells_how_far_it_is(sending, bruno):
    settle(sending, outcomes.SENT)
    shown = signed_in(bruno).get(reverse("staff_mailing", args=[sending.pk])).content.decode()
    assert 'data-working="yes"' in shown
    assert shown.count("<td>1</td>") >= 2


def test_stopped_is_stopped(sending, bruno):
    browser = signed_in(bruno)
    browser.post(at("stop", sending))
    sending.refresh_from_db()
    assert sending.state == State.STOPPED
    assert "has moved on meanwhile" in browser.post(at("pause", sending)).content.decode()


def test_whoever_joined_since_gets_it_when_somebody_says_so(sending, organization, chidi):
    a_reader(organization, "Omar")
    answer = signed_in(chidi).post(at("late", sending), follow=True)
    assert "1 person more gets it." in answer.content.decode()


def test_the_unknown_are_sent_to_again_by_a_person(sending, chidi):
    settle(sending, outcomes.UNKNOWN, outcomes.SENT)
    browser = signed_in(chidi)
    assert "may get it a second time" in browser.get(at("unknown", sending)).content.decode()
    browser.post(at("unknown", sending))
    assert bytes(AudienceChunk.objects.get().outcomes)[:1] == bytes([outcomes.QUEUED])


def test_the_others_get_the_variant_that_somebody_chose(sending, chidi):
    Mailing.objects.filter(pk=sending.pk).update(variant_shares={"a": 10, "b": 10})
    a_text(sending, variant="b", subject="The court sits on Monday")
    browser = signed_in(chidi)
    assert "The court sits on Monday" in browser.get(at("winner", sending)).content.decode()
    browser.post(at("winner", sending), {"variant": "b"})
    sending.refresh_from_db()
    assert sending.winner == "b"
    assert "has moved on meanwhile" in browser.post(at("winner", sending), {"variant": "a"}).content.decode()


def test_a_report_counts_deeds_and_nobody_in_particular(sending, organization, readers):
    settle(sending, outcomes.SENT, outcomes.CAME_BACK)
    Mailing.objects.filter(pk=sending.pk).update(link_source="m-0123abcd")
    sending.refresh_from_db()
    an_action(an_email_page(organization), supporter=readers[0], via="m-0123abcd")
    wording = wordings.word(
        organization=organization, purpose=Purpose.NEWS, channel=Channel.EMAIL, language="en", text="May we?"
    )
    later = NOW + timedelta(days=1)
    consent.record(supporter=readers[1], answers={wording.pk: False}, source="/me/", now=later)
    found = {str(figure.name): figure.number for figure in mailing_report.figures(sending)}
    assert found == {
        "Came back afterwards": 1,
        "Called junk": 0,
        "Unsubscribed within a week": 1,
        "Took part in an action": 1,
    }


def test_what_is_usual_is_the_middle_of_at_least_three(sending, organization):
    settle(sending, outcomes.SENT, outcomes.SENT)
    for number, share in enumerate((0, 1, 2)):
        mailing = a_mailing(
            organization, name=f"Earlier {number}", state=State.FINISHED,
            started_at=NOW - timedelta(days=number + 1), finished_at=NOW,
        )  # fmt: skip
        AudienceChunk.objects.create(
            mailing=mailing, snapshot=1, number=0, ids=bytes(16 * 4), is_open=False,
            outcomes=bytes([outcomes.CAME_BACK] * share + [outcomes.SENT] * (4 - share)),
            next_attempt_at=NOW, frozen_at=NOW,
        )  # fmt: skip
        if number == 1:
            assert mailing_report.figures(sending)[0].usual is None
    assert mailing_report.figures(sending)[0].usual == 250


def test_what_receivers_think_is_asked_on_demand(organization, chidi, monkeypatch):
    from amparo.kit.dns import NoAnswer
    from amparo.mailings.screens import deliverability_views

    class Nothing:
        def texts(self, name):
            return []

        addresses = exchangers = hosts = texts

    address = reverse("staff_deliverability", args=[organization.pk])
    browser = signed_in(chidi)
    senders = reverse("staff_senders")
    assert senders in browser.get(reverse("staff_mailings")).content.decode()
    assert "What they answered" in browser.get(senders).content.decode()
    monkeypatch.setattr(deliverability_views, "Resolver", Nothing)
    assert "to mend" not in browser.get(address).content.decode()
    assert "to mend" in browser.get(address, {"look": "yes"}).content.decode()

    def silent():
        raise NoAnswer

    monkeypatch.setattr(deliverability_views, "Resolver", silent)
    assert "has no DNS" in browser.get(address, {"look": "yes"}).content.decode()
