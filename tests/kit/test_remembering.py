"""What every request asks is asked once a second."""

from __future__ import annotations

from amparo.kit import remembering
from amparo.kit.published import note_publication
from amparo.kit.remembering import Remembered


class Oracle:
    def __init__(self):
        self.asked = 0

    def __call__(self):
        self.asked += 1
        return self.asked


def test_the_same_question_is_asked_once():
    kept, oracle = Remembered(most=10), Oracle()

    assert [kept.ask("who", oracle), kept.ask("who", oracle)] == [1, 1]


def test_it_is_asked_again_when_something_was_published():
    kept, oracle = Remembered(most=10), Oracle()
    kept.ask("who", oracle)
    note_publication()

    assert kept.ask("who", oracle) == 2


def test_it_is_asked_again_after_its_second(monkeypatch):
    kept, oracle = Remembered(most=10), Oracle()
    kept.ask("who", oracle)
    later = remembering.time.monotonic() + remembering.CHECK_SECONDS
    monkeypatch.setattr(remembering.time, "monotonic", lambda: later)

    assert kept.ask("who", oracle) == 2


def test_what_was_published_while_asking_is_not_missed():
    kept, oracle = Remembered(most=10), Oracle()

    def slow():
        answer = oracle()
        note_publication()
        return answer

    kept.ask("who", slow)

    assert kept.ask("who", oracle) == 2


def test_no_more_is_kept_than_fits():
    kept, oracle = Remembered(most=2), Oracle()
    for name in ("one", "two", "three"):
        kept.ask(name, oracle)

    assert len(kept) == 1


def test_nothing_is_kept_after_forgetting():
    kept, oracle = Remembered(most=2), Oracle()
    kept.ask("who", oracle)
    kept.forget()

    assert kept.get("who") is None
