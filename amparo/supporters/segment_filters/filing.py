"""How somebody is filed: tags, and answers to the organization's own questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.supporters.models import Tag, Tagging
from amparo.supporters.registry import FILING, SegmentFilter, any_of, people_with, segment_filters

if TYPE_CHECKING:
    from datetime import datetime

    from amparo.supporters.listed import Listed

    TagsField = forms.ModelMultipleChoiceField[Tag]
else:
    TagsField = forms.ModelMultipleChoiceField


@segment_filters.register("tag")
class Tagged(SegmentFilter):
    """The words under which staff file them. Tags of a record that was merged were given to the person then."""

    label = _("Tag")
    heading = FILING

    tags = TagsField(Tag.objects.none(), label=_("Any of these tags"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].queryset = Tag.objects.for_organization(self.organization)  # type: ignore[attr-defined]

    def is_offered(self) -> bool:
        return Tag.objects.for_organization(self.organization).exists()

    def condition(self, *, now: datetime) -> Listed:  # noqa: ARG002 - holds at any time
        return people_with(Tagging.objects.filter(tag__in=[tag.pk for tag in self.cleaned_data["tags"]]))

    def sentence(self) -> str:
        return gettext("has the tag %(tags)s") % {"tags": self._tags()}

    def opposite(self) -> str:
        return gettext("does not have the tag %(tags)s") % {"tags": self._tags()}

    def _tags(self) -> str:
        return any_of([f"“{tag.name}”" for tag in self.cleaned_data["tags"]])
