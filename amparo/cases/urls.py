from __future__ import annotations

from django.urls import path

from amparo.cases import views

urlpatterns = [
    path("cases/<int:pk>/hearings.ics", views.hearings, name="case_hearings"),
    path("cases/<int:pk>/dossier.pdf", views.public_dossier, name="case_dossier"),
    path("cases/<int:pk>/case.jsonld", views.case_data, name="case_data"),
]
