"""What this floor looks for: old figures, dead links, ending consents, public texts that the register contradicts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.cases import contradicting, date_mentions, figures, links
from amparo.cases.models import CasePage, Clearance, Figure, Hearing, PublicationConsent, Source
from amparo.cases.registry import Caution, Look, PublicText, cautions, public_texts
from amparo.content.brace_words import texts_of

if TYPE_CHECKING:
    from datetime import date

    from wagtail.models import Page

    from amparo.cases.models import Case

#: Days before its end at which a consent is asked for anew: a letter from prison takes weeks.
ENDS_SOON = timedelta(days=30)


@cautions.register("old-figure")
def old_figures(look: Look) -> Iterator[Caution]:
    """Figures past the day by which somebody was to look again; of one case, those that its story names."""
    stale = Figure.objects.for_organization(look.organization).filter(recheck_by__lte=look.today)
    for figure in stale:
        naming = [case for case in look.cases if figure.key in figures.keys_in(case.story or "")]
        if look.of_one_case and not naming:
            continue
        yield Caution(
            "old-figure",
            _("The figure “%(key)s” was to be looked at again by %(day)s.")
            % {"key": figure.key, "day": date_format(figure.recheck_by or look.today)},
            reverse("staff_cited_figure_correct", args=[figure.pk]),
            (str(figure.pk), figure.changed_at.isoformat()),
        )


@cautions.register("dead-link")
def dead_links(look: Look) -> Iterator[Caution]:
    """Sources whose address failed on several days; shared ones stand with the organization."""
    of_cases = Q(case__in=look.cases) if look.of_one_case else Q(case__in=look.cases) | Q(case__isnull=True)
    failing = Source.objects.for_organization(look.organization).filter(
        of_cases, is_confidential=False, link_failures__gte=links.DEAD_AFTER
    )
    for source in failing:
        yield Caution(
            "dead-link",
            _(
                "The address of a source has not answered as it should since two days or more: %(source)s (%(answer)s)."
            )
            % {"source": source.title, "answer": source.link_answer},
            reverse("staff_case_record", args=[source.case_id, "Source", source.pk])
            if source.case_id
            else reverse("staff_shared_source", args=[source.pk]),
            (str(source.pk), source.url or "", source.link_answer),
            look.case_of(source.case_id),
        )


@cautions.register("consent")
def ending_consents(look: Look) -> Iterator[Caution]:
    """Consents that ended, or end within a month, on which something public rests."""
    for case in look.cases:
        ending = PublicationConsent.objects.for_organization(look.organization).filter(
            person=case.person_id, withdrawn_on__isnull=True, until__lte=look.today + ENDS_SOON
        )
        for consent in ending:
            open_ones = [Clearance.State.ASKED, Clearance.State.CLEARED]
            resting = consent.clearances.filter(case=case, state__in=open_ones).count()
            if resting:
                yield _consent(consent, resting, case=case, today=look.today)


def _consent(consent: PublicationConsent, resting: int, *, case: Case, today: date) -> Caution:
    until = consent.until or today
    if until < today:
        said = ngettext(
            "A consent ended on %(day)s: %(count)d column that rests on it is shown to nobody.",
            "A consent ended on %(day)s: %(count)d columns that rest on it are shown to nobody.",
            resting,
        )
    else:
        said = ngettext(
            "A consent ends on %(day)s, and with it %(count)d public column.",
            "A consent ends on %(day)s, and with it %(count)d public columns.",
            resting,
        )
    return Caution(
        "consent",
        said % {"day": date_format(until), "count": resting},
        reverse("staff_case_consent", args=[case.pk]),
        (str(consent.pk), until.isoformat(), "over" if until < today else "ending"),
        case,
    )


@cautions.register("contradiction")
def contradictions(look: Look) -> Iterator[Caution]:
    """Public texts that cannot be true beside what the register knows by now."""
    for case in look.cases:
        states = contradicting.states_of(case, today=look.today)
        for text in texts_about(case):
            for found in contradicting.contradictions_in(text.text, states=states):
                yield Caution(
                    "contradiction",
                    _("%(where)s says “%(said)s”, and the register knows better: %(known)s.")
                    % {"where": text.where, "said": found.said, "known": _known(found.known)},
                    text.url,
                    (text.place, found.said, *sorted(states)),
                    case,
                )


@cautions.register("another-day")
def other_days(look: Look) -> Iterator[Caution]:
    """Public texts that name a day near a hearing which is not the record's."""
    for case in look.cases:
        coming, past = _hearings(case, today=look.today)
        for text in texts_about(case):
            for mention in date_mentions.near_a_hearing(text.text):
                if date_mentions.unlike(mention, coming=coming, past=past, today=look.today):
                    yield Caution(
                        "another-day",
                        _("%(where)s says “%(said)s” of a hearing. The next one on record is on %(day)s.")
                        % {
                            "where": text.where,
                            "said": mention.said,
                            "day": date_format(coming[0], "l j F Y"),
                        },
                        text.url,
                        (text.place, mention.said, *(day.isoformat() for day in coming)),
                        case,
                    )


def texts_about(case: Case) -> list[PublicText]:
    """Everything that readers can read about a case, wherever it stands."""
    return [text for slug in public_texts for text in public_texts.get(slug)(case)]


@public_texts.register("case")
def own_texts(case: Case) -> Iterator[PublicText]:
    """What was cleared of the case's own words."""
    columns = _cleared_texts(case)
    labels = {"title": _("The heading"), "summary": _("The summary"), "story": _("The story")}
    url = reverse("staff_case_record", args=[case.pk, "Case", case.pk])
    for column, label in labels.items():
        text = getattr(case, column)
        if column in columns and text:
            yield PublicText(text, f"case:{column}", label, url)


@public_texts.register("page")
def page_texts(case: Case) -> Iterator[PublicText]:
    """What is written on the case's own pages."""
    for page in CasePage.objects.filter(case=case).live():
        yield from texts_of_page(page)


def texts_of_page(page: Page) -> Iterator[PublicText]:
    """Each text of a page, with where staff change it."""
    where = _("The page “%(title)s”") % {"title": page.title}
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    for text in texts_of(page):
        yield PublicText(text, f"page:{page.pk}", where, url)


def _cleared_texts(case: Case) -> set[str]:
    if case.aftermath == case.Aftermath.REMOVED:
        return set()
    rows = Clearance.objects.for_organization(case.organization).in_force()
    return set(rows.filter(case=case, record_type="Case").values_list("column", flat=True))


def _hearings(case: Case, *, today: date) -> tuple[list[date], list[date]]:
    """The days of hearings that are to be held, the next first, and of those that were held."""
    rows = Hearing.objects.for_organization(case.organization).filter(proceeding__case=case)
    coming = rows.filter(status=Hearing.Status.SCHEDULED, day__gte=today).order_by("day")
    past = rows.filter(Q(status=Hearing.Status.HELD) | Q(status=Hearing.Status.SCHEDULED, day__lt=today))
    return list(coming.values_list("day", flat=True)), list(past.values_list("day", flat=True))


def _known(state: str) -> str:
    return {
        "not-held": _("not in custody any more"),
        "in-custody": _("in custody"),
        "died": _("died in custody"),
        "not-alone": _("not in solitary confinement"),
        "convicted": _("convicted"),
        "acquitted": _("acquitted"),
        "dismissed": _("dismissed"),
        "overturned": _("the verdict was overturned"),
    }[state]
