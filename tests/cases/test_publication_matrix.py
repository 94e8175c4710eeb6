"""The publication matrix: every column of the register × every state of the consent × every way out.

One case holds a canary of its own in every column that can hold one. For each state of the consent, each way out is
taken once, and what came out is compared with what was cleared. Whatever is declared in the register is in the matrix
with that.
"""

from __future__ import annotations

import io
import json
import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.files.images import ImageFile
from django.db import models
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from amparo.actions.followers import case_news
from amparo.actions.models import CaseFollowing, CaseNews, CaseTelling
from amparo.cases import dossier, exporting, register
from amparo.cases.importing import layout
from amparo.cases.models import Case, CaseIndexPage, CasePage, Clearance, PublicationConsent
from amparo.content.models import CreditedImage
from amparo.kit import part_dates
from amparo.kit.ids import new_id
from amparo.kit.sealed_fields import SealedTextField
from amparo.mailings.models import Notice
from amparo.mailings.registry import notice_kinds
from tests.factories.campaigns import a_campaign_page
from tests.factories.cases import a_case, a_person, a_publication_consent
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import a_site
from tests.factories.people import a_member_of_staff, a_supporter, signed_in

pytestmark = [
    pytest.mark.django_db,
    # Wagtail's own, while it draws a smaller picture.
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]

TODAY = NOW.date()
STATES = {
    "none": None,
    "given": {},
    "expired": {"until": TODAY - timedelta(days=1)},
    "withdrawn": {"withdrawn_on": TODAY},
}
#: What no linked data may hold, even where readers may see it.
NEVER_LINKED = {"HealthNote", "Relation", "Stay"}
#: Ways out that know lists and searches: a canary that comes out there is in the summary or the heading.
IN_LISTS = {("Case", "title"), ("Case", "summary")}


def can_hold_a_canary(kind, name):
    """Whether a column can hold words, or a day, by which it alone is known again."""
    field = layout.field_of(kind, name)
    if field.choices or field.is_relation or isinstance(field, models.UUIDField):
        return False
    if isinstance(field, SealedTextField | models.CharField | models.DateField):
        return (getattr(field, "max_length", None) or 99) > 9 and name not in FRAME.get(kind.name, {})
    return False


#: What a record needs to be one, or to be shown at all: without a canary.
FRAME = {
    "CustodySpell": {"began": "2020-01-05", "ended": ""},
    "Stay": {"began": "2020-01-05", "ended": ""},
    "Condition": {"kind": "solitary", "began": "2026-01-05", "ended": ""},
    "Hearing": {"day": date(2027, 3, 9), "time_zone": "UTC"},
    "Citation": {"record_type": "Case", "column": "summary"},
    "Sentence": {"kind": "prison"},
    "Source": {"archived_sha256": ""},
}
COLUMNS = [
    (kind, column)
    for kind in layout.kinds()
    for column in kind.columns
    if column.name == "image" or can_hold_a_canary(kind, column.name)
]
CANARIES = {(kind.name, column.name): f"Kanarek{number:03}" for number, (kind, column) in enumerate(COLUMNS)}


def value_of(kind, name, canary):
    """The canary as the column can hold it; a day that no other column has, where it holds days."""
    field = layout.field_of(kind, name)
    day = date(1913, 1, 1) + timedelta(days=int(canary[-3:]))
    if part_dates.validate in field.validators:
        return day.isoformat()
    if isinstance(field, models.DateField):
        return day
    return f"https://{canary}.example.org/" if "url" in name else canary


def forms_of(kind, name):
    """Everything that gives a column away."""
    canary = CANARIES[kind, name]
    value = value_of(register.KINDS[kind], name, canary) if name != "image" else canary
    if str(value)[:3] != "191":
        return [canary, canary.lower()]
    day = date.fromisoformat(str(value))
    return [day.isoformat(), f"{day.day} {day:%B %Y}"]


def a_picture(alt_text):
    """A red field of 8 by 4 dots."""
    content = io.BytesIO()
    Image.new("RGB", (8, 4), "#9a3412").save(content, "PNG")
    picture = CreditedImage(title="x", alt_text=alt_text, credit="Open Doors", licence="CC0")
    picture.file = ImageFile(io.BytesIO(content.getvalue()), name="red.png")
    picture.save()
    return picture


@pytest.fixture
def book():
    """One case with a record of every kind, whose columns hold their canaries, and its pages."""
    organization = an_organization()
    frame = {"organization": organization, "entered_at": NOW, "changed_at": NOW}
    case = a_case(organization, reference="r", slug="s", title="", person=a_person(organization, "x"))
    case.person.names.all().delete()
    made = {"Case": case, "Person": case.person}
    for kind in layout.kinds():
        record = made.get(kind.name) or kind.model(id=new_id(), **frame)
        above = kind.parent and layout.field_of(kind, kind.parent).related_model.__name__
        if above:
            setattr(record, kind.parent, made[above])
        for name in (column.name for column in kind.columns):
            field = layout.field_of(kind, name)
            if (kind.name, name) in CANARIES and name != "image":
                setattr(record, name, value_of(kind, name, CANARIES[kind.name, name]))
            elif field.choices:
                setattr(record, name, next(code for code, _label in field.flatchoices if code))
        for name, value in FRAME.get(kind.name, {}).items():
            setattr(record, name, value)
        if kind.name == "Relation":
            record.other = a_person(organization, "y")
        if kind.name == "CustodySpell":
            record.end = ""
        if kind.name == "Citation":
            record.record_id = case.pk
        if kind.name == "Person":
            record.image = a_picture(alt_text=CANARIES["Person", "image"])
        record.save()
        made[kind.name] = record
    home = a_site(organization)
    index = CaseIndexPage(title="Cases", slug="cases")
    home.add_child(instance=index)
    page = CasePage(title="A page", slug="a-page", case=case)
    index.add_child(instance=page)
    for each in (index, page):
        each.save_revision().publish()
    campaign_page = a_campaign_page(organization, updates=[("2026-11-01", "A hearing")])
    Case.objects.filter(pk=case.pk).update(campaign=campaign_page.campaign)
    return SimpleNamespace(
        case=Case.objects.get(pk=case.pk),
        made=made,
        page=page,
        index=index,
        campaign=campaign_page,
        organization=organization,
    )


def clear(book, state):
    """Clear everything that can be: what needs consent rests on one in this state, and is not cleared without one."""
    asks, agrees = a_member_of_staff(book.organization), a_member_of_staff(book.organization, "approver")
    how = STATES[state]
    scopes = PublicationConsent.Scope.values
    consent = None if how is None else a_publication_consent(book.case.person, *scopes, **how)
    Clearance.objects.bulk_create(
        Clearance(
            organization=book.organization,
            case=book.case,
            record_type=kind.name,
            record_id=book.made[kind.name].pk,
            column=column.name,
            reason="Readers should know.",
            consent=consent if column.scope else None,
            state=Clearance.State.CLEARED,
            asked_by=asks,
            asked_at=NOW,
            decided_by=agrees,
            entered_at=NOW,
            changed_at=NOW,
        )
        # Even what can never be public is cleared, as by a mistake in the database.
        for kind in layout.kinds()
        for column in kind.columns
        if not column.scope or consent
    )


def ways_out(client, book):
    """What comes out, each way taken once."""
    page = client.get(book.page.url).content.decode()
    number = book.page.pk
    return {
        "page": page,
        "preview": " ".join(re.findall(r"<(?:meta|title)[^>]*>[^<]*", page)),
        "index": client.get(book.index.url).content.decode(),
        "search": client.get(book.index.url, {"q": CANARIES["Case", "summary"]}).content.decode(),
        "card": str(book.page.card()),
        "campaign": client.get(book.campaign.url).content.decode(),
        "feed": client.get(reverse("campaign_feed", args=[book.campaign.pk])).content.decode(),
        "news": the_news(book),
        "dossier": the_dossier(book),
        "linked data": json.dumps(client.get(f"/cases/{number}/case.jsonld").json(), ensure_ascii=False),
        "calendar": client.get(f"/cases/{number}/hearings.ics").content.decode().replace("\r\n ", ""),
    }


def the_news(book):
    """The mail to somebody who follows the case: what happened, and which case it is."""
    person = a_supporter(book.organization, given_name="Suzie")
    following = CaseFollowing.objects.create(
        organization=book.organization,
        supporter=person,
        case=book.case,
        words="Yes.",
        language="en",
        asked_at=NOW,
        since=NOW,
    )
    news = CaseNews.objects.create(
        organization=book.organization, development=book.made["Development"], public_at=NOW
    )
    telling = CaseTelling.objects.create(
        organization=book.organization, following=following, news=news, queued_at=NOW
    )
    notice = Notice(
        organization=book.organization,
        kind=case_news.NEWS,
        subject_id=telling.pk,
        recipient=person.email,
        language="en",
    )
    written = notice_kinds.get(case_news.NEWS)().write(notice)
    return f"{written.subject}\n{written.body}"


def the_dossier(book):
    """The text of the document and what it says of itself; where nothing is drawn, what it would be drawn from."""
    found = dossier.public(case=book.case, language="en", today=TODAY)
    if isinstance(found, str):
        return found
    pdf = PdfReader(io.BytesIO(found))
    return "\n".join(sheet.extract_text() for sheet in pdf.pages) + str(pdf.metadata)


def seen(text):
    """The columns whose canary is in it."""
    return {
        (kind.name, column.name)
        for kind, column in COLUMNS
        if any(form in text for form in forms_of(kind.name, column.name))
    }


@pytest.mark.parametrize("state", STATES)
def test_what_comes_out_was_cleared_and_rests_on_a_consent_in_force(client, book, state, monkeypatch):
    clear(book, state)
    if state != "given":
        # Drawing takes a second, and the text it is drawn from holds no less.
        monkeypatch.setattr(dossier.pdf, "render", lambda html, **_how: SimpleNamespace(pdf=html))
    in_force = {
        (kind.name, column.name)
        for kind, column in COLUMNS
        if column.can_be_public and (column.scope is None or state == "given")
    }

    came_out = {way: seen(text) for way, text in ways_out(client, book).items()}

    for way, columns in came_out.items():
        assert columns <= in_force, (way, columns - in_force)
        if way in {"index", "search", "card", "preview", "campaign", "feed"}:
            assert columns <= IN_LISTS | {("Person", "image")}, way
    assert not {kind for kind, _name in came_out["linked data"]} & NEVER_LINKED
    assert ("Person", "birth_date") not in came_out["linked data"]
    assert came_out["dossier"] <= came_out["page"]
    # The matrix would pass on empty pages.
    assert {("Case", "title"), ("Case", "summary"), ("Development", "title"), ("Claim", "value")} <= came_out[
        "page"
    ]
    assert {("Case", "summary")} <= came_out["search"] & came_out["index"] & came_out["card"] & came_out[
        "preview"
    ]
    assert (("PersonName", "text") in came_out["page"]) == (state == "given")
    assert (("PersonName", "text") in came_out["linked data"]) == (state == "given")
    assert ("Hearing", "purpose") in came_out["calendar"]
    assert came_out["news"] <= {
        ("Case", "title"),
        *((("Development", name)) for name in ("title", "dated", "text")),
    }
    assert {("Case", "title"), ("Development", "title")} <= came_out["news"]
    assert ("Case", "title") in came_out["campaign"]


@pytest.mark.parametrize("role", ["editor", "approver"])
def test_what_is_restricted_comes_out_for_approvers_alone_and_only_when_asked_for(book, role):
    """The ways out for those who keep the case: its screen, and the files they take."""
    restricted = {
        (kind.name, column.name) for kind, column in COLUMNS if column.restricted and column.name != "image"
    }
    someone = a_member_of_staff(book.organization, role)

    def taken(**how):
        content = exporting.export(
            cases=Case.objects.all(),
            organization=book.organization,
            form=exporting.Form.JSON,
            by=someone,
            now=NOW,
            **how,
        )
        return seen(content.decode())

    assert restricted
    assert not taken(restricted=False) & restricted
    screen = signed_in(someone).get(f"/staff/cases/{book.case.pk}/").content.decode()
    if role == "editor":
        assert not seen(screen) & restricted
        with pytest.raises(exporting.MayNotRead):
            taken(restricted=True)
    else:
        assert restricted <= taken(restricted=True)


def test_the_matrix_holds_every_column_that_can_be_public():
    """Choices, counts, references and what a record needs to be one are the only ones without a canary."""
    without = {
        f"{kind.name}.{column.name}"
        for kind in register.KINDS.values()
        for column in kind.columns
        if column.can_be_public and (kind.name, column.name) not in CANARIES
        and not layout.field_of(kind, column.name).choices
        and not isinstance(layout.field_of(kind, column.name), models.IntegerField | models.DecimalField)
    }  # fmt: skip
    assert without == {
        "Case.responsible_state", "Case.target_state", "CustodySpell.began", "CustodySpell.ended", "Stay.began",
        "Stay.ended", "Condition.began", "Condition.ended", "Hearing.day", "Hearing.hour", "Hearing.time_zone",
        "Sentence.currency",
    }  # fmt: skip
