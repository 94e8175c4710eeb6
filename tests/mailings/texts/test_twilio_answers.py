"""What Twilio's answers mean: one reader's trouble, everybody's, or that nobody knows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.mailings.models import DeliveryFailure
from tests.factories.mailings import frozen
from tests.factories.texts import a_number, a_text_mailing, a_text_reader
from tests.mailings.texts.test_sending_texts import bytes_of, send

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", [400, 429])
def test_a_queue_that_is_full_is_later_and_no_fault_of_ours(doors, provider, now, status):
    """Ten hours' worth of texts wait at Twilio under this number: it takes more when they have left."""
    for at in range(1, 6):
        a_text_reader(doors, f"Reader{at}", phone=a_number(at))
    provider.moods["everybody"] = (status, 21611, "This number has exceeded the maximum of queued messages")
    mailing = frozen(a_text_mailing(doors))
    send(now)
    mailing.refresh_from_db()
    assert (mailing.state, set(bytes_of(mailing).values())) == ("sending", {"temporary"})
    provider.moods.clear()
    send(now + timedelta(minutes=10))
    assert set(bytes_of(mailing).values()) == {"sent"}


@pytest.mark.parametrize(("policy", "outcome"), [("hold", "unknown"), ("resend", "temporary")])
@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_text_over_which_the_provider_broke_may_have_left(doors, provider, now, status, policy, outcome):
    a_text_reader(doors)
    provider.moods["everybody"] = (status, 20500, "Internal server error")
    mailing = frozen(a_text_mailing(doors, unknown_policy=policy))
    send(now)
    assert bytes_of(mailing) == {"Suzie": outcome}
    assert DeliveryFailure.objects.get().outcome == ("u" if policy == "hold" else "t")


@pytest.mark.parametrize(
    ("code", "outcome"), [(21408, "failed"), (21610, "withdrawn"), (21614, "failed"), (21635, "failed")]
)
@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_is_said_of_one_reader_pauses_nothing(doors, provider, now, status, code, outcome):
    """With whatever status it comes."""
    for at in range(1, 5):
        a_text_reader(doors, f"Reader{at}", phone=a_number(at))
    a_text_reader(doors, "Suzie", phone=a_number(9))
    for at in range(1, 5):
        provider.moods[a_number(at)] = (status, code, "not to this one")
    mailing = frozen(a_text_mailing(doors))
    send(now)
    assert bytes_of(mailing) == {"Suzie": "sent", **{f"Reader{at}": outcome for at in range(1, 5)}}
    mailing.refresh_from_db()
    assert mailing.state == "finished"


def test_a_provider_that_falls_silent_again_and_again_is_not_paid_for_everybody(
    doors, provider, now, monkeypatch
):
    """It takes each text and never answers: after three, people have to look."""
    monkeypatch.setattr("amparo.mailings.carriers.batch_loop.FIRST_BACK_OFF", 0.01)
    for at in range(1, 9):
        a_text_reader(doors, f"Reader{at}", phone=a_number(at))
    mailing = frozen(a_text_mailing(doors, unknown_policy="resend"))
    provider.moods["everybody"] = "cut"
    for hour in range(4):
        send(now + timedelta(hours=hour))
    assert len(provider.took) == 3
    mailing.refresh_from_db()
    assert mailing.state == "paused"
