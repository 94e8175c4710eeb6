"""Every block and every plain mail, in three languages, with the oddest names there are: one mail to one reader.

What comes out is read twice by what is not ours: Python's own parser in its strictest mood, and a look at the octets.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from email import message_from_bytes, policy

import dkim
import pytest
import tinyhtml5
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from amparo.kit.addresses import one_line
from amparo.kit.mail_text import unflowed
from amparo.mailings import compiling, merge_fields
from amparo.mailings.compiling import compile_text
from amparo.mailings.dkim_signing import DkimKey
from amparo.mailings.merge_fields import Reader
from amparo.mailings.models import Mailing, MailingText
from amparo.mailings.plain_mail import build_mail
from amparo.organizations.models import Organization
from tests.factories.composed import a_draft, a_picture, every_block
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization

LANGUAGES = ("en", "fr", "ar")
#: RFC 5322, 2.1.1, without the line's end.
LONGEST_LINE = 998
QUOTED_LINE = 76
STRICT = policy.SMTP.clone(raise_on_defect=True)
ODD = {
    "header injection": "Suzie\r\nBcc: mallory@example.net\r\n\r\nHello",
    "folded injection": "Suzie\r\n Bcc: mallory@example.net",
    "end of content": "Suzie\r\n.\r\nMAIL FROM:<mallory@example.net>",
    "a dot alone": ".",
    "two dots": "..",
    "8 bits": "Ægir Ö́ßñ",
    "emoji": "👩🏽‍🚀 Suzie 🇳🇬",
    "right to left": "سوزي بنت عمرو",
    "turned round": "\u202eeizuS\u2066\u2069",
    "998 octets": "x" * 998,
    "999 letters of two octets": "é" * 999,
    "encoded word": "=?utf-8?q?=0D=0ABcc:_mallory@example.net?=",
    "soft break": "Suzie=\r\n=0D=0A=",
    "an address": '"Suzie" <mallory@example.net>, Mallory',
    "a boundary": "--=_",
    "a template": "%b %s %% {name} {{ settings.SECRET_KEY }} {% load x %}",
    "mark-up": "<script>alert(1)</script>&amp;",
    "line separators": "Su\u2028zie\u2029\x0b\x0c\x85\x1c",
    "null": "Su\x00zie\x7f",
    "half a letter": "\ud800Suzie",
    "tabs and spaces": "  Suzie \t ",
    "nothing": "",
}
HEADERS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
    "Feedback-ID", "MIME-Version", "Content-Type",
]  # fmt: skip


def octets_of(body: bytes) -> bytes:
    """The mail without SMTP's own layer, after a look at what goes over the wire."""
    assert body.endswith(b"\r\n.\r\n")
    mail = body[:-3]
    lines = mail.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line or b"\x00" in line for line in lines)
    assert max(map(len, lines)) <= LONGEST_LINE
    # Nothing begins with a dot, so nothing had to be stuffed, and nothing can end the content but its end.
    assert not any(line.startswith(b".") for line in lines)
    assert mail.isascii()
    return mail


@pytest.fixture(scope="module")
def keys():
    return [
        DkimKey(
            "campaigns.example.org", "one", rsa.generate_private_key(public_exponent=65537, key_size=2048)
        ),
        DkimKey("campaigns.example.org", "two", ed25519.Ed25519PrivateKey.generate()),
    ]


def record_of(key: DkimKey) -> bytes:
    public = key.private.public_key()
    if key.algorithm == "rsa-sha256":
        kind, form = b"rsa", (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    else:
        kind, form = b"ed25519", (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return b"v=DKIM1; k=" + kind + b"; p=" + base64.b64encode(public.public_bytes(*form))


#: What a composer may type into a block; each is found again in what readers see.
TYPED = [".", "..", "From here on", "y" * 1200, "👩🏽‍🚀", "\u202eodd\u202c", "5 % = \u00bd", "سلام"]


@pytest.fixture
def letters(settings, tmp_path, keys, monkeypatch):
    """The mail with one of each block in a language, for a reader of any name; signed with both keys."""
    settings.MEDIA_ROOT = tmp_path
    settings.BASE_URL = "https://doors.example.org"
    monkeypatch.setattr(compiling.dkim_signing, "keys_for", lambda _domain: keys)

    def of(language):
        organization = an_organization(
            name="Türen, offen e.V. 🚪",
            sender_name="سوزي, <“D”>",
            sender_email="letters@campaigns.example.org",
        )
        _page, blocks = every_block(organization, a_picture())
        typed = {"type": "text", "value": "".join(f"<p>{words}</p>" for words in TYPED)}
        subject = "{first name|Friend} — écrivez! 👩🏽‍🚀 " + "سلام " * 20
        text = a_draft(organization, *blocks, typed, language=language, subject=subject[:200])
        compiled = compile_text(text, mailing=text.mailing, now=NOW + timedelta(hours=1))
        return lambda name: compiled.letter(
            Reader(text.pk, name, "", "z" * 48), "suzie@example.org", chunk=7, position=3
        )

    return of


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_block_reaches_readers_of_every_name(letters, keys, language):
    letter_for = letters(language)
    for what, name in ODD.items():
        octets = octets_of(letter_for(name).body)
        mail = message_from_bytes(octets, policy=STRICT)

        assert mail.keys() == ["DKIM-Signature", "DKIM-Signature", *HEADERS], what
        assert [one.addr_spec for one in mail["To"].addresses] == ["suzie@example.org"], what
        assert [one.addr_spec for one in mail["From"].addresses] == ["letters@campaigns.example.org"], what
        assert mail["From"].addresses[0].display_name == "سوزي, <“D”>"
        assert [part.get_content_type() for part in mail.walk()] == [
            "multipart/alternative", "text/plain", "text/html",
        ], what  # fmt: skip
        # RFC 2045, 6.7: a line of quoted-printable has 76 octets at most.
        assert max(map(len, octets.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= QUOTED_LINE, what
        plain, html = (part.get_content() for part in mail.iter_parts())
        shown = one_line(name, 100)
        assert (shown or "friend") in plain, what
        assert mail["Subject"].startswith(f"{shown or 'Friend'} — écrivez! 👩🏽‍🚀 سلام"), what
        assert "<script" not in html, what
        if what not in ("mark-up", "right to left", "a dot alone"):
            continue
        document = tinyhtml5.parse(html, namespace_html_elements=False)
        words = " ".join("".join(document.itertext()).split())
        assert " ".join((shown or "friend").split()) in words, what
        for typed in TYPED:
            assert typed in words, (what, typed)
            assert typed in plain, (what, typed)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_both_signatures_hold_under_every_name(letters, keys, language):
    """dkimpy's opinion, which shares nothing with ours."""
    letter_for = letters(language)
    records = {f"{key.selector}._domainkey.{key.domain}.".encode(): record_of(key) for key in keys}
    for what in ("header injection", "right to left", "emoji", "998 octets", "tabs and spaces", "soft break"):
        octets = octets_of(letter_for(ODD[what]).body)
        for index, _key in enumerate(keys):
            assert dkim.DKIM(octets).verify(idx=index, dnsfunc=lambda name, timeout=5: records[name]), what


@pytest.mark.parametrize("last", ["{first name|friend}", "{unsubscribe link}", "Yours."])
def test_the_signature_of_a_plain_mail_holds_whatever_it_ends_with(keys, monkeypatch, last):
    monkeypatch.setattr(merge_fields, "address_of", lambda _organization: "https://doors.example.org")
    doors = Organization(
        slug="doors", name="Doors", sender_name="Doors", sender_email="letters@campaigns.example.org",
        contact_email="office@example.org",
    )  # fmt: skip
    mailing = Mailing(organization=doors, kind="alert", started_at=NOW)
    text = MailingText(
        mailing=mailing, organization=doors, language="en", subject="Write", text=f"Dear\n{last}"
    )
    compiled = compiling.CompiledText(text, mailing=mailing, now=NOW, keys=keys[:1])
    letter = compiled.letter(
        Reader(mailing.pk, "Suzie", "", "z" * 48), "suzie@example.org", chunk=7, position=3
    )
    assert dkim.DKIM(octets_of(letter.body)).verify(dnsfunc=lambda _name, timeout=5: record_of(keys[0]))


@pytest.mark.parametrize("greeting", ["Hello {},", "Bonjour {} : c’est urgent,", "مرحبا {}،"])
@pytest.mark.parametrize("what", ODD)
def test_every_name_in_a_plain_mail_of_ours(greeting, what):
    odd = ODD[what]
    look_at_one(f"{greeting.format(odd)}\n\n{odd}\n.\n{odd}", odd, what=what)


def look_at_one(text: str, odd: str, *, what: str) -> None:
    octets = build_mail(
        from_name=odd, from_address="letters@campaigns.example.org", to_address="suzie@example.org", to_name=odd,
        reply_to=(odd, "office@example.org"), subject=odd, text=text, message_id="1", headers={"X-Odd": odd}, now=NOW,
    )  # fmt: skip
    mail = message_from_bytes(octets, policy=STRICT)
    assert sorted(mail.keys()) == [
        "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Reply-To",
        "Subject", "To", "X-Odd",
    ], what  # fmt: skip
    for header, address in (("To", "suzie@example.org"), ("From", "letters@campaigns.example.org")):
        assert [one.addr_spec for one in mail[header].addresses] == [address], what
    lines = octets.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line or b"\x00" in line for line in lines), what
    assert max(map(len, lines)) <= LONGEST_LINE, what
    assert octets.isascii(), what
    assert unflowed(mail.get_content().replace("\r\n", "\n")).strip(), what
