"""Whether forms can be made to bomb mailboxes: 10,000 with one victim's address, and 10,000 with as many addresses.

    python -m bench.list_bomb
    python -m bench.list_bomb --forms 1000

Mallory has 500 networks. The forms come in at the door, within a day, a month and an hour of a clock that is given, and
the line that sends is run against a mail server that counts. The goals are guarantee P11: one mail in 24 hours to an
address that never confirmed and three in 30 days, whatever comes in; and no more in an hour to strangers than the rate
that is set, with administrators told once.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.faults import harness

NETWORKS = 500
#: Confirmation mails to strangers in an hour, as this site is set.
RATE = 300
DAY, MONTH = timedelta(days=1), timedelta(days=30)


def bomb(page: Any, *, forms: int, email: str, within: timedelta, start: Any) -> float:
    """Put so many forms in, evenly; seconds it took. `email` may name the number of the form."""
    from amparo.actions import taking
    from tests.factories.deeds import a_deed

    begun = time.perf_counter()
    for number in range(forms):
        taking.take_from_stranger(
            page=page,
            deed=a_deed(letters=[], email=email.format(number=number), proved=False),
            network=f"198.51.{number % NETWORKS >> 8}.{number % NETWORKS & 255}",
            proof="",
            trapped=False,
            now=start + within * number / forms,
        )
    return time.perf_counter() - begun


def send(now: Any) -> None:
    """Everything that is due at that moment, as the worker does it."""
    from amparo.kit.work import run_line

    run_line("notices", now_source=lambda: now)


def measure(site: harness.Site, *, forms: int) -> list[tuple[str, bool, str]]:
    """Each goal, whether it holds, and its figure."""
    os.environ.update(site.env)
    import django

    django.setup()
    from django.utils import timezone

    from amparo.accounts.models import Role
    from amparo.mailings.models import Breaker, Notice
    from amparo.organizations.models import Organization
    from tests.factories.pages import a_sign_up_page
    from tests.factories.people import a_member_of_staff

    page = a_sign_up_page(Organization.objects.get())
    staff = a_member_of_staff(page.organization, Role.ADMINISTRATOR, email="ada@example.org")
    site.start_mail()
    start = timezone.now().replace(minute=0, second=0, microsecond=0)

    def to(word: str) -> int:
        return sum(word in line[-1] for line in site.mails())

    took = bomb(page, forms=forms, email="day@victim.example.net", within=DAY, start=start)
    send(start + DAY)
    of_a_day = to("day@victim")
    took += bomb(page, forms=forms, email="month@victim.example.net", within=MONTH, start=start)
    send(start + MONTH)
    of_a_month = to("month@victim")
    later = start + MONTH + DAY
    took += bomb(
        page, forms=forms, email="v{number}@many.example.net", within=timedelta(minutes=50), start=later
    )
    for minutes in (51, 55, 59):
        send(later + timedelta(minutes=minutes))
    of_an_hour, told = to("@many.example.net"), to(staff.email)
    waiting = Notice.objects.filter(state=Notice.State.QUEUED, to_stranger=True).count()
    print(f"{3 * forms:,} forms in {took:.0f} s  (load {os.getloadavg()[0]:.1f})", flush=True)
    return [
        ("one victim in 24 hours: at most 1 mail", of_a_day <= 1, str(of_a_day)),
        ("one victim in 30 days: at most 3 mails", of_a_month <= 3, str(of_a_month)),
        (f"{forms:,} victims in an hour: at most {RATE} mails", of_an_hour <= RATE, str(of_an_hour)),
        ("the breaker is open", Breaker.objects.open().count() == 1, f"{waiting:,} mails wait"),
        ("administrators are told once", told == 1, str(told)),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m bench.list_bomb", description=__doc__.splitlines()[0])
    parser.add_argument("--forms", type=int, default=10_000)
    parser.add_argument("--shelf", type=Path, help="a folder that keeps the empty site for the next run")
    options = parser.parse_args(arguments)
    good = True
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        shelf = options.shelf or Path(folder) / "shelf"
        with harness.a_site(shelf=shelf, folder=Path(folder) / "site") as site:
            site.settings["AMPARO_CONFIRMATIONS_PER_HOUR"] = str(RATE)
            for goal, holds, figure in measure(site, forms=options.forms):
                print(f"{'holds ' if holds else 'MISSED'}  {goal}: {figure}", flush=True)
                good = good and holds
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
