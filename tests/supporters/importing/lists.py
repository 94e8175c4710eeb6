"""Lists as other programs write them, with invented people, and the whole way of one through the verbs."""

from __future__ import annotations

from datetime import date

from amparo.kit.work import run_line
from amparo.supporters.importing import preparing
from amparo.supporters.importing.answers import ConsentAnswer
from amparo.supporters.importing.claiming import LINE
from amparo.supporters.importing.line import Imports
from amparo.supporters.models import Channel, LegalBasis, Purpose
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization

NEWS = (Purpose.NEWS, Channel.EMAIL)
#: What staff usually know about a list.
AGREED = ConsentAnswer(
    basis=LegalBasis.IMPORTED,
    questions=(NEWS,),
    where="the form on our old site",
    given_on=date(2024, 3, 5),
    proof="the export of 20 November 2026",
)
UNKNOWN = ConsentAnswer()

PLAIN = (
    "email,first name,last name,phone,postcode,city,country,tags\r\n"
    'amina@supporters.example.net,Amina,Rahal,+44 1632 960001,AA1 1AA,Tallow,GB,"local group, press"\r\n'
    "suzie@supporters.example.net,Suzie,Okafor,,AA1 1AB,Tallow,United Kingdom,\r\n"
)


def received(data, *, organization=None, name="list.csv", now=NOW):
    """A file as staff hand it over."""
    data = data.encode() if isinstance(data, str) else data
    blocks = [data[at : at + 65_536] for at in range(0, len(data), 65_536)]
    return preparing.receive(
        blocks, organization=organization or an_organization(), file_name=name, by=None, now=now
    )


def prepared(data, *, answer=AGREED, existing="fill", tags=(), country="", now=NOW, **where):
    """The same, with everything said about it."""
    run = received(data, now=now, **where)
    fields = {column["header"]: column["field"] for column in run.columns}
    preparing.say_columns(run=run, fields=fields, now=now)
    preparing.say_consent(run=run, answer=answer, by=None, now=now)
    preparing.say_rest(run=run, existing=existing, tags=tags, country=country, language="", now=now)
    preparing.ask_for_check(run=run, now=now)
    return run


def work(run, *, now=NOW):
    """Let a worker do what is due, at that moment."""
    Imports.clock = staticmethod(lambda: now)
    run_line(LINE, now_source=lambda: now)
    run.refresh_from_db()
    return run


def checked(data, **how):
    """The same, after the dry run."""
    return work(prepared(data, **how), now=how.get("now", NOW))


def brought_in(data, **how):
    """The same, brought in."""
    run = checked(data, **how)
    assert run.state == "checked", run.trouble
    preparing.start(run=run, by=None, now=how.get("now", NOW))
    return work(run, now=how.get("now", NOW))


def undone(run, *, now=NOW):
    """The same, undone."""
    from amparo.supporters.importing import undoing

    undoing.start(run=run, by=None, now=now)
    return work(run, now=now)


def reasons(run, during):
    """What was wrong, as pairs of row and reason."""
    return [(problem.row, problem.reason) for problem in run.problems.filter(during=during).order_by("id")]
