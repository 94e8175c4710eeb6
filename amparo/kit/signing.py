"""Signatures of files that leave this installation, so that whoever receives one can tell that it is whole and ours.

What is signed is one line that names the SHA-256 of the file, with Ed25519 (RFC 8032). The signature travels in a small
text file beside the document; the public key is published by the site. The private key is derived from the `index` line
of the master key file: it is stored nowhere else, and stays the same when master keys are rotated.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.kit.sealing import installation_key

if TYPE_CHECKING:
    from pathlib import Path

#: The first line of a signature file; another way of signing would have another.
HEAD = "Amparo signature 1"
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Bytes read at once of a file that is checked.
CHUNK = 1 << 20


class NotASignature(Refusal):
    sentence = _("This is not a signature file of ours: it has to begin with the line “%(head)s”.")


class NotAPublicKey(Refusal):
    sentence = _("This is not a public key for Ed25519 in PEM form.")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature file says: which file it is for, and the proof."""

    sha256: str
    proof: str

    def written(self, *, file_name: str, key_address: str) -> str:
        """The signature file, readable by a person and by `openssl` (docs/campaign/hand-over.md)."""
        return (
            f"{HEAD}\nfile: {file_name}\nsha256: {self.sha256}\nsigned: {statement(self.sha256).decode()}\n"
            f"ed25519: {self.proof}\nkey: {key_address}\n"
        )


def sha256_of(path: Path) -> str:
    """The fingerprint of a file, read piece by piece."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def statement(sha256: str) -> bytes:
    """The line that is signed: of this one purpose, so that no other signature of ours can be passed off as it."""
    return f"amparo signed file sha256:{sha256}".encode("ascii")


def sign(sha256: str) -> Signature:
    """Our signature under the file with this fingerprint."""
    return Signature(sha256, base64.b64encode(_private_key().sign(statement(sha256))).decode("ascii"))


def public_key() -> str:
    """The key that everybody may have, in PEM."""
    return _pem(_private_key().public_key())


def verifies(signature: Signature, *, sha256: str, key: str = "") -> bool:
    """Whether the signature is for this file and by this key: ours, unless another is given. Raises `NotAPublicKey`."""
    try:
        proof = base64.b64decode(signature.proof, validate=True)
        _public_key(key or public_key()).verify(proof, statement(sha256))
    except (binascii.Error, InvalidSignature):
        return False
    return signature.sha256 == sha256


def read(text: str) -> Signature:
    """What a signature file says. Raises `NotASignature`."""
    lines = text.replace("\r\n", "\n").strip().split("\n")
    said = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    if lines[0].strip() != HEAD or not _SHA256.fullmatch(said.get("sha256", "")) or "ed25519" not in said:
        raise NotASignature(head=HEAD)
    return Signature(said["sha256"], said["ed25519"].strip())


def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(installation_key("signature of files"))


def _public_key(pem: str) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError:
        raise NotAPublicKey from None
    if not isinstance(key, Ed25519PublicKey):
        raise NotAPublicKey
    return key


def _pem(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")
