from __future__ import annotations

from django.urls import path

from amparo.actions import bounce_views, views

urlpatterns = [
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("letters/<str:token>/", views.letters, name="letters"),
    path("proof/", views.proof, name="proof"),
    path("mail/bounces/", bounce_views.bounces, name="bounces"),
]
