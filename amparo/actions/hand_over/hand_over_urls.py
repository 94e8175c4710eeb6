from __future__ import annotations

from django.urls import path

from amparo.actions.hand_over import hand_over_views as bundles
from amparo.actions.hand_over import names_views as names
from amparo.actions.models import HandOverPiece

CSV = HandOverPiece.File.CSV

urlpatterns = [
    path("sending/page/<int:pk>/bundles/", bundles.Bundles.as_view(), name="staff_bundles"),
    path("sending/page/<int:pk>/bundle/", bundles.MakeBundle.as_view(), name="staff_make_bundle"),
    path("signed/<int:pk>/hand-overs/", names.HandOvers.as_view(), name="staff_hand_overs"),
    path("signed/<int:pk>/hand-overs/plan/", names.Plan.as_view(), name="staff_plan_hand_over"),
    path("bundles/<uuid:pk>/", bundles.Bundle.as_view(), name="staff_bundle"),
    path("bundles/<uuid:pk>/draft/", names.Draft.as_view(), name="staff_bundle_draft"),
    path("bundles/<uuid:pk>/agree/", names.Agree.as_view(), name="staff_bundle_agree"),
    path("bundles/<uuid:pk>/refuse/", names.Refuse.as_view(), name="staff_bundle_refuse"),
    path("bundles/<uuid:pk>/document/", bundles.Document.as_view(), name="staff_bundle_document"),
    path("bundles/<uuid:pk>/table/", bundles.Document.as_view(file=CSV), name="staff_bundle_table"),
    path("bundles/<uuid:pk>/signature/", bundles.Proof.as_view(), name="staff_bundle_proof"),
    path(
        "bundles/<uuid:pk>/table/signature/",
        bundles.Proof.as_view(file=CSV),
        name="staff_bundle_table_proof",
    ),
    path("bundles/<uuid:pk>/everybody/", names.Everything.as_view(), name="staff_bundle_everybody"),
    path("bundles/<uuid:pk>/handed-over/", bundles.HandedOver.as_view(), name="staff_bundle_handed_over"),
    path("bundles/<uuid:pk>/receipt/", bundles.Describe.as_view(), name="staff_bundle_receipt"),
    path("bundles/<uuid:pk>/take-apart/", bundles.TakeApart.as_view(), name="staff_bundle_take_apart"),
]
