from __future__ import annotations

from django.urls import path

from amparo.mailings.automations import staff_urls as automation_urls
from amparo.mailings.screens import (
    compose_views,
    deliverability_views,
    preview_views,
    sending_choice_views,
    steering_views,
    text_staff_views,
)

urlpatterns = [
    *automation_urls.urlpatterns,
    path("mailings/", compose_views.Mailings.as_view(), name="staff_mailings"),
    path(
        "mailings/results/",
        compose_views.Mailings.as_view(results_only=True),
        name="staff_mailings_results",
    ),
    path("mailings/new/", compose_views.NewMailing.as_view(), name="staff_mailing_new"),
    path("mailings/<uuid:pk>/", compose_views.MailingPage.as_view(), name="staff_mailing"),
    path("mailings/<uuid:pk>/change/", compose_views.ChangeMailing.as_view(), name="staff_mailing_change"),
    path("mailings/<uuid:pk>/copy/", sending_choice_views.CopyMailing.as_view(), name="staff_mailing_copy"),
    path("mailings/<uuid:pk>/delete/", compose_views.DeleteMailing.as_view(), name="staff_mailing_delete"),
    path("mailings/<uuid:pk>/links/", compose_views.LookAtLinks.as_view(), name="staff_mailing_links"),
    path(
        "mailings/<uuid:pk>/audience/", steering_views.ChooseAudience.as_view(), name="staff_mailing_audience"
    ),
    path("mailings/<uuid:pk>/ready/", steering_views.MakeReady.as_view(), name="staff_mailing_ready"),
    path("mailings/<uuid:pk>/take-back/", steering_views.TakeBack.as_view(), name="staff_mailing_take_back"),
    path("mailings/<uuid:pk>/approve/", steering_views.Approve.as_view(), name="staff_mailing_approve"),
    path("mailings/<uuid:pk>/pause/", steering_views.Pause.as_view(), name="staff_mailing_pause"),
    path("mailings/<uuid:pk>/resume/", steering_views.Resume.as_view(), name="staff_mailing_resume"),
    path("mailings/<uuid:pk>/stop/", steering_views.Stop.as_view(), name="staff_mailing_stop"),
    path("mailings/<uuid:pk>/late/", steering_views.AddLateJoiners.as_view(), name="staff_mailing_late"),
    path("mailings/<uuid:pk>/unknown/", steering_views.SendToUnknown.as_view(), name="staff_mailing_unknown"),
    path("mailings/<uuid:pk>/pace/", sending_choice_views.ChoosePace.as_view(), name="staff_mailing_pace"),
    path("mailings/<uuid:pk>/try/", sending_choice_views.TrySubjects.as_view(), name="staff_mailing_try"),
    path(
        "mailings/<uuid:pk>/winner/", sending_choice_views.ChooseWinner.as_view(), name="staff_mailing_winner"
    ),
    path("mailings/<uuid:pk>/again/", sending_choice_views.WriteAgain.as_view(), name="staff_mailing_again"),
    path("deliverability/", deliverability_views.Senders.as_view(), name="staff_senders"),
    path(
        "deliverability/<uuid:pk>/",
        deliverability_views.Deliverability.as_view(),
        name="staff_deliverability",
    ),
    path("mailings/<uuid:pk>/texts/add/", compose_views.AddText.as_view(), name="staff_mailing_text_add"),
    path("mailings/texts/<uuid:pk>/", compose_views.WriteText.as_view(), name="staff_mailing_text"),
    path(
        "mailings/texts/<uuid:pk>/remove/",
        compose_views.RemoveText.as_view(),
        name="staff_mailing_text_remove",
    ),
    path(
        "mailings/texts/<uuid:pk>/preview/",
        preview_views.PreviewText.as_view(),
        name="staff_mailing_preview",
    ),
    path(
        "mailings/texts/<uuid:pk>/document/",
        preview_views.TextDocument.as_view(),
        name="staff_mailing_document",
    ),
    path(
        "mailings/messages/<uuid:pk>/",
        text_staff_views.WriteTextMessage.as_view(),
        name="staff_text_message",
    ),
    path(
        "mailings/messages/<uuid:pk>/preview/",
        text_staff_views.PreviewTextMessage.as_view(),
        name="staff_text_message_preview",
    ),
    path(
        "mailings/messages/<uuid:pk>/test/",
        text_staff_views.TryTextMessage.as_view(),
        name="staff_text_message_test",
    ),
    path("mailings/texts/<uuid:pk>/test/", preview_views.TryText.as_view(), name="staff_mailing_test"),
]
