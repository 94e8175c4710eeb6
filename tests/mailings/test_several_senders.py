"""A mailing that is large calls further processes to help, one after another; a small one calls nobody."""

from __future__ import annotations

import pytest

from amparo.kit import bell, work
from amparo.mailings import mailing_lines
from amparo.mailings.delivery import delivering_mailings
from amparo.mailings.models import AudienceChunk
from tests.factories.mailings import a_mailing, a_reader, frozen
from tests.factories.organizations import an_organization


@pytest.mark.django_db
@pytest.mark.parametrize(("chunks", "rung"), [(7, []), (8, ["mailings"])])
def test_who_begins_a_large_mailing_wakes_the_next(settings, tmp_path, monkeypatch, now, chunks, rung):
    settings.AMPARO_VAR = str(tmp_path)
    doors = an_organization()
    a_reader(doors)
    chunk = frozen(a_mailing(doors)).chunks.get()
    for number in range(1, chunks):
        AudienceChunk.objects.create(
            mailing=chunk.mailing, snapshot=1, number=number, ids=chunk.ids, outcomes=chunk.outcomes,
            next_attempt_at=now, frozen_at=now,
        )  # fmt: skip
    heard = []
    monkeypatch.setattr(delivering_mailings.Session, "run", lambda _session: work.Result())
    bell.use_sender(heard.append)
    try:
        mailing_lines.Mailings().perform(["session"], now=now)
    finally:
        bell.use_sender(None)
    assert heard == rung
