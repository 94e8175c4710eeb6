"""The address at which the provider by which mailings leave reports."""

from __future__ import annotations

from django.urls import path

from amparo.mailings import provider_views

urlpatterns = [
    path("provider-reports/<slug:provider>/", provider_views.provider_report, name="provider_report"),
]
