"""Every address of the site."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from amparo.actions import urls as action_urls
from amparo.cases import urls as case_urls
from amparo.content.views import serve_page
from amparo.mailings import provider_urls, text_urls
from amparo.supporters import urls as supporter_urls
from amparo.targets import urls as target_urls
from amparo.web import shut_doors
from amparo.web import urls as web_urls

handler404 = "amparo.web.error_pages.not_found"
handler500 = "amparo.web.error_pages.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(shut_doors)),
    path("staff/", include(wagtailadmin_urls)),
    path("accounts/", include("allauth.urls")),
    path("", include(web_urls)),
    path("", include(text_urls)),
    path("", include(provider_urls)),
]
if settings.AMPARO_DEMO:
    from amparo.web import demo_urls

    urlpatterns += [path("demo/", include(demo_urls))]
urlpatterns += i18n_patterns(
    path("", include(action_urls)),
    path("", include(target_urls)),
    path("", include(case_urls)),
    path("", include(supporter_urls)),
    re_path(wagtail_urls.serve_pattern, serve_page, name="wagtail_serve"),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
