"""The addresses that only a demonstration has, under /demo/."""

from __future__ import annotations

from django.urls import path

from amparo.web import demo_views

urlpatterns = [
    path("", demo_views.guide, name="demo"),
    path("mailbox/", demo_views.mailbox, name="demo_mailbox"),
    path("mailbox/<slug:name>/", demo_views.mail, name="demo_mail"),
]
