"""Questions to the DNS, answered in plain Python; the only module that asks it.

There are two kinds of "nothing": the name or the record is not there (an empty list), and nobody answered (`NoAnswer`),
of which nothing may be concluded.
"""

from __future__ import annotations

import dns.exception
import dns.resolver
import dns.reversename

#: Seconds for one question, with all its tries.
PATIENCE = 3.0


class NoAnswer(Exception):  # noqa: N818 - named as the fact
    """The DNS could not be asked, or did not answer in time."""


class Resolver:
    """Asks the servers that this machine is set up with."""

    def __init__(self) -> None:
        try:
            self._resolver = dns.resolver.Resolver()
        except dns.exception.DNSException:
            raise NoAnswer from None
        self._resolver.lifetime = PATIENCE

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name, each in one piece (RFC 7208, 3.3)."""
        return [
            b"".join(record.strings).decode("utf-8", "replace")  # type: ignore[attr-defined]
            for record in self._ask(name, "TXT")
        ]

    def addresses(self, name: str) -> list[str]:
        """The addresses of a host, of both kinds."""
        return [str(record) for kind in ("A", "AAAA") for record in self._ask(name, kind)]

    def exchangers(self, name: str) -> list[str]:
        """The hosts that take mail for a domain, the preferred first. "." alone says that none does (RFC 7505)."""
        found = sorted(self._ask(name, "MX"), key=lambda record: record.preference)  # type: ignore[attr-defined]
        return [str(record.exchange).rstrip(".") for record in found]  # type: ignore[attr-defined]

    def hosts(self, address: str) -> list[str]:
        """The names that an address says it has."""
        name = str(dns.reversename.from_address(address))
        return [str(record).rstrip(".").lower() for record in self._ask(name, "PTR")]

    def _ask(self, name: str, kind: str) -> list[object]:
        try:
            return list(self._resolver.resolve(name, kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError):
            raise NoAnswer from None
