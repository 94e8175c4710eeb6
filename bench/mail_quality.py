"""What strangers think of the demonstration's alert: SpamAssassin by its local rules, and OpenDKIM of its signatures.

    python -m bench.mail_quality
    python -m bench.mail_quality --keep FOLDER     also leaves the mails there

The alert is made in every language it was composed in, for a reader with a name and for one without, signed with RSA
and with Ed25519, as it would go over the wire. SpamAssassin asks nobody (-L), so addresses and senders have no
reputation here. The goal is a score under 2 for each; 5 is junk. Programs that are not installed (Debian: spamassassin,
opendkim) are left out, and said to be.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.environment import without_settings

ROOT = Path(__file__).resolve().parent.parent
HIGHEST = 2.0
READER = ("Suzie", "Okafor")


def main() -> int:
    """Make a demonstration in a process and a folder of its own, and judge its alert."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        make_mails(Path(options.inside))
        return 0
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as place:
        folder = Path(place)
        # Debian's OpenDKIM reads its files as somebody else.
        folder.chmod(0o755)
        (folder / "mails").mkdir()
        make_in_a_process(folder)
        if options.keep:
            shutil.copytree(folder / "mails", options.keep, dirs_exist_ok=True)
        mails = sorted((folder / "mails").glob("*.eml"))
        return int(not all([assassinated(mails), verified(mails, folder)]))


def make_in_a_process(folder: Path) -> None:
    """With settings and a database of its own."""
    env = {
        **without_settings(),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "AMPARO_VAR": str(folder),
        "AMPARO_DKIM_KEYS": str(folder / "keys"),
        "BASE_URL": "https://campaigns.example.org",
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, "-m", "bench.mail_quality", "--inside", str(folder)]
    subprocess.run(command, cwd=ROOT, env=env, check=True)


# --- In the process that owns the database ---------------------------------------------------------


def make_mails(folder: Path) -> None:
    """The alert in each language to each reader, and the records of the keys it is signed with."""
    warnings.simplefilter("ignore")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from amparo.mailings import previewing
    from amparo.mailings.models import Mailing
    from amparo.web.demo import loading

    now = datetime.now(UTC)
    loading.load(now=now)
    mailing = Mailing.objects.filter(kind="alert", texts__isnull=False).distinct().order_by("created_at")[0]
    place_keys(folder, mailing.organization.sender_email.rpartition("@")[2])
    for text in mailing.texts.order_by("language", "variant"):
        for who, names in (("named", READER), ("nameless", ("", ""))):
            letter = previewing.letter_for(
                text,
                mailing=mailing,
                reader=previewing.reader_of(*names),
                address="suzie@example.net",
                now=now,
            )
            name = f"{text.language}-{text.variant}-{who}.eml"
            (folder / "mails" / name).write_bytes(letter.body.removesuffix(b".\r\n"))


def place_keys(folder: Path, domain: str) -> None:
    """One of each kind, and their records in the DNS as OpenDKIM reads them for tests."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    kinds: dict[str, Any] = {
        "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    public_forms = {
        "rsa": (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        "ed25519": (serialization.Encoding.Raw, serialization.PublicFormat.Raw),
    }
    (folder / "keys").mkdir()
    records = []
    for kind, key in kinds.items():
        (folder / "keys" / f"{kind}._domainkey.{domain}.pem").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        public = base64.b64encode(key.public_key().public_bytes(*public_forms[kind])).decode()
        records.append(f"{kind}._domainkey.{domain} v=DKIM1; k={kind}; p={public}\n")
    (folder / "dns").write_text("".join(records), encoding="ascii")
    (folder / "opendkim.conf").write_text(f"Mode v\nTestDNSData file:{folder}/dns\n", encoding="ascii")


# --- Judging ---------------------------------------------------------------------------------------


def assassinated(mails: list[Path]) -> bool:
    """SpamAssassin's score of each; whether all are under the goal."""
    program = shutil.which("spamassassin")
    if program is None:
        print("  SpamAssassin: not installed")
        return True
    good = True
    for mail in mails:
        said = subprocess.run(
            [program, "-L", "-t"], input=mail.read_bytes(), capture_output=True, check=True
        ).stdout.decode("utf-8", "replace")
        # Over several lines, and joined again.
        status = " ".join(
            re.search(r"^X-Spam-Status: ((?:.*\n)(?:[ \t].*\n)*)", said, re.MULTILINE)[1].split()
        )  # type: ignore[index]
        score = float(re.search(r"score=(-?[\d.]+)", status)[1])  # type: ignore[index]
        tests = re.search(r"tests=(.*?) (?:autolearn|version)", status)
        good = good and score < HIGHEST
        print(
            f"  SpamAssassin {score:5.1f}  {mail.stem:16} {tests[1].replace(', ', ',') if tests else ''}",
            flush=True,
        )
    return good


def verified(mails: list[Path], folder: Path) -> bool:
    """Whether OpenDKIM finds every RSA signature sound; it passes over Ed25519 where it was built without."""
    program = shutil.which("opendkim", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        print("  OpenDKIM: not installed")
        return True
    good = True
    for mail in mails:
        done = subprocess.run(
            [program, "-x", str(folder / "opendkim.conf"), "-t", str(mail)],
            capture_output=True,
            text=True,
            check=False,
        )
        said = " ".join((done.stdout + done.stderr).split())
        good = good and done.returncode == 0
        print(f"  OpenDKIM {done.returncode}  {mail.stem:16} {said}", flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())
