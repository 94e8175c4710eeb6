"""Identifiers made by us before a row is written, so that encryption can bind to them."""

from __future__ import annotations

import uuid

import uuid_utils


def new_id() -> uuid.UUID:
    """A new UUID version 7 (RFC 9562): unique anywhere, and ordered by the millisecond it was made in.

    It tells when a row was made, so it must never stand for a secret. Usable as a model field's default.
    """
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)
