"""Some rows of a list, written in one transaction, with what is needed to undo them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.db import models

from amparo.kit import bulk_rows, sealing
from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import SealedTextField
from amparo.supporters import consent_in_bulk
from amparo.supporters.importing import further
from amparo.supporters.importing.answers import ConsentAnswer, Judge
from amparo.supporters.importing.changes import SEALED, Records, compare
from amparo.supporters.importing.filing import Filer
from amparo.supporters.importing.listing import Line
from amparo.supporters.importing.matching import Found, Matcher, digests_of
from amparo.supporters.importing.registry import Standing, load_sources
from amparo.supporters.importing.seen import Seen
from amparo.supporters.importing.sorting import Sorted, answers_for, sort
from amparo.supporters.importing.traces import Changes, digest_of
from amparo.supporters.models import (
    ImportChange,
    ImportChunk,
    ImportRun,
    LegalBasis,
    Origin,
    Supporter,
    Suppression,
)

if TYPE_CHECKING:
    from datetime import datetime

_REASONS = {
    Standing.UNSUBSCRIBED: Suppression.Reason.UNSUBSCRIBED,
    Standing.BOUNCED: Suppression.Reason.BOUNCED,
    Standing.COMPLAINED: Suppression.Reason.COMPLAINED,
}
_STATES = {
    Standing.UNSUBSCRIBED: Supporter.Unreachable.SUPPRESSED,
    Standing.BOUNCED: Supporter.Unreachable.BOUNCED,
    Standing.COMPLAINED: Supporter.Unreachable.COMPLAINED,
}
_SUPPORTER_CONFLICT = '("organization_id", "email_fingerprint")'
_SUPPRESSION_CONFLICT = '("organization_id", "mark") WHERE "lifted_at" IS NULL'


class Writer:
    """Writes the chunks of one run. The caller has opened the transaction and moved the cursor in it."""

    def __init__(self, run: ImportRun, *, now: datetime) -> None:
        self.run = run
        self.now = now
        self.organization = run.organization
        self.source = load_sources().get(run.source)
        self.title = str(self.source.title)
        self.judge = Judge(ConsentAnswer.from_json(run.answer), run.organization, now.date())
        self.matcher = Matcher(run.organization)
        self.records = Records(run.organization)
        self.filer = Filer(run)
        self._key = sealing.data_key_for(self.organization.pk)
        self._seal = {name: _sealed(Supporter, name).sealer(self.organization.pk) for name in SEALED}
        self._columns, self._defaults = _columns_of(Supporter)
        self._places = {name: place for place, name in enumerate(self._columns)}

    @property
    def ledger_source(self) -> str:
        """What the ledger's lines of this run say about where they come from."""
        return f"{self.title}: {self.judge.answer.where}" if self.judge.answer.where else self.title

    def sort(self, lines: Sequence[Line], *, seen: Seen) -> Sorted:
        """Decide about the rows of a chunk; may be done before the transaction, for the database has the last word."""
        return sort(lines, matcher=self.matcher, seen=seen, note=False)

    def write(self, result: Sorted, *, number: int, first_row: int, last_row: int) -> ImportChunk:
        """Write what was decided, and what there is to undo."""
        chunk = ImportChunk(
            organization=self.organization,
            run=self.run,
            number=number,
            first_row=first_row,
            last_row=last_row,
            done_at=self.now,
        )
        changes = Changes(chunk)
        suppressed = self._shut(result, changes)
        newborn = self._insert(result)
        self._change(result, changes)
        self._add_further(result, newborn, changes)
        answers = self._answer(result, newborn)
        people = {pk: found for pk, (_digest, found, _answers) in newborn.items()}
        self.filer.tag(result, people, changes, now=self.now)
        self.filer.fill(people)
        entries = [pk.bytes + digest for pk, (digest, _found, _agreed) in sorted(newborn.items())]
        chunk.created, chunk.suppressed = b"".join(entries), b"".join(pk.bytes for pk in suppressed)
        if newborn:
            chunk.first_id, chunk.last_id = min(newborn), max(newborn)
        chunk.save(force_insert=True)
        self._keep_changes(result, changes, answers)
        result.counts["new"] += len(newborn)
        return chunk

    # --- Who must not be written to ---

    def _shut(self, result: Sorted, changes: Changes) -> list[UUID]:
        """Suppress addresses that say so; ids of suppressions that are new."""
        if not result.shut:
            return []
        columns, defaults = _columns_of(Suppression)
        seal = _sealed(Suppression, "digest").sealer(self.organization.pk)
        rows = []
        for found in result.shut:
            pk = new_id()
            marks = self.matcher.marks_of(found.person)
            given = {
                "id": pk,
                "organization_id": self.organization.pk,
                "mark": marks[0],
                "digest": seal(pk, digests_of(found.person)[0]),
                "reason": str(_REASONS[found.person.standing]),
                "source": self.title[:200],
                "suppressed_at": self.now,
            }
            rows.append([given.get(name, defaults[name]) for name in columns])
        fresh = bulk_rows.insert_if_new(Suppression, columns, rows, conflict=_SUPPRESSION_CONFLICT)
        result.counts["shut"] += len(fresh)
        result.counts["shut_before"] += len(rows) - len(fresh)
        self._mark_unreachable(result.shut, changes)
        return sorted(fresh)

    def _mark_unreachable(self, shut: Sequence[Found], changes: Changes) -> None:
        there = self.records.read((found.supporter_id for found in shut if found.supporter_id), lock=True)
        for found in shut:
            pk = found.supporter_id
            if pk is None or pk not in there or there[pk]["unreachable"]:
                continue
            state = {"unreachable": str(_STATES[found.person.standing].value)}
            self.records.write(pk, state)
            changes.of(pk).texts(there[pk], state)
            there[pk] = there[pk] | state

    # --- Who is new ---

    def _insert(self, result: Sorted) -> dict[UUID, tuple[bytes, Found, list[consent_in_bulk.Answer]]]:
        """Insert who is new; somebody who came by another door a moment ago goes to those who are known."""
        prepared: dict[UUID, tuple[bytes, Found, list[consent_in_bulk.Answer]]] = {}
        rows = []
        for found in result.new:
            pk = new_id()
            answers, too_old = answers_for(found, pk, judge=self.judge, title=self.title)
            if too_old:
                result.note(found, "not-lawful")
            texts = self._texts(found)
            prepared[pk] = (digest_of(texts, key=self._key), found, answers)
            rows.append(self._row(pk, found, texts, consent_in_bulk.bits(answers)))
        there = bulk_rows.insert_if_new(Supporter, self._columns, rows, conflict=_SUPPORTER_CONFLICT)
        late = [found for pk, (_digest, found, _answers) in prepared.items() if pk not in there]
        if late:
            self.matcher.find(late)
            for found in late:
                if found.supporter_id is None:
                    result.refuse(found, "someone-at-once")
            result.known += [found for found in late if found.supporter_id is not None]
        return {pk: prepared[pk] for pk in prepared if pk in there}

    def _texts(self, found: Found) -> dict[str, str]:
        """What is written about somebody new, before it is sealed."""
        person = found.person
        return {
            "given_name": person.given,
            "family_name": person.family,
            "email": person.email,
            "phone": person.phone,
            "postal_code": person.postcode,
            "postal_address": person.address,
            "country": person.country or self.run.country,
            "language": person.language or self.run.language or self.organization.locale,
        }

    def _row(self, pk: UUID, found: Found, texts: Mapping[str, str], agreed_to: int) -> list[Any]:
        row = list(self._defaults.values())
        put = self._places
        row[put["id"]] = pk
        row[put["organization_id"]] = self.organization.pk
        place = str(pk)
        for name, seal in self._seal.items():
            row[put[name]] = seal(place, texts[name]) if texts[name] else None
        row[put["email_fingerprint"]] = found.email_mark
        row[put["phone_fingerprint"]] = found.phone_mark
        row[put["country"]], row[put["language"]] = texts["country"], texts["language"]
        row[put["agreed_to"]] = agreed_to
        row[put["created_at"]] = self.now
        return row

    # --- Who is known ---

    def _change(self, result: Sorted, changes: Changes) -> None:
        there = self.records.read(
            (found.supporter_id for found in result.known if found.supporter_id), lock=True
        )
        answered = self.filer.values_of(result.known)
        for found in result.known:
            pk = found.supporter_id
            if pk is None or pk not in there:
                result.refuse(found, "someone-at-once")
                continue
            change = changes.of(pk)
            if found.repeated:
                continue
            fresh, other_name = compare(there[pk], found.person, existing=self.run.existing)
            if other_name:
                result.note(found, "other-name")
            if fresh:
                self.records.write(pk, fresh)
                change.texts(there[pk], fresh)
                there[pk] = there[pk] | fresh
            self.filer.change(pk, found, answered, change)

    # --- Where else they are known by ---

    def _add_further(
        self,
        result: Sorted,
        newborn: dict[UUID, tuple[bytes, Found, list[consent_in_bulk.Answer]]],
        changes: Changes,
    ) -> None:
        added = further.judge(result, matcher=self.matcher)
        if not added:
            return
        rows = [(pk, found) for pk, (_digest, found, _answers) in newborn.items()]
        known = [(found.supporter_id, found) for found in result.known if found.supporter_id in changes]
        further.write(
            [(pk, added[id(found)]) for pk, found in (*rows, *known) if pk and id(found) in added],
            organization=self.organization,
            changes=changes,
            known={pk for pk, _found in known if pk},
            now=self.now,
        )

    # --- What they agreed to ---

    def _answer(
        self, result: Sorted, newborn: dict[UUID, tuple[bytes, Found, list[consent_in_bulk.Answer]]]
    ) -> list[consent_in_bulk.Written]:
        answers = [answer for _digest, _found, theirs in newborn.values() for answer in theirs]
        result.counts["agreed"] += len({answer.supporter_id for answer in answers if answer.granted})
        asked: dict[UUID, Found] = {}
        for found in result.known:
            if found.supporter_id is None:
                continue
            theirs, too_old = answers_for(found, found.supporter_id, judge=self.judge, title=self.title)
            if too_old:
                result.note(found, "not-lawful")
            if any(answer.granted for answer in theirs):
                asked[found.supporter_id] = found
            answers += theirs
        answers += self._withdrawn(result)
        written = consent_in_bulk.append_many(
            answers,
            organization=self.organization,
            basis=LegalBasis(self.judge.answer.basis) if self.judge.knows else LegalBasis.EXPLICIT_CONSENT,
            origin=Origin.IMPORT,
            source=self.ledger_source,
            now=self.now,
            newborn=newborn.keys(),
        )
        result.counts["agreed"] += len({each.answer.supporter_id for each in written if each.answer.granted})
        self._note_those_who_said_no(result, asked)
        return written

    def _withdrawn(self, result: Sorted) -> list[consent_in_bulk.Answer]:
        """A no to whatever people had agreed to who are shut out now."""
        ids = [found.supporter_id for found in result.shut if found.supporter_id]
        last = consent_in_bulk.last_lines(organization=self.organization, supporters=ids)
        return [
            consent_in_bulk.Answer(pk, purpose, channel, granted=False)
            for (pk, purpose, channel, partner), line in last.items()
            if line.granted and not partner
        ]

    def _note_those_who_said_no(self, result: Sorted, asked: dict[UUID, Found]) -> None:
        last = consent_in_bulk.last_lines(organization=self.organization, supporters=list(asked))
        for pk in {pk for (pk, *_question), line in last.items() if line.said_no and not line.granted}:
            result.note(asked[pk], "said-no")
            result.counts["said_no"] += 1

    # --- What there is to undo ---

    def _keep_changes(
        self,
        result: Sorted,
        changes: Changes,
        answers: Sequence[consent_in_bulk.Written],
    ) -> None:
        for written in answers:
            answer = written.answer
            before = str(written.before) if written.before else None
            changes.of(answer.supporter_id).answers.append(
                [answer.purpose, answer.channel, answer.granted, before]
            )
        kept = [change.row(self.organization.pk) for change in changes.values() if change.says_anything]
        ImportChange.objects.bulk_create(kept, batch_size=500)
        known = {found.supporter_id for found in result.known} & changes.keys()
        result.counts["changed"] += sum(change.supporter_id in known for change in kept)
        result.counts["unchanged"] += sum(not changes[pk].says_anything for pk in known if pk)


def _sealed(model: type[models.Model], name: str) -> SealedTextField[Any, Any]:
    return cast("SealedTextField[Any, Any]", model._meta.get_field(name))


def _columns_of(model: type[models.Model]) -> tuple[list[str], dict[str, Any]]:
    """Every column with what stands in it unless something is said, so that a new one is never forgotten here."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    defaults = {field.attname: field.get_default() for field in fields}
    plain = {name: value.value if isinstance(value, Enum) else value for name, value in defaults.items()}
    return list(plain), plain
