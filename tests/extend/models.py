"""The page type of docs/extend/action-type.md, exactly as it stands there."""

from __future__ import annotations

from tests.extend.examples import run

PledgePage = run("action-type.md", module=__name__)["PledgePage"]
