from __future__ import annotations

from django.urls import path

from amparo.cases import (
    caution_views,
    evidence_views,
    export_views,
    file_views,
    import_views,
    keeping_views,
    publication_views,
    staff_views,
)

_RECORD = "cases/<uuid:pk>/<str:kind>/<uuid:record>/"

urlpatterns = [
    path("cases/", staff_views.Cases.as_view(), name="staff_cases"),
    path("cases/results/", staff_views.Cases.as_view(results_only=True), name="staff_cases_results"),
    path("cases/open/", staff_views.OpenCase.as_view(), name="staff_case_open"),
    path("cases/imports/", import_views.Imports.as_view(), name="staff_case_imports"),
    path(
        "cases/imports/results/",
        import_views.Imports.as_view(results_only=True),
        name="staff_case_imports_results",
    ),
    path("cases/imports/template/", import_views.Template.as_view(), name="staff_case_template"),
    path("cases/imports/add/", import_views.HandOver.as_view(), name="staff_case_import_add"),
    path("cases/imports/<uuid:pk>/", import_views.ImportScreen.as_view(), name="staff_case_import"),
    path(
        "cases/imports/<uuid:pk>/problems/",
        import_views.Problems.as_view(),
        name="staff_case_import_problems",
    ),
    path("cases/imports/<uuid:pk>/start/", import_views.Start.as_view(), name="staff_case_import_start"),
    path("cases/imports/<uuid:pk>/undo/", import_views.Undo.as_view(), name="staff_case_import_undo"),
    path("cases/imports/<uuid:pk>/forget/", import_views.Forget.as_view(), name="staff_case_import_forget"),
    path("cases/export/", export_views.ExportRegister.as_view(), name="staff_cases_export"),
    path("cases/<uuid:pk>/", staff_views.CaseScreen.as_view(), name="staff_case"),
    path("cases/<uuid:pk>/export/", export_views.ExportCase.as_view(), name="staff_case_export"),
    path("cases/<uuid:pk>/dossier/", export_views.MakeDossier.as_view(), name="staff_case_dossier"),
    path("cases/<uuid:pk>/files/", file_views.Files.as_view(), name="staff_case_files"),
    path("sources/<uuid:pk>/files/add/", file_views.TakeIn.as_view(), name="staff_file_add"),
    path("files/<uuid:pk>/", file_views.FileScreen.as_view(), name="staff_file"),
    path("files/<uuid:pk>/download/", file_views.Download.as_view(), name="staff_file_download"),
    path("files/<uuid:pk>/page/<int:page>/", file_views.PagePicture.as_view(), name="staff_file_page"),
    path("files/<uuid:pk>/redact/", file_views.Redact.as_view(), name="staff_file_redact"),
    path("files/<uuid:pk>/remove/", file_views.Remove.as_view(), name="staff_file_remove"),
    path("cases/<uuid:pk>/safety/", publication_views.CheckSafety.as_view(), name="staff_case_safety"),
    path("cases/<uuid:pk>/consent/", publication_views.RecordConsent.as_view(), name="staff_case_consent"),
    path(
        "cases/<uuid:pk>/aftermath/", publication_views.ChangeAftermath.as_view(), name="staff_case_aftermath"
    ),
    path(
        "cases/<uuid:pk>/<str:kind>/add/<uuid:parent>/",
        staff_views.AddRecord.as_view(),
        name="staff_record_add",
    ),
    path(_RECORD, staff_views.ChangeRecord.as_view(), name="staff_case_record"),
    path(f"{_RECORD}remove/", staff_views.RemoveRecord.as_view(), name="staff_record_remove"),
    path(f"{_RECORD}publish/", publication_views.AskToPublish.as_view(), name="staff_record_publish"),
    path(f"{_RECORD}cite/", evidence_views.Cite.as_view(), name="staff_record_cite"),
    path("cautions/", caution_views.Cautions.as_view(), name="staff_cautions"),
    path("cautions/<str:key>/dismiss/", caution_views.Dismiss.as_view(), name="staff_caution_dismiss"),
    path("cited-figures/", evidence_views.Figures.as_view(), name="staff_cited_figures"),
    path(
        "cited-figures/results/",
        evidence_views.Figures.as_view(results_only=True),
        name="staff_cited_figures_results",
    ),
    path("cited-figures/add/", evidence_views.AddFigure.as_view(), name="staff_cited_figure_add"),
    path("cited-figures/<uuid:pk>/", evidence_views.FigureScreen.as_view(), name="staff_cited_figure"),
    path(
        "cited-figures/<uuid:pk>/correct/",
        evidence_views.CorrectFigure.as_view(),
        name="staff_cited_figure_correct",
    ),
    path("sources/", keeping_views.SharedSources.as_view(), name="staff_shared_sources"),
    path(
        "sources/results/",
        keeping_views.SharedSources.as_view(results_only=True),
        name="staff_shared_sources_results",
    ),
    path("sources/add/", keeping_views.KeepSource.as_view(), name="staff_source_add"),
    path("sources/<uuid:pk>/", keeping_views.KeepSource.as_view(), name="staff_shared_source"),
    path("sources/<uuid:pk>/remove/", keeping_views.RemoveSource.as_view(), name="staff_source_remove"),
    path("laws/", keeping_views.Laws.as_view(), name="staff_laws"),
    path("laws/results/", keeping_views.Laws.as_view(results_only=True), name="staff_laws_results"),
    path("laws/add/", keeping_views.KeepLaw.as_view(), name="staff_law_add"),
    path("laws/<uuid:pk>/", keeping_views.KeepLaw.as_view(), name="staff_law"),
    path("laws/<uuid:pk>/remove/", keeping_views.RemoveLaw.as_view(), name="staff_law_remove"),
    path("clearances/<uuid:pk>/agree/", publication_views.Agree.as_view(), name="staff_clearance_agree"),
    path("clearances/<uuid:pk>/refuse/", publication_views.Refuse.as_view(), name="staff_clearance_refuse"),
    path(
        "clearances/<uuid:pk>/withdraw/",
        publication_views.TakeBack.as_view(),
        name="staff_clearance_withdraw",
    ),
    path(
        "consents/<uuid:pk>/withdraw/",
        publication_views.WithdrawConsent.as_view(),
        name="staff_consent_withdraw",
    ),
]
