"""When the database is away, people are told the truth: 503, come back soon, nothing was lost."""

from __future__ import annotations

import errno

import pytest
from django.db import InterfaceError, OperationalError

from amparo.actions import taking
from amparo.kit.group_commit import Busy
from tests.factories.deeds import a_deed
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "trouble",
    [
        OperationalError("the database system is shutting down"),
        OperationalError("database or disk is full"),
        InterfaceError("connection already closed"),
        OSError(errno.ENOSPC, "No space left on device"),
        Busy(),
    ],
    ids=["away", "full", "closed", "no space", "busy"],
)
def test_trouble_that_passes_is_503_with_retry_after(client, trouble, monkeypatch):
    page = an_email_page(an_organization())
    monkeypatch.setattr("amparo.actions.views._details", raising(trouble))

    response = client.post(page.url, {"step": "whatever"})

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert response.headers["Cache-Control"] == "no-store"
    assert b"<html" in response.content


def test_a_bug_is_not_called_trouble(client, monkeypatch):
    page = an_email_page(an_organization())
    monkeypatch.setattr("amparo.actions.views._details", raising(KeyError("a bug")))

    with pytest.raises(KeyError):
        client.post(page.url, {"step": "whatever"})


def raising(error):
    def view(*_args):
        raise error

    return view


def test_health_does_not_need_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


def test_readiness_says_which_part_is_missing(client):
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["engine"] is False
    assert answer.json()["database"] is True


def test_metrics_are_for_those_who_have_the_token(client, settings):
    assert client.get("/metrics").status_code == 404
    settings.AMPARO_METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    found = client.get("/metrics", headers={"authorization": "Bearer a-long-token"})
    assert b'amparo_line_due{line="letters"}' in found.content


def test_a_letter_is_taken_again_after_the_trouble(now, monkeypatch):
    page, deed = an_email_page(an_organization()), a_deed()
    with monkeypatch.context() as trouble:
        trouble.setattr(taking, "_store_letters", raising_keyword(OperationalError("away")))
        with pytest.raises(OperationalError):
            taking.take(page=page, deed=deed, now=now)

    taking.take(page=page, deed=deed, now=now)

    assert page.actions.count() == 1


def raising_keyword(error):
    def verb(**_kwargs):
        raise error

    return verb
