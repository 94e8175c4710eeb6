"""What a trend says, in plain words, for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from amparo.kit.names import country_name

if TYPE_CHECKING:
    from amparo.actions.models import Trend


def in_a_sentence(trend: Trend) -> str:
    """What came, how much of it, and what is usual."""
    usual = _("less than one") if trend.usual < 1 else str(round(trend.usual))
    values = {"count": trend.count, "usual": usual, "label": trend.label}
    if trend.kind == "network":
        return (
            _(
                "%(count)d forms came from one network within an hour. The busiest of the week before sent %(usual)s."
            )
            % values
        )
    if trend.kind == "domain":
        return (
            _(
                "%(count)d people with an address at %(label)s took part within an hour. Usually it is %(usual)s."
            )
            % values
        )
    if trend.kind == "country":
        values["label"] = country_name(trend.label)
        return (
            _("%(count)d people from %(label)s took part within an hour. Usually it is %(usual)s.") % values
        )
    return _("%(count)d people took part on “%(label)s” within an hour. Usually it is %(usual)s.") % values
