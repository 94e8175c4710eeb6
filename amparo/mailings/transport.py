"""The one way out for mail: a pool of connections to the server that SMTP_URL names."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from amparo.kit.smtp import SmtpPool, parse_smtp_url


@lru_cache(maxsize=4)
def _pool(url: str) -> SmtpPool:
    return SmtpPool(parse_smtp_url(url))


def mail_server() -> SmtpPool:
    """The pool of this process."""
    return _pool(settings.SMTP_URL)
