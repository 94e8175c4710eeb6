"""An open letter as it stood from one day on, to be read, cited and printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from amparo.actions.models import LetterVersion, OpenLetterPage
from amparo.actions.signatures import letter_sheets, versions
from amparo.content.known_sites import know_site
from amparo.content.own_address import address_of
from amparo.kit import pdf

if TYPE_CHECKING:
    from typing import Any


@require_safe
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version, with how many signed it, and the others."""
    found, page = _find(request, pk=pk, number=number)
    versions_of_it = list(LetterVersion.objects.for_organization(page.organization).filter(page=page.pk))
    others = [
        {
            "version": other,
            "signed": versions.signed(other),
            "url": reverse("letter_version", args=[page.pk, other.number]),
        }
        for other in versions_of_it
    ]
    context: dict[str, Any] = citation(page, found) | {
        "page": page,
        "letter": versions.letter_of(page, found.content),
        "version": found,
        "signed": versions.signed(found),
        "versions": others if len(others) > 1 else [],
        "is_newest": found.number == max(other.number for other in versions_of_it),
    }
    return render(request, "actions/letter_version.html", context)


@require_safe
def printed(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version as a PDF to print. Drawn once; the same until the version changes."""
    found, page = _find(request, pk=pk, number=number)
    try:
        document = letter_sheets.drawn(page, found)
    except pdf.CannotDraw:
        raise Http404 from None
    name = f"{slugify(page.slug) or 'letter'}-{found.number}.pdf"
    return HttpResponse(
        document,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def citation(page: OpenLetterPage, found: LetterVersion) -> dict[str, str]:
    """The addresses under which a version stays."""
    return {
        "version_address": address_of(page.organization)
        + reverse("letter_version", args=[page.pk, found.number]),
        "printed_url": reverse("letter_printed", args=[page.pk, found.number]),
    }


def _find(request: HttpRequest, *, pk: int, number: int) -> tuple[LetterVersion, OpenLetterPage]:
    """A version of a live letter of the organization whose site is asked. Raises `Http404`."""
    page = OpenLetterPage.objects.live().filter(pk=pk).select_related("organization", "locale").first()
    _site, identity = know_site(request)
    if page is None or identity is None or page.organization_id != identity.organization_id:
        raise Http404
    found = LetterVersion.objects.for_organization(page.organization).filter(page=pk, number=number).first()
    if found is None:
        raise Http404
    return found, page
