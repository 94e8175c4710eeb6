"""One case of a spreadsheet into the register: all of it, or none; whatever is there already stays as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from amparo.cases import cells, recording, register
from amparo.cases.importing import layout, referring
from amparo.cases.importing.sheets import Entry, Problem
from amparo.cases.models import Case, CaseImport, Person, PersonName
from amparo.kit.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.cases.importing.referring import Fate
    from amparo.cases.models.record import Record
    from amparo.cases.register import Kind
    from amparo.organizations.models import Organization

IS_THERE = _(
    "There is a case with this reference already. Choose to add its new records, or take it out of the file."
)
NO_CASE = _(
    "There is no case with this reference, neither in the register nor on the sheet of cases of this file."
)
TWICE = _("This case has this row already, further up. There is one for each case.")
NO_NAME = _("Write at least one name of the person.")
NEEDED = _("This has to be filled in.")
NO_KEY = _("Below which row does this belong? Write its key, which stands in the column “key” of its sheet.")
STAYS = _("This stands in the register already, and says something else there. It is left as it is.")


class CaseWriter:
    """Writes the entries of one case, within the caller's transaction, and notes what keeps it out."""

    def __init__(
        self,
        reference: str,
        *,
        organization: Organization,
        existing: str,
        now: datetime,
        others: Mapping[str, Fate],
    ) -> None:
        self.reference, self.organization, self.existing, self.now = reference, organization, existing, now
        self.problems: list[Problem] = []
        self.records: list[Record] = []
        self.already_there: Counter[str] = Counter()
        self._found = referring.Finder(organization, reference=reference, others=others)
        self._failed: set[tuple[str, str]] = set()
        self._later: list[tuple[Record, str, Entry]] = []
        self._there: dict[str, list[Any]] = {}

    def write(self, entries: Sequence[Entry]) -> None:
        """Everything that is new of this case; `problems` says why it must not stay."""
        case = Case.objects.for_organization(self.organization).filter(reference=self.reference).first()
        roots = {kind: [entry for entry in entries if entry.kind.name == kind] for kind in ("Case", "Person")}
        self.is_new = case is None
        if case is not None and self.existing == CaseImport.Existing.REFUSE:
            self._say((roots["Case"] or list(entries))[0], IS_THERE, layout.REFERENCE)
            return
        if case is None and not roots["Case"]:
            self._say(entries[0], NO_CASE, layout.CASE)
            return
        for again in (*roots["Case"][1:], *roots["Person"][1:]):
            self._say(again, TWICE)
        self._person: Any = self._root("Person", roots["Person"], case.person if case else None)
        self._case: Any = self._root("Case", roots["Case"], case)
        for kind in layout.kinds():
            if not layout.is_root(kind):
                self._of_kind(kind, [entry for entry in entries if entry.kind.name == kind.name])
        self._refer_back()
        if self.is_new and not any(isinstance(record, PersonName) for record in self.records):
            self._say(roots["Case"][0], NO_NAME)

    @property
    def is_kept_out(self) -> bool:
        return any(problem.keeps_out for problem in self.problems)

    # --- The case and its person ----------------------------------------------------------------------------------

    def _root(self, name: str, entries: Sequence[Entry], there: Record | None) -> Record | None:
        kind = register.KINDS[name]
        entry = entries[0] if entries else None
        values = self._values(entry) if entry else {}
        if there is not None:
            if entry and any(not _says(there, column, value) for column, value in values.items()):
                self._say(entry, STAYS, keeps_out=False)
            self._found.remember(kind, self.reference, there)
            return there
        record: Any = self._fresh(kind, values)
        if isinstance(record, Case):
            if self._person is None:
                return None
            record.person = self._person
            record.reference = self.reference
        if entry is None:
            self._save(record, None)
        elif (
            values.keys() != entry.cells.keys()
            or not self._is_valid(record, entry)
            or not self._save(record, entry)
        ):
            return None
        self._found.remember(kind, self.reference, record)
        return record

    # --- Everything below -----------------------------------------------------------------------------------------

    def _of_kind(self, kind: Kind, entries: Sequence[Entry]) -> None:
        if self._case is not None and not self.is_new:
            self._there[kind.name] = kind.records_of(self._case)
            for record in self._there[kind.name]:
                self._found.remember(kind, str(record.pk), record)
        for entry in entries:
            self._one(kind, entry)

    def _one(self, kind: Kind, entry: Entry) -> None:
        values = self._values(entry)
        # What refers to its own kind is not read before all of it is there.
        later = {name for name in entry.cells if layout.field_of(kind, name).related_model is kind.model}
        above = self._above(kind, entry)
        if above is None or values.keys() | later != entry.cells.keys():
            self._failed.add((kind.name, entry.key))
            return
        there = self._already(kind, entry, above, values)
        if there is not None:
            self.already_there[kind.name] += 1
            self._found.remember(kind, entry.key, there)
            return
        record = self._fresh(kind, values)
        setattr(record, kind.parent, above)
        self._number(kind, record, entry)
        if self._is_valid(record, entry) and self._save(record, entry):
            self._found.remember(kind, entry.key, record)
            self._later += [(record, name, entry) for name in later]
        else:
            self._failed.add((kind.name, entry.key))

    def _above(self, kind: Kind, entry: Entry) -> Any:
        """What it hangs below; None when that is not there, which is a problem of its own unless it failed itself."""
        above = layout.kind_above(kind)
        if above is None:
            return self._person if kind.parent == "person" else self._case
        if (above.name, entry.below) in self._failed:
            return None
        found = self._found.of_key(above, entry.below) if entry.below else self._found.only_one(above)
        if found is None and not (not entry.below and any(name == above.name for name, _key in self._failed)):
            self._say(entry, NO_KEY, layout.BELOW)
        return found

    def _already(self, kind: Kind, entry: Entry, above: Any, values: dict[str, Any]) -> Record | None:
        """The same record, if the register has it: by its own number, or because it says the same."""
        for record in self._there.get(kind.name, []):
            if str(record.pk) == entry.key:
                if any(not _says(record, column, value) for column, value in values.items()):
                    self._say(entry, STAYS, keeps_out=False)
                return record
        told = self._told(kind, values)
        for record in self._there.get(kind.name, []):
            same_place = getattr(record, f"{kind.parent}_id") == above.pk
            if same_place and all(_says(record, name, value) for name, value in told.items()):
                return record
        return None

    def _told(self, kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
        """What a row says in every column by which it is known again; an empty cell says what an empty form does."""
        fields = {column.name: layout.field_of(kind, column.name) for column in kind.columns}
        return {
            name: values[name] if name in values else cells.read(field, "")
            for name, field in fields.items()
            if name not in {kind.parent, "position"} and field.related_model is not kind.model
        }

    def _number(self, kind: Kind, record: Any, entry: Entry) -> None:
        """Rows that have a place among their neighbours keep the order of the file, unless it says otherwise."""
        if "position" in {column.name for column in kind.columns} and "position" not in entry.cells:
            record.position = sum(type(other) is kind.model for other in self.records)

    def _refer_back(self) -> None:
        for record, name, entry in self._later:
            kind = entry.kind
            found = self._found.of_key(kind, entry.cells[name].text)
            if found is None:
                self._say(entry, referring.UNKNOWN_KEY, name)
                continue
            setattr(record, name, found)
            if self._keeps_constraints(record, entry):
                record.save(update_fields=[name])

    # --- Cells and rules ------------------------------------------------------------------------------------------

    def _values(self, entry: Entry) -> dict[str, Any]:
        """What the cells mean; those that mean nothing are noted and left out."""
        found: dict[str, Any] = {}
        for name, cell in entry.cells.items():
            field = layout.field_of(entry.kind, name)
            if field.related_model is entry.kind.model:
                continue
            try:
                if field.is_relation or name == "record_id":
                    found[name] = self._found.find(field, cell.text, beside=found)
                else:
                    found[name] = cells.read(field, cell.text)
            except Refusal as refusal:
                self._say(entry, str(refusal), name)
        return found

    def _fresh(self, kind: Kind, values: dict[str, Any]) -> Any:
        frame = {"organization": self.organization, "entered_at": self.now, "changed_at": self.now}
        record: Any = kind.model(**frame)
        for name, value in values.items():
            setattr(record, name, self._person_meant(value))
        return record

    def _person_meant(self, value: Any) -> Any:
        if not isinstance(value, referring.Named):
            return value
        frame: dict[str, Any] = {
            "organization": self.organization, "entered_at": self.now, "changed_at": self.now,
        }  # fmt: skip
        person = Person(**frame)
        person.save(force_insert=True)
        name = PersonName(person=person, text=value.text, **frame)
        name.save(force_insert=True)
        self.records += [] if value.stands_in else [person, name]
        return person

    def _is_valid(self, record: Any, entry: Entry) -> bool:
        """Whether every column is fit to be stored, and nothing stands against the record as a whole."""
        before = len(self.problems)
        not_ours = {field.name for field in record._meta.concrete_fields if field.is_relation}
        try:
            record.clean_fields(exclude={"id", "entered_at", "changed_at", *not_ours})
        except ValidationError as error:
            for name, found in error.error_dict.items():
                missing = any(one.code in {"blank", "null"} for one in found)
                self._say(entry, NEEDED if missing else " ".join(error.message_dict[name]), name)
            return False
        for field in record._meta.concrete_fields:
            if field.is_relation and not field.null and getattr(record, field.attname) is None:
                self._say(entry, NEEDED, field.name)
        if len(self.problems) > before:
            return False
        try:
            recording.refuse(record, now=self.now)
        except Refusal as refusal:
            self._say(entry, str(refusal), "began" if "began" in entry.cells else "")
            return False
        return self._keeps_constraints(record, entry)

    def _keeps_constraints(self, record: Any, entry: Entry) -> bool:
        for constraint in record._meta.constraints:
            try:
                constraint.validate(type(record), record)
            except ValidationError:
                rule = constraint.name.replace("_", " ")
                self._say(entry, _("This does not go together: %(rule)s.") % {"rule": rule})
                return False
        return True

    def _save(self, record: Any, entry: Entry | None) -> bool:
        try:
            with transaction.atomic():
                record.save(force_insert=True)
        except IntegrityError:
            if entry is not None:
                self._say(entry, recording.NotAllowedThere.sentence)
            return False
        self.records.append(record)
        return True

    def _say(self, entry: Entry, sentence: Any, column: str = "", *, keeps_out: bool = True) -> None:
        self.problems.append(entry.problem(sentence, column, keeps_out=keeps_out))


def _says(record: Any, column: str, value: Any) -> bool:
    """Whether a stored record says the same as a cell does; nothing and an empty text are one."""
    kept = getattr(record, column)
    if isinstance(value, referring.Named):
        return referring.called(kept) == value.text
    return (kept or None) == (value or None)
