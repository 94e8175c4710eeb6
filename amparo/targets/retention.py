"""How long reports of mistakes are kept. The figures stand in docs/safety/retention.md too, and a test compares."""

from __future__ import annotations

from datetime import timedelta

#: Whoever reported a mistake may ask about it; three months after somebody looked, nobody does.
SETTLED_REPORTS_KEPT = timedelta(days=91)
#: A report that nobody looked at for a year is about data that were replaced long ago.
REPORTS_KEPT = timedelta(days=365)
