"""Fills the database of a site under test; run with the site's own environment.

python -m tests.faults.preparing site            tables, an organization, targets and a page
python -m tests.faults.preparing letters 120     as many confirmed letters, over all seats
python -m tests.faults.preparing end             the campaign's hard stop is now
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from uuid import uuid4

import django


def prepare_site() -> dict[str, str]:
    """A site with one page; its address and how its consent question is called in a form."""
    from django.core.management import call_command
    from django.utils import timezone

    from amparo.supporters import wordings
    from amparo.supporters.models import Channel, Purpose
    from amparo.targets.activating import activate
    from amparo.targets.staging import stage
    from tests.factories.organizations import an_organization
    from tests.factories.pages import an_email_page
    from tests.faults import country

    call_command("migrate", verbosity=0)
    # What the public pages need; compressing the staff screens' files would take longer than most tests.
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["wagtail*", "admin"])
    now = timezone.now()
    organization = an_organization()
    activate(dataset=stage(bundle=country.a_country(), now=now), now=now)
    page = an_email_page(
        organization,
        title="Write to your member",
        dataset_slug=country.SLUG,
        legislatures=[("legislature", country.HOUSE)],
    )
    wording = wordings.word(
        organization=organization,
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        language="en",
        text="May we write to you about Ilan?",
    )
    return {"page": page.relative_url(None), "consent": f"consent-{wording.pk.hex}"}


def prepare_letters(count: int, *, stop_after: float | None = None) -> dict[str, int]:
    """Letters as supporters leave them: taken, then confirmed; from as many people, over all seats in turn.

    With `stop_after` the page's hard stop is that many seconds from now.
    """
    from django.utils import timezone

    from amparo.actions import confirming, taking
    from amparo.actions.models import Action, ActionPage, EmailTargetPage
    from amparo.mailings.models import Notice
    from tests.factories.deeds import a_deed, a_written_letter
    from tests.faults import country

    now = timezone.now()
    ActionPage.objects.update(hard_stop=None)
    page = EmailTargetPage.objects.get()
    for number in range(count):
        seat = number % 100
        letter = a_written_letter(
            target_key=country.target_key_of(seat),
            target_name=f"Member {seat}",
            target_label=f"Member for District {seat}",
        )
        deed = a_deed(email=f"{uuid4().hex}@supporters.example.net", letters=[letter])
        taking.take(page=page, deed=deed, now=now)
        link = confirming.link_for(Action.objects.get(key=deed.key).confirmation_id)
        confirming.confirm(token=link, now=now)
    # The confirmation mails are not what is watched here.
    Notice.objects.all().delete()
    if stop_after is not None:
        ActionPage.objects.filter(pk=page.pk).update(hard_stop=timezone.now() + timedelta(seconds=stop_after))
    return {"letters": count}


def end_campaign() -> dict[str, str]:
    """What the letters are about begins now."""
    from django.utils import timezone

    from amparo.actions.models import ActionPage

    ActionPage.objects.update(hard_stop=timezone.now())
    return {}


def main(words: list[str]) -> int:
    """Do what the first word says and print what came of it as JSON."""
    django.setup()
    if words[0] == "site":
        found: dict[str, object] = dict(prepare_site())
    elif words[0] == "end":
        found = dict(end_campaign())
    else:
        stop_after = float(words[2]) if len(words) > 2 else None
        found = dict(prepare_letters(int(words[1]), stop_after=stop_after))
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
