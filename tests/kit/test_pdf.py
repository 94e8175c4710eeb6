"""Documents as PDF: our own fonts, the pictures that were given, and nothing from elsewhere."""

from __future__ import annotations

import base64
import io

import pytest
from django.contrib.staticfiles import finders
from pypdf import PdfReader

from amparo.kit import pdf, pdf_process


def test_every_font_has_the_blank_between_words():
    """Pango leaves a blank in the font of the word before it; where that has none, words run into one another."""
    from fontTools.ttLib import TTFont

    for path in pdf.FONTS.values():
        assert 0x20 in TTFont(finders.find(path)).getBestCmap(), path


def test_a_picture_that_was_given_is_drawn_and_no_other_is_fetched():
    dot = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
    )
    html = '<html lang="en"><title>x</title><img src="picture:{}" alt="A dot">'

    def images(name):
        drawn = PdfReader(io.BytesIO(pdf.render(html.format(name), stylesheet="", pictures={"dot": dot}).pdf))
        return len(drawn.pages[0].images)

    assert (images("dot"), images("other")) == (1, 0)


def test_parts_laid_out_in_a_process_beside_ours_are_the_same_and_it_goes_with_us(monkeypatch):
    monkeypatch.setattr(pdf_process, "PARTS_EACH", 1)
    html = '<html lang="en"><title>x</title><p id="suzie">Suzie Kowal أمينة'
    here = pdf.render(html, stylesheet="p { color: red }", first_page=7)
    started = []
    start = pdf_process.LayoutProcess._start
    monkeypatch.setattr(
        pdf_process.LayoutProcess, "_start", lambda one: started.append(start(one)) or started[-1]
    )
    with pdf.renderer(parts=2) as render:
        aside = [render(html, stylesheet="p { color: red }", first_page=7) for _part in range(2)]
    assert {(part.pages, part.places["suzie"]) for part in aside} == {(here.pages, here.places["suzie"])}
    assert len({PdfReader(io.BytesIO(part.pdf)).pages[0].extract_text() for part in [here, *aside]}) == 1
    assert len(started) == 2
    assert all(child.poll() is not None for child in started)


def test_a_process_that_dies_over_a_part_is_an_error_that_quotes_nothing_and_the_next_part_has_another():
    with pdf_process.LayoutProcess(pdf._faces()) as process:

        def part(html):
            return process.lay_out(html, stylesheet="", first_page=1, pictures={})

        part('<html lang="en"><title>x</title>Suzie')
        process._child.kill()
        with pytest.raises(pdf_process.LayoutBroke) as refused:
            part('<html lang="en"><title>x</title>Suzie')
        assert "Suzie" not in str(refused.value)
        assert part('<html lang="en"><title>x</title>Suzie').pages == 1


def test_the_process_ends_by_itself_when_whoever_started_it_is_gone():
    process = pdf_process.LayoutProcess(pdf._faces())
    child = process._start()
    child.stdin.close()

    assert child.wait(timeout=60) == 0
    child.stdout.close()
