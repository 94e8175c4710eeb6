"""What staff type about the copy of a source, and where its black boxes lie."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.cases.models import SourceFile
from amparo.kit.redaction import Box

_RANGE = re.compile(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?")
_PERCENT = r"(\d{1,3}(?:\.\d{1,3})?)"
_BOX = re.compile(rf"(\d{{1,4}})\s*:\s*{_PERCENT}\s+{_PERCENT}\s+{_PERCENT}\s+{_PERCENT}")


class TakeInForm(forms.ModelForm[SourceFile]):
    """A file, and how it came to us (Berkeley Protocol: who, when, where from, how)."""

    file = forms.FileField(
        label=_("The file"), required=False, help_text=_("PDF, JPEG, PNG, WebP or text; up to 50 MB.")
    )
    captured_at = forms.SplitDateTimeField(
        label=_("Captured on, at (UTC)"),
        required=False,
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}),
    )

    class Meta:
        model = SourceFile
        fields = ["captured_by", "captured_from", "captured_how"]
        labels = {
            "captured_by": _("Captured by"),
            "captured_from": _("Captured from (address)"),
            "captured_how": _("How it was captured, and through whose hands it came"),
        }
        widgets = {"captured_how": forms.Textarea(attrs={"rows": 3, "dir": "auto"})}

    field_order = ["file", "captured_at", "captured_by", "captured_from", "captured_how"]


class RedactForm(forms.Form):
    """Pages and boxes as numbers; a script, where there is one, writes what is drawn with the mouse."""

    boxes = forms.CharField(
        label=_("Black boxes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "ltr", "spellcheck": "false", "data-boxes": ""}),
        help_text=_(
            "One a line: the page, a colon, and in hundredths of the page how far from the left and from the top it"
            " begins, and how wide and how high it is. 2: 10 25 50 4 blackens a line on page 2."
        ),
    )
    pages = forms.CharField(
        label=_("Pages that the copy has"),
        required=False,
        help_text=_("Such as 1-3, 7. Empty: all of them."),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )

    def clean_boxes(self) -> list[Box]:
        found = []
        for number, line in enumerate(self.cleaned_data["boxes"].splitlines(), start=1):
            if not line.strip():
                continue
            match = _BOX.fullmatch(line.strip())
            if match is None:
                raise forms.ValidationError(
                    _("Line %(line)d is no box. Write it as 2: 10 25 50 4."), params={"line": number}
                )
            page, *rest = match.groups()
            found.append(Box(int(page), *map(float, rest)))
        return found

    def clean_pages(self) -> list[int]:
        found: list[int] = []
        for part in filter(None, (part.strip() for part in self.cleaned_data["pages"].split(","))):
            match = _RANGE.fullmatch(part)
            if match is None:
                raise forms.ValidationError(_("Write pages as 1-3, 7."))
            first, last = int(match.group(1)), int(match.group(2) or match.group(1))
            found += range(first, last + 1)
        return list(dict.fromkeys(found))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not cleaned.get("boxes") and not cleaned.get("pages"):
            self.add_error(None, _("Draw at least one box, or choose the pages of the copy."))
        return cleaned
