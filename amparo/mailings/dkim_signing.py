"""Sign mailings with DKIM in the sender (RFC 6376, RFC 8463), where no mail server behind it does.

A key lies in a file named as the record in the DNS is: `selector._domainkey.example.org.pem`, in the folder that
AMPARO_DKIM_KEYS names; RSA of 2048 bits or more, or Ed25519, or one of each. Texts are compiled in canonical form, so
that signing is one hash of the body, one of the headers, and the signature.
"""

from __future__ import annotations

import hashlib
import os
from binascii import b2a_base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal
from amparo.mailings.quoted import CRLF

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: What is signed: what a reader sees, and what RFC 8058 (section 4) asks for.
SIGNED = (
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-id",
    "feedback-id",
    "mime-version",
    "content-type",
)
#: RFC 8301, 3.2: verifiers refuse less than 1024; providers ask for 2048.
SMALLEST_RSA = 2048
#: On which signatures are made at once.
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
#: Bytes of a signature in one line, which are 72 letters.
_ROW = 54


class BadKey(Refusal):
    sentence = _("%(name)s is no private key that can sign: RSA of 2048 bits or more, or Ed25519, in PEM.")


@dataclass(frozen=True, slots=True)
class DkimKey:
    """One private key, and what its signatures say of it."""

    domain: str
    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self.private, RSAPrivateKey) else "ed25519-sha256"

    def signer(self) -> Callable[[bytes], bytes]:
        """What makes the signature of canonical headers."""
        if isinstance(self.private, RSAPrivateKey):
            rsa, scheme, algorithm = self.private.sign, padding.PKCS1v15(), hashes.SHA256()
            return lambda content: rsa(content, scheme, algorithm)
        ed25519 = self.private.sign
        # RFC 8463, 3: Ed25519 signs the hash.
        return lambda content: ed25519(hashlib.sha256(content).digest())


class Signer:
    """Signs every mail of one text with one key: all but the two hashes is worked out beforehand."""

    def __init__(self, key: DkimKey, *, names: Sequence[str], at: int) -> None:
        self._sign = key.signer()
        signed = ":".join(name for name in SIGNED if name in names)
        head = (
            f"v=1; a={key.algorithm}; c=relaxed/relaxed; d={key.domain}; s={key.selector}; t={at}; h={signed}"
        )
        rows = [
            f"v=1; a={key.algorithm}; c=relaxed/relaxed; d={key.domain};",
            f" s={key.selector}; t={at};",
            f" h={signed};",
        ]
        self._shown = "\r\n".join(["DKIM-Signature: " + rows[0], *rows[1:]]).encode("ascii") + b"\r\n bh="
        self._canonical = b"\r\ndkim-signature:" + head.encode("ascii") + b"; bh="

    def headers(self, canonical: Sequence[bytes], body_hashes: Sequence[bytes]) -> list[bytes]:
        """The whole header of each mail, with its line's end.

        `canonical` are the signed headers without a line's end after the last. Most of the time goes into the
        signatures, so they are made on all processors at once, and one right after the other.
        """
        between = self._canonical
        contents = [
            b"".join((headers, between, hashed, b"; b="))
            for headers, hashed in zip(canonical, body_hashes, strict=True)
        ]
        signatures = self._signatures(contents)
        return [
            b"".join((self._shown, hashed, b";\r\n b=", _rows(signature), CRLF))
            for hashed, signature in zip(body_hashes, signatures, strict=True)
        ]

    def _signatures(self, contents: Sequence[bytes]) -> list[bytes]:
        """One for each, in their order. OpenSSL signs without the interpreter's lock, so that threads gain by it."""
        each = -(-len(contents) // PROCESSORS)
        if len(contents) < 2 * PROCESSORS:
            return self._sign_some(contents)
        others = [
            _helpers().submit(self._sign_some, contents[at : at + each])
            for at in range(each, len(contents), each)
        ]
        signatures = self._sign_some(contents[:each])
        for other in others:
            signatures += other.result()
        return signatures

    def _sign_some(self, contents: Sequence[bytes]) -> list[bytes]:
        return list(map(self._sign, contents))


@cache
def _helpers() -> ThreadPoolExecutor:
    """The threads that sign beside whoever asks; made in the process that signs."""
    return ThreadPoolExecutor(max(1, PROCESSORS - 1), thread_name_prefix="signing")


def _rows(signature: bytes) -> bytes:
    """In base64, folded."""
    return b"\r\n ".join(
        [b2a_base64(signature[at : at + _ROW], newline=False) for at in range(0, len(signature), _ROW)]
    )


def body_hash(body: bytes) -> bytes:
    """The hash of a body in canonical form, in base64."""
    return b2a_base64(hashlib.sha256(body).digest(), newline=False)


def keys_for(domain: str) -> list[DkimKey]:
    """The keys for mail from this domain; none where the mail server signs. Raises `BadKey`."""
    folder: str = settings.AMPARO_DKIM_KEYS
    if not folder:
        return []
    ending = f"._domainkey.{domain}.pem"
    files = sorted(Path(folder).glob(f"*{ending}"))
    return [_read(file, domain=domain, selector=file.name.removesuffix(ending)) for file in files]


def _read(file: Path, *, domain: str, selector: str) -> DkimKey:
    try:
        private = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError):
        raise BadKey(name=file.name) from None
    if isinstance(private, RSAPrivateKey) and private.key_size >= SMALLEST_RSA:
        return DkimKey(domain, selector, private)
    if isinstance(private, Ed25519PrivateKey):
        return DkimKey(domain, selector, private)
    raise BadKey(name=file.name)
