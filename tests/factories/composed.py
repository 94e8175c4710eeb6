"""Mailings as staff compose them: drafts with blocks, pictures to put into them."""

from __future__ import annotations

import io

from django.core.files.images import ImageFile
from PIL import Image

from amparo.accounts.models import Role
from amparo.content.models import CreditedImage
from amparo.mailings.composer import composing
from amparo.mailings.models import Mailing, MailingText
from amparo.organizations.models import Organization
from tests.factories.cases import (
    a_case,
    a_case_page,
    a_figure,
    a_publication_consent,
    a_safety_check,
    publish,
)
from tests.factories.moments import NOW
from tests.factories.pages import an_email_page
from tests.factories.people import a_member_of_staff

#: What most drafts of tests say: nothing to mend but what a test puts in.
WORDS = {"type": "text", "value": "<p>Dear {first name|friend},</p><p>Ilan needs your voice.</p>"}


def a_draft(
    organization: Organization,
    *blocks: dict,
    language="en",
    subject="Three days left for Ilan",
    preview="A letter takes two minutes.",
    now=NOW,
    **fields,
) -> MailingText:
    """The first text of a new mailing, made of these blocks."""
    mailing = composing.begin(
        organization=organization,
        name=fields.pop("name", "Ilan’s hearing"),
        kind=fields.pop("kind", Mailing.Kind.ALERT),
        campaign=None,
        language=language,
        by=None,
        now=now,
    )
    text = mailing.texts.get()
    rewrite(text, *(blocks or (WORDS,)), subject=subject, preview=preview, now=now)
    return text


def rewrite(text: MailingText, *blocks: dict, subject=None, preview=None, now=NOW) -> MailingText:
    """Save other words, as the composer does."""
    composing.write(
        text=text,
        subject=text.subject if subject is None else subject,
        preview=text.preview if preview is None else preview,
        raw=list(blocks),
        seen=None,
        by=None,
        now=now,
    )
    return text


def a_button(page, text="Write to your minister") -> dict:
    """A button that leads to a page, or to an address."""
    to = {"page": None, "url": page} if isinstance(page, str) else {"page": page.pk, "url": ""}
    return {"type": "button", "value": {"text": text, **to}}


def an_event(*, day="2026-12-10", hour="18:30", **fields) -> dict:
    """A vigil, of which nobody has to say that they come."""
    told = {"title": "A vigil for Ilan", "day": day, "hour": hour, "place": "1 Quay Street, Tallow"}
    return {"type": "event", "value": {**told, "text": "", "page": None, "url": "", **fields}}


def a_picture(**fields) -> CreditedImage:
    """A red field of 8 by 4 dots."""
    content = io.BytesIO()
    Image.new("RGB", (8, 4), "#9a3412").save(content, "PNG")
    fields.setdefault("title", "Ilan at his press")
    fields.setdefault("alt_text", "Ilan sets type & smiles.")
    picture = CreditedImage(
        credit="Open Doors",
        licence="CC0",
        file=ImageFile(io.BytesIO(content.getvalue()), name="red.png"),
        **fields,
    )
    picture.save()
    return picture


def a_public_case(organization):
    """Ilan's case, of which heading, summary and name are public."""
    case = a_case(organization, summary="A printer, held without trial.")
    asks, agrees = (
        a_member_of_staff(organization, Role.APPROVER, email=f"{who}@example.org") for who in "bc"
    )
    consent = a_publication_consent(case.person, "name", "story", "status")
    a_safety_check(case, by=asks)
    publish(case, "title", "summary", case=case, asked_by=asks, agreed_by=agrees, consent=consent)
    return case


def every_block(organization, picture):
    """One of each kind of block."""
    page = an_email_page(organization)
    case_page = a_case_page(a_public_case(organization), title="Ilan")
    a_figure(organization, value=4900)
    return page, [
        {"type": "heading", "value": "Three days & a night"},
        {
            "type": "text",
            "value": f'<p>Dear {{first name|friend}}, see <a linktype="page" id="{page.pk}">his <b>case</b></a>.</p>'
            '<ul><li>one</li><li><a href="https://bar.example/?a=1&amp;b=2">two</a></li></ul>'
            "<p>{figure:held} wait like him.</p>",
        },
        {"type": "image", "value": {"image": picture.pk, "alt_text": "", "caption": "At work"}},
        a_button(page),
        {"type": "case", "value": str(case_page.pk)},
        {"type": "figure", "value": "held"},
        {"type": "quote", "value": {"quote": "I read it <forty> times.", "attribution": "Ilan, in June"}},
        an_event(),
        {"type": "divider", "value": None},
        {"type": "heading", "value": "And then?"},
    ]
