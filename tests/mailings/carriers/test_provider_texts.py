"""What staff write and how readers are called can make a provider fill in nothing, and hide nothing of either."""

from __future__ import annotations

from html import escape, unescape
from uuid import uuid4

import pytest
from anymail.utils import parse_single_address
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.kit.addresses import one_line
from amparo.mailings import merge_fields
from amparo.mailings.carriers.known_providers import PROVIDERS
from amparo.mailings.carriers.provider_texts import JOINER, ProviderText
from amparo.mailings.merge_fields import MergeField, Reader, Readers
from amparo.mailings.models import Mailing, MailingText
from amparo.organizations.models import Organization
from tests.fakes import mail_provider
from tests.fakes.mail_provider import eagerly

PLACES = {
    "mailgun": (mail_provider.MAILGUN_PLACE, "recipient."),
    "mailjet": (mail_provider.MAILJET_PLACE, ""),
    "postmark": (None, ""),
}
#: What places, markup and headers are made of, more often than chance would have it.
PARTS = st.sampled_from(
    [
        *("%", "recipient", ".", "v0", "v1", "recipient.v0%", "%recipient.v0%", "unsubscribe_url", "%tag_x%"),
        *("{", "}", "{{", "}}", "var:", "{{var:v0}}", "{% set x %}", "[[", "]]", "[[data:x]]"),
        *("<", ">", "&", '"', "'", "&#37;", "<script>", " ", "é", "نور", "a", "1"),
    ]
)
WORDS = st.lists(PARTS, max_size=8).map("".join)


@pytest.fixture(autouse=True)
def own_address(monkeypatch):
    """Where links lead is asked of the database, which these tests do without."""
    monkeypatch.setattr(merge_fields, "address_of", lambda organization: "https://doors.example.org")


def a_text(provider, *, sender="Open Doors", **fields) -> ProviderText:
    doors = Organization(
        slug="open-doors",
        name="Open Doors",
        sender_name=sender,
        sender_email="letters@campaigns.example.org",
        contact_email="office@example.org",
    )
    mailing = Mailing(organization=doors, kind="alert")
    fields = {"subject": "", "text": "", "html": "", **fields}
    text = MailingText(mailing=mailing, organization=doors, language="en", **fields)
    return ProviderText(text, mailing=mailing, provider=PROVIDERS[provider])


def made(text, given_name, family_name=""):
    readers = Readers.of(Reader(uuid4(), given_name, family_name, "z" * 48))
    return text.letters(readers, [b"suzie@example.net"], chunk=1, positions=[0])[0]


@pytest.mark.parametrize("provider", list(PROVIDERS))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=WORDS, between=WORDS, after=WORDS, given_name=WORDS)
def test_what_comes_out_is_what_was_written(provider, before, between, after, given_name):
    """Filled in by a provider that looks through its own work again and again."""
    content = f"{before}{{first name|friend}}{between}{{unsubscribe link}}{after}"
    text = a_text(provider, subject=content, text=content, html=content)
    letter = made(text, given_name)
    pattern, prefix = PLACES[provider]
    values = {f"{prefix}{name}": value for name, value in letter.values.items()}
    name = one_line(given_name, 100)
    link = f"https://doors.example.org/unsubscribe/{'z' * 48}/"
    expected = f"{before}{name or 'friend'}{between}{link}{after}"
    filled = text.filled(letter)
    if pattern is not None:
        by_them = tuple(eagerly(words, pattern, values) for words in (text.subject, text.text, text.html))
        assert by_them == filled
        assert tuple(eagerly(words, pattern, {}) for words in filled) == filled, (
            "and nothing is left to fill in"
        )
    subject, plain, html = filled
    assert plain.replace(JOINER, "") == expected
    assert subject.replace(JOINER, "") == one_line(content, 300).replace(
        "{first name|friend}", name or "friend"
    ).replace("{unsubscribe link}", link)
    as_written = f"{before}{escape(name or 'friend')}{between}{link}{after}"
    assert unescape(html) == unescape(as_written)


@pytest.mark.parametrize("provider", list(PROVIDERS))
def test_a_field_of_an_upper_floor_adds_neither_a_line_nor_markup(provider, monkeypatch):
    class Verse(MergeField):
        label = "a verse"

        def values_for(self, mailing, *, language):
            return lambda readers: ["one\r\nBcc: mallory@example.org\n\n<b>two</b>"]

    monkeypatch.setattr(merge_fields.merge_fields, "_items", {"verse": Verse})
    text = a_text(provider, subject="{verse}", text="{verse}", html="<p>{verse}</p>")
    subject, plain, html = text.filled(made(text, "Suzie"))
    assert subject == plain == "one Bcc: mallory@example.org <b>two</b>"
    assert html == "<p>one Bcc: mallory@example.org &lt;b&gt;two&lt;/b&gt;</p>"


@pytest.mark.parametrize("provider", list(PROVIDERS))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sender=st.one_of(WORDS, st.text(max_size=40)))
def test_whatever_a_sender_is_called_there_is_one(provider, sender):
    found = parse_single_address(a_text(provider, sender=sender).sender)
    assert found.addr_spec == "letters@campaigns.example.org"
    pattern, _prefix = PLACES[provider]
    assert pattern is None or eagerly(found.display_name, pattern, {}) == found.display_name
