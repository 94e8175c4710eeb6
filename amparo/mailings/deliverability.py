"""Whether receivers believe that mail is ours: what the DNS says of the sender's domain, and what to do about it.

The rules are those of the large receivers since February 2024 (Gmail and Yahoo: SPF, DKIM and DMARC for whoever writes
to thousands, one-click unsubscribing, reverse names) and May 2025 (Microsoft). Each finding is a sentence for somebody
who has never heard of any of them.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from django.utils.translation import gettext as _

from amparo.kit.dns import NoAnswer
from amparo.kit.refusal import Refusal
from amparo.kit.smtp import parse_smtp_url
from amparo.mailings import dkim_signing
from amparo.mailings.carriers import known_providers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from amparo.mailings.dkim_signing import DkimKey
    from amparo.organizations.models import Organization

Level = Literal["good", "note", "bad", "unknown"]
#: RFC 7208, 4.6.4: a receiver that has asked more often than this gives up, and the answer is "error".
MOST_LOOKUPS = 10
_ASKS = re.compile(r"[+?~-]?(include|a|mx|ptr|exists)(?:[:/]|$)|(redirect)=", re.IGNORECASE)
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")


class Names(Protocol):
    """Answers about names; see `kit.dns.Resolver`."""

    def texts(self, name: str) -> list[str]: ...
    def addresses(self, name: str) -> list[str]: ...
    def exchangers(self, name: str) -> list[str]: ...
    def hosts(self, address: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that receivers look at: *bad* must be mended, *unknown* could not be asked."""

    subject: str
    level: Level
    says: str
    mend: str = ""


def examine(organization: Organization, *, names: Names, selector: str = "") -> list[Finding]:
    """Look at everything; `selector` is that under which the mail server signs, where Amparo does not."""
    domain = organization.sender_email.rpartition("@")[2].lower()
    questions: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        (_("How mailings leave"), _way_out),
        ("SPF", lambda: _spf(domain, names)),
        ("DKIM", lambda: _dkim(domain, names, selector=selector)),
        ("DMARC", lambda: _dmarc(domain, names)),
        (_("Answers to the sender"), lambda: _exchangers(domain, names)),
        (_("The mail server's name"), lambda: _server(names)),
        (_("One-click unsubscribing"), _one_click),
    ]
    found: list[Finding] = []
    for subject, look in questions:
        try:
            found += look()
        except NoAnswer:
            says = _("The DNS did not answer in time. Look again in a minute.")
            found.append(Finding(subject, "unknown", says))
    return found


# --- SPF: which servers may send for the domain ---------------------------------------------------


def _spf(domain: str, names: Names) -> Iterator[Finding]:
    records = [text for text in names.texts(domain) if text.lower().split(" ")[0] == "v=spf1"]
    if not records:
        yield Finding(
            "SPF",
            "bad",
            _("%(domain)s does not say which servers may send its mail.") % {"domain": domain},
            _("Have this TXT record added, with your mail server's own word in it: v=spf1 include:… -all"),
        )
        return
    if len(records) > 1:
        yield Finding(
            "SPF",
            "bad",
            _("%(domain)s has %(number)d SPF records; receivers then believe none.")
            % {"domain": domain, "number": len(records)},
            _("Put what they say into one record, and remove the others."),
        )
        return
    terms = records[0].lower().split()
    last = next((term for term in terms if term.endswith("all")), "")
    asked = _lookups(domain, names, left=MOST_LOOKUPS + 1)
    if last in {"all", "+all"}:
        yield Finding(
            "SPF",
            "bad",
            _("The record ends with +all: everybody may send in your name."),
            _("End it with -all."),
        )
    elif asked > MOST_LOOKUPS:
        yield Finding(
            "SPF",
            "bad",
            _(
                "The record makes receivers ask more than ten further questions; they stop there and believe nothing."
            ),
            _("Remove what you no longer send with."),
        )
    elif last in {"", "?all"} and not any(term.startswith("redirect=") for term in terms):
        yield Finding(
            "SPF",
            "note",
            _("The record does not say what to do with mail from other servers."),
            _("End it with ~all, and with -all once you are sure that it names every server of yours."),
        )
    else:
        says = _("In order: one record, with %(number)d of ten further questions.") % {"number": asked}
        yield Finding("SPF", "good", says)


def _lookups(domain: str, names: Names, *, left: int) -> int:
    """How often a receiver has to ask on for this record, with those it includes; at most `left`."""
    record = next((text for text in names.texts(domain) if text.lower().split(" ")[0] == "v=spf1"), "")
    asked = 0
    for term in record.split()[1:]:
        if asked >= left:
            break
        if not _ASKS.match(term):
            continue
        asked += 1
        word, _colon, further = term.lstrip("+?~-").partition("=" if "redirect=" in term.lower() else ":")
        # A macro (RFC 7208, 7) is different for each mail.
        if word.lower() in {"include", "redirect"} and further and "%" not in further:
            asked += _lookups(further, names, left=left - asked)
    return min(asked, left)


# --- DKIM: the signature --------------------------------------------------------------------------


def _dkim(domain: str, names: Names, *, selector: str) -> Iterator[Finding]:
    try:
        keys = dkim_signing.keys_for(domain)
    except Refusal as refusal:
        yield Finding("DKIM", "bad", str(refusal), _("Replace the file."))
        return
    for key in keys:
        yield _published(key, names)
    if keys:
        return
    if not selector:
        yield Finding(
            "DKIM",
            "note",
            _("Amparo does not sign for %(domain)s; your mail server has to.") % {"domain": domain},
            _("Enter its selector above: the word before ._domainkey in its settings."),
        )
    elif not _SELECTOR.fullmatch(selector):
        yield Finding("DKIM", "bad", _("This is no selector: letters, digits, dots and hyphens alone."))
    else:
        yield _of_the_server(domain, selector, names)


def _published(key: DkimKey, names: Names) -> Finding:
    """Whether receivers find the public half of a key that we sign with."""
    name = f"{key.selector}._domainkey.{key.domain}"
    wanted = _public_half(key)
    there = [_tags(text).get("p", "") for text in names.texts(name)]
    if wanted in there:
        return Finding("DKIM", "good", _("Amparo signs with %(name)s.") % {"name": name})
    kind = "ed25519" if key.algorithm.startswith("ed25519") else "rsa"
    record = f"v=DKIM1; k={kind}; p={wanted}"
    says = (
        _("Another key stands at %(name)s: every signature of ours is wrong.")
        if any(there)
        else _("There is no key at %(name)s, so receivers cannot check our signatures.")
    )
    return Finding(
        "DKIM",
        "bad",
        says % {"name": name},
        _("Have this TXT record put there: %(record)s") % {"record": record},
    )


def _public_half(key: DkimKey) -> str:
    """As it stands in the DNS: RFC 6376, 3.6.1, and RFC 8463, 4.2."""
    public = key.private.public_key()
    if isinstance(public, Ed25519PublicKey):
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    else:
        raw = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(raw).decode("ascii")


def _of_the_server(domain: str, selector: str, names: Names) -> Finding:
    """The key under which the mail server signs."""
    name = f"{selector}._domainkey.{domain}"
    there = [_tags(text).get("p", "") for text in names.texts(name)]
    if not any(there):
        return Finding(
            "DKIM",
            "bad",
            _("There is no key at %(name)s.") % {"name": name},
            _("Look for the selector in the settings of your mail server, or ask who runs it."),
        )
    bits = _bits(next(key for key in there if key))
    if bits and bits < dkim_signing.SMALLEST_RSA:
        return Finding(
            "DKIM",
            "note",
            _("The key at %(name)s has %(bits)d bits.") % {"name": name, "bits": bits},
            _("Have it replaced by one of 2048 bits."),
        )
    return Finding("DKIM", "good", _("Receivers find the key at %(name)s.") % {"name": name})


def _bits(record: str) -> int:
    """The length of an RSA key as it stands in the DNS; 0 for any other."""
    try:
        key = serialization.load_der_public_key(base64.b64decode(record))
    except (ValueError, UnsupportedAlgorithm):
        return 0
    return key.key_size if isinstance(key, RSAPublicKey) else 0


# --- DMARC: what to do with what is neither -------------------------------------------------------


def _dmarc(domain: str, names: Names) -> Iterator[Finding]:
    tags = _policy(domain, names)
    if tags is None:
        yield Finding(
            "DMARC",
            "bad",
            _("%(domain)s has no DMARC record, without which large receivers refuse mailings.")
            % {"domain": domain},
            _("Have this TXT record put at _dmarc.%(domain)s: v=DMARC1; p=none; rua=mailto:%(address)s")
            % {"domain": domain, "address": f"dmarc@{domain}"},
        )
        return
    policy = tags.get("p", "none").lower()
    if policy == "none":
        yield Finding(
            "DMARC",
            "note",
            _("There is a record, and it asks receivers to let everything through."),
            _("Once its reports show that all your mail passes, write p=quarantine, and later p=reject."),
        )
    else:
        says = _("In order: mail that only claims to be yours is kept back (p=%(policy)s).")
        yield Finding("DMARC", "good", says % {"policy": policy})
    if "rua" not in tags:
        yield Finding(
            "DMARC",
            "note",
            _("Nobody gets the reports of receivers."),
            _("Add rua=mailto: with an address that somebody reads."),
        )


def _policy(domain: str, names: Names) -> dict[str, str] | None:
    """The record of the domain, or of the nearest domain above it that has one."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        for text in names.texts("_dmarc." + ".".join(labels[start:])):
            tags = _tags(text)
            if tags.get("v", "").upper() == "DMARC1":
                # RFC 7489, 6.3: a domain above may say something else of those below it.
                return {**tags, "p": tags["sp"]} if start and "sp" in tags else tags
    return None


def _tags(record: str) -> dict[str, str]:
    """A record of the form `v=DMARC1; p=none` (RFC 6376, 3.2); blanks inside a value do not count."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _equals, value in pairs if name.strip()}


# --- Where mail goes and comes from ---------------------------------------------------------------


def _exchangers(domain: str, names: Names) -> Iterator[Finding]:
    subject = _("Answers to the sender")
    found = [host for host in names.exchangers(domain) if host]
    if found:
        yield Finding(subject, "good", _("Answers and returned mail go to %(host)s.") % {"host": found[0]})
    else:
        yield Finding(
            subject,
            "bad",
            _("Nobody takes mail for %(domain)s: bounces and answers are lost.") % {"domain": domain},
            _("Have an MX record added, or send from a domain that has one."),
        )


def _way_out() -> Iterator[Finding]:
    """Where it is not the mail server: what stands below about that holds for all other mail."""
    subject, provider = _("How mailings leave"), known_providers.chosen()
    if provider is None:
        return
    yield Finding(
        subject,
        "note",
        _(
            "Mailings leave by %(provider)s, which sees who gets them and what they say. All other mail leaves by your"
            " mail server."
        )
        % {"provider": provider.title},
        _("The records below have to name %(provider)s too, as it tells you.") % {"provider": provider.title},
    )
    if not settings.AMPARO_MAIL_REPORTS_SECRET:
        yield Finding(
            subject,
            "bad",
            _("%(provider)s cannot tell us which mails came back.") % {"provider": provider.title},
            _("Ask who runs this server to set AMPARO_MAIL_REPORTS_SECRET."),
        )


def _server(names: Names) -> Iterator[Finding]:
    subject = _("The mail server's name")
    host = parse_smtp_url(settings.SMTP_URL).host
    addresses = names.addresses(host) if not _is_address(host) else [host]
    public = [address for address in addresses if ipaddress.ip_address(address).is_global]
    if not public:
        yield Finding(
            subject,
            "note",
            _("The mail server is inside your own network, so its outer address is not known here."),
            _("Look there whether that address has a name, and the name that address."),
        )
        return
    for address in public:
        called = names.hosts(address)
        if any(address in names.addresses(name) for name in called):
            says = _("%(address)s is called %(name)s, and that name leads back to it.")
            yield Finding(subject, "good", says % {"address": address, "name": called[0]})
        else:
            yield Finding(
                subject,
                "bad",
                _("%(address)s has no name that leads back to it, and large receivers refuse such servers.")
                % {"address": address},
                _("Ask who runs the server to set its reverse DNS."),
            )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _one_click() -> Iterator[Finding]:
    subject = _("One-click unsubscribing")
    if settings.BASE_URL.startswith("https://"):
        yield Finding(subject, "good", _("Every mailing carries it (RFC 8058)."))
    else:
        yield Finding(
            subject,
            "bad",
            _("It needs https, and this site is reached by http."),
            _("Set BASE_URL to the https address of this site."),
        )
