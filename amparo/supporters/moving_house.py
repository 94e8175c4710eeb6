"""Another postcode is another place: what stood there as the area goes, and is found anew where that is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amparo.supporters.models import Supporter
from amparo.supporters.signals import postal_code_changed

if TYPE_CHECKING:
    from datetime import datetime


def find_area(held: Supporter, *, now: datetime) -> None:
    """Write into `held` where its new postal code lies, without saving it; nothing where nobody is sure.

    The floors above know the tables of postcodes and answer the signal, from memory and without asking anybody else.
    """
    before, held.area = held.area, ""
    if held.postal_code:
        told = postal_code_changed.send(sender=Supporter, supporter=held, before=before, now=now)
        held.area = next((area for _receiver, area in told if area), "")
