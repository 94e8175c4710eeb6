"""Mailings: from half a million frozen recipients to as many SMTP transactions, beside Postfix's own smtp-source.

    python -m bench.mailing                         100,000 readers, both databases, three rounds
    python -m bench.mailing --number 500000         more
    python -m bench.mailing --only postgresql --rounds 5 --dkim rsa

Personalised mails of 6 kB in two languages, with one-click headers, over ten and over twenty connections a process,
with everything that is promised: the ledger of outcomes, the log, consent and suppression looked up again, addresses
unsealed. They go to `smtp-sink` where Debian's postfix is installed, else to a sink of ours; in each round
`smtp-source -s 10 -d` sends as many to the same sink. Medians of interleaved rounds; the ratio and the CPU seconds
count, for other programs share the machine. "Database" is the time of our own connections' server processes, "sink"
that of the mail server, which shares the processors. Goals: 1.3 × smtp-source on PostgreSQL, 1.0 × on SQLite, 4 CPU
seconds per 100,000 in sender and database, with RSA of 2048 bits 80 % of what as many processes sign that do nothing
else, 500,000 frozen within 2 s,
60 MB that a process grows by while it sends.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from bench._postfix import Sink, cpu_seconds, find, start_sink, with_libraries
from bench._signing import signatures_per_second
from bench.segments import _postgresql
from scripts.environment import without_settings

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("postgresql", "sqlite")
SIZE = 6144
#: Made one after another in each round, beside which signing mails is measured.
SIGNATURES = 20_000
WIRE_SESSIONS = 10
ALPHABET = {"en": "Please write to the minister today. ", "ar": "اكتب إلى الوزير اليوم. "}


def main() -> int:
    """Fill a database of each kind in a process of its own, and measure there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--number", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", default="1,2")
    parser.add_argument("--connections", default="10,20", help="of each process, one number after another")
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--dkim", default="none", help="none, rsa, ed25519, or several with commas between")
    parser.add_argument("--no-delay", action="store_true", help="leave out the round trip of 20 ms")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--send", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.send:
        return send()
    if options.inside:
        return measure(options)
    codes = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="amparo-bench-")))
        for kind in KINDS:
            if options.only in {None, kind}:
                url = f"sqlite:///{folder / 'mailing.sqlite3'}" if kind == "sqlite" else _postgresql(stack)
                codes.append(_inside(folder / kind, url, sys.argv[1:]) if url else 0)
    return max(codes, default=0)


def _inside(state: Path, url: str, arguments: list[str]) -> int:
    state.mkdir()
    env = {
        **without_settings(),
        "DATABASE_URL": url,
        "AMPARO_VAR": str(state),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONWARNINGS": "ignore",
        "AMPARO_DKIM_KEYS": str(state / "dkim"),
    }
    command = [sys.executable, "-m", "bench.mailing", "--inside", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


# --- In the process that owns the database ---------------------------------------------------------


def measure(options: argparse.Namespace) -> int:
    """Fill, freeze, send, print."""
    warnings.simplefilter("ignore")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    started = time.monotonic()

    def say(what: str) -> None:
        print(f"  {what} ({time.monotonic() - started:.0f} s, load {os.getloadavg()[0]:.1f})", flush=True)

    # Of the same version, one that was built with profiles, as distributions do, is a third quicker.
    python = f"Python {platform.python_version()} of {sys.base_prefix}"
    print(f"{connection.vendor}, {options.number:,} readers, {python}:", flush=True)
    call_command("migrate", verbosity=0)
    mailing = populate(options.number)
    say("filled")
    frozen = freeze(mailing)
    say(f"frozen in {frozen * 1000:.0f} ms: {options.number / frozen:,.0f} a second")
    missed = []
    with ExitStack() as stack:
        sink = start_sink(stack)
        for dkim in options.dkim.split(","):
            place_keys(dkim)
            missed += rounds(options, sink, dkim=dkim)
        if not options.no_delay:
            place_keys("none")
            missed += round_trips(stack)
    if missed:
        print("  missed: " + "; ".join(missed))
    return bool(missed)


def populate(number: int) -> Any:
    """That many readers who agreed, and a mailing to them in two languages."""
    from django.db import transaction

    from amparo.mailings.models import Mailing, MailingText
    from amparo.organizations.founding import found
    from amparo.supporters import consent
    from amparo.supporters.models import Segment
    from bench import _bulk
    from bench._invented_supporters import NOW, people

    organization = found(
        slug="bench",
        name="Bench",
        sender_name="Open Doors",
        sender_email="letters@campaigns.example.org",
        contact_email="office@example.org",
        now=NOW,
    )
    agreed = {"agreed_to": consent.bit("news", "email"), "confirmed_at": NOW}
    with transaction.atomic():
        _bulk.load_supporters(organization, ((person, agreed) for person in people(number)))
    _bulk.settle()
    segment = Segment.objects.create(
        organization=organization, name="All", question={"all": []}, created_at=NOW, changed_at=NOW
    )
    mailing = Mailing.objects.create(
        organization=organization,
        segment=segment,
        name="Alert",
        state="freezing",
        scheduled_at=NOW,
        approved_at=NOW,
        created_at=NOW,
        changed_at=NOW,
    )
    for language, words in ALPHABET.items():
        part = words * (1400 // len(words.encode("utf-8")) // (1 if language == "en" else 3))
        MailingText.objects.create(
            organization=organization,
            mailing=mailing,
            language=language,
            subject="{first name|Friend}, will you write?",
            text=f"{{first name|friend}},\n\n{part}\n\n{{unsubscribe link}}\n{{preferences link}}\n",
            html=f"<!doctype html><html lang={language}><body><p>{{first name|friend}},</p><p>{part}</p>"
            f"<p>{part}</p><a href='https://example.org/ask/?m={{my token}}'>Write</a> "
            "<a href='{unsubscribe link}'>Leave</a></body></html>",
            changed_at=NOW,
        )
    return mailing


def freeze(mailing: Any) -> float:
    """Seconds to freeze the audience, the middle of three."""
    from django.db import transaction

    from amparo.mailings import freezing
    from amparo.mailings.models import AudienceChunk, Mailing
    from bench._invented_supporters import NOW

    times = []
    for _round in range(3):
        AudienceChunk.objects.all().delete()
        Mailing.objects.update(state="freezing", started_at=None, unknown_policy="resend")
        mailing.refresh_from_db()
        started = time.perf_counter()
        with transaction.atomic():
            freezing.freeze(mailing=mailing, now=NOW)
        times.append(time.perf_counter() - started)
    return median(times)


def reset(most: int | None = None) -> int:
    """Everybody (or so many) waits again; how many."""
    from amparo.mailings.models import AudienceChunk, Mailing

    Mailing.objects.update(state="sending", finished_at=None)
    number = 0
    for chunk in AudienceChunk.objects.order_by("number"):
        people = len(bytes(chunk.outcomes))
        due = most is None or number < most
        AudienceChunk.objects.filter(pk=chunk.pk).update(
            outcomes=(b"q" if due else b"s") * people, is_open=due, attempts=0, claimed_by=None
        )
        number += people * due
    return number


def rounds(options: argparse.Namespace, sink: Sink, *, dkim: str) -> list[str]:
    """Interleaved rounds of ours and of smtp-source; what was missed."""
    from django.db import connection

    source = find("smtp-source")
    kinds = [
        (int(processes), int(connections))
        for processes in options.processes.split(",")
        for connections in options.connections.split(",")
    ]
    found: dict[Any, list[dict[str, float]]] = {"source": [], **{kind: [] for kind in kinds}}
    bare: dict[tuple[int, int], list[float]] = {kind: [] for kind in kinds}
    for _round in range(options.rounds):
        if source:
            found["source"].append(run_source(source, sink, options.number))
        for kind in kinds:
            reset()
            found[kind].append(run_senders(*kind, sink, options.number))
            if dkim == "rsa":
                bare[kind].append(signatures_per_second(kind[0], SIGNATURES))
    signed = "" if dkim == "none" else f", DKIM {dkim}"
    base, usual = (median([each["rate"] for each in found["source"]]) if source else 0.0), 1.0
    if source:
        usual, taking = (median([each[name] for each in found["source"]]) for name in ("cpu", "sink"))
        print(
            f"  {'smtp-source -s 10 -d':38} {base:9,.0f} /s  {usual:6.2f} CPU s per 100,000, sink {taking:5.2f}"
        )
    best = 0.0
    missed = []
    for kind in kinds:
        rate, cpu, database, taking, memory = (
            median([each[name] for each in found[kind]])
            for name in ("rate", "cpu", "database", "sink", "memory")
        )
        best = max(best, rate)
        times = f" {rate / base:5.2f} × smtp-source, {(cpu + database) / usual:.2f} × its CPU" if base else ""
        label = f"Amparo, {kind[0]} × {kind[1]} connections{signed}"
        print(
            f"  {label:38} {rate:9,.0f} /s  {cpu:6.2f} CPU s per 100,000, database {database:5.2f},"
            f" sink {taking:5.2f}  {memory:+5.0f} MB{times}",
            flush=True,
        )
        if bare[kind]:
            share = rate / median(bare[kind])
            print(f"  {'bare signing by as many':38} {rate / share:9,.0f} /s, of which that is {share:.0%}")
            missed += [f"{share:.0%} of bare signing, {label}"] * (share < 0.8)
        if dkim == "none" and cpu + database > 4:
            missed.append(f"{cpu + database:.2f} CPU s per 100,000, {label}")
        if memory > 60:
            missed.append(f"{memory:.0f} MB")
    goal = 1.3 if connection.vendor == "postgresql" else 1.0
    if base and dkim == "none" and best < goal * base:
        missed.append(f"{best / base:.2f} × smtp-source")
    return missed


def round_trips(stack: ExitStack) -> list[str]:
    """The same over a line on which an answer takes 20 ms, with and without pipelining."""
    number, rates = 0, []
    for arguments in (["--delay", "0.02"], ["--delay", "0.02", "--plain"]):
        sink = start_sink(stack, *arguments)
        number = reset(most=5000)
        rates.append(run_senders(1, 10, sink, number)["rate"])
    times = rates[0] / rates[1]
    print(f"  at 20 ms round trip: {rates[0]:,.0f} /s, in lock-step {rates[1]:,.0f} /s: {times:.2f} ×")
    return [] if times >= 3.5 else [f"{times:.2f} × lock-step at 20 ms"]


def run_senders(processes: int, connections: int, sink: Sink, number: int) -> dict[str, float]:
    """Let so many processes, each with so many connections, send until nothing is due."""
    env = {
        **os.environ,
        "SMTP_URL": f"smtp://127.0.0.1:{sink.port}?tls=none",
        "AMPARO_MAILING_CONNECTIONS": str(connections),
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.mailing", "--send"], cwd=ROOT, env=env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )
        for _process in range(processes)
    ]  # fmt: skip
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
    before = cpu_seconds(sink.pid)
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [json.loads(process.communicate()[0].strip().splitlines()[-1]) for process in running]
    assert sum(one["done"] for one in said) == number, said
    wall = max(one["ended"] for one in said) - min(one["began"] for one in said)
    per = 100_000 / number
    return {
        "rate": number / wall,
        "cpu": sum(one["cpu"] for one in said) * per,
        "database": sum(one["database"] for one in said) * per,
        "sink": (cpu_seconds(sink.pid) - before) * per,
        "memory": max(one["memory"] for one in said),
    }


def run_source(program: str, sink: Sink, number: int) -> dict[str, float]:
    """The same number by Postfix's own generator."""
    words = [program, "-s", str(WIRE_SESSIONS), "-m", str(number), "-d", "-l", str(SIZE)]
    before, idle = resource.getrusage(resource.RUSAGE_CHILDREN), cpu_seconds(sink.pid)
    started = time.perf_counter()
    subprocess.run([*words, f"127.0.0.1:{sink.port}"], check=True, env=with_libraries(program))
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    per = 100_000 / number
    return {"rate": number / wall, "cpu": cpu * per, "sink": (cpu_seconds(sink.pid) - idle) * per}


# --- Keys --------------------------------------------------------------------------------------


def place_keys(kind: str) -> None:
    """The key to sign with, or none."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    folder = Path(os.environ["AMPARO_DKIM_KEYS"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if kind == "none":
        return
    key = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        if kind == "rsa"
        else ed25519.Ed25519PrivateKey.generate()
    )
    (folder / f"{kind}._domainkey.campaigns.example.org.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


# --- In a sending process --------------------------------------------------------------------------


def send() -> int:
    """Run sessions until nothing is due; one line of JSON."""
    warnings.simplefilter("ignore")
    import django

    django.setup()
    from django.db import connection
    from django.urls import reverse

    from amparo.mailings.delivery import delivering_mailings
    from bench._invented_supporters import NOW

    connection.ensure_connection()
    # All of Amparo is imported when it first looks for an address, once in a process's life.
    reverse("my_page", args=["z"])
    delivering_mailings.claimable(now=NOW)
    # As a worker does.
    gc.freeze()
    print("ready", flush=True)
    sys.stdin.readline()
    before = resource.getrusage(resource.RUSAGE_SELF)
    database = _database_time()
    began, done = time.time(), 0
    while delivering_mailings.claimable(now=NOW):
        done += delivering_mailings.Session(now_source=lambda: NOW).run().done
    ended = time.time()
    after = resource.getrusage(resource.RUSAGE_SELF)
    said = {
        "done": done,
        "began": began,
        "ended": ended,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "database": _database_time() - database,
        "memory": (after.ru_maxrss - before.ru_maxrss) / 1024,
    }
    print(json.dumps(said), flush=True)
    return 0


def _database_time() -> float:
    """CPU seconds of our connection's server process; 0 for SQLite, whose time is ours."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cpu_seconds(cursor.fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())
