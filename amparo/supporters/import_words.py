"""What was counted about a list, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.supporters.models import ImportRun


def forecast(counts: Mapping[str, int]) -> list[tuple[str, int, str]]:
    """What a dry run found: label, number, and what that means; nothing that is none."""
    return _rows(counts, done=False)


def result(counts: Mapping[str, int]) -> list[tuple[str, int, str]]:
    """What was written."""
    return _rows(counts, done=True)


def _rows(counts: Mapping[str, int], *, done: bool) -> list[tuple[str, int, str]]:
    rows = [
        ("rows", _("Rows"), ""),
        ("new", _("New people"), _("They are added.") if not done else _("They were added.")),
        ("agreed", _("May be written to"), _("Because of what you said they agreed to.")),
        ("changed", _("Known, with something new"), _("They are filled up or replaced, as you chose.")),
        ("unchanged", _("Known, with nothing new"), _("They stay as they are.")),
        ("said_no", _("Said no before"), _("That holds. They are not written to, whatever the list says.")),
        ("shut", _("Never to be written to"), _("By the list they left, or mail came back. They are suppressed.")),
        ("suppressed", _("On the suppression list"), _("Nobody is brought in with an address on it.")),
        ("twice", _("The same person again"), _("The first row counts.")),
        ("refused", _("Rows left out"), _("They cannot be read as a person. The table of problems says why.")),
    ]  # fmt: skip
    return [(label, counts[name], meaning) for name, label, meaning in rows if counts.get(name)]


def undone(counts: Mapping[str, int]) -> list[str]:
    """What undoing did, and what it left."""
    said = []
    if removed := counts.get("removed", 0):
        said.append(
            ngettext("%d person was removed again.", "%d people were removed again.", removed) % removed
        )
    if back := counts.get("given_back", 0):
        said.append(
            ngettext(
                "%d person got back what was there before.", "%d people got back what was there before.", back
            )
            % back
        )
    if lifted := counts.get("lifted", 0):
        said.append(
            ngettext(
                "%d address is off the suppression list again.",
                "%d addresses are off the suppression list again.",
                lifted,
            )
            % lifted
        )
    if acted := counts.get("did-something", 0):
        said.append(
            ngettext(
                "%d person did something since, and stays.", "%d people did something since, and stay.", acted
            )
            % acted
        )
    if changed := counts.get("changed-since", 0):
        said.append(
            ngettext(
                "%d person was changed since, and stays as they are.",
                "%d people were changed since, and stay as they are.",
                changed,
            )
            % changed
        )
    if answered := counts.get("answered-since", 0):
        said.append(
            ngettext(
                "%d answer was given by the person since, and holds.",
                "%d answers were given by the people since, and hold.",
                answered,
            )
            % answered
        )
    if unlawful := counts.get("not-lawful", 0):
        said.append(
            ngettext(
                "%d earlier yes is not lawful any more, and does not come back.",
                "%d earlier yeses are not lawful any more, and do not come back.",
                unlawful,
            )
            % unlawful
        )
    return said or [_("There was nothing to take back.")]


def before_undoing(counts: Mapping[str, int]) -> list[str]:
    """What undoing will do."""
    created, stay = counts.get("created", 0), counts.get("stay", 0)
    said = []
    if created:
        said.append(
            ngettext(
                "%d person came with this list, and is removed again.",
                "%d people came with this list, and are removed again.",
                created,
            )
            % created
        )
    if stay:
        said.append(
            ngettext(
                "%d of them did something since, and stays.",
                "%d of them did something since, and stay.",
                stay,
            )
            % stay
        )
    elif created:
        said.append(_("Whoever did something since, or was changed since, stays."))
    if changed := counts.get("changed", 0):
        said.append(
            ngettext(
                "%d person you knew gets back what was there before, unless it was changed since.",
                "%d people you knew get back what was there before, unless it was changed since.",
                changed,
            )
            % changed
        )
    if suppressed := counts.get("suppressed", 0):
        said.append(
            ngettext(
                "%d address goes off the suppression list again.",
                "%d addresses go off the suppression list again.",
                suppressed,
            )
            % suppressed
        )
    said.append(
        _(
            "What people agreed to by this list is taken back in the ledger; what they answered themselves since holds."
        )
    )
    return said


def part_done(run: ImportRun) -> int | None:
    """How far it is, in hundredths; nothing where that is not known."""
    if run.state == ImportRun.State.UNDOING:
        chunks = run.chunks.count()
        return chunks and 100 * run.chunks.filter(undone_at__isnull=False).count() // chunks
    return 100 * run.rows_done // run.rows_total if run.rows_total else None
