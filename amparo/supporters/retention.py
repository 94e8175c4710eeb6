"""How long supporters are kept. The figures stand in docs/safety/retention.md too, and a test compares."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from amparo.kit.personal_data import Term

#: The UK Parliament's petitions anonymise six months after closing.
PEOPLE_KEPT = timedelta(days=182)
#: A page without a hard stop never closes. Those petitions are open for six months and anonymised six months after
#: that, so a year is the longest that anybody waits there; it is counted here from what somebody did last.
QUIET_KEPT = timedelta(days=365)
#: An action that was never confirmed says nothing about anybody; what was typed goes a week after its link ran out.
UNCONFIRMED_KEPT = timedelta(days=7)

UNTIL_ANONYMIZED = Term(
    _(
        "As long as you agree to hear from us; otherwise until half a year after the campaign you took part in is over."
    ),
    PEOPLE_KEPT,
)
WITH_THE_PERSON = Term(_("As long as your name and address."), PEOPLE_KEPT)
AS_PROOF = Term(_("It stays, by number and without your name: it proves what was agreed."))
AS_A_BAR = Term(_("Until you agree again: it keeps us from writing to you."))
