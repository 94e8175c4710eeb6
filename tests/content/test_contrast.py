"""An organization's colour must be readable."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from amparo.content.contrast import contrast, readable_ink
from amparo.content.models import SiteIdentity


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#ffffff", "#ffffff", 1), ("#777777", "#ffffff", 4.48)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(one, other) == contrast(other, one)


def test_ink_is_whichever_reads_better():
    assert readable_ink("#9a3412") == "#ffffff"
    assert readable_ink("#ffdd00") == "#111111"


def test_a_pale_colour_is_refused():
    identity = SiteIdentity(accent="#ffdd00")

    with pytest.raises(ValidationError, match="too pale"):
        identity.clean()
