"""Sealing: personal text kept as AES-256-GCM, bound to the place it belongs to, found by a keyed fingerprint.

Two layers of keys. A *data key* belongs to one organization; it seals text and keys fingerprints (two
sub-keys, so that neither use says anything about the other). A *master key* (`kit/master_keys.py`) wraps
data keys and is kept outside the database. Nonces are random: at 96 bits a data key may seal 2**32 texts
before chance is worth a thought (NIST SP 800-38D, section 8.3), far above what one organization writes.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from amparo.kit.keyed_hashes import hasher
from amparo.kit.master_keys import KEY_BYTES, KeyFileRefused, MasterKeys, create_master_key_file, master_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

__all__ = [
    "DataKey",
    "KeyFileRefused",
    "MasterKeys",
    "Unsealable",
    "create_master_key_file",
    "daily_mark",
    "data_key_for",
    "fingerprint",
    "fingerprinter",
    "forget_keys",
    "installation_fingerprint",
    "installation_key",
    "master_keys",
    "network_of",
    "new_data_key",
    "rewrap",
    "seal",
    "seal_bytes",
    "set_data_key_source",
    "unseal",
    "unseal_bytes",
    "unwrap",
    "wrap",
    "wrapped_by",
]

VERSION = b"\x01"
NONCE_BYTES = 12
TAG_BYTES = 16
_HEAD = 1 + NONCE_BYTES
#: What sealing adds to a text: version, nonce and tag.
OVERHEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES
FINGERPRINT_BYTES = 32


class Unsealable(Exception):  # noqa: N818 - a fact about the bytes
    """These bytes cannot be read here: altered, moved from another place, or sealed with another key."""


class DataKey:
    """One organization's key: 32 bytes, and under them a key for sealing and one for fingerprints."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError("A data key is 32 bytes.")
        self._secret = bytes(secret)

    @cached_property
    def cipher(self) -> AESGCM:
        """AES-256-GCM with the sub-key for sealing; safe to use from several threads."""
        return AESGCM(derived(self._secret, "data key: sealing"))

    @cached_property
    def fingerprinting(self) -> bytes:
        """The sub-key for fingerprints."""
        return derived(self._secret, "data key: fingerprints")

    def __repr__(self) -> str:
        return "<DataKey>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("A data key is never pickled.")


def new_data_key() -> bytes:
    """The 32 secret bytes of a new data key: wrap them at once."""
    return secrets.token_bytes(KEY_BYTES)


def derived(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA-256, RFC 5869)."""
    info = f"amparo 1 {purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def opener(key: DataKey) -> Callable[[bytes, bytes], str]:
    """`unseal` for many texts of one key, which is handed the AAD as bytes."""
    decrypt = key.cipher.decrypt

    def unseal(sealed: bytes, aad: bytes) -> str:
        if sealed[:1] != VERSION:
            raise Unsealable("Sealed in a way this version does not know.")
        try:
            return decrypt(sealed[1:_HEAD], sealed[_HEAD:], VERSION + aad).decode()
        except (InvalidTag, ValueError):
            raise Unsealable("Sealed bytes do not belong here, or were altered.") from None

    return unseal


def opener_of_many(
    key: DataKey, *, before: str, after: str
) -> Callable[[Sequence[bytes], Sequence[bytes | None]], list[str | None]]:
    """`opener` for many texts at once, each with what stands between `before` and `after` in its AAD.

    "" where there is nothing, None for what is unsealable.
    """
    decrypt = key.cipher.decrypt
    begin, end = VERSION + before.encode(), after.encode()

    def unseal(places: Sequence[bytes], sealed: Sequence[bytes | None]) -> list[str | None]:
        found: list[str | None] = []
        for place, content in zip(places, sealed, strict=True):
            if not content:
                found.append("")
                continue
            try:
                plain = decrypt(content[1:_HEAD], content[_HEAD:], begin + place + end).decode()
            except (InvalidTag, ValueError):
                found.append(None)
            else:
                found.append(plain if content[0] == VERSION[0] else None)
        return found

    return unseal


# --- Wrapping data keys ---------------------------------------------------------------------------


def wrap(data_key: bytes, *, aad: str) -> bytes:
    """The data key under the current master key: version, length and text of its id, nonce, key with tag."""
    return _wrap_with(master_keys(), data_key, aad=aad)


def unwrap(wrapped: bytes, *, aad: str) -> bytes:
    """The data key again. Raises `Unsealable` when the master key is gone or `aad` names another place."""
    keys = master_keys()
    key_id = wrapped_by(wrapped)
    if key_id not in keys.keys:
        raise Unsealable(f"The master key {key_id} is not in the key file.")
    head = 2 + len(key_id)
    return _open(AESGCM(keys.keys[key_id]), wrapped[head:], aad=wrapped[:head] + aad.encode())


def rewrap(wrapped: bytes, *, aad: str) -> bytes | None:
    """The same data key under the current master key, or None when it is wrapped by that one already."""
    if wrapped_by(wrapped) == master_keys().current_id:
        return None
    return wrap(unwrap(wrapped, aad=aad), aad=aad)


def wrapped_by(wrapped: bytes) -> str:
    """The id of the master key that a data key was wrapped with."""
    if len(wrapped) < 2 or wrapped[:1] != VERSION:
        raise Unsealable("This is not a wrapped data key.")
    return wrapped[2 : 2 + wrapped[1]].decode("ascii", "replace")


def _wrap_with(keys: MasterKeys, data_key: bytes, *, aad: str) -> bytes:
    head = VERSION + bytes([len(keys.current_id)]) + keys.current_id.encode("ascii")
    nonce = secrets.token_bytes(NONCE_BYTES)
    return head + nonce + AESGCM(keys.keys[keys.current_id]).encrypt(nonce, data_key, head + aad.encode())


def _open(cipher: AESGCM, nonce_and_text: bytes, *, aad: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce_and_text[:NONCE_BYTES], nonce_and_text[NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        raise Unsealable("Sealed bytes do not belong here, or were altered.") from None


# --- Sealing text ---------------------------------------------------------------------------------


def seal(plaintext: str, *, key: DataKey, aad: str) -> bytes:
    """The text sealed for the place that `aad` names: version, nonce, then ciphertext with its tag."""
    return seal_bytes(plaintext.encode(), key=key, aad=aad)


def seal_bytes(content: bytes, *, key: DataKey, aad: str) -> bytes:
    """Bytes sealed for the place that `aad` names, in the same way as text."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + key.cipher.encrypt(nonce, content, VERSION + aad.encode())


def unseal_bytes(sealed: bytes, *, key: DataKey, aad: str) -> bytes:
    """The bytes again. Raises `Unsealable` as `unseal` does."""
    if sealed[:1] != VERSION:
        raise Unsealable("Sealed in a way this version does not know.")
    return _open(key.cipher, sealed[1:], aad=VERSION + aad.encode())


def unseal(sealed: bytes, *, key: DataKey, aad: str) -> str:
    """The text again. Raises `Unsealable` when altered, moved to another place, or sealed by another key."""
    return unseal_bytes(sealed, key=key, aad=aad).decode()


def fingerprint(value: str, *, key: DataKey, purpose: str) -> bytes:
    """32 bytes by which an equal value is found within one organization (HMAC-SHA-256).

    Give it the canonical form of a value; `purpose` keeps two kinds of value apart (an e-mail address, a
    phone number).
    """
    return _keyed_hash(key.fingerprinting, purpose, value)


def fingerprinter(key: DataKey | None, *, purpose: str) -> Callable[[str], bytes]:
    """`fingerprint` for many values; without a key, `installation_fingerprint`."""
    digest = hasher(installation_key("fingerprints") if key is None else key.fingerprinting)
    before = f"{purpose}\0".encode()
    return lambda value: digest(before + value.encode())


# --- Across the installation ----------------------------------------------------------------------


@lru_cache(maxsize=256)
def installation_key(purpose: str) -> bytes:
    """A 32-byte key of this installation for one purpose, the same after every rotation of master keys."""
    return derived(master_keys().index_key, f"installation: {purpose}")


def installation_fingerprint(value: str, *, purpose: str) -> bytes:
    """32 bytes by which an equal canonical value is found across organizations, as a cap per address needs.

    Keyed from the `index` line of the master key file, so it stays the same when master keys are rotated.
    """
    return _keyed_hash(installation_key("fingerprints"), purpose, value)


def daily_mark(value: str, *, day: date, purpose: str) -> bytes:
    """32 bytes that stand for a network address during one day; tomorrow's mark of the address is another.

    Whoever has the key file and the mark could try all addresses of IPv4, so delete marks when their day is
    over.
    """
    return _keyed_hash(installation_key(f"day {day.isoformat()}"), purpose, value)


def network_of(ip: str) -> str:
    """The network that counts as one visitor: one IPv4 address, or the 64 bits one household has in IPv6.

    An IPv4 address written as IPv6 counts as itself. What is no address at all counts as one network called
    "unknown", so that a limit still holds where the server cannot tell who is asking.
    """
    try:
        address = ipaddress.ip_address(ip.strip())
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def _keyed_hash(key: bytes, purpose: str, value: str) -> bytes:
    return hmac.digest(key, f"{purpose}\0{value}".encode(), hashlib.sha256)


# --- Where data keys come from --------------------------------------------------------------------


class NoDataKeySource(Exception):  # noqa: N818 - a mistake in how the program was put together
    """Nobody has said where an organization's data key is kept."""


def _no_source(_organization_id: UUID) -> DataKey:
    raise NoDataKeySource("Call sealing.set_data_key_source(...) in an app's ready().")


_source: Callable[[UUID], DataKey] = _no_source


def set_data_key_source(source: Callable[[UUID], DataKey]) -> None:
    """Say how an organization's data key is found; this floor does not know organizations."""
    global _source
    _source = source
    forget_keys()


@lru_cache(maxsize=128)
def data_key_for(organization_id: UUID) -> DataKey:
    """An organization's data key, kept in this process while it is among the 128 used last."""
    return _source(organization_id)


def forget_keys() -> None:
    """Drop every key kept in this process: after a rotation, on erasing an organization, between tests."""
    for kept in (data_key_for, installation_key, master_keys):
        kept.cache_clear()
