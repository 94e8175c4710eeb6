"""Readers' pages are kept for a moment, the same for everybody, and forgotten when something is published."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection

from amparo.web import page_cache
from tests.factories.organizations import an_organization
from tests.factories.pages import a_site, an_email_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return an_email_page(an_organization())


def queries(django_assert_num_queries, get, number):
    with django_assert_num_queries(number):
        return get()


def test_the_second_reader_costs_no_query(client, page, django_assert_num_queries):
    first = client.get(page.url)

    with django_assert_num_queries(0):
        second = client.get(page.url)

    assert second.content == first.content
    assert second.headers["Cache-Control"].startswith("public, max-age=")


def test_a_page_sets_no_cookie_and_holds_nothing_about_the_reader(client, page):
    answers = [client.get(page.url, headers={"user-agent": agent}) for agent in ("one", "two")]

    assert not answers[0].cookies
    assert answers[0].content == answers[1].content


def test_publishing_forgets_it(client, page, django_capture_on_commit_callbacks):
    client.get(page.url)
    page.standfirst = "She was released this morning."

    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()

    assert b"released this morning" in client.get(page.url).content


@pytest.mark.parametrize(
    "request_of",
    [
        lambda client, url: client.post(url, {"step": "details"}),
        lambda client, url: client.get(url, {"utm": "x"}),
        lambda client, url: client.get(url, {"via": "nobody"}),
        lambda client, url: client.get(url, {"via": "m-0123abcd", "utm": "x"}),
        lambda client, url: client.get(url, headers={"cookie": "sessionid=x"}),
        lambda client, url: client.get("/nowhere/"),
    ],
    ids=["post", "query", "unknown mark", "mark and query", "cookie", "not found"],
)
def test_what_could_differ_between_readers_is_not_kept(client, page, request_of, monkeypatch):
    kept = []
    monkeypatch.setattr(page_cache.PageCacheMiddleware, "_keep", lambda *args: kept.append(args))

    request_of(client, page.url)

    assert kept == []


def test_readers_of_one_mailing_share_a_page_that_carries_its_mark(client, page, django_assert_num_queries):
    first = client.get(page.url, {"via": "m-0123abcd"})
    with django_assert_num_queries(0):
        assert client.get(page.url, {"via": "m-0123abcd"}).content == first.content
    assert b'value="m-0123abcd"' in first.content
    assert b"m-0123abcd" not in client.get(page.url).content
    assert b'value="m-4567cdef"' in client.get(page.url, {"via": "m-4567cdef"}).content


def test_invented_marks_push_out_no_page(client, page, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(page_cache, "MOST_MARKED", 2)
    client.get(page.url)
    for number in range(4):
        client.get(page.url, {"via": f"m-{number:08x}"})
    with django_assert_num_queries(0):
        client.get(page.url)


def test_languages_are_kept_apart(client, page):
    home = a_site(page.organization).url

    assert client.get(home, headers={"accept-language": "en"}).status_code == 200
    assert page_cache.language_asked(client.get("/", headers={"accept-language": "ar"}).wsgi_request) == "ar"


def test_a_page_read_once_can_be_read_while_the_database_is_away(client, page, monkeypatch):
    before = client.get(page.url)
    monkeypatch.setattr(connection, "cursor", lambda *args: pytest.fail("asked the database"))

    assert client.get(page.url).content == before.content


def test_a_page_read_once_can_be_read_long_after_the_database_went_away(client, page, monkeypatch):
    before = client.get(page.url)
    _let_the_kept_pages_grow_old(monkeypatch)
    monkeypatch.setattr(
        "amparo.actions.views.serve_email_target_page",
        _raising(OperationalError("the database is shutting down")),
    )

    assert [client.get(page.url).content for _reader in range(2)] == [before.content] * 2


def test_what_was_published_before_the_database_went_away_is_not_replaced_by_the_old_page(
    client, page, monkeypatch
):
    client.get(page.url)
    page_cache.forget_pages()
    monkeypatch.setattr(
        "amparo.actions.views.serve_email_target_page",
        _raising(OperationalError("the database is shutting down")),
    )

    assert client.get(page.url).status_code == 503


def test_a_kept_page_says_how_long_it_is(client, page):
    for _reader in range(2):
        answer = client.get(page.url)

    assert answer.headers["Content-Length"] == str(len(answer.content))


def _let_the_kept_pages_grow_old(monkeypatch):
    clock = page_cache.time.monotonic
    monkeypatch.setattr(page_cache.time, "monotonic", lambda: clock() + 3600)


def _raising(trouble):
    def serve(*_args, **_kwargs):
        raise trouble

    return serve
