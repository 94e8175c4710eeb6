"""Who is lost reads it in their language, on the site's own page; so does who meets our mistake."""

from __future__ import annotations

import pytest

from amparo.actions import confirming
from tests.factories.organizations import an_organization
from tests.factories.pages import a_site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nowhere/", "Page not found"),
        ("/fr/nowhere/", "Page introuvable"),
        ("/ar/nowhere/", "الصفحة غير موجودة"),
    ],
)
def test_an_address_without_a_page_is_answered_in_the_readers_language(client, path, words):
    a_site(an_organization(name="Open Doors"))
    response = client.get(path)

    assert response.status_code == 404
    page = response.content.decode()
    assert words in page
    assert "Open Doors" in page


def test_our_own_mistake_is_admitted_in_the_readers_language(client, monkeypatch):
    def break_down(**_anything):
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(confirming, "look_up", break_down)
    client.raise_request_exception = False
    response = client.get("/fr/confirm/anything/")

    assert response.status_code == 500
    page = response.content.decode()
    assert 'lang="fr"' in page
    assert "Vous n’y êtes pour rien." in page
    assert "a mistake of ours" not in page
