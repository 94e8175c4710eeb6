"""What staff choose about the sending of a mailing, and what its screen says that it waits for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from amparo.accounts.models import AuditEntry, Role
from amparo.mailings import freezing, steering
from amparo.mailings.composer import composing
from amparo.mailings.models import AudienceChunk, Mailing
from amparo.mailings.screens import sending_words
from amparo.mailings.screens.sending_forms import HourForm, PaceForm
from amparo.organizations.models import Organization
from tests.factories.composed import a_button, a_draft
from tests.factories.mailings import a_mailing, a_reader, a_segment, frozen
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db
State = Mailing.State
NIGHT = {"quiet_from": time(22), "quiet_until": time(8)}
MIDNIGHT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def doors():
    return an_organization(time_zone="Europe/London")


@pytest.fixture
def bruno(doors):
    return signed_in(a_member_of_staff(doors, Role.EDITOR))


@pytest.fixture
def chidi(doors):
    return signed_in(a_member_of_staff(doors, Role.APPROVER, email="chidi@example.org"))


def at(name, mailing):
    return reverse(f"staff_mailing_{name}", args=[mailing.pk])


def shown(browser, mailing):
    return browser.get(reverse("staff_mailing", args=[mailing.pk])).content.decode()


# --- Quiet hours ----------------------------------------------------------------------------------


def test_nothing_begins_or_goes_on_in_quiet_hours(doors):
    Organization.objects.update(**NIGHT)
    a_reader(doors)
    mailing = a_mailing(doors)
    assert freezing.claim(limit=1, now=MIDNIGHT) == []
    assert len(Mailing.objects.due(now=MORNING)) == 1
    frozen(mailing, now=MORNING)
    chunks = AudienceChunk.objects
    assert chunks.sendable(now=MIDNIGHT + timedelta(days=1)).count() == 0
    assert chunks.sendable(now=MORNING + timedelta(days=1)).count() == 1


def test_another_organizations_night_is_not_ours(doors):
    an_organization("others", time_zone="Europe/London", **NIGHT)
    a_reader(doors)
    frozen(a_mailing(doors))
    assert AudienceChunk.objects.sendable(now=MIDNIGHT).count() == 1


def test_its_screen_says_until_when_it_waits(doors, bruno):
    Organization.objects.update(quiet_from=time(0), quiet_until=time(23, 59))
    doors.refresh_from_db()
    mailing = a_mailing(doors, state=State.SENDING, started_at=MIDNIGHT)
    assert sending_words.waits_until(mailing, now=MIDNIGHT) == (
        "Quiet hours: it waits until 23 November, 23:59 GMT."
    )
    mailing.keeps_quiet_hours = False
    assert sending_words.waits_until(mailing, now=MIDNIGHT) == ""


def test_what_is_urgent_leaves_in_the_night_with_a_reason(doors, chidi):
    Organization.objects.update(quiet_from=time(0), quiet_until=time(23, 59))
    a_reader(doors)
    routine = a_mailing(doors, state=State.READY)
    assert "in_quiet_hours" not in chidi.get(at("approve", routine)).content.decode()
    urgent = a_mailing(doors, state=State.READY, urgency=1)
    told = {"when": "soon", "in_quiet_hours": "on"}
    assert "Say why it cannot wait" in chidi.post(at("approve", urgent), told).content.decode()
    answer = chidi.post(at("approve", urgent), {**told, "because": "The hearing is at six."})
    assert answer.status_code == 302
    urgent.refresh_from_db()
    assert not urgent.keeps_quiet_hours
    entry = AuditEntry.objects.get(verb="approve_mailing")
    assert entry.details["in_quiet_hours_because"] == "The hearing is at six."
    steering.back_to_draft(mailing=urgent, by=None, now=timezone.now())
    assert urgent.keeps_quiet_hours


# --- At each reader's own hour --------------------------------------------------------------------


def hour_form(mailing, **told):
    form = HourForm({"when": "local", "day": "2026-11-23", **told}, mailing=mailing, now=MIDNIGHT)
    return form, form.is_valid()


def test_an_hour_of_each_readers_own(doors):
    form, is_valid = hour_form(a_mailing(doors), hour="09:00")
    assert is_valid
    assert (form.cleaned_data["day"], form.cleaned_data["hour"]) == (date(2026, 11, 23), time(9))


def test_their_hour_is_not_in_the_night(doors):
    doors.quiet_from, doors.quiet_until = time(22), time(8)
    form, is_valid = hour_form(a_mailing(doors), hour="07:00")
    assert not is_valid
    assert "quiet hours" in str(form.errors["hour"])


def test_a_test_of_subjects_leaves_all_at_once(doors):
    _form, is_valid = hour_form(a_mailing(doors, variant_shares={"a": 10, "b": 10}), hour="09:00")
    assert not is_valid


def test_chidi_approves_for_nine_where_they_are(doors, bruno, chidi):
    a_reader(doors, "Suzie", country="GB")
    a_reader(doors, "Haru", country="JP")
    ready = a_mailing(doors, state=State.READY)
    day = timezone.now().date() + timedelta(days=10)
    chidi.post(at("approve", ready), {"when": "local", "day": day.isoformat(), "hour": "09:00"})
    ready.refresh_from_db()
    assert (ready.local_day, ready.local_hour) == (day, time(9))
    assert ready.scheduled_at == datetime.combine(day, time(0), UTC), "nine in Tokyo"
    page = shown(bruno, ready)
    assert "where each reader is" in page
    assert "Asia/Tokyo" in page


# --- How fast -------------------------------------------------------------------------------------


def test_bruno_writes_down_how_fast(doors, bruno):
    mailing = a_draft(doors).mailing
    told = {"per_minute": "600", "per_domain": "gmail.com 100\n@Example.net: 20\n", "per_day": "500, 1000"}
    assert bruno.post(at("pace", mailing), told).status_code == 302
    mailing.refresh_from_db()
    assert (mailing.per_minute, mailing.per_domain, mailing.per_day) == (
        600,
        {"gmail.com": 100, "example.net": 20},
        [500, 1000],
    )
    assert 'value="500, 1000"' in bruno.get(at("pace", mailing)).content.decode()
    assert "at most 100 a minute to gmail.com" in shown(bruno, mailing)


@pytest.mark.parametrize(
    "wrong",
    [{"per_domain": "gmail"}, {"per_domain": "gmail.com 0"}, {"per_day": "many"}, {"per_day": "5, 0"}],
)
def test_a_pace_that_means_nothing_is_refused(wrong):
    assert not PaceForm({"per_domain": "", "per_day": "", **wrong}).is_valid()


# --- Several subjects -----------------------------------------------------------------------------


def test_bruno_chooses_how_subjects_are_tried_before_it_is_handed_on(doors, bruno):
    a_reader(doors)
    mailing = a_draft(doors, a_button(an_email_page(doors))).mailing
    Mailing.objects.update(segment=a_segment(doors))
    composing.add_text(mailing=mailing, language="en", variant="b", by=None, now=timezone.now())
    assert "nobody said who gets which" in bruno.post(at("ready", mailing)).content.decode()
    page = bruno.get(at("try", mailing)).content.decode()
    assert "fewer than 20 people" in page
    bruno.post(at("try", mailing), {"share": "20", "hours": "4"})
    mailing.refresh_from_db()
    assert (mailing.variant_shares, mailing.test_hours) == ({"a": 10, "b": 10}, 4)
    assert "4 hours after these have left" in shown(bruno, mailing)
    assert bruno.post(at("ready", mailing)).status_code == 302
    steering.back_to_draft(mailing=mailing, by=None, now=timezone.now())
    composing.remove_text(text=mailing.texts.get(variant="b"), by=None, now=timezone.now())
    mailing.refresh_from_db()
    assert (mailing.variant_shares, mailing.test_hours) == ({}, None)


def test_its_screen_shows_figures_and_the_rule(doors, bruno):
    for number in range(4):
        a_reader(doors, f"Reader{number}")
    mailing = frozen(a_mailing(doors, variant_shares={"a": 30, "b": 30}, test_hours=4))
    page = shown(bruno, mailing)
    assert "Which subject does better" in page
    assert "The wait begins when the sample has left." in page


# --- Once more ------------------------------------------------------------------------------------


def test_bruno_writes_again_from_the_report(doors, bruno):
    mailing = a_draft(doors, a_button(an_email_page(doors)), subject="Write today").mailing
    Mailing.objects.update(segment=a_segment(doors), state=State.FINISHED, scheduled_at=MIDNIGHT,
                           approved_at=MIDNIGHT, finished_at=MIDNIGHT)  # fmt: skip
    assert at("again", mailing) in shown(bruno, mailing)
    answer = bruno.post(at("again", mailing), {"name": "Once more"}, follow=True)
    draft = Mailing.objects.get(name="Once more")
    assert "have not acted since" in answer.content.decode()
    assert "It has no subject" in answer.content.decode()
    assert "segment" not in bruno.get(at("audience", draft)).context["form"].fields
    bruno.post(at("audience", draft), {"urgency": "1", "unknown_policy": "hold"})
    draft.refresh_from_db()
    assert (draft.urgency, draft.resend_of) == (1, mailing)
    assert "say that you mean it" in bruno.post(at("again", mailing), {"name": "Third"}).content.decode()
    bruno.post(at("again", mailing), {"name": "Third", "is_meant": "on"})
    assert mailing.resends.count() == 2


def test_bruno_copies_one_that_goes_once_more(doors, bruno):
    mailing = a_draft(doors, a_button(an_email_page(doors)), subject="Write today").mailing
    Mailing.objects.update(name="The hearing", segment=a_segment(doors), state=State.FINISHED, scheduled_at=MIDNIGHT,
                           approved_at=MIDNIGHT, finished_at=MIDNIGHT)  # fmt: skip
    bruno.post(at("again", mailing), {"name": "Once more"})
    draft = Mailing.objects.get(name="Once more")
    page = bruno.get(at("copy", draft)).content.decode()
    assert "those who got “The hearing” and have not acted since" in page
    assert "copy “The hearing” instead" in page
    assert "say that you mean it" in bruno.post(at("copy", draft), {"name": "Third"}).content.decode()
    assert not Mailing.objects.filter(name="Third").exists()
    bruno.post(at("copy", draft), {"name": "Third", "is_meant": "on"})
    assert Mailing.objects.get(name="Third").resend_of == mailing

    assert "is_meant" not in bruno.get(at("copy", mailing)).context["form"].fields
    bruno.post(at("copy", mailing), {"name": "For everybody"})
    assert Mailing.objects.get(name="For everybody").resend_of is None
