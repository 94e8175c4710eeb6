"""R15: one reader, or one mailing, whose mails cannot be made stops no other."""

from __future__ import annotations

from collections import Counter

import pytest

from amparo.mailings import compiling, outcomes
from amparo.mailings.delivery import delivering_mailings
from amparo.mailings.models import AudienceChunk, DeliveryFailure, Mailing
from amparo.mailings.progress import progress
from tests.factories.mailings import a_mailing, a_reader, a_segment, frozen
from tests.factories.organizations import an_organization
from tests.fakes.pipelining_server import a_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def doors():
    return an_organization()


@pytest.fixture
def server(settings, tmp_path):
    settings.AMPARO_VAR = str(tmp_path)
    with a_server() as running:
        settings.SMTP_URL = f"smtp://127.0.0.1:{running.port}?tls=none&timeout=5"
        yield running


def send(now):
    return delivering_mailings.Session(now_source=lambda: now).run()


@pytest.fixture
def two(doors, now):
    """A mailing that cannot be compiled, and is the more urgent; and one that can."""
    a_reader(doors, "Suzie")
    a_segment(doors)
    poisoned = frozen(a_mailing(doors, name="Poisoned", urgency=Mailing.Urgency.URGENT))
    return poisoned, frozen(a_mailing(doors, name="Sound"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (compiling.CannotCompile(why="the key is no key"), "This mailing cannot be sent: the key is no key."),
        (ZeroDivisionError("suzie@example.org"), "its mails cannot be made (ZeroDivisionError at "),
    ],
)
def test_a_mailing_that_cannot_be_made_is_paused_and_the_next_one_leaves(
    two, server, now, monkeypatch, error, said
):
    poisoned, sound = two
    compile_text = compiling.compile_text

    def compiled(text, *, mailing, now):
        if mailing.pk == poisoned.pk:
            raise error
        return compile_text(text, mailing=mailing, now=now)

    monkeypatch.setattr(compiling, "compile_text", compiled)
    assert send(now).done == 1
    for mailing in two:
        mailing.refresh_from_db()
    assert (poisoned.state, sound.state) == ("paused", "finished")
    assert poisoned.trouble.startswith(said)
    assert "suzie" not in poisoned.trouble
    assert progress(poisoned).by_outcome == {"queued": 1}
    assert not AudienceChunk.objects.exclude(claimed_by=None).exists()


def poison(monkeypatch, *names):
    letters = compiling.CompiledText.letters

    def of(self, readers, addresses, **words):
        for name in set(readers.given_names) & set(names):
            raise ValueError(name)
        return letters(self, readers, addresses, **words)

    monkeypatch.setattr(compiling.CompiledText, "letters", of)


def test_a_reader_whose_mail_cannot_be_made_waits_and_the_others_get_theirs(doors, server, now, monkeypatch):
    for number in range(60):
        a_reader(doors, f"Reader{number}", email=f"reader{number}@readers.example.net")
    mailing = frozen(a_mailing(doors))
    poison(monkeypatch, "Reader30")
    result = send(now)
    assert (result.done, result.failed) == (59, 1)
    assert len(server.took) == 59
    assert progress(mailing).by_outcome == {"sent": 59, "temporary": 1}
    assert DeliveryFailure.objects.get().reason == "this mail could not be made"
    mailing.refresh_from_db()
    assert mailing.state == "sending"


def test_a_mailing_nobodys_mail_of_which_can_be_made_is_paused(doors, server, now, monkeypatch):
    names = [f"Reader{number}" for number in range(5)]
    for name in names:
        a_reader(doors, name, email=f"{name.lower()}@readers.example.net")
    mailing = frozen(a_mailing(doors))
    poison(monkeypatch, *names)
    send(now)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.trouble) == ("paused", "this mail could not be made")
    assert Counter(outcomes.NAMES[byte] for byte in bytes(AudienceChunk.objects.get().outcomes)) == {
        "temporary": 5
    }
