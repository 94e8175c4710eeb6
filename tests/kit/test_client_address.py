"""Who is asking, behind proxies: only what our own wrote is believed (guarantee S10)."""

from __future__ import annotations

import random

import pytest
from django.test import RequestFactory

from amparo.kit.client_address import network_asking

MALLORY = "203.0.113.66"
OUR_PROXY = "10.0.0.1"


def asking(forwarded: str | None = None, *, remote: str = OUR_PROXY) -> str:
    more = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return network_asking(RequestFactory().get("/", REMOTE_ADDR=remote, **more))


def test_without_proxies_of_ours_the_header_is_not_looked_at(settings):
    settings.AMPARO_TRUSTED_PROXIES = 0

    assert asking("198.51.100.1", remote=MALLORY) == MALLORY


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_a_thousand_forged_headers_are_one_network(settings, hops):
    settings.AMPARO_TRUSTED_PROXIES = hops
    dice = random.Random(20261122)
    behind = ["10.0.0.7", "10.0.0.8"][: hops - 1]
    seen = set()
    for _try in range(1_000):
        forged = [
            dice.choice(
                ["198.51.100.{}", "2001:db8:{}::1", "unknown", "{}.1.1.1, 127.0.0.1", "x{}", " "]
            ).format(dice.randrange(256))
            for _entry in range(dice.randrange(5))
        ]
        seen.add(asking(", ".join([*forged, MALLORY, *behind])))

    assert seen == {MALLORY}


def test_a_header_with_fewer_entries_than_our_proxies_write_leads_to_the_proxy(settings):
    """Whoever went around a proxy is counted with everybody else who did."""
    settings.AMPARO_TRUSTED_PROXIES = 2

    assert asking("198.51.100.1") == OUR_PROXY
    assert asking("") == asking(None) == OUR_PROXY


def test_sixty_four_bits_of_ipv6_are_one_network(settings):
    """A household has 2**64 addresses, so one of them says nothing."""
    settings.AMPARO_TRUSTED_PROXIES = 1
    dice = random.Random(64)

    inside = {asking(f"2001:db8:1:2::{dice.randrange(1 << 16):x}") for _try in range(200)}

    assert inside == {"2001:db8:1:2::/64"}
    assert asking("2001:db8:1:3::1") != inside.pop()


@pytest.mark.parametrize(
    ("written", "network"),
    [
        ("192.0.2.7:4711", "192.0.2.7"),
        ("[2001:db8:1:2::5]:4711", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::5]", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
    ],
)
def test_a_port_or_another_spelling_makes_no_new_network(settings, written, network):
    settings.AMPARO_TRUSTED_PROXIES = 1

    assert asking(written) == network


def test_what_is_no_address_is_one_network_together(settings):
    settings.AMPARO_TRUSTED_PROXIES = 1

    assert {asking("nobody"), asking("unix:"), asking("1.2.3")} == {"unknown"}
