"""Seals the secrets of one-time codes and recovery codes, which the sign-in library would keep in the clear.

The key is the installation's, from the key file: a copy of the database does not let anybody pass as staff. Passkeys
have no secret on our side.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from amparo.kit import sealing

#: Says that a text is sealed, and how.
PREFIX = "sealed1:"
_AAD = "second factor of staff"


def seal(text: str) -> str:
    """The secret as it may lie in the database."""
    return PREFIX + urlsafe_b64encode(sealing.seal(text, key=_key(), aad=_AAD)).decode("ascii")


def unseal(sealed: str) -> str:
    """The secret again. Raises `sealing.Unsealable`, for one in the clear too: nobody may slip in one they know."""
    if not sealed.startswith(PREFIX):
        raise sealing.Unsealable("The secret of a second factor is not sealed.")
    return sealing.unseal(
        urlsafe_b64decode(sealed.removeprefix(PREFIX).encode("ascii")), key=_key(), aad=_AAD
    )


def _key() -> sealing.DataKey:
    return sealing.DataKey(sealing.installation_key(_AAD))
