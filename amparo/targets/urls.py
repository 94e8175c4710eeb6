from __future__ import annotations

from django.urls import path

from amparo.targets import views

urlpatterns = [
    path("targets/find/<slug:slug>/", views.find, name="find_targets"),
    path("targets/mistake/<path:target_key>/", views.report_mistake, name="report_mistake"),
]
