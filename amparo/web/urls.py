from __future__ import annotations

from django.urls import path

from amparo.web import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path(".well-known/amparo-signing-key", views.signing_key, name="signing_key"),
    path("metrics", views.metrics, name="metrics"),
    path("theme/<int:pk>-<str:mark>.css", views.theme, name="theme"),
    path("media/images/<str:name>", views.picture, name="picture"),
]
