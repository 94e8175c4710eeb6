"""The demonstration's automation: a welcome series of two mails in three languages, which is on."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from amparo.actions.models import EmailTargetPage
from amparo.mailings.automations import arranging, editions
from amparo.mailings.composer import composing
from amparo.web.demo.texts import DATA, LANGUAGES

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.content.models import Campaign

#: Days after the mail before; the first comes within minutes.
WAIT = 3


def welcome(*, campaign: Campaign, written_by: User, switched_on_by: User, now: datetime) -> None:
    """Begin it, write it, switch it on: whoever signs up in the demonstration gets it."""
    words = tomllib.loads((DATA / "welcome.toml").read_text(encoding="utf-8"))
    automation = arranging.begin(
        organization=campaign.organization,
        kind="welcome",
        name="Welcome to Open Cells",
        by=written_by,
        now=now,
    )
    for _mail in words[LANGUAGES[0]][1:]:
        arranging.add_step(automation=automation, days=WAIT, by=written_by, now=now)
    ask = EmailTargetPage.objects.get(campaign=campaign, slug="mira", locale__language_code=LANGUAGES[0])
    for place, step in enumerate(automation.steps.order_by("number")):
        for text in editions.text_of(step).texts.filter(language__in=LANGUAGES):
            said = words[text.language][place]
            composing.write(
                text=text,
                subject=said["subject"],
                preview=said["preview"],
                raw=_blocks(said, ask),
                seen=None,
                by=written_by,
                now=now,
            )
    arranging.switch_on(automation=automation, by=switched_on_by, now=now)


def _blocks(said: dict[str, Any], ask: EmailTargetPage) -> list[dict[str, Any]]:
    """Heading, words and a button."""
    return [
        {"type": "heading", "value": said["subject"]},
        {"type": "text", "value": "".join(f"<p>{paragraph}</p>" for paragraph in said["paragraphs"])},
        {"type": "button", "value": {"text": said["button"], "page": ask.pk, "url": ""}},
    ]
