"""Typed reading of the environment.

Every reader returns a clean value or raises `ConfigurationError`, whose one sentence says what is wrong, why it
matters and what to type. Settings are read once, at start, so a wrong value never waits for its first visitor.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

#: A name, one that stands for all below it (.example.org), or an IPv4 address.
_HOST = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


class ConfigurationError(ImproperlyConfigured):
    """The environment is missing something or holds something impossible."""


def text(name: str, *, default: str | None = None, why: str = "") -> str:
    """The value of `name`, or of the file that `NAME_FILE` points to (container secrets)."""
    value = os.environ.get(name, "")
    file_name = os.environ.get(f"{name}_FILE", "")
    if value and file_name:
        raise ConfigurationError(f"{name} and {name}_FILE are both set; keep one of them.")
    if file_name:
        try:
            value = Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(
                f"{name}_FILE names {file_name}, which cannot be read: {error.strerror}."
            ) from None
        except UnicodeDecodeError:
            raise ConfigurationError(f"{name}_FILE names {file_name}, which is not a text file.") from None
        if not value:
            raise ConfigurationError(f"{name}_FILE names {file_name}, which is empty.")
    if value:
        return value
    if default is None:
        raise ConfigurationError(f"{name} is not set. {why}".strip())
    return default


def flag(name: str, *, default: bool) -> bool:
    """`true` or `false`, and nothing that only looks like it."""
    value = os.environ.get(name, "")
    if not value:
        return default
    if value.lower() in {"true", "1", "yes"}:
        return True
    if value.lower() in {"false", "0", "no"}:
        return False
    raise ConfigurationError(f"{name} is {value!r}; write true or false.")


def number(name: str, *, default: int, least: int, most: int) -> int:
    """A whole number within limits."""
    value = os.environ.get(name, "")
    if not value:
        return default
    try:
        found = int(value)
    except ValueError:
        raise ConfigurationError(
            f"{name} is {value!r}; write a whole number from {least} to {most}."
        ) from None
    if not least <= found <= most:
        raise ConfigurationError(f"{name} is {found}; write a whole number from {least} to {most}.")
    return found


def choice(name: str, *, options: Sequence[str], default: str) -> str:
    """One of a closed list."""
    value = os.environ.get(name, "") or default
    if value not in options:
        raise ConfigurationError(f"{name} is {value!r}; write one of: {', '.join(options)}.")
    return value


def base_url(name: str, *, default: str) -> str:
    """The address people type, such as https://example.org, without a path."""
    value = os.environ.get(name, "") or default
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or "@" in parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigurationError(
            f"{name} is {value!r}; write the address of the site, such as https://example.org"
        )
    return f"{parts.scheme}://{parts.netloc}"


def hosts(name: str) -> list[str]:
    """Further names of the site, such as `www.example.org,example.net`; none by default."""
    found = [host.strip() for host in os.environ.get(name, "").split(",") if host.strip()]
    for host in found:
        if _HOST.fullmatch(host) is None:
            raise ConfigurationError(
                f"{name} has {host!r}; write names such as www.example.org, separated by commas."
            )
    return found


def directory(name: str, *, default: Path) -> Path:
    """A directory we may write to; made when it is missing."""
    path = Path(os.environ.get(name, "") or default).expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigurationError(f"{name} is {path}, which cannot be made: {error.strerror}.") from None
    if not os.access(path, os.W_OK):
        raise ConfigurationError(f"{name} is {path}, which this user may not write to.")
    return path


def secret(name: str, *, keep_in: Path | None, why: str) -> str:
    """A secret of at least 32 characters; with `keep_in`, made once and kept there when it is not set."""
    if not os.environ.get(name) and not os.environ.get(f"{name}_FILE") and keep_in is not None:
        if not keep_in.exists():
            # Whole or not at all, and the first of two processes decides.
            fresh = keep_in.with_name(f"{keep_in.name}.{os.getpid()}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(secrets.token_urlsafe(50))
            with contextlib.suppress(FileExistsError):
                os.link(fresh, keep_in)
            fresh.unlink()
        return keep_in.read_text(encoding="utf-8").strip()
    value = text(name, why=why)
    if len(value) < 32:
        raise ConfigurationError(f"{name} is too short to be secret; write at least 32 random characters.")
    return value


#: What a text message may come from: a number (also a country's short one), a name of letters, a service of Twilio's.
_TEXT_SENDER = re.compile(r"\+?[1-9][0-9]{2,14}|MG[0-9a-f]{32}|(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9 ]{1,11}")


def text_senders(name: str, *, needed: bool) -> dict[str, str]:
    """What texts come from: `+441632960001` for all, or `open-doors=+441632960001,lamp-light=Lamplight` by slug."""
    found: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in os.environ.get(name, "").split(","))):
        slug, _equals, sender = entry.rpartition("=")
        if _TEXT_SENDER.fullmatch(sender) is None or slug in found:
            raise ConfigurationError(
                f"{name} has {entry!r}; write a number such as +441632960001 for everybody, or slug=+441632960001 for"
                " each organization, separated by commas."
            )
        found[slug] = sender
    if needed and not found:
        raise ConfigurationError(
            f"{name} is not set. Texts need a number, or a name, from which they come: write +441632960001, or"
            " slug=+441632960001 for each organization."
        )
    return found
