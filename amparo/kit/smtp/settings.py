"""SMTP_URL: everything about the way to the mail server in one value."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

#: Seconds any one step may take. RFC 5321 §4.5.3.2 speaks of minutes for remote servers; ours is near.
USUAL_TIMEOUT = 30.0
#: With more, a message in flight (three steps at most) could outlast the lease of the worker that holds it.
LONGEST_TIMEOUT = 120.0


class Security(StrEnum):
    """How the connection is kept from other eyes."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


_PORTS = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


class BadSmtpUrl(Refusal):
    """SMTP_URL cannot be understood; the sentence says what to write, and never repeats a password."""

    sentence = _("SMTP_URL cannot be read; write smtp://user:password@host:587?tls=starttls, for example.")


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where and how to hand mail over. `timeout` is in seconds and holds for each step."""

    host: str
    port: int
    security: Security = Security.NONE
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = USUAL_TIMEOUT


def parse_smtp_url(url: str) -> SmtpSettings:
    """Read ``smtp://user:password@host:port?tls=starttls|none&timeout=30`` or ``smtps://…``.

    User and password are percent-encoded. Without `tls`, a URL with a user name means STARTTLS and one
    without means none; the usual ports are 25 (none), 587 (STARTTLS) and 465 (smtps). Raises `BadSmtpUrl`
    with one sentence.
    """
    parts, port = _split(url)
    options = _options(parts.query)
    security = _security(parts.scheme, options.pop("tls", None), has_user=bool(parts.username))
    timeout = _timeout(options.pop("timeout", None))
    if options:
        raise BadSmtpUrl(
            _("SMTP_URL has the option “%(name)s”, which is unknown; there are tls and timeout."),
            name=min(options),
        )
    settings = SmtpSettings(
        host=parts.hostname or "",
        port=port or _PORTS[security],
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        timeout=timeout,
    )
    _refuse_half_a_login(settings)
    return settings


def _split(url: str) -> tuple[SplitResult, int | None]:
    if any(character.isspace() or not character.isprintable() for character in url):
        raise BadSmtpUrl(_("SMTP_URL contains a space or a line break; percent-encode them in a password."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadSmtpUrl(
            _("SMTP_URL has a host or port that cannot be read; write host:587, for example.")
        ) from None
    if parts.scheme not in {"smtp", "smtps"}:
        raise BadSmtpUrl(_("SMTP_URL begins neither with smtp:// nor with smtps://."))
    if not parts.hostname:
        raise BadSmtpUrl(_("SMTP_URL names no host; write smtp://host:25, for example."))
    if parts.path.strip("/") or parts.fragment:
        raise BadSmtpUrl(
            _("SMTP_URL has a path after the host; percent-encode “/”, “#” and “?” in the password.")
        )
    if port == 0:
        raise BadSmtpUrl(_("SMTP_URL has port 0; write the port the mail server listens on."))
    return parts, port


def _options(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise BadSmtpUrl(
            _("SMTP_URL has options that cannot be read; write ?tls=starttls&timeout=30.")
        ) from None
    options = dict(pairs)
    if len(options) < len(pairs):
        raise BadSmtpUrl(_("SMTP_URL has the same option twice; keep one of them."))
    return options


def _security(scheme: str, asked: str | None, *, has_user: bool) -> Security:
    if scheme == "smtps":
        if asked not in {None, "tls"}:
            raise BadSmtpUrl(_("SMTP_URL says both smtps:// and tls=%(tls)s; keep one of them."), tls=asked)
        return Security.TLS
    if asked is None:
        return Security.STARTTLS if has_user else Security.NONE
    if asked not in {"starttls", "none"}:
        raise BadSmtpUrl(
            _("SMTP_URL has tls=%(tls)s; write tls=starttls or tls=none, or begin with smtps://."), tls=asked
        )
    return Security(asked)


def _timeout(asked: str | None) -> float:
    if asked is None:
        return USUAL_TIMEOUT
    try:
        seconds = float(asked)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= LONGEST_TIMEOUT:
        raise BadSmtpUrl(_("SMTP_URL has a timeout that is not from 1 to 120 seconds; write timeout=30."))
    return seconds


def _refuse_half_a_login(settings: SmtpSettings) -> None:
    if settings.password and not settings.username:
        raise BadSmtpUrl(_("SMTP_URL has a password but no user name."))
    if settings.username and not settings.password:
        raise BadSmtpUrl(_("SMTP_URL has a user name but no password."))
    if settings.username and settings.security is Security.NONE and not _is_this_machine(settings.host):
        raise BadSmtpUrl(
            _("SMTP_URL would send the password over the network in clear; write tls=starttls or smtps://.")
        )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
