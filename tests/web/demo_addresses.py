"""The addresses of a demonstration, for tests: settings mount them in a demonstration only."""

from __future__ import annotations

from django.urls import include, path

from amparo.config.urls import urlpatterns as of_every_site
from amparo.web import demo_urls

urlpatterns = [path("demo/", include(demo_urls)), *of_every_site]
