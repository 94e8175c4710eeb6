"""Guarantee S4: every answer for readers forbids everything that is not ours."""

from __future__ import annotations

import re

import pytest

from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page

pytestmark = pytest.mark.django_db

STRICT = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}


def policy_of(response):
    directives = response.headers["Content-Security-Policy"].split(";")
    return {name: values for name, *values in (directive.split() for directive in directives)}


@pytest.fixture
def page():
    return an_email_page(an_organization())


@pytest.mark.parametrize(
    "path",
    ["/write-to-your-minister/", "/", "/nowhere/", "/confirm/x/", "/letters/x/", "/proof/", "/healthz"],
)
def test_every_public_answer_has_the_strict_policy(client, page, path):
    response = client.get(path)

    assert policy_of(response) == STRICT
    for name, value in {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }.items():
        assert response.headers[name] == value
    assert "geolocation=()" in response.headers["Permissions-Policy"]


def test_pages_hold_no_inline_script_or_style_and_no_other_host(client, page):
    html = client.get(page.url).content.decode()

    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html)
    assert (
        re.findall(r'(?:src|href)="(?:https?:)?//(?!localhost|testserver|[a-z]+\.test)([^"/]+)', html) == []
    )


def test_the_cached_answer_has_the_headers_too(client, page):
    client.get(page.url)

    assert policy_of(client.get(page.url)) == STRICT


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/staff/"])
def test_a_form_behind_a_session_tells_this_site_where_it_stood(client, path):
    """Otherwise browsers send `Origin: null`, and every form is refused as forged."""
    assert client.get(path).headers["Referrer-Policy"] == "same-origin"
