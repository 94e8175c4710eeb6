"""The environment without a developer's own settings, so that checks and tests answer the same everywhere."""

from __future__ import annotations

import os

#: What settings.py reads; a name that ends in _ stands for all that begin so.
SETTINGS = (
    "AMPARO_",
    "BASE_URL",
    "BROKER_URL",
    "CACHE_URL",
    "DATABASE_URL",
    "DJANGO_",
    "SECRET_KEY",
    "SMTP_URL",
)
#: What is about the machine and not about an installation of ours.
OF_THE_MACHINE = ("AMPARO_CHROMIUM", "AMPARO_REAL_DATA", "AMPARO_REQUIRE_", "AMPARO_TEST_")


def without_settings() -> dict[str, str]:
    """Above all without the address of a real database, a real mail server or a real state directory."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(OF_THE_MACHINE) or not name.startswith(SETTINGS)
    }
