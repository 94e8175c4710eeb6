"""Who is asking, as far as limits need to know: the network, believed only as far as our own proxies vouch for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from amparo.kit.sealing import network_of

if TYPE_CHECKING:
    from django.http import HttpRequest


def network_asking(request: HttpRequest) -> str:
    """The network of the client: the entry that the outermost of our proxies wrote, never the leftmost one.

    Anybody can send an X-Forwarded-For header; each of our `AMPARO_TRUSTED_PROXIES` appends one entry, so
    the one that many places from the right is the first that we know to be true (EFF's Action Center
    counted from the left).
    """
    remote: str = request.META.get("REMOTE_ADDR", "")
    hops = settings.AMPARO_TRUSTED_PROXIES
    if hops:
        entries = [
            entry.strip()
            for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
            if entry.strip()
        ]
        if len(entries) >= hops:
            remote = entries[-hops]
    return network_of(_without_port(remote)) if remote else ""


def _without_port(entry: str) -> str:
    """An entry as some proxies write it: 192.0.2.1:4711, or [2001:db8::1]:4711."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry
