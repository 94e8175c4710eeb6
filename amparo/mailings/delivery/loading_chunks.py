"""Load a leased chunk: who of it is due and may still be written to, which text each gets, and at what pace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.mailings import compiling, outcomes, pacing, recovering
from amparo.mailings.delivery import readers
from amparo.mailings.models import Mailing
from amparo.mailings.models.audience_chunk import ID_BYTES
from amparo.mailings.wire import feed
from amparo.mailings.wire.opening_readers import ReaderOpener

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from amparo.mailings.carriers.base import Carrier
    from amparo.mailings.models import AudienceChunk
    from amparo.mailings.wire.destinations import Compiled

#: Seconds of its lease that a process does not use, so that nobody else holds a chunk while it still sends.
SAFETY = 15.0
#: Of an id, in hexadecimal.
DIGITS = 2 * ID_BYTES


class ChunkLoader:
    """Knows what chunks of one mailing have in common, for one session."""

    def __init__(self, chunk_feed: feed.ChunkFeed, carrier: Carrier) -> None:
        self._feed, self._carrier = chunk_feed, carrier
        self.mailings: dict[UUID, Mailing] = {}
        self.allowances: dict[UUID, feed.Allowance] = {}
        self._openers: dict[UUID, ReaderOpener] = {}
        self._texts: dict[tuple[UUID, str], dict[str, Compiled | None]] = {}

    def held(self, chunk: AudienceChunk, *, now: datetime, moment: float) -> feed.Held:
        """The chunk, with whoever is due in it; nobody is lined up. `moment` is now by the clock of leases."""
        mailing = self._mailing(chunk.mailing_id)
        there = bytes(chunk.outcomes)
        variants = bytes(chunk.variants) if chunk.variants is not None else b""
        if variants and not mailing.winner:
            mailing.refresh_from_db(fields=["winner"])
        digits = bytes(chunk.ids).hex()
        due = {
            position: digits[DIGITS * position : DIGITS * (position + 1)]
            for position, byte in enumerate(there)
            if byte in (outcomes.QUEUED, outcomes.TEMPORARY) and not self._waits(mailing, variants, position)
        }
        return feed.Held(
            pk=chunk.pk,
            mailing=mailing,
            people=due,
            there=there,
            allowance=self._allowance(mailing, now=now),
            opener=self._opener(mailing),
            checked_at=moment,
            lease_ends=moment + recovering.LEASE.total_seconds() - SAFETY,
            attempts=chunk.attempts,
        )

    def read(self, chunks: Iterable[feed.Held], *, now: datetime) -> readers.Reading:
        """Look up everybody who is due in these, at once."""
        people = {pk for held in chunks for pk in held.people.values()}
        return readers.Reading(people, destination=self._carrier, now=now)

    def fill(self, held: feed.Held, chunk: AudienceChunk, *, reading: readers.Reading, now: datetime) -> None:
        """Line up who may be written to, each with their text; note who may not, and for whom it is too late."""
        for position, byte in enumerate(held.there):
            if byte == outcomes.IN_FLIGHT:
                # Nobody holds it, and nobody said what became of them.
                held.outcomes[position] = recovering.policy_outcome(held.mailing)
                self._feed.unknown_ones.append((held, position))
        self._expire(held, chunk, now=now)
        variants = bytes(chunk.variants) if chunk.variants is not None else b""
        loaded = reading.load(held.people, mailing=held.mailing, opener=held.opener)
        self._feed.skip(held, loaded.skipped)
        texts: dict[tuple[str, str], Compiled | None] = {}
        for position, reader in loaded.readers.items():
            which = (reader.language, self._variant(held.mailing, variants, position))
            if which not in texts:
                texts[which] = self._text(held.mailing, language=which[0], variant=which[1], now=now)
            text = texts[which]
            if text is not None and held.outcomes[position] in outcomes.OPEN:
                held.readers[position] = (reader, text)
                held.todo.append(position)

    def _expire(self, held: feed.Held, chunk: AudienceChunk, *, now: datetime) -> None:
        """Those to whom a server said "later" until it was too late."""
        hours = (now - (chunk.not_before or chunk.frozen_at)).total_seconds() / 3600
        if hours > held.mailing.hours_to_try:
            for position, byte in enumerate(held.there):
                if byte == outcomes.TEMPORARY:
                    held.outcomes[position] = outcomes.EXPIRED
                    held.people.pop(position, None)

    def _opener(self, mailing: Mailing) -> ReaderOpener:
        pk = mailing.organization_id
        if pk not in self._openers:
            self._openers[pk] = ReaderOpener(mailing.organization, self._carrier)
        return self._openers[pk]

    def _mailing(self, pk: UUID) -> Mailing:
        if pk not in self.mailings:
            self.mailings[pk] = Mailing.objects.select_related("organization").get(pk=pk)
        return self.mailings[pk]

    def _allowance(self, mailing: Mailing, *, now: datetime) -> feed.Allowance:
        if mailing.pk not in self.allowances:
            allowance = feed.Allowance()
            allowance.left = dict.fromkeys(pacing.limits_of(mailing, now=now), 0)
            allowance.domains = dict.fromkeys(pacing.domains_of(mailing), 0)
            self.allowances[mailing.pk] = allowance
        return self.allowances[mailing.pk]

    def _waits(self, mailing: Mailing, variants: bytes, position: int) -> bool:
        return bool(variants) and variants[position] == ord("?") and not mailing.winner

    def _variant(self, mailing: Mailing, variants: bytes, position: int) -> str:
        if not variants:
            return "a"
        letter = chr(variants[position])
        return mailing.winner if letter == "?" else letter

    def _text(self, mailing: Mailing, *, language: str, variant: str, now: datetime) -> Compiled | None:
        known = self._texts.setdefault((mailing.pk, variant), {})
        if language not in known:
            texts = list(mailing.texts.all())
            chosen = compiling.choose_text(
                texts, language=language, variant=variant, usual=mailing.organization.locale
            )
            same = next((text for text in known.values() if text and chosen and text.pk == chosen.pk), None)
            if same is None and chosen is not None:
                same = self._carrier.compile_text(chosen, mailing=mailing, now=now)
            known[language] = same
        return known[language]
