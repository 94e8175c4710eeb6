"""Who was in a mailing's audience once it was frozen, as a condition on supporters that the database answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from amparo.kit.packed_ids import UnpackedIds
from amparo.supporters.models import Supporter

if TYPE_CHECKING:
    from amparo.mailings.models import Mailing


def were_in(mailing: Mailing, *, among: bytes = b"") -> Q:
    """They, or somebody who was merged into them, were in a snapshot; with `among`, with one of these outcomes."""
    chunks = mailing.chunks.order_by()
    earlier = (
        UnpackedIds(chunks.values("ids", "outcomes"), among=among)
        if among
        else UnpackedIds(chunks.values("ids"))
    )
    absorbed = Supporter.objects.filter(merged_into__isnull=False, pk__in=earlier)
    return Q(pk__in=earlier) | Q(pk__in=absorbed.values("merged_into"))
