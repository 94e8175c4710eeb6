"""Where the provider of text messages reports: one address in every language, which it is told once."""

from __future__ import annotations

from django.urls import path

from amparo.mailings import text_views

urlpatterns = [
    path("texts/answers/", text_views.answer, name="text_answer"),
    path("texts/reports/<str:token>/", text_views.report, name="text_report"),
]
