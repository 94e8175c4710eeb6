"""A name leads to one address: of two that share one, links of the first would silently open the second."""

from __future__ import annotations

from collections import defaultdict

from tests.house.test_isolation import OURS


def test_no_two_addresses_of_ours_share_a_name():
    routes = defaultdict(set)
    for route, pattern in OURS.items():
        routes[pattern.name].add(route)
    assert {name: found for name, found in routes.items() if len(found) > 1} == {}
