"""A mail is made by filling in bytes, and no name of anybody can make it anything but one mail to one reader."""

from __future__ import annotations

import threading
from datetime import timedelta
from email import message_from_bytes, policy
from uuid import uuid4

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.kit.addresses import one_line
from amparo.mailings import dkim_signing, recipient_tokens
from amparo.mailings.compiling import BadAddress, CannotCompile, CompiledText, choose_text, compile_text
from amparo.mailings.dkim_signing import BadKey, DkimKey, keys_for
from amparo.mailings.merge_fields import Reader, Readers, unknown_fields
from amparo.mailings.models import Mailing, MailingText
from amparo.organizations.models import Organization
from tests.factories.moments import NOW

HTML = (
    '<!doctype html><html lang="{lang}" dir="{dir}"><body><p>{{first name|friend}},</p><p>{words}  two spaces\t</p>'
    '<p>.</p><p><a href="https://doors.example.org/ask/?x=1&amp;m={{my token}}">Act</a> '
    '<a href="{{unsubscribe link}}">Out</a></p></body></html>'
)
WORDS = {
    "en": "Please write to the minister today. " * 40,
    "ar": "اكتب إلى الوزير اليوم من فضلك. " * 40,
    "fr": "Écrivez aujourd’hui : c’est urgent ! " * 40,
    "zh": "请今天写信给部长。" * 60,
}
READER = Reader(uuid4(), "Suzie", "Okafor", "z" * 48)


@pytest.fixture(autouse=True)
def own_address(monkeypatch):
    """Where links lead is asked of the database, which these tests do without."""
    from amparo.mailings import merge_fields

    monkeypatch.setattr(merge_fields, "address_of", lambda organization: "https://doors.example.org")


def a_mailing(**fields) -> Mailing:
    doors = Organization(
        slug="open-doors",
        name="Open Doors, e.V.",
        sender_name=fields.pop("sender", 'Open "Doors"'),
        sender_email=fields.pop("sender_email", "letters@campaigns.example.org"),
        contact_email="office@example.org",
    )
    return Mailing(organization=doors, kind="alert", started_at=NOW, **fields)


def compiled(mailing=None, keys=(), now=NOW, **fields) -> CompiledText:
    mailing = mailing or a_mailing()
    language = fields.pop("language", "en")
    words = WORDS.get(language, WORDS["en"])
    fields.setdefault("subject", "{first name|Friend}, will you write?")
    fields.setdefault("text", f"{{first name|friend}},\n\n{words}\n.\n..\n{{unsubscribe link}}\n{{who}}")
    fields.setdefault("html", HTML.format(lang=language, dir="auto", words=words))
    text = MailingText(mailing=mailing, organization=mailing.organization, language=language, **fields)
    return CompiledText(text, mailing=mailing, now=now, keys=keys)


def received(letter):
    """The mail as an independent program reads it, after SMTP's own layer."""
    assert letter.body.endswith(b"\r\n.\r\n")
    body = letter.body[:-3]
    lines = body.split(b"\r\n")
    assert not any(line.startswith(b".") or b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 998
    assert body.isascii()
    mail = message_from_bytes(body, policy=policy.default)
    assert not any(part.defects for part in mail.walk())
    return mail


@pytest.mark.parametrize("language", WORDS)
def test_every_language_arrives_as_it_was_written(language):
    mail = received(compiled(language=language).letter(READER, "suzie@example.org", chunk=7, position=3))
    plain, html = mail.iter_parts()
    words = plain.get_content().replace("\r\n", "\n")

    assert (mail.get_content_type(), plain.get_content_type(), html.get_content_type()) == (
        "multipart/alternative",
        "text/plain",
        "text/html",
    )
    assert words.startswith(f"Suzie,\n\n{WORDS[language]}\n.\n..\nhttps://doors.example.org/")
    assert words.endswith("{who}")
    assert f"<p>Suzie,</p><p>{WORDS[language]}  two spaces\t</p>" in html.get_content()
    assert mail["Subject"] == "Suzie, will you write?"
    assert mail["To"].addresses[0].addr_spec == "suzie@example.org"
    assert mail["From"].addresses[0].display_name == 'Open "Doors"'


def test_the_headers_by_which_a_reader_gets_out():
    mail = received(compiled().letter(READER, "suzie@example.org", chunk=7, position=3))
    https, mailto = (part.strip() for part in mail["List-Unsubscribe"].split(","))

    assert https.startswith("<https://doors.example.org/unsubscribe/")
    assert mailto.startswith("<mailto:office@example.org?subject=unsubscribe%20")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-ID"] == "Open Doors, e.V. <alert.open-doors.campaigns.example.org>"
    assert mail["Feedback-ID"].endswith(":alert:open-doors:amparo")


def test_the_return_address_and_the_id_lead_back_to_the_recipient():
    letter = compiled().letter(READER, "suzie@example.org", chunk=70_000, position=499)
    first, second, third, end = letter.envelope.decode().split("\r\n")

    assert (second, third, end) == ("RCPT TO:<suzie@example.org>", "DATA", "")
    assert first.startswith("MAIL FROM:<letters+m")
    assert len(first.partition("<")[2].partition("@")[0]) <= 64
    for text in (first.upper(), received(letter)["Message-ID"]):
        assert recipient_tokens.find(text) == (70_000, 499)
    forged = first.replace("+m", "+ma", 1)
    assert recipient_tokens.find(forged[:-1]) is None
    assert recipient_tokens.read("a" * 32) is None
    assert recipient_tokens.read("é") is None


def test_a_mail_made_twice_is_the_same():
    mailing, reader = a_mailing(), READER
    one, other = (
        compile_text(
            MailingText(id=READER.id, mailing=mailing, language="en", subject="S", text="T {name}"),
            mailing=mailing,
            now=NOW + timedelta(minutes=minutes),
        ).letter(reader, "suzie@example.org", chunk=1, position=1)
        for minutes in (1, 59)
    )
    assert one == other


NAMES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "\r\nBcc: mallory@example.net\r\n\r\nHello",
            "=?utf-8?q?=0ABcc:_m@example.net?=",
            ".",
            "..\r\n.\r\nMAIL FROM:<m@example.net>",
            "--=_",
            "<script>alert(1)</script>",
            '"Suzie" <m@example.net>, "Mallory',
            "%b %s %%",
            "{name} {{settings.SECRET_KEY}} {% load x %}",
            "عمرو بن العاص",
            "\u202eevil",
            "👩🏽‍🚀" * 30,
            "x" * 2000,
            "Ö" * 300,
            " ",
            "\ud800",
        ]
    ),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(given_name=NAMES, family_name=NAMES)
def test_no_name_makes_anything_but_one_mail_to_one_reader(own_address, given_name, family_name):
    global _ONE
    _ONE = _ONE or compiled()
    mail = received(
        _ONE.letter(
            Reader(READER.id, given_name, family_name, "z" * 48), "suzie@example.org", chunk=1, position=1
        )
    )

    assert len(mail["To"].addresses) == 1
    assert mail["To"].addresses[0].addr_spec == "suzie@example.org"
    assert sorted(mail.keys()) == sorted(set(mail.keys()))
    assert "Bcc" not in mail
    plain, html = mail.iter_parts()
    assert plain.get_content().partition(",\r\n")[0] == (one_line(given_name, 100) or "friend")
    assert html.get_content().count("<p>") == 4
    assert "<script>" not in html.get_content()
    assert mail["Subject"].endswith(", will you write?")


_ONE = None


@pytest.mark.parametrize(
    "address", ["a b@example.org", "a@example.org\r\nRCPT TO:<b@example.org>", "<a@b.c>", "", "é@b.c"]
)
def test_what_is_no_address_is_not_sent_to(address):
    with pytest.raises(BadAddress):
        compiled().letter(READER, address, chunk=1, position=1)


def test_an_organization_whose_address_leaves_no_room_for_a_token_is_told():
    with pytest.raises(CannotCompile):
        compiled(a_mailing(sender_email=f"{'x' * 40}@example.org"))


def test_a_mail_without_html_has_one_part():
    mail = received(compiled(html="", subject="é" * 150).letter(READER, "s@example.org", chunk=1, position=1))
    assert mail.get_content_type() == "text/plain"
    assert mail["Subject"] == "é" * 150


def test_the_composer_is_told_of_fields_that_nobody_knows():
    assert unknown_fields("{first name} {who} {name|x} {Nope}") == ["who"]


def test_the_text_nearest_to_the_readers_language_is_chosen():
    texts = [MailingText(language=code, variant=letter) for code in ("en", "fr", "pt") for letter in "ab"]
    for language, variant, expected in (("fr", "b", "fr b"), ("pt-br", "a", "pt a"), ("tl", "a", "fr a")):
        assert str(choose_text(texts, language=language, variant=variant, usual="fr")) == expected
    assert choose_text([], language="en", variant="a", usual="en") is None


# --- DKIM -----------------------------------------------------------------------------------------

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()


def record_of(key) -> bytes:
    import base64

    public = key.public_key()
    if key is RSA:
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(raw)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("name", ["Suzie", "عمرو بن العاص " * 9, "Ö" * 120, "a  b\t"])
def test_signatures_hold_and_tampering_shows(language, name):
    domain = "campaigns.example.org"
    keys = [DkimKey(domain, "one", RSA), DkimKey(domain, "two", ED25519)]
    letter = compiled(language=language, keys=keys).letter(
        Reader(READER.id, name, "Okafor", "z" * 48), "suzie@example.org", chunk=1, position=1
    )
    mail = letter.body[:-3]
    records = {
        b"one._domainkey.campaigns.example.org.": RSA,
        b"two._domainkey.campaigns.example.org.": ED25519,
    }

    def look_up(name, timeout=5):
        return record_of(records[name])

    assert received(letter).get_all("DKIM-Signature")
    for index in (0, 1):
        assert dkim.DKIM(mail).verify(idx=index, dnsfunc=look_up)
    for old, new in ((b"List-Unsubscribe-Post: List", b"List-Unsubscribe-Post: Lost"), (b"<html", b"<htmi")):
        with pytest.raises(dkim.ValidationError) if b"html" in old else _fails():
            assert dkim.DKIM(mail.replace(old, new)).verify(idx=0, dnsfunc=look_up)


@pytest.mark.parametrize("number", [3, 4, 7, 16])
def test_each_mail_has_its_own_signature_however_many_processors_sign(number, monkeypatch):
    monkeypatch.setattr(dkim_signing, "PROCESSORS", 2)
    threads = set()
    sign = dkim_signing.Signer._sign_some

    def noted(self, contents):
        threads.add(threading.current_thread().name)
        return sign(self, contents)

    monkeypatch.setattr(dkim_signing.Signer, "_sign_some", noted)
    addresses = [f"reader{place}@example.org".encode() for place in range(number)]
    readers = Readers([READER.id.bytes] * number, ["Suzie"] * number, [""] * number, [b"z" * 48] * number)
    letters = compiled(keys=[DkimKey("campaigns.example.org", "one", RSA)]).letters(
        readers, addresses, chunk=1, positions=range(number)
    )
    for address, letter in zip(addresses, letters, strict=True):
        assert b"<" + address + b">" in letter.body
        assert dkim.DKIM(letter.body[:-3]).verify(dnsfunc=lambda _name, timeout=5: record_of(RSA))
    assert len(threads) == (2 if number >= 4 else 1)


def _fails():
    return pytest.raises(AssertionError)


def test_keys_are_found_by_the_name_of_their_record(tmp_path, settings):
    settings.AMPARO_DKIM_KEYS = str(tmp_path)
    for name, key in (("one", RSA), ("two", ED25519)):
        (tmp_path / f"{name}._domainkey.example.org.pem").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    assert [(key.selector, key.algorithm) for key in keys_for("example.org")] == [
        ("one", "rsa-sha256"),
        ("two", "ed25519-sha256"),
    ]
    assert keys_for("other.example.org") == []
    (tmp_path / "bad._domainkey.example.org.pem").write_text("no key")
    with pytest.raises(BadKey):
        keys_for("example.org")
