"""What staff should look at before a mailing is sent, each with where to mend it. Advice; what is grave stops approval.

Everything is looked up in our own database. Addresses of others are asked only when somebody says so (`look_at`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page

from amparo.content.contrast import contrast
from amparo.kit import http
from amparo.kit.refusal import Refusal
from amparo.mailings.composer import compose_checks, composing, text_hints
from amparo.mailings.composer.block_kinds import mail_blocks, stream_for
from amparo.mailings.composer.frame import LEAST_CONTRAST, Frame
from amparo.mailings.composer.hint import Grade, Hint
from amparo.mailings.composer.languages import name_of
from amparo.mailings.composer.rendering import blocks_of
from amparo.mailings.merge_fields import FIELD
from amparo.supporters.models import Channel, Supporter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from amparo.mailings.models import Mailing, MailingText

#: Bytes: Gmail cuts a mail off at 102 KB.
MOST_BYTES = 100 * 1000
#: Characters that a telephone shows of a subject, and that a desk does.
LONG_SUBJECT = 60
#: Letters from which capitals alone are shouting; below it they may be an abbreviation.
SHOUTS_FROM = 8
#: Fields that stand for every reader, so that none needs a word for the others.
ALWAYS_KNOWN = {"unsubscribe link", "preferences link", "my token"}
#: Addresses of others that are asked at once.
MOST_LOOKED_AT = 20
_SECONDS = 6.0
_SAYS_NOTHING = {
    "here", "click here", "this", "link", "this link", "more", "read more",
    "ici", "cliquez ici", "cliquer ici", "ce lien", "lien", "en savoir plus", "lire la suite",
    "هنا", "اضغط هنا", "انقر هنا", "هذا الرابط", "الرابط", "المزيد",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of looking at an address."""

    url: str
    is_there: bool
    said: str


def of_mailing(mailing: Mailing, *, now: datetime) -> list[Hint]:
    """Everything about the mailing and all its texts, the grave first."""
    texts = list(mailing.texts.select_related("body"))
    several = len({text.variant for text in texts}) > 1
    about_us = text_hints.of_mailing if mailing.channel == Channel.SMS else _about_sender
    found = [*about_us(mailing), *_about_languages(mailing, texts)]
    for text in texts:
        text.mailing = mailing
        found += [
            replace(
                hint, where=f"{name_of(text.language)} {text.variant}" if several else name_of(text.language)
            )
            for hint in of_text(text, now=now)
        ]
    return sorted(found, key=lambda hint: not hint.is_grave)


def of_text(text: MailingText, *, now: datetime) -> list[Hint]:
    """Everything about one text."""
    if text.mailing.channel == Channel.SMS:
        return sorted([*text_hints.of_text(text), *_about_fields(text)], key=lambda hint: not hint.is_grave)
    at = reverse("staff_mailing_text", args=[text.pk])
    frame = Frame(text.mailing, text.language, now)
    found = [*_about_subject(text), *_about_fields(text), *_about_size(text)]
    if not composing.shares_its_body(text):
        found += [*_about_blocks(text, frame), *_about_links(text, frame)]
    return sorted(
        (replace(hint, mend_at=hint.mend_at or at) for hint in found), key=lambda hint: not hint.is_grave
    )


# --- The mailing ----------------------------------------------------------------------------------


def _about_sender(mailing: Mailing) -> Iterator[Hint]:
    organization = mailing.organization
    profile = reverse("staff_organization", args=[organization.pk])
    if not organization.postal_address.strip():
        yield Hint(
            "no-address",
            _("There is no postal address at the foot. The law of many countries asks for one."),
            mend_at=profile,
        )
    if not (mailing.sender_name or organization.sender_name).strip():
        yield Hint(
            "no-sender",
            _("It comes from nobody: give the mailing, or the organization, a sender's name."),
            Grade.GRAVE,
            mend_at=profile,
        )
    frame = Frame(mailing, organization.locale, mailing.created_at)
    if contrast(frame.accent, "#ffffff") < LEAST_CONTRAST:
        yield Hint(
            "contrast",
            _("The colour %(color)s is too pale to read on white. Choose a darker one for the site.")
            % {"color": frame.accent},
            mend_at=reverse("wagtailsettings:edit", args=["content", "siteidentity"]),
        )


def _about_languages(mailing: Mailing, texts: Sequence[MailingText]) -> Iterator[Hint]:
    if not texts:
        yield Hint("no-text", _("Nothing is written yet."), Grade.GRAVE)
        return
    there = {text.language for text in texts}
    usual = mailing.organization.locale
    given = usual if usual in there else texts[0].language
    add = reverse("staff_mailing_text_add", args=[mailing.pk])
    readers = Supporter.objects.for_organization(mailing.organization).present().order_by()
    counted = readers.exclude(language__in=there).values_list("language").annotate(Count("pk"))
    missing = {language: number for language, number in counted if language.partition("-")[0] not in there}
    if missing:
        number = sum(missing.values())
        yield Hint(
            "language-missing",
            ngettext(
                "One supporter reads another language (%(languages)s) and would get it in %(given)s.",
                "%(number)d supporters read other languages (%(languages)s) and would get it in %(given)s.",
                number,
            )
            % {
                "number": number,
                "languages": ", ".join(sorted(name_of(code) for code in missing)),
                "given": name_of(given),
            },
            mend_at=add,
        )
    variants = {text.variant for text in texts}
    for language in sorted(there):
        lacking = variants - {text.variant for text in texts if text.language == language}
        if lacking:
            yield Hint(
                "variant-missing",
                _("Variant %(variant)s is missing in %(language)s: those readers would get another language.")
                % {"variant": ", ".join(sorted(lacking)), "language": name_of(language)},
                Grade.GRAVE,
                mend_at=add,
            )
    if len(variants) > 1 and set(mailing.variant_shares) != variants:
        yield Hint(
            "test-not-chosen",
            _("It has %(number)d subjects, and nobody said who gets which. Choose how they are tried.")
            % {"number": len(variants)},
            Grade.GRAVE,
            mend_at=reverse("staff_mailing_try", args=[mailing.pk]),
        )


# --- A text ---------------------------------------------------------------------------------------


def _about_subject(text: MailingText) -> Iterator[Hint]:
    subject = text.subject.strip()
    if not subject:
        yield Hint("no-subject", _("It has no subject."), Grade.GRAVE)
    if len(subject) > LONG_SUBJECT:
        yield Hint(
            "subject-long",
            _("The subject has %(number)d letters. A desk shows about %(most)d of them, a telephone 40.")
            % {"number": len(subject), "most": LONG_SUBJECT},
        )
    letters = [
        letter for letter in FIELD.sub("", subject) if letter.isalpha() and letter.lower() != letter.upper()
    ]
    shouts = len(letters) >= SHOUTS_FROM and all(letter.isupper() for letter in letters)
    if shouts or re.search(r"[!！؟?]{2,}", subject):
        yield Hint("subject-shouts", _("The subject shouts. Filters, and people, take that for junk."))


def _about_fields(text: MailingText) -> Iterator[Hint]:
    said = [text.subject, text.preview, *compose_checks.strings_in(composing.blocks_for(text))]
    said += [text.text] if text.mailing.channel == Channel.SMS else []
    names = {
        found[1]
        for words in said
        for found in FIELD.finditer(words)
        if found[2] is None and found[1] not in ALWAYS_KNOWN
    }
    for name in sorted(names):
        yield Hint(
            "no-fall-back",
            _("{%(name)s} has no words for readers of whom it is not known: write {%(name)s|friend}.")
            % {"name": name},
        )


def _about_size(text: MailingText) -> Iterator[Hint]:
    size = len(text.html.encode())
    if size > MOST_BYTES:
        yield Hint(
            "too-big",
            _("It has %(size)d KB. Gmail cuts a mail off at 102, and the link to unsubscribe with it.")
            % {"size": size // 1000},
            Grade.GRAVE,
        )
    if not text.text.strip():
        yield Hint("no-plain-text", _("It has no plain text: save it once more."), Grade.GRAVE)


def _about_blocks(text: MailingText, frame: Frame) -> Iterator[Hint]:
    asks = False
    blocks = list(blocks_of(composing.blocks_for(text), frame))
    for block in blocks:
        kind = mail_blocks.get(block.slug)
        asks = asks or kind.asks
        for sentence in kind().complaints(block.value, frame):
            yield Hint("block", sentence, Grade.GRAVE, where=str(kind.label))
    if not blocks:
        yield Hint("empty", _("Nothing is written in it yet."), Grade.GRAVE)
    elif not asks:
        yield Hint("no-ask", _("It asks for nothing: add a button that leads to what readers can do."))


def _about_links(text: MailingText, frame: Frame) -> Iterator[Hint]:
    for page in _pages_in(text, frame):
        if not frame.twin_of(page).live:
            yield Hint(
                "page-not-live",
                _("It leads to “%(page)s”, which is not published.") % {"page": page.title},
                Grade.GRAVE,
            )
    for words, url in links_in(text.html):
        if " ".join(words.split()).strip(" .…»›→").casefold() in _SAYS_NOTHING:
            yield Hint(
                "link-text",
                _("A link says only “%(words)s”. Say what is behind it: many readers hear links alone.")
                % {"words": words.strip()},
            )
        if not words.strip():
            yield Hint("link-empty", _("A link has no words: %(url)s") % {"url": url or "…"})
        if not url:
            yield Hint(
                "link-nowhere",
                _("“%(words)s” leads nowhere: the page behind it is gone.") % {"words": words.strip()},
                Grade.GRAVE,
            )
        elif urlsplit(url).scheme == "http" and not frame.is_ours(url):
            yield Hint("link-not-https", _("%(url)s is not encrypted: use https.") % {"url": url})


def _pages_in(text: MailingText, frame: Frame) -> Iterable[Page]:
    if frame.mailing.channel == Channel.SMS:
        return text_hints.pages_in(text.text, frame)
    stream = stream_for(frame.organization)
    value = stream.to_python(composing.blocks_for(text))
    named = {str(pk) for model, pk, _model_path, _path in stream.extract_references(value) if model is Page}
    return Page.objects.filter(pk__in=named).select_related("locale")


def asks_of(mailing: Mailing) -> list[Page]:
    """The pages of ours that ask for something and that a mailing leads to, with their translations."""
    found: dict[int, Page] = {}
    for text in mailing.texts.select_related("body"):
        frame = Frame(mailing, text.language, mailing.created_at)
        for page in _pages_in(text, frame):
            if hasattr(page.specific_class, "takes_actions"):
                found |= {each.pk: each for each in page.get_translations(inclusive=True)}
    return [found[pk] for pk in sorted(found)]


def links_in(html: str) -> list[tuple[str, str]]:
    """The words and the address of each link of a document, merge fields aside; of a picture, what it shows."""
    found = []
    for anchor in BeautifulSoup(html, "html.parser").find_all("a"):
        url = str(anchor.get("href") or "")
        if not url.startswith("{"):
            pictures = [str(image.get("alt") or "") for image in anchor.find_all("img")]
            found.append((" ".join([anchor.get_text(), *pictures]), url))
    return found


# --- Addresses of others --------------------------------------------------------------------------


def outside_links(mailing: Mailing) -> list[str]:
    """The addresses of others in all texts of a mailing, each once, in order."""
    frame = Frame(mailing, mailing.organization.locale, mailing.created_at)
    urls = {
        url: None
        for text in mailing.texts.all()
        for _words, url in links_in(text.html)
        if urlsplit(url).scheme in {"http", "https"} and not frame.is_ours(url)
    }
    return list(urls)


def look_at(urls: Sequence[str], *, guard: http.Guard = http.PUBLIC) -> list[Looked]:
    """Whether something is at each of these addresses; at most `MOST_LOOKED_AT` are asked."""
    found = []
    for url in urls[:MOST_LOOKED_AT]:
        try:
            answer = http.look(url, guard=guard, seconds=_SECONDS)
        except Refusal as refusal:
            found.append(Looked(url, is_there=False, said=str(refusal)))
        else:
            said = _("Answered %(status)d") % {"status": answer.status}
            found.append(Looked(url, is_there=answer.is_there, said=said))
    return found
