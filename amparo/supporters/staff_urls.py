from __future__ import annotations

from django.urls import path

from amparo.supporters import (
    asking_views,
    filing_views,
    import_run_views,
    import_views,
    person_views,
    staff_views,
    supporter_views,
    suppression_views,
)
from amparo.supporters.exports import export_views
from amparo.supporters.merging_people import merge_views
from amparo.supporters.rights import complaint_views, rights_views
from amparo.supporters.segmentation import segment_builder_views, segment_views

#: Lists, which Wagtail asks for twice: whole, and their rows alone.
_LISTS = (
    ("supporters/", staff_views.Supporters, "staff_supporters"),
    ("supporters/tags/", filing_views.Tags, "staff_tags"),
    ("supporters/tagged/", filing_views.Changes, "staff_changes"),
    ("supporters/fields/", filing_views.Fields, "staff_fields"),
    ("supporters/exports/", export_views.Exports, "staff_exports"),
    ("supporters/questions/", asking_views.Questions, "staff_questions"),
    ("complaints/", complaint_views.Complaints, "staff_complaints"),
    ("supporters/lists/", import_run_views.Lists, "staff_lists"),
    ("supporters/merges/", merge_views.Merges, "staff_merges"),
    ("supporters/segments/", segment_views.Segments, "staff_segments"),
    ("suppressions/", suppression_views.Suppressions, "staff_suppressions"),
    ("suppressions/everywhere/", suppression_views.Everywhere, "staff_suppressed_everywhere"),
)

#: Deeds on one supporter, below the supporter's own address.
_DEEDS = (
    ("tags", supporter_views.TagSupporter),
    ("note", supporter_views.WriteNote),
    ("details", supporter_views.ChangeDetails),
    ("answer", supporter_views.RecordAnswer),
    ("withdraw", supporter_views.Withdraw),
    ("suppress", supporter_views.Suppress),
    ("fields", supporter_views.Answers),
    ("copy", person_views.ExportPerson),
    ("erase", person_views.EraseSupporter),
)

#: Screens about one list that is brought in, below the list's own address.
_LIST_SCREENS = (
    ("source", import_views.SaySource),
    ("columns", import_views.SayColumns),
    ("consent", import_views.SayConsent),
    ("rest", import_views.SayRest),
    ("start", import_run_views.StartList),
    ("pause", import_run_views.PauseList),
    ("resume", import_run_views.ResumeList),
    ("cancel", import_run_views.CancelList),
    ("undo", import_run_views.UndoList),
    ("forget", import_run_views.ForgetFile),
)

urlpatterns = [
    path("data-protection/", rights_views.DataProtection.as_view(), name="staff_data_protection"),
    path("data-protection/breach/", rights_views.Breach.as_view(), name="staff_breach"),
    path("data-protection/<uuid:pk>/<str:kind>/", rights_views.Document.as_view(), name="staff_record"),
    path("supporters/duplicates/", merge_views.Duplicates.as_view(), name="staff_duplicates"),
    path("supporters/<uuid:pk>/merge/", merge_views.ChooseOther.as_view(), name="staff_supporter_merge"),
    path("supporters/<uuid:pk>/merge/<uuid:other>/", merge_views.Compare.as_view(), name="staff_compare"),
    path("supporters/merges/<uuid:pk>/undo/", merge_views.UndoMerge.as_view(), name="staff_merge_undo"),
    path("suppressions/add/", suppression_views.Add.as_view(), name="staff_suppression_add"),
    path("suppressions/find/", suppression_views.Find.as_view(), name="staff_suppression_find"),
    path("suppressions/import/", suppression_views.Import.as_view(), name="staff_suppressions_import"),
    path("suppressions/export/", suppression_views.Export.as_view(), name="staff_suppressions_export"),
    path("suppressions/<uuid:pk>/", suppression_views.Lift.as_view(), name="staff_suppression_lift"),
    path(
        "suppressions/everywhere/add/",
        suppression_views.AddEverywhere.as_view(),
        name="staff_suppressed_everywhere_add",
    ),
    path(
        "suppressions/everywhere/<uuid:pk>/",
        suppression_views.LiftEverywhere.as_view(),
        name="staff_suppressed_everywhere_lift",
    ),
    path("supporters/lists/add/", import_views.HandOver.as_view(), name="staff_list_add"),
    path("supporters/lists/<uuid:pk>/", import_run_views.ListPage.as_view(), name="staff_list"),
    path(
        "supporters/lists/<uuid:pk>/problems/<str:during>/",
        import_run_views.ListProblems.as_view(),
        name="staff_list_problems",
    ),
    *(
        path(f"supporters/lists/<uuid:pk>/{_place}/", _screen.as_view(), name=f"staff_list_{_place}")
        for _place, _screen in _LIST_SCREENS
    ),
    path("supporters/find/", staff_views.LookUp.as_view(), name="staff_supporter_find"),
    path("supporters/<uuid:pk>/", staff_views.SupporterPage.as_view(), name="staff_supporter"),
    path(
        "supporters/<uuid:pk>/note/<uuid:note>/remove/",
        supporter_views.RemoveNote.as_view(),
        name="staff_supporter_note_remove",
    ),
    *(
        path(f"supporters/<uuid:pk>/{_place}/", _screen.as_view(), name=f"staff_supporter_{_place}")
        for _place, _screen in _DEEDS
    ),
    path("supporters/tags/add/", filing_views.MakeTag.as_view(), name="staff_tag_add"),
    path("supporters/tags/many/", filing_views.TagMany.as_view(), name="staff_tag_many"),
    path("supporters/tags/<uuid:pk>/", filing_views.RenameTag.as_view(), name="staff_tag"),
    path("supporters/tags/<uuid:pk>/remove/", filing_views.RemoveTag.as_view(), name="staff_tag_remove"),
    path("supporters/tagged/<uuid:pk>/undo/", filing_views.Undo.as_view(), name="staff_change_undo"),
    path("supporters/questions/add/", asking_views.AskSomething.as_view(), name="staff_question_add"),
    path(
        "supporters/questions/<uuid:pk>/stop/", asking_views.StopAsking.as_view(), name="staff_question_stop"
    ),
    path("supporters/fields/add/", filing_views.AddField.as_view(), name="staff_field_add"),
    path("supporters/fields/<uuid:pk>/", filing_views.ChangeField.as_view(), name="staff_field"),
    path(
        "supporters/fields/<uuid:pk>/remove/", filing_views.RemoveField.as_view(), name="staff_field_remove"
    ),
    path("supporters/exports/ask/", export_views.AskExport.as_view(), name="staff_export_ask"),
    path("supporters/exports/whose/", export_views.WhoseExport.as_view(), name="staff_export_whose"),
    path("supporters/exports/<uuid:pk>/", export_views.ExportPage.as_view(), name="staff_export"),
    path(
        "supporters/exports/<uuid:pk>/approve/",
        export_views.ApproveExport.as_view(),
        name="staff_export_approve",
    ),
    path(
        "supporters/exports/<uuid:pk>/refuse/",
        export_views.RefuseExport.as_view(),
        name="staff_export_refuse",
    ),
    path(
        "supporters/exports/<uuid:pk>/fetch/", export_views.FetchExport.as_view(), name="staff_export_fetch"
    ),
    path("supporters/exports/<uuid:pk>/delete/", export_views.EndExport.as_view(), name="staff_export_end"),
    path(
        "supporters/segments/add/<uuid:organization>/",
        segment_builder_views.Builder.as_view(),
        name="staff_segment_add",
    ),
    path(
        "supporters/segments/count/<uuid:organization>/",
        segment_builder_views.CountQuestion.as_view(),
        name="staff_segment_count",
    ),
    path("supporters/segments/<uuid:pk>/", segment_views.SegmentPage.as_view(), name="staff_segment"),
    path(
        "supporters/segments/<uuid:pk>/change/",
        segment_builder_views.ChangeSegment.as_view(),
        name="staff_segment_change",
    ),
    path(
        "supporters/segments/<uuid:pk>/rename/",
        segment_views.RenameSegment.as_view(),
        name="staff_segment_rename",
    ),
    path(
        "supporters/segments/<uuid:pk>/copy/", segment_views.CopySegment.as_view(), name="staff_segment_copy"
    ),
    path(
        "supporters/segments/<uuid:pk>/delete/",
        segment_views.DeleteSegment.as_view(),
        name="staff_segment_delete",
    ),
    path("complaints/<uuid:pk>/", complaint_views.AnswerComplaint.as_view(), name="staff_complaint"),
]
for _place, _screen, _name in _LISTS:
    urlpatterns += [
        path(_place, _screen.as_view(), name=_name),
        path(f"{_place}results/", _screen.as_view(results_only=True), name=f"{_name}_results"),
    ]
