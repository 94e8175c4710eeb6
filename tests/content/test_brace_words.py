"""Words in braces in the texts of pages are filled in for readers, or left out with what names them."""

from __future__ import annotations

import pytest
from wagtail.rich_text import RichText

from amparo.content import brace_words
from amparo.content.brace_words import Filled, tell, tell_html, wrong_in


@pytest.fixture
def numbers(monkeypatch):
    """A word of which two names can be shown."""

    class Number:
        @staticmethod
        def fill(names, *, organization):
            known = {"one": Filled("1 <person>", "One: by Nobody."), "two": Filled("2 people")}
            return {name: known[name] for name in names if name in known}

        @staticmethod
        def wrong(name, *, organization):
            return f"No {name}."

    monkeypatch.setattr(brace_words.brace_words, "_items", {"number": Number()})
    monkeypatch.setattr(brace_words.brace_words, "_places", {})


def test_plain_text_is_filled_in_and_says_where_it_comes_from(numbers):
    told = tell("There are {number:one}. And {number: two}.", organization=None)

    assert told.text == "There are 1 <person>. And 2 people."
    assert told.notes == ("One: by Nobody.",)


def test_a_sentence_that_names_what_cannot_be_shown_is_left_out(numbers):
    told = tell("He is held. So are {number:many} others. Write now!", organization=None)

    assert told.text == "He is held. Write now!"


def test_rich_text_is_filled_in_escaped_and_loses_the_paragraphs_it_cannot_show(numbers):
    html = (
        "<p>A {number:one}.</p><p>B {number:many}.</p><ul><li>C {number:two}</li><li>D {number:no}</li></ul>"
    )

    told = tell_html(html, organization=None)

    assert told.text == "<p>A 1 &lt;person&gt;.</p><ul><li>C 2 people</li></ul>"
    assert told.notes == ("One: by Nobody.",)


@pytest.mark.parametrize("text", ["{days held}", "{name}", "{other:one}", "a { b }", "{}"])
def test_other_braces_are_none_of_ours(numbers, text):
    assert tell(text, organization=None).text == text
    assert tell_html(f"<p>{text}</p>", organization=None).text == f"<p>{text}</p>"


def test_the_editor_is_told_each_word_that_readers_will_not_see(numbers):
    assert wrong_in(["{number:one} {number:many}", "{number:many} {number:no}"], organization=None) == [
        "No many.",
        "No no.",
    ]


@pytest.mark.django_db
def test_pages_show_figures_in_their_words(client):
    from amparo.cases import figures
    from tests.factories.cases import a_figure
    from tests.factories.organizations import an_organization
    from tests.factories.pages import a_site, an_email_page

    organization = an_organization()
    a_figure(organization)
    page = an_email_page(organization, standfirst="One of {figure:held}. Not {figure:none}.")
    page.body = [("paragraph", RichText("<p>Of {figure:held}.</p><p>Of {figure:none}.</p>"))]
    page.save_revision().publish()

    shown = client.get(page.url).content.decode()

    assert "One of 31 people held without trial." in shown
    assert "<p>Of 31 people held without trial.</p>" in shown
    assert "{figure" not in shown
    assert shown.count("people held without trial: as of October 2026. Source: Report of the Bar") == 2
    assert [each.pk for each in figures.uses(organization=organization)["held"].pages] == [page.pk]
    assert "none" in figures.uses(organization=organization)
    assert a_site(organization).pk not in {
        each.pk for each in figures.uses(organization=organization)["held"].pages
    }


def test_what_somebody_said_is_shown_whole_or_not_at_all(numbers):
    assert (
        tell("We are {number:two}. And more.", organization=None, whole=True).text
        == "We are 2 people. And more."
    )
    assert tell("We are {number:many}. And more.", organization=None, whole=True).text == ""
