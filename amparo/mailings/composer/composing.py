"""Compose a mailing: begin one, write its texts by language and variant, copy it, delete a draft.

Whatever is saved is drawn at once into the HTML and the plain words that leave (`MailingText`), and once more when the
mailing does (`draw_anew`): what is not public by then is not sent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts import audit
from amparo.kit.addresses import one_line
from amparo.kit.refusal import Refusal
from amparo.mailings.composer import compose_checks
from amparo.mailings.composer.rendering import render
from amparo.mailings.models import Automation, AutomationStep, Mailing, MailingBody, MailingText
from amparo.mailings.texts import senders, ways_out
from amparo.supporters import linking
from amparo.supporters.models import Channel, Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.content.models import Campaign
    from amparo.organizations.models import Organization

Raw = list[dict[str, Any]]
FIRST = "a"
#: The kind of block that is rich text.
WORDS = "text"
VARIANTS = tuple("abcdefgh")
_BRACES = re.compile(r"\{+[^{}\n]*\}+")
#: What purpose a kind of mailing has; who did not agree to it gets none.
PURPOSES = {
    Mailing.Kind.APPEAL: Purpose.FUNDRAISING,
    Mailing.Kind.INVITATION: Purpose.EVENTS,
}


class NoDraft(Refusal):
    sentence = gettext_lazy("This mailing is no draft any more. Take it back to write on.")


class OfAnAutomation(Refusal):
    sentence = gettext_lazy("This text belongs to an automation. Change it there.")


class AutomationIsOn(Refusal):
    sentence = gettext_lazy("This text belongs to an automation that is on. Switch it off to write on it.")


class NoTexts(Refusal):
    sentence = gettext_lazy("This organization has no number from which it could send text messages.")


class NameMissing(Refusal):
    sentence = gettext_lazy("Give the mailing a name.")


class TextThere(Refusal):
    sentence = gettext_lazy("There is a text in this language and variant already.")


class LastText(Refusal):
    sentence = gettext_lazy("A mailing keeps at least one text. Delete the mailing instead.")


class ChangedMeanwhile(Refusal):
    sentence = gettext_lazy(
        "Somebody else saved this text while you were writing. Copy what you wrote, open the text again, bring it in."
    )


# --- The mailing ----------------------------------------------------------------------------------


def begin(
    *,
    organization: Organization,
    name: str,
    kind: Mailing.Kind,
    campaign: Campaign | None,
    language: str,
    by: User | None,
    now: datetime,
    channel: Channel = Channel.EMAIL,
) -> Mailing:
    """A draft with one text, which greets its reader. Raises `NameMissing`, and `NoTexts` where none can be sent."""
    sender = senders.sender_of(organization)
    if channel == Channel.SMS and sender is None:
        raise NoTexts
    mailing = Mailing(
        organization=organization,
        campaign=campaign,
        name=_as_name(name),
        kind=kind,
        purpose=PURPOSES.get(kind, Purpose.NEWS),
        channel=channel,
        created_by=by,
        created_at=now,
        changed_at=now,
    )
    mailing.link_source = _source_of(mailing)
    with transaction.atomic():
        mailing.save(force_insert=True)
        _note("begin_mailing_draft", mailing, by=by, now=now)
        if sender is not None and channel == Channel.SMS:
            usual = ways_out.usual_words(language=language, takes_answers=sender.takes_answers)
            _new_words(mailing, language=language, words=f"{organization.name}: \n{usual}", now=now)
            return mailing
        with translation.override(linking.spoken(language)):
            greeting = _("Dear {first name|friend},")
        _new_text(
            mailing,
            language=language,
            variant=FIRST,
            subject="",
            preview="",
            raw=[{"type": WORDS, "value": f"<p>{escape(greeting)}</p>"}],
            now=now,
        )
    return mailing


def change(
    *,
    mailing: Mailing,
    name: str,
    kind: Mailing.Kind,
    campaign: Campaign | None,
    sender_name: str,
    by: User | None,
    now: datetime,
) -> None:
    """What it is called, what it is, who it comes from. Raises `NameMissing`, `OfAnAutomation` and `NoDraft`."""
    if mailing.step_id is not None:
        raise OfAnAutomation
    with transaction.atomic():
        hold(mailing, now=now)
        mailing.name, mailing.kind, mailing.campaign = _as_name(name), kind, campaign
        mailing.sender_name = one_line(sender_name, 200)
        mailing.purpose = PURPOSES.get(kind, Purpose.NEWS)
        mailing.save(update_fields=["name", "kind", "campaign", "sender_name", "purpose"])
        _note("change_mailing", mailing, by=by, now=now)


def copy(
    *,
    mailing: Mailing,
    name: str,
    by: User | None,
    now: datetime,
    as_resend: Mapping[str, Any] | None = None,
) -> Mailing:
    """The same texts, sender and audience as a new draft; nothing of what became of the first. Raises `NameMissing`.

    With `as_resend`, the columns that are other then: one variant alone, without its subject (`resending`).
    """
    columns = {column: getattr(mailing, column) for column in _COPIED} | dict(as_resend or {})
    columns.setdefault("is_further_resend", mailing.resend_of_id is not None)
    twin = Mailing(created_by=by, created_at=now, changed_at=now, name=_as_name(name), **columns)
    twin.link_source = _source_of(twin)
    with transaction.atomic():
        twin.save(force_insert=True)
        _note("copy_mailing", twin, by=by, now=now, details={"from": str(mailing.pk)})
        texts = mailing.texts.select_related("body")
        for text in texts if as_resend is None else texts.filter(variant=mailing.winner or FIRST):
            if mailing.channel == Channel.SMS:
                _new_words(twin, language=text.language, words=text.text, now=now)
                continue
            _new_text(
                twin,
                language=text.language,
                variant=text.variant if as_resend is None else FIRST,
                subject=text.subject if as_resend is None else "",
                preview=text.preview,
                raw=_own_blocks(text) if as_resend is None else blocks_for(text),
                now=now,
            )
    return twin


_COPIED = (
    "organization_id",
    "campaign_id",
    "kind",
    "urgency",
    "purpose",
    "channel",
    "segment_id",
    "leave_out",
    "resend_of_id",
    "sender_name",
    "unknown_policy",
    "per_minute",
    "per_domain",
    "variant_shares",
    "test_hours",
)


def delete(*, mailing: Mailing, by: User | None, now: datetime) -> None:
    """Forget a draft. Raises `OfAnAutomation`, and `NoDraft`: what was sent, or is about to be, stays."""
    if mailing.step_id is not None:
        raise OfAnAutomation
    with transaction.atomic():
        hold(mailing, now=now)
        _note("delete_mailing", mailing, by=by, now=now)
        mailing.delete()


# --- Its texts ------------------------------------------------------------------------------------


def add_text(*, mailing: Mailing, language: str, variant: str, by: User | None, now: datetime) -> MailingText:
    """One more language, which begins as the first text, or one more variant, which has the body of variant a.

    Raises `TextThere` and `NoDraft`.
    """
    texts = list(mailing.texts.select_related("body"))
    first = next((text for text in texts if text.language == language and text.variant == FIRST), None)
    if mailing.channel == Channel.SMS or (variant != FIRST and first is None):
        variant = FIRST
    like = first or (texts[0] if texts else None)
    raw = _own_blocks(like) if like is not None and variant == FIRST else []
    try:
        with transaction.atomic():
            hold(mailing, now=now)
            if mailing.channel == Channel.SMS:
                words = like.text if like else ""
                text = _new_words(mailing, language=language, words=words, now=now)
            else:
                text = _new_text(
                    mailing,
                    language=language,
                    variant=variant,
                    subject=like.subject if like else "",
                    preview=like.preview if like else "",
                    raw=raw,
                    now=now,
                )
            _note(
                "add_mailing_text",
                mailing,
                by=by,
                now=now,
                details={"language": language, "variant": variant},
            )
    except IntegrityError:
        raise TextThere from None
    return text


def write(
    *,
    text: MailingText,
    subject: str,
    preview: str,
    raw: Raw,
    seen: datetime | None,
    by: User | None,
    now: datetime,
) -> None:
    """Save a text and draw it. `seen` is when the writer last saw it changed.

    Raises `compose_checks.UnknownField`, `compose_checks.NotYours`, `ChangedMeanwhile` and `NoDraft`.
    """
    text.subject, text.preview = one_line(subject, 200), one_line(preview, 200)
    raw = _tidied(raw)
    plain = [block for block in raw if block.get("type") != WORDS]
    compose_checks.check_fields([text.subject, text.preview, *compose_checks.strings_in(plain)])
    texts = [block for block in raw if block.get("type") == WORDS]
    compose_checks.check_fields(compose_checks.strings_in(texts), with_register=True)
    compose_checks.check_whose(raw, organization=text.organization)
    with transaction.atomic():
        hold(text.mailing, now=now)
        same = MailingText.objects.filter(pk=text.pk)
        if not (same.filter(changed_at=seen) if seen else same).update(changed_at=now):
            raise ChangedMeanwhile
        text.changed_at = now
        MailingBody.objects.update_or_create(
            text=text, defaults={"organization": text.organization, "blocks": raw}
        )
        _draw(text, raw, now=now)
        if text.variant == FIRST:
            for variant in _sharing(text):
                _draw(variant, raw, now=now)
        _note(
            "write_mailing_text",
            text.mailing,
            by=by,
            now=now,
            details={"language": text.language, "variant": text.variant},
        )


def remove_text(*, text: MailingText, by: User | None, now: datetime) -> None:
    """Take a language, or a variant, out of a draft; with variant a go those that share its body.

    Raises `LastText` and `NoDraft`.
    """
    going = [text, *(_sharing(text) if text.variant == FIRST else [])]
    with transaction.atomic():
        hold(text.mailing, now=now)
        if text.mailing.texts.count() <= len(going):
            raise LastText
        for each in going:
            _note(
                "remove_mailing_text",
                text.mailing,
                by=by,
                now=now,
                details={"language": each.language, "variant": each.variant},
            )
            each.delete()
        if text.mailing.texts.values("variant").distinct().count() < 2:
            Mailing.objects.filter(pk=text.mailing_id).update(variant_shares={}, test_hours=None)


def draw_anew(*, mailing: Mailing, now: datetime) -> int:
    """Draw every text that was composed of blocks, as everything they show stands now; how many."""
    texts = list(mailing.texts.filter(body__isnull=False).select_related("body"))
    with transaction.atomic():
        for text in texts:
            text.mailing = mailing
            _draw(text, blocks_for(text), now=now)
    return len(texts)


def blocks_for(text: MailingText) -> Raw:
    """The blocks that a text is drawn from: its own, or those of variant a in its language."""
    own = _own_blocks(text)
    if own or text.variant == FIRST:
        return own
    first = MailingBody.objects.filter(
        text__mailing=text.mailing_id, text__language=text.language, text__variant=FIRST
    ).first()
    return first.blocks if first else []


def shares_its_body(text: MailingText) -> bool:
    """Whether it is a variant of subject and preview alone."""
    return text.variant != FIRST and not _own_blocks(text)


# --- Inside ---------------------------------------------------------------------------------------


def _draw(text: MailingText, raw: Sequence[dict[str, Any]], *, now: datetime) -> None:
    drawn = render(text, raw=raw, now=now)
    text.html, text.text = drawn.html, drawn.text
    text.save(update_fields=["subject", "preview", "html", "text", "changed_at"])
    MailingBody.objects.filter(text=text).update(drawn_at=now)


def _new_text(
    mailing: Mailing, *, language: str, variant: str, subject: str, preview: str, raw: Raw, now: datetime
) -> MailingText:
    text = MailingText.objects.create(
        organization=mailing.organization,
        mailing=mailing,
        language=language,
        variant=variant,
        subject=subject,
        preview=preview,
        text="",
        changed_at=now,
    )
    MailingBody.objects.create(text=text, organization=mailing.organization, blocks=raw)
    _draw(text, blocks_for(text), now=now)
    return text


def _new_words(mailing: Mailing, *, language: str, words: str, now: datetime) -> MailingText:
    """The text of a text message, which is its words and nothing else."""
    return MailingText.objects.create(
        organization=mailing.organization,
        mailing=mailing,
        language=language,
        variant=FIRST,
        subject="",
        text=words,
        changed_at=now,
    )


def _sharing(text: MailingText) -> list[MailingText]:
    """The variants in the language of this one that have its body."""
    others = text.mailing.texts.filter(language=text.language).exclude(pk=text.pk).select_related("body")
    return [other for other in others if not _own_blocks(other)]


def _own_blocks(text: MailingText) -> Raw:
    body: MailingBody | None = getattr(text, "body", None)
    return body.blocks if body is not None else []


def hold(mailing: Mailing, *, now: datetime) -> None:
    """Hold a draft while it is written on. Raises `NoDraft`, and `AutomationIsOn` for a text that is in use."""
    if mailing.step_id is not None:
        theirs = AutomationStep.objects.filter(pk=mailing.step_id).values("automation")
        if not Automation.objects.filter(pk__in=theirs, on_since__isnull=True).update(changed_at=now):
            raise AutomationIsOn
    drafts = Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.DRAFT)
    if not drafts.update(changed_at=now):
        raise NoDraft
    mailing.changed_at = now


def _tidied(raw: Raw) -> Raw:
    """The blocks with plain spaces inside braces: an editor's fixed ones look the same and mean nothing."""

    def plain(value: Any) -> Any:
        if isinstance(value, str):
            return _BRACES.sub(lambda found: found[0].replace("\u00a0", " ").replace("&nbsp;", " "), value)
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items()}
        return [plain(each) for each in value] if isinstance(value, list) else value

    found: Raw = plain(raw)
    return found


def _as_name(name: str) -> str:
    found = one_line(name, 120)
    if not found:
        raise NameMissing
    return found


def _source_of(mailing: Mailing) -> str:
    """A code for links: the same for every reader, and so short that an action has room for it."""
    return f"m-{mailing.pk.hex[-8:]}"


def _note(
    verb: str, mailing: Mailing, *, by: User | None, now: datetime, details: dict[str, Any] | None = None
) -> None:
    audit.record(
        verb=verb, subject=mailing, by=by, organization=mailing.organization, now=now, details=details
    )
