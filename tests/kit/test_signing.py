"""A document that left this house can be checked by whoever received it."""

from __future__ import annotations

import hashlib
import subprocess

import pytest

from amparo.kit import signing

DIGEST = hashlib.sha256(b"a bundle of letters").hexdigest()


def test_a_signature_fits_its_file_and_no_other():
    signature = signing.sign(DIGEST)

    assert signing.verifies(signature, sha256=DIGEST)
    assert not signing.verifies(signature, sha256="0" * 64)
    assert not signing.verifies(signing.Signature(DIGEST, "bm90IHRoZSBwcm9vZg=="), sha256=DIGEST)
    assert not signing.verifies(signing.Signature(DIGEST, "%%%"), sha256=DIGEST)


def test_the_signature_file_says_what_was_signed_and_comes_back_unchanged():
    signature = signing.sign(DIGEST)

    written = signature.written(file_name="letters.pdf", key_address="https://example.org/key")

    assert signing.read(written) == signature
    assert signing.read(written.replace("\n", "\r\n")) == signature
    assert DIGEST in written


@pytest.mark.parametrize(
    "text", ["", "hello", "Amparo signature 1\nsha256: x\ned25519: y", "Amparo signature 2\n"]
)
def test_what_is_no_signature_is_refused_in_a_sentence(text):
    with pytest.raises(signing.NotASignature, match="begin with the line"):
        signing.read(text)


def test_another_installations_key_does_not_fit():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    other = signing._pem(Ed25519PrivateKey.generate().public_key())

    assert not signing.verifies(signing.sign(DIGEST), sha256=DIGEST, key=other)
    assert signing.verifies(signing.sign(DIGEST), sha256=DIGEST, key=signing.public_key())
    with pytest.raises(signing.NotAPublicKey):
        signing.verifies(signing.sign(DIGEST), sha256=DIGEST, key="no key")


def test_openssl_agrees_as_the_published_page_says(tmp_path, client, db):
    """The commands on the page are run as they stand there."""
    document = tmp_path / "letters.pdf"
    document.write_bytes(b"a bundle of letters")
    signature = signing.sign(signing.sha256_of(document))
    written = signature.written(file_name="letters.pdf", key_address="https://example.org/key")
    (tmp_path / "letters.pdf.sig.txt").write_text(written)
    page = client.get("/.well-known/amparo-signing-key").content.decode()
    (tmp_path / "key.pem").write_text(page)
    commands = [line.strip() for line in page.splitlines() if line.strip().startswith(("sed ", "openssl "))]

    script = "\n".join(["set -e", *commands]).replace("NAME", "letters.pdf")
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert len(commands) == 3
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Verified Successfully" in done.stdout


def test_the_command_says_whether_a_document_is_ours(tmp_path, capsys):
    from amparo.config.cli import main

    document, proof, key = tmp_path / "letters.pdf", tmp_path / "letters.pdf.sig.txt", tmp_path / "key.pem"
    document.write_bytes(b"a bundle of letters")
    proof.write_text(signing.sign(signing.sha256_of(document)).written(file_name="x", key_address="y"))
    key.write_text(f"This is a key.\n{signing.public_key()}")

    assert main(["verify", str(document), str(proof)]) == 0
    assert main(["verify", str(document), str(proof), "--key", str(key)]) == 0
    document.write_bytes(b"a bundle of other letters")
    assert main(["verify", str(document), str(proof)]) == 1
    assert "is not the document that was signed" in capsys.readouterr().err
