"""`amparo targets …`: load, stage, compare, activate and find the people that letters go to."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from amparo.kit.meter import Meter
from amparo.kit.refusal import Refusal
from amparo.organizations.models import Organization
from amparo.targets.activating import EmptySet, TooMuchChanged, activate
from amparo.targets.comparing import compare
from amparo.targets.management import look_ups
from amparo.targets.management.problem_table import summarize, write_problems
from amparo.targets.models import Dataset
from amparo.targets.overriding import override_legislature, override_postcode, remove_postcode_override
from amparo.targets.registry import load_sources
from amparo.targets.staging import stage
from amparo.targets.standing import standings

if TYPE_CHECKING:
    from typing import TextIO

    from django.core.management.base import CommandParser

    from amparo.targets.comparing import Difference
    from amparo.targets.problems import ProblemLog
    from amparo.targets.records import SourceBundle


class Command(BaseCommand):
    help = "Load, compare, activate and find the people that letters go to."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, text in (
            ("load", "read files, and put them to use unless more than 5 %% would change"),
            ("stage", "read files, and only show what they would change"),
        ):
            sub = verbs.add_parser(verb, help=text)
            sub.add_argument("source", help="one of: " + ", ".join(load_sources()))
            sub.add_argument("path", type=Path, help="the folder, zip or file")
            sub.add_argument(
                "--problems", type=Path, metavar="FILE", help="write every row that needs a look as CSV"
            )
            sub.add_argument("--organization", metavar="SLUG", help="only this organization finds them")
            sub.add_argument(
                "--again", action="store_true", help="even when the same files were staged before"
            )
            sub.add_argument("--json", action="store_true", help="for machines")
            if verb == "load":
                sub.add_argument("--yes", action="store_true", help="even when much changes")
        self._add_version_verbs(verbs)
        look_ups.add_arguments(verbs.add_parser("find", help="who answers for a postcode"))
        status = verbs.add_parser(
            "status", help="which versions are in use, how old they are, and what waits"
        )
        status.add_argument("--json", action="store_true", help="for machines")
        self._add_override(verbs)

    def _add_version_verbs(self, verbs: Any) -> None:
        diff = verbs.add_parser("diff", help="what the newest version changes about the one in use")
        diff.add_argument("--json", action="store_true", help="for machines")
        turn_on = verbs.add_parser(
            "activate", help="put a staged version to use, or go back to an earlier one"
        )
        turn_on.add_argument("--yes", action="store_true", help="even when much changes")
        for sub in (diff, turn_on):
            sub.add_argument("slug", help="such as uk")
            # Django's own --version would print its number.
            sub.add_argument(
                "--version", dest="number", type=int, metavar="N", help="the newest, unless you say so"
            )

    def _add_override(self, verbs: Any) -> None:
        sub = verbs.add_parser(
            "override", help="say where a postcode lies, or that a parliament is dissolved"
        )
        sub.add_argument("slug", help="such as uk")
        sub.add_argument("postcode", nargs="?", default="")
        sub.add_argument("area", nargs="?", default="", help="the code of the area")
        sub.add_argument("--remove", action="store_true", help="believe the table again")
        sub.add_argument("--legislature", metavar="CODE", help="such as commons, with --state")
        sub.add_argument("--state", help="sitting, dissolved or between")
        sub.add_argument("--reason", default="", help="for your colleagues")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    # --- Versions ---

    def _load(self, options: dict[str, Any]) -> None:
        self._read_and_stage(options, put_to_use=True)

    def _stage(self, options: dict[str, Any]) -> None:
        self._read_and_stage(options, put_to_use=False)

    def _read_and_stage(self, options: dict[str, Any], *, put_to_use: bool) -> None:
        now = timezone.now()
        source = load_sources().get(options["source"])
        organization = _organization(options["organization"])
        with ExitStack() as stack:
            # Opened first: an unwritable place is found out before a minute's work, not after it.
            table = (
                stack.enter_context(options["problems"].open("w", newline=""))
                if options["problems"]
                else None
            )
            bundle = source.read(options["path"], today=now.date())
            meter = stack.enter_context(Meter(expected=_last_counts(bundle.slug), stream=self.stderr._out))
            dataset = stage(
                bundle=bundle, organization=organization, now=now, again=options["again"], progress=meter
            )
            fresh = dataset.staged_at == now
            log = bundle.all_problems() if fresh else None
            if table is not None:
                write_problems(table, log=log, dataset=dataset)
        difference = compare(_used(dataset.slug), dataset)
        if put_to_use:
            _put_to_use(dataset, yes=options["yes"])
        self._tell(bundle, dataset, difference, log, fresh=fresh, in_use=put_to_use, options=options)

    def _tell(
        self,
        bundle: SourceBundle,
        dataset: Dataset,
        difference: Difference,
        log: ProblemLog | None,
        *,
        fresh: bool,
        in_use: bool,
        options: dict[str, Any],
    ) -> None:
        if options["json"]:
            found = {
                "dataset": dataset.label,
                "active": in_use,
                "fresh": fresh,
                "title": bundle.title,
                "counts": dataset.counts,
                "problems": dataset.problem_count,
                "errors": dataset.error_count,
                "difference": difference.as_json(),
            }
            self.stdout.write(json.dumps(found, ensure_ascii=False, default=str))
            return
        if not fresh:
            self.stdout.write(f"The same files were loaded before, as {dataset.label}.")
        if difference.old != difference.new:
            self.stdout.write(difference.sentences()[0])
        self.stdout.write(
            f"{dataset.label} is in use." if in_use else f"{dataset.label} waits to be activated."
        )
        if dataset.problem_count:
            warnings = dataset.problem_count - dataset.error_count
            self.stdout.write(f"Rows refused: {dataset.error_count:,}. Rows kept, but odd: {warnings:,}.")
            for line in summarize(log=log, dataset=dataset):
                self.stdout.write(line)
            if not options["problems"]:
                self.stdout.write("Write them all with --problems FILE.")

    def _diff(self, options: dict[str, Any]) -> None:
        dataset = _version(options["slug"], options["number"])
        difference = compare(_used(dataset.slug), dataset)
        if options["json"]:
            self.stdout.write(json.dumps(difference.as_json(), ensure_ascii=False))
            return
        for sentence in difference.sentences():
            self.stdout.write(sentence)

    def _activate(self, options: dict[str, Any]) -> None:
        dataset = _version(options["slug"], options["number"])
        _put_to_use(dataset, yes=options["yes"])
        self.stdout.write(f"{dataset.label} is in use.")

    def _status(self, options: dict[str, Any]) -> None:
        found = standings(now=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps([standing.as_json() for standing in found], ensure_ascii=False))
            return
        if not found:
            self.stdout.write("No targets are loaded. Start with `amparo targets load`.")
        for standing in found:
            counts = standing.counts
            self.stdout.write(
                f"{standing.slug}: {standing.title}, {standing.age}; in use: {standing.dataset or 'none'}; "
                f"{counts.get('posts', 0):,} posts, {counts.get('postcodes', 0):,} postcodes; "
                f"{standing.problem_count:,} rows to look at"
            )
            for label in standing.waiting:
                self.stdout.write(f"  {label} waits to be activated")
            for worry in standing.worries:
                self.stdout.write(f"  {worry}")

    # --- Look-ups and corrections ---

    def _find(self, options: dict[str, Any]) -> None:
        look_ups.run(
            options,
            organization=_organization(options["organization"]),
            stdout=_stream(self.stdout),
            now=timezone.now(),
        )

    def _override(self, options: dict[str, Any]) -> None:
        slug, now = options["slug"], timezone.now()
        if options["legislature"]:
            override_legislature(
                slug=slug, legislature_code=options["legislature"], state=options["state"] or "",
                reason=options["reason"], now=now,
            )  # fmt: skip
            self.stdout.write(f"{options['legislature']} is {options['state']} from now on.")
        elif options["remove"]:
            removed = remove_postcode_override(slug=slug, postcode=options["postcode"], now=now)
            self.stdout.write("The table decides again." if removed else "There was nothing to remove.")
        elif not options["area"]:
            raise CommandError("Say a postcode and the code of its area, or --legislature and --state.")
        else:
            override_postcode(
                slug=slug,
                postcode=options["postcode"],
                area_code=options["area"],
                reason=options["reason"],
                now=now,
            )
            self.stdout.write(f"This postcode leads to {options['area']} from now on.")


def _put_to_use(dataset: Dataset, *, yes: bool) -> None:
    try:
        activate(dataset=dataset, now=timezone.now(), even_if_large=yes)
    except (EmptySet, TooMuchChanged) as refusal:
        raise CommandError(
            f"{refusal} It waits: `amparo targets diff {dataset.slug}`, then "
            f"`amparo targets activate {dataset.slug} --yes`."
        ) from None


def _used(slug: str) -> Dataset | None:
    return Dataset.objects.active().filter(slug=slug).first()


def _version(slug: str, number: int | None) -> Dataset:
    versions = Dataset.objects.filter(slug=slug).order_by("-version")
    found = versions.first() if number is None else versions.filter(version=number).first()
    if found is None:
        known = ", ".join(str(version) for version in versions.values_list("version", flat=True)) or "none"
        raise CommandError(f"There is no such version of “{slug}”; there are: {known}.")
    return found


def _last_counts(slug: str) -> dict[str, int]:
    last = Dataset.objects.filter(slug=slug).order_by("-version").first()
    return last.counts if last is not None else {}


def _organization(slug: str | None) -> Organization | None:
    if not slug:
        return None
    found = Organization.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Organization.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no organization called “{slug}”; there are: {known}.")
    return found


def _stream(wrapper: Any) -> TextIO:
    """The stream inside Django's wrapper, which would look at the style of each of a million lines."""
    stream: TextIO = wrapper._out
    return stream
