from __future__ import annotations

from django.urls import path

from amparo.actions import bounce_views, link_views

urlpatterns = [
    path("confirm/<str:token>/", link_views.confirm, name="confirm"),
    path("letters/<str:token>/", link_views.letters, name="letters"),
    path("proof/", link_views.proof, name="proof"),
    path("mail/bounces/", bounce_views.bounces, name="bounces"),
]
