"""The draft of an action alert in three languages, and whom it is for, as Bruno left it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from amparo.actions.models import EmailTargetPage
from amparo.cases.models import CasePage
from amparo.mailings import targeting
from amparo.mailings.composer import composing
from amparo.mailings.models import Mailing
from amparo.supporters.segmentation import segmenting
from amparo.web.demo.texts import DATA, LANGUAGES, filled, read

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.content.models import Campaign
    from amparo.web.demo.texts import Days


def compose_alert(*, campaign: Campaign, days: Days, by: User, now: datetime) -> None:
    """The alert before Mira's hearing, in every language, with a second subject in the first."""
    words = tomllib.loads((DATA / "alert.toml").read_text(encoding="utf-8"))
    mailing = composing.begin(
        organization=campaign.organization,
        name="Mira: three weeks until the hearing",
        kind=Mailing.Kind.ALERT,
        campaign=campaign,
        language=LANGUAGES[0],
        by=by,
        now=now,
    )
    for language in LANGUAGES:
        text = mailing.texts.filter(language=language).first() or composing.add_text(
            mailing=mailing, language=language, variant=composing.FIRST, by=by, now=now
        )
        said = filled(words[language], language, days)
        composing.write(
            text=text,
            subject=said["subject"],
            preview=said["preview"],
            raw=_blocks(said, read(language, days)["case"], campaign),
            seen=None,
            by=by,
            now=now,
        )
    segment = segmenting.keep(
        organization=campaign.organization,
        name="Agreed to news by e-mail",
        question={"filter": "consent", "purpose": "news", "channel": "email", "answer": "yes"},
        by=by,
        now=now,
    )
    targeting.choose_audience(
        mailing=mailing,
        segment=segment,
        leave_out_takers=True,
        urgency=Mailing.Urgency.ROUTINE,
        unknown_policy=Mailing.Unknown.BY_SIZE,
        by=by,
        now=now,
    )


def _blocks(said: dict[str, Any], case: dict[str, Any], campaign: Campaign) -> list[dict[str, Any]]:
    """One of nearly every kind."""
    ask = EmailTargetPage.objects.get(campaign=campaign, slug="mira", locale__language_code=LANGUAGES[0])
    page = CasePage.objects.get(case__campaign=campaign)
    return [
        _block("heading", said["heading"]),
        _text(said["opening"]),
        _block("image", {"image": ask.portrait_id, "alt_text": case["portrait_alt"], "caption": ""}),
        _text(said["asking"]),
        _block("button", {"text": said["button"], "page": ask.pk, "url": ""}),
        _block("quote", {"quote": case["quote"], "attribution": case["said_by"]}),
        _block("case", str(page.pk)),
        _text(said["figure_lead"]),
        _block("figure", "teachers-and-journalists"),
        _block("divider", None),
        _text(said["closing"]),
    ]


def _block(kind: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "value": value}


def _text(paragraphs: list[str]) -> dict[str, Any]:
    return _block("text", "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))
