"""With which list somebody came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.kit.packed_ids import UnpackedIds
from amparo.supporters.importing.traces import ENTRY
from amparo.supporters.listed import Ids, Listed
from amparo.supporters.models import ImportChunk, ImportRun, Supporter
from amparo.supporters.registry import FILING, SegmentFilter, any_of, segment_filters

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    ListsField = forms.ModelMultipleChoiceField[ImportRun]
else:
    ListsField = forms.ModelMultipleChoiceField


class _Lists(ListsField):
    """Lists by the name of their file and the day they came."""

    def label_from_instance(self, obj: Any) -> str:
        return _called(obj)


@segment_filters.register("came-with-list")
class CameWithList(SegmentFilter):
    """Not known before a list was brought in: whoever was known already did not come with it."""

    label = _("Came with a list")
    heading = FILING

    lists = _Lists(
        ImportRun.objects.none(), label=_("Any of these lists"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lists"].queryset = self._brought_in().order_by("-created_at")  # type: ignore[attr-defined]

    def _brought_in(self) -> QuerySet[ImportRun]:
        return ImportRun.objects.for_organization(self.organization).filter(started_at__isnull=False)

    def is_offered(self) -> bool:
        return self._brought_in().exists()

    def condition(self, *, now: datetime) -> Listed:  # noqa: ARG002 - holds at any time
        # A list that was taken back brought nobody.
        chunks = ImportChunk.objects.for_organization(self.organization).filter(
            run__in=[run.pk for run in self.cleaned_data["lists"]], undone_at__isnull=True
        )
        came = Supporter.objects.for_organization(self.organization).filter(
            pk__in=UnpackedIds(chunks.order_by().values("created"), entry=ENTRY)
        )
        return Listed((Ids(came, "pk"), Ids(came.filter(merged_into__isnull=False), "merged_into")))

    def sentence(self) -> str:
        return gettext("came with the list %(lists)s") % {"lists": self._lists()}

    def opposite(self) -> str:
        return gettext("did not come with the list %(lists)s") % {"lists": self._lists()}

    def _lists(self) -> str:
        return any_of([_called(run) for run in self.cleaned_data["lists"]])


def _called(run: ImportRun) -> str:
    return gettext("“%(file)s” of %(day)s") % {
        "file": run.file_name,
        "day": date_format(run.created_at, "j F Y"),
    }
