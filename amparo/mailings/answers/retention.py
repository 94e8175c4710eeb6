"""How long what was mailed is kept. The figures stand in docs/safety/retention.md too, and a test compares."""

from __future__ import annotations

from datetime import timedelta

#: Within a week a mail that came back has come back.
RECIPIENTS_KEPT = timedelta(days=7)
#: The cap is one of a day; yesterday's rows decide nothing any more.
ALLOWANCES_KEPT = timedelta(days=2)
#: Who had a full mailbox in spring is not given up in autumn.
SOFT_BOUNCES_KEPT = timedelta(days=90)
#: So long after its end somebody is still known to have been in a series of mails, and does not get it again.
ENROLMENTS_KEPT = timedelta(days=365)
#: Who is in a digest has to be known until the next.
DIGEST_READERS_KEPT = timedelta(days=7)
