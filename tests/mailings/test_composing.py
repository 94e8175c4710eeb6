"""Bruno composes: drafts, languages, variants, copies; and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amparo.accounts.models import AuditEntry
from amparo.mailings import freezing
from amparo.mailings.composer import compose_checks, composing
from amparo.mailings.models import Mailing
from amparo.supporters.models import Purpose
from tests.factories.composed import WORDS, a_button, a_draft, rewrite
from tests.factories.mailings import a_segment
from tests.factories.moments import NOW
from tests.factories.organizations import an_organization
from tests.factories.pages import an_email_page

pytestmark = pytest.mark.django_db


def test_a_new_mailing_greets_its_reader_in_its_language():
    mailing = composing.begin(
        organization=an_organization(),
        name=" Ilan’s\nhearing ",
        kind=Mailing.Kind.APPEAL,
        campaign=None,
        language="en",
        by=None,
        now=NOW,
    )
    text = mailing.texts.get()
    assert text.text.startswith("Dear {first name|friend},\n")
    assert (mailing.name, mailing.purpose) == ("Ilan’s hearing", Purpose.FUNDRAISING)
    assert mailing.link_source == f"m-{mailing.pk.hex[-8:]}"
    with pytest.raises(composing.NameMissing):
        composing.copy(mailing=mailing, name=" ", by=None, now=NOW)


@pytest.mark.parametrize(
    "words", ["Dear {nmae},", "Dear {{first name}},", "Dear {Name},", "{first <b>name</b>}", "{figures:held}"]
)
def test_an_unknown_merge_field_is_refused_with_those_that_there_are(words):
    text = a_draft(an_organization())
    before = text.html
    with pytest.raises(
        compose_checks.UnknownField, match=r"There are: \{first name\}, .*\{unsubscribe link\}"
    ):
        rewrite(text, {"type": "text", "value": f"<p>{words}</p>"})
    with pytest.raises(compose_checks.UnknownField):
        rewrite(text, WORDS, subject=words)
    text.refresh_from_db()
    assert text.html == before


def test_a_figure_is_named_where_its_source_can_stand_below_and_nowhere_else():
    text = a_draft(an_organization(), {"type": "text", "value": "<p>{figure:held}</p><p>Wait.</p>"})
    for told in ({"subject": "{figure:held}"}, {"preview": "{figure:held}"}):
        with pytest.raises(compose_checks.UnknownField):
            rewrite(text, WORDS, **told)
    with pytest.raises(compose_checks.UnknownField):
        rewrite(text, {"type": "heading", "value": "{figure:held}"})


def test_known_fields_and_words_of_the_register_are_taken_with_an_editors_fixed_spaces():
    text = a_draft(
        an_organization(),
        {"type": "text", "value": "<p>{first\u00a0name|dear&nbsp;friend} {figure:held}</p><p>x</p>"},
    )
    assert "{first name|dear friend}" in text.body.blocks[0]["value"]


def test_what_is_another_organizations_is_refused():
    theirs = an_email_page(an_organization("lamp-light"), title="Their ask")
    text = a_draft(an_organization())
    link = {"type": "text", "value": f'<p><a linktype="page" id="{theirs.pk}">x</a></p>'}
    for block in (a_button(theirs), link):
        with pytest.raises(compose_checks.NotYours, match="Their ask"):
            rewrite(text, block)


def test_two_writers_do_not_overwrite_each_other():
    text = a_draft(an_organization())
    seen, later = text.changed_at, NOW + timedelta(minutes=1)
    rewrite(text, WORDS, subject="Amina's", now=later)
    with pytest.raises(composing.ChangedMeanwhile):
        composing.write(text=text, subject="Bruno's", preview="", raw=[WORDS], seen=seen, by=None, now=later)
    text.refresh_from_db()
    assert text.subject == "Amina's"


def test_a_variant_has_the_body_of_variant_a_until_it_gets_its_own():
    first = a_draft(an_organization())
    mailing = first.mailing
    second = composing.add_text(mailing=mailing, language="en", variant="b", by=None, now=NOW)
    assert composing.shares_its_body(second)
    assert "Ilan needs your voice." in second.html
    rewrite(first, {"type": "heading", "value": "Two days"})
    second.refresh_from_db()
    assert "Two days" in second.text
    rewrite(second, {"type": "heading", "value": "His own"})
    rewrite(first, {"type": "heading", "value": "One day"})
    second.refresh_from_db()
    assert "His own" in second.text
    with pytest.raises(composing.TextThere):
        composing.add_text(mailing=mailing, language="en", variant="b", by=None, now=NOW)


def test_another_language_begins_as_the_first_and_goes_again():
    first = a_draft(an_organization())
    arabic = composing.add_text(mailing=first.mailing, language="ar", variant="c", by=None, now=NOW)
    assert (arabic.variant, 'dir="rtl"' in arabic.html) == ("a", True)
    assert "Ilan needs your voice." in arabic.text
    composing.remove_text(text=arabic, by=None, now=NOW)
    with pytest.raises(composing.LastText):
        composing.remove_text(text=first, by=None, now=NOW)


def test_a_copy_is_a_draft_with_nothing_of_what_became_of_the_first():
    first = a_draft(an_organization())
    Mailing.objects.filter(pk=first.mailing.pk).update(
        state="finished",
        finished_at=NOW,
        scheduled_at=NOW,
        approved_at=NOW,
        segment=a_segment(first.organization),
    )
    first.mailing.refresh_from_db()
    twin = composing.copy(mailing=first.mailing, name="Again", by=None, now=NOW)
    assert (twin.state, twin.scheduled_at, twin.approved_at) == ("draft", None, None)
    assert twin.segment_id == first.mailing.segment_id
    assert twin.link_source != first.mailing.link_source
    assert "Ilan needs your voice." in twin.texts.get().text
    with pytest.raises(composing.NoDraft):
        composing.delete(mailing=first.mailing, by=None, now=NOW)
    with pytest.raises(composing.NoDraft):
        rewrite(first, WORDS)
    number = twin.pk
    composing.delete(mailing=twin, by=None, now=NOW)
    assert not Mailing.objects.filter(pk=number).exists()
    verbs = AuditEntry.objects.filter(subject_id=str(number)).values_list("verb", flat=True)
    assert set(verbs) == {"copy_mailing", "delete_mailing"}


def test_what_leaves_is_drawn_once_more_when_the_audience_is_frozen():
    """Whatever it shows may have changed since it was written: a case withdrawn, a figure corrected."""
    organization = an_organization()
    text = a_draft(organization)
    later = NOW + timedelta(days=1)
    Mailing.objects.filter(pk=text.mailing.pk).update(
        state="scheduled", scheduled_at=later, approved_at=NOW, segment=a_segment(organization)
    )
    (mailing,) = freezing.claim(limit=1, now=later)
    freezing.freeze(mailing=mailing, now=later)
    text.body.refresh_from_db()
    assert text.body.drawn_at == later
