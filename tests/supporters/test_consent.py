"""The ledger: exact wordings, one writer, no way back."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from amparo.supporters import consent, wordings
from amparo.supporters.models import Channel, ConsentRecord, ConsentWording, Purpose
from tests.factories.organizations import an_organization
from tests.factories.people import a_supporter

pytestmark = pytest.mark.django_db


def word(organization, text="May we write to you?", **fields):
    return wordings.word(
        organization=organization,
        purpose=fields.get("purpose", Purpose.NEWS),
        channel=Channel.EMAIL,
        language=fields.get("language", "en"),
        text=text,
    )


def answer(supporter, wording, granted, now):
    consent.record(supporter=supporter, answers={wording.pk: granted}, source="/write/", now=now)


def may_write_to(supporter):
    return consent.may_contact(supporter=supporter, purpose=Purpose.NEWS, channel=Channel.EMAIL)


def test_the_last_answer_holds(now):
    organization = an_organization()
    suzie, wording = a_supporter(organization), word(organization)

    assert not may_write_to(suzie)
    answer(suzie, wording, True, now)
    assert may_write_to(suzie)
    answer(suzie, wording, False, now + timedelta(seconds=1))
    assert not may_write_to(suzie)


def test_another_text_is_another_version(now):
    organization = an_organization()

    first, again, other = (
        word(organization),
        word(organization),
        word(organization, "May we write about Ilan?"),
    )

    assert first == again
    assert (first.version, other.version) == (1, 2)


def test_the_newest_wording_in_the_readers_language_is_asked(now):
    organization = an_organization(locale="en")
    word(organization, "Old question?")
    word(organization, "New question?")
    word(organization, "Une question ?", language="fr")

    def asked(language):
        return [
            question.text for question in wordings.questions(organization=organization, language=language)
        ]

    assert asked("en") == ["New question?"]
    assert asked("fr") == ["Une question ?"]
    assert asked("ar") == ["New question?"]


def test_what_sending_means_is_never_asked_as_a_question():
    organization = an_organization()
    wordings.disclosure(organization=organization, language="en")

    assert wordings.questions(organization=organization, language="en") == []


def test_an_answer_to_another_organizations_question_is_refused(now):
    suzie, foreign = a_supporter(an_organization()), word(an_organization(slug="other"))

    with pytest.raises(ConsentWording.DoesNotExist):
        answer(suzie, foreign, True, now)


def test_an_answer_to_a_question_nobody_asked_is_refused(now):
    with pytest.raises(ConsentWording.DoesNotExist):
        consent.record(supporter=a_supporter(an_organization()), answers={uuid4(): True}, source="/", now=now)


@pytest.mark.parametrize("deed", ["update", "delete"])
def test_the_database_itself_refuses_to_change_the_ledger(now, deed):
    organization = an_organization()
    answer(a_supporter(organization), word(organization), True, now)
    lines = ConsentRecord.objects.all()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        lines.update(granted=False) if deed == "update" else lines._raw_delete(lines.db)

    assert ConsentRecord.objects.get().granted
