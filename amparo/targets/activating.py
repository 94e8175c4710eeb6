"""Put a staged version to use, by moving one pointer; or put an earlier one back."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from amparo.accounts import audit
from amparo.kit.refusal import Refusal
from amparo.targets import current
from amparo.targets.comparing import compare
from amparo.targets.models import ActiveDataset, Dataset
from amparo.targets.version_files import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from amparo.accounts.models import User
    from amparo.targets.comparing import Difference

#: The share of posts or postcodes that may change, or be fewer, without anybody saying yes. Between general elections a
#: year's by-elections touch 1 % of the seats of the House of Commons; a file cut short or shifted by a row, nearly all.
MOST_CHANGED = 0.05

#: Versions kept of each slug: the one in use, and two to look at or to go back to.
KEPT_VERSIONS = 3


class EmptySet(Refusal):
    """The version holds no posts, or no postcodes although the one in use has them."""

    sentence = _("Version %(version)s of %(slug)s is empty: %(what)s. Say yes to use it all the same.")


class TooMuchChanged(Refusal):
    """More than a twentieth of the posts or postcodes would be new, different or gone: a person should look first."""

    sentence = _(
        "Version %(version)s of %(slug)s was not put to use: %(share)s %% of its posts or postcodes %(what)s. Look at "
        "what changes, then say yes."
    )


class ActivatedMeanwhile(Refusal):
    """Somebody else moved the pointer between the comparison and the swap."""

    sentence = _("Another version of %(slug)s was put to use at this very moment; look again.")


def activate(*, dataset: Dataset, now: datetime, by: User | None = None, even_if_large: bool = False) -> None:
    """Let `dataset` answer from now on. Nothing happens when it does already.

    Raises `EmptySet` and `TooMuchChanged` unless `even_if_large`, and `ActivatedMeanwhile`. Versions older than the
    newest two besides the one in use are removed, with their files.
    """
    pointer = ActiveDataset.objects.filter(slug=dataset.slug).select_related("dataset").first()
    former = pointer.dataset if pointer else None
    if former is not None and former.pk == dataset.pk:
        return
    difference = compare(former, dataset)
    if not even_if_large:
        refuse_what_looks_wrong(dataset, former, difference)
    with transaction.atomic():
        _swap(dataset, former, now=now)
        audit.record(
            verb="activated targets",
            subject=dataset,
            by=by,
            organization=dataset.organization,
            now=now,
            details={
                "dataset": dataset.label,
                "former": difference.old,
                "posts_touched": difference.posts_touched,
                "share_changed": round(difference.share_changed, 4),
                "even_if_large": even_if_large,
            },
        )
        gone = _retire(dataset)
        transaction.on_commit(lambda: _after(dataset.slug, gone))
    current.forget(dataset.slug)


def refuse_what_looks_wrong(dataset: Dataset, former: Dataset | None, difference: Difference) -> None:
    """Raise `EmptySet` or `TooMuchChanged` when a person should look before this version is used."""
    place: dict[str, Any] = {"version": dataset.version, "slug": dataset.slug}
    if not difference.posts_after:
        raise EmptySet(**place, what=_("it has no posts"))
    if former is not None and former.has_postcodes and not difference.postcodes_after:
        raise EmptySet(**place, what=_("it has no postcodes"))
    if difference.share_lost > MOST_CHANGED:
        raise TooMuchChanged(**place, share=_percent(difference.share_lost), what=_("are missing"))
    if difference.share_changed > MOST_CHANGED:
        raise TooMuchChanged(**place, share=_percent(difference.share_changed), what=_("differ"))


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"


def _swap(dataset: Dataset, former: Dataset | None, *, now: datetime) -> None:
    if former is not None:
        pointing = ActiveDataset.objects.filter(slug=dataset.slug, dataset=former)
        if not pointing.update(dataset=dataset, activated_at=now):
            raise ActivatedMeanwhile(slug=dataset.slug)
        return
    try:
        with transaction.atomic():
            ActiveDataset.objects.create(slug=dataset.slug, dataset=dataset, activated_at=now)
    except IntegrityError:
        raise ActivatedMeanwhile(slug=dataset.slug) from None


def _retire(dataset: Dataset) -> list[int]:
    """Delete the rows of versions that are no longer kept; the numbers of those."""
    others = (
        Dataset.objects.filter(slug=dataset.slug, by_hand=False).exclude(pk=dataset.pk).order_by("-version")
    )
    old = list(others[KEPT_VERSIONS - 1 :])
    for version in old:
        version.delete()
    return [version.version for version in old]


def _after(slug: str, gone: Iterable[int]) -> None:
    """Once it is certain: look again, and remove files that nobody can come back to."""
    current.forget(slug)
    for version in gone:
        shutil.rmtree(folder_of(slug, version), ignore_errors=True)
