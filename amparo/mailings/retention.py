"""How long what was mailed is kept. The figures stand in docs/safety/retention.md too, and a test compares."""

from __future__ import annotations

from datetime import timedelta

#: Within a week a mail that came back has come back.
RECIPIENTS_KEPT = timedelta(days=7)
#: The cap is one of a day; yesterday's rows decide nothing any more.
ALLOWANCES_KEPT = timedelta(days=2)
#: Who had a full mailbox in spring is not given up in autumn.
SOFT_BOUNCES_KEPT = timedelta(days=90)
