"""A list for the site under test; run with the site's own environment.

python -m tests.faults.lists start 1500          as many people, checked, and to be brought in by a worker
python -m tests.faults.lists undo                the last one is to be undone
"""

from __future__ import annotations

import json
import sys

import django


def start(count: int) -> dict[str, object]:
    """A list of `count` people with a tag and a yes each, ready for a worker."""
    from django.utils import timezone

    from amparo.kit.work import run_line
    from amparo.organizations.models import Organization
    from amparo.supporters.importing import preparing
    from amparo.supporters.importing.answers import ConsentAnswer
    from amparo.supporters.importing.claiming import LINE

    now = timezone.now()
    rows = "".join(f"person{at}@supporters.example.net,Amina,Rahal,press\n" for at in range(count))
    run = preparing.receive(
        [b"email,first name,last name,tags\n", rows.encode()],
        organization=Organization.objects.get(),
        file_name="list.csv",
        by=None,
        now=now,
    )
    answer = ConsentAnswer("imported", (("news", "email"),), "our old site", now.date(), "its export")
    preparing.say_consent(run=run, answer=answer, by=None, now=now)
    preparing.ask_for_check(run=run, now=now)
    run_line(LINE)
    run.refresh_from_db()
    preparing.start(run=run, by=None, now=now)
    return {"rows": run.rows_total}


def undo() -> dict[str, object]:
    """The list that is done is to be undone by a worker."""
    from django.utils import timezone

    from amparo.supporters.importing import undoing
    from amparo.supporters.models import ImportRun

    undoing.start(run=ImportRun.objects.get(), by=None, now=timezone.now())
    return {}


def main(words: list[str]) -> int:
    """Do what the first word says and print what came of it as JSON."""
    django.setup()
    print(json.dumps(start(int(words[1])) if words[0] == "start" else undo()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
