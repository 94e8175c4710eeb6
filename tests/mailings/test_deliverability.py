"""What receivers will say of our mail, told beforehand in plain words."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from amparo.kit.dns import NoAnswer
from amparo.mailings import deliverability, dkim_signing
from tests.factories.organizations import an_organization

pytestmark = pytest.mark.django_db
HERE = "open-doors.example"


class Zone:
    """A DNS that fits on a page."""

    def __init__(self, *, texts=None, addresses=None, exchangers=None, hosts=None, silent=()):
        self.answers = {
            "texts": texts or {},
            "addresses": addresses or {},
            "exchangers": exchangers or {},
            "hosts": hosts or {},
        }
        self.silent = silent

    def _ask(self, kind, name):
        if kind in self.silent:
            raise NoAnswer
        return self.answers[kind].get(name, [])

    def texts(self, name):
        return self._ask("texts", name)

    def addresses(self, name):
        return self._ask("addresses", name)

    def exchangers(self, name):
        return self._ask("exchangers", name)

    def hosts(self, address):
        return self._ask("hosts", address)


@pytest.fixture
def organization(settings):
    settings.SMTP_URL = "smtp://mail.open-doors.example:587"
    settings.BASE_URL = "https://act.open-doors.example"
    settings.AMPARO_DKIM_KEYS = ""
    return an_organization(sender_email=f"news@{HERE}")


def levels(organization, zone, **more):
    found = deliverability.examine(organization, names=zone, **more)
    return [(finding.subject, finding.level) for finding in found]


def about(subject, organization, zone, **more):
    found = deliverability.examine(organization, names=zone, **more)
    return [finding for finding in found if finding.subject == subject]


def public_record(bits=2048):
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    raw = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(raw).decode()}"


def test_a_domain_in_order(organization):
    zone = Zone(
        texts={
            HERE: ["v=spf1 include:_spf.post.example -all", "some-site-verification=1"],
            "_spf.post.example": ["v=spf1 ip4:198.51.100.0/24 -all"],
            f"one._domainkey.{HERE}": [public_record()],
            f"_dmarc.{HERE}": [f"v=DMARC1; p=quarantine; rua=mailto:reports@{HERE}"],
        },
        exchangers={HERE: [f"mail.{HERE}"]},
        addresses={f"mail.{HERE}": ["8.8.4.4"]},
        hosts={"8.8.4.4": [f"mail.{HERE}"]},
    )
    found = levels(organization, zone, selector="one")
    assert {level for _subject, level in found} == {"good"}
    assert len(found) == 6


def test_a_domain_of_which_nothing_is_known(organization, settings):
    settings.BASE_URL = "http://act.open-doors.example"
    found = deliverability.examine(organization, names=Zone())
    assert [finding.level for finding in found] == ["bad", "note", "bad", "bad", "note", "bad"]
    assert all(finding.mend for finding in found)


@pytest.mark.parametrize(
    ("records", "level", "word"),
    [
        (["v=spf1 +all"], "bad", "everybody"),
        (["v=spf1 mx all"], "bad", "everybody"),
        (["v=spf1 mx -all", "v=spf1 a -all"], "bad", "2 SPF records"),
        (["v=spf1 mx"], "note", "other servers"),
        (["v=spf1 mx ?all"], "note", "other servers"),
        (["v=spf1 redirect=_spf.post.example"], "good", "2 of ten"),
        (["v=spf1 mx a ip4:198.51.100.7 ~all"], "good", "2 of ten"),
        (["v=spf10 mx -all"], "bad", "does not say"),
        (["v=spf1 " + " ".join(f"include:{n}.example" for n in range(11)) + " -all"], "bad", "more than ten"),
        (["v=spf1 include:round.example -all"], "bad", "more than ten"),
        (["v=spf1 exists:%{i}._spf.example -all"], "good", "1 of ten"),
    ],
)
def test_spf(organization, records, level, word):
    zone = Zone(
        texts={
            HERE: records,
            "_spf.post.example": ["v=spf1 mx -all"],
            # Two records that include one another never come to an end.
            "round.example": ["v=spf1 include:about.example -all"],
            "about.example": ["v=spf1 include:round.example -all"],
        }
    )
    (finding,) = about("SPF", organization, zone)
    assert (finding.level, word in finding.says) == (level, True), finding


def test_our_own_signature_is_looked_up_under_its_name(organization, settings, tmp_path):
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / f"amparo._domainkey.{HERE}.pem").write_bytes(pem)
    settings.AMPARO_DKIM_KEYS = str(tmp_path)
    (key,) = dkim_signing.keys_for(HERE)
    name = f"amparo._domainkey.{HERE}"

    (missing,) = about("DKIM", organization, Zone())
    assert missing.level == "bad"
    record = missing.mend.partition(": ")[2]
    assert record.startswith("v=DKIM1; k=rsa; p=MII")

    # Long records come in pieces with blanks between them.
    (there,) = about("DKIM", organization, Zone(texts={name: [record[:200] + " " + record[200:]]}))
    assert there.level == "good"
    (other,) = about("DKIM", organization, Zone(texts={name: [public_record()]}))
    assert other.level == "bad"
    assert "Another key" in other.says
    assert key.selector == "amparo"


@pytest.mark.parametrize(
    ("selector", "record", "level"),
    [
        ("one", public_record(1024), "note"),
        ("one", "v=DKIM1; p=", "bad"),
        ("one", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "good"),
        ("two", public_record(1024), "bad"),
        ("a b", public_record(1024), "bad"),
    ],
)
def test_the_mail_servers_signature(organization, selector, record, level):
    zone = Zone(texts={f"one._domainkey.{HERE}": [record]})
    (finding,) = about("DKIM", organization, zone, selector=selector)
    assert finding.level == level


@pytest.mark.parametrize(
    ("place", "record", "expected"),
    [
        (f"_dmarc.{HERE}", "v=DMARC1; p=none; rua=mailto:a@b.example", ["note"]),
        (f"_dmarc.{HERE}", "v=DMARC1; p=reject", ["good", "note"]),
        ("_dmarc.above.example", "v=DMARC1; p=reject; sp=none; rua=mailto:a@b.example", ["note"]),
        ("_dmarc.above.example", "v=DMARC1; p=reject; rua=mailto:a@b.example", ["good"]),
        (f"_dmarc.{HERE}", "p=reject", ["bad"]),
    ],
)
def test_dmarc(organization, place, record, expected):
    if "above" in place:
        organization.sender_email = "news@mail.above.example"
    found = about("DMARC", organization, Zone(texts={place: [record]}))
    assert [finding.level for finding in found] == expected


def test_a_server_whose_name_leads_elsewhere_is_refused(organization):
    zone = Zone(
        addresses={f"mail.{HERE}": ["8.8.4.4"], "other.example": ["8.8.8.8"]},
        hosts={"8.8.4.4": ["other.example"]},
    )
    (finding,) = about("The mail server's name", organization, zone)
    assert finding.level == "bad"


def test_a_server_of_our_own_network_is_looked_at_there(organization, settings):
    settings.SMTP_URL = "smtp://127.0.0.1:25"
    (finding,) = about("The mail server's name", organization, Zone())
    assert finding.level == "note"


def test_silence_is_no_finding(organization):
    found = levels(organization, Zone(silent={"texts"}))
    assert [level for _subject, level in found[:3]] == ["unknown", "note", "unknown"]


def test_it_says_by_which_way_mailings_leave(organization, settings):
    assert about("How mailings leave", organization, Zone()) == []
    settings.AMPARO_MAIL_PROVIDER = "mailgun"
    settings.AMPARO_MAIL_REPORTS_SECRET = ""
    way, reports = about("How mailings leave", organization, Zone())
    assert (way.level, reports.level) == ("note", "bad")
    assert "Mailgun, which sees who gets them" in way.says
    settings.AMPARO_MAIL_REPORTS_SECRET = "0123456789abcdef0123"
    assert len(about("How mailings leave", organization, Zone())) == 1
