"""The sections of a mailing's screen below its texts: audience, approval, sending, report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from amparo.mailings import audience, local_hours, subject_tests
from amparo.mailings.models import Mailing
from amparo.mailings.progress import progress
from amparo.mailings.screens import by_provider, mailing_report, sending_words, text_costs
from amparo.supporters.models import Channel
from amparo.supporters.segmentation.segments import Excluded

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.functional import _StrOrPromise

State = Mailing.State
#: In these the audience is not frozen yet.
BEFORE = (State.DRAFT, State.READY, State.SCHEDULED)
_LEFT_OUT: dict[str, _StrOrPromise] = {
    "acted": _("did already what is asked"),
    "frequency": _("want to hear from us less often"),
    "no_address": _("have no address for it"),
    "same_number": _("share a number with somebody who gets it"),
    **{reason.value: reason.label for reason in Excluded},
}
_SKIPPED: list[tuple[str, _StrOrPromise]] = [
    ("suppressed", _("on the suppression list since")),
    ("withdrawn", _("took their yes back since")),
    ("resting", _("asked for a pause since")),
    ("gone", _("erased, merged or without an address since")),
    ("stopped", _("the mailing was stopped before their turn")),
]


def sections(mailing: Mailing, *, may_approve: bool, now: datetime) -> dict[str, Any]:
    """What the templates of the four sections are given."""
    state = mailing.state
    found: dict[str, Any] = {
        "before": state in BEFORE,
        "may_approve": may_approve and state == State.READY,
        "may_take_back": state in {State.READY, State.SCHEDULED},
        "may_pause": state == State.SENDING,
        "may_resume": may_approve and state == State.PAUSED,
        "may_stop": state in {State.SCHEDULED, State.FREEZING, State.SENDING, State.PAUSED},
        "may_add": may_approve and state in {State.SENDING, State.PAUSED, State.FINISHED},
        "may_choose": may_approve
        and state in {State.SENDING, State.PAUSED}
        and subject_tests.somebody_waits(mailing)
        and not mailing.winner,
        "may_write_again": state == State.FINISHED,
        "is_moving": state in {State.FREEZING, State.SENDING},
        "waits": sending_words.waits_until(mailing, now=now),
        "variants": len(set(mailing.texts.values_list("variant", flat=True))),
        "rule": sending_words.rule(mailing) if subject_tests.somebody_waits(mailing) else "",
        "pace": sending_words.pace(mailing),
    }
    if state in BEFORE:
        return found | _expected(mailing, now=now)
    came = progress(mailing)
    turns = local_hours.of_frozen(mailing)
    skipped = mailing_report.skipped_by_reason(came, _SKIPPED)
    figures = mailing_report.figures(mailing)
    return found | {
        "came": came,
        "bars": mailing_report.bars(came),
        "skipped": skipped.most_common(),
        "expected_end": mailing_report.expected_end(mailing, came, now=now)
        if state == State.SENDING
        and not (found["waits"] or found["may_choose"] or any(turn.at > now for turn in turns))
        else None,
        "turns": sending_words.turns_in_words(mailing, turns, now=now),
        "tried": subject_tests.tried(mailing),
        "decided": sending_words.decided(mailing) if mailing.variant_shares else "",
        "figures": figures,
        "beside_usual": mailing_report.beside_usual(figures),
        "providers": [] if mailing.channel == Channel.SMS else by_provider.providers(mailing),
        "reasons": mailing_report.reasons(mailing),
    }


def _expected(mailing: Mailing, *, now: datetime) -> dict[str, Any]:
    if mailing.segment_id is None:
        return {"forecast": None}
    forecast = audience.forecast(mailing=mailing, now=now)
    turns = []
    if mailing.local_day is not None and mailing.local_hour is not None:
        turns = local_hours.turns_of(mailing, day=mailing.local_day, hour=mailing.local_hour, now=now)
    excluded = sorted(forecast.excluded.items(), key=lambda each: -each[1])
    return {
        "forecast": forecast,
        "cost": text_costs.cost_of(mailing, now=now) if mailing.channel == Channel.SMS else None,
        "leaves": sending_words.leaves(mailing),
        "turns": sending_words.turns_in_words(mailing, turns, now=now),
        "excluded": [(_LEFT_OUT.get(reason, reason), number) for reason, number in excluded],
    }
