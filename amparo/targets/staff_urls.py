from __future__ import annotations

from django.urls import path

from amparo.targets import hand_views, override_views, register_views, staff_views
from amparo.targets.hand_views import Entered
from amparo.targets.override_views import ContactOverrides, PostcodeOverrides
from amparo.targets.register_views import Areas, Mistakes, Targets

_LISTS = (
    ("offices/", Targets, "staff_targets"),
    ("areas/", Areas, "staff_areas"),
    ("mistakes/", Mistakes, "staff_mistakes"),
    ("entered/", Entered, "staff_entered"),
    ("contacts/", ContactOverrides, "staff_contact_overrides"),
    ("postcodes/", PostcodeOverrides, "staff_postcode_overrides"),
)

urlpatterns = [
    path("targets/sources/", staff_views.Sources.as_view(), name="staff_sources"),
    path("targets/sources/<slug:slug>/", staff_views.Source.as_view(), name="staff_source"),
    path(
        "targets/sources/<slug:slug>/legislature/<str:code>/",
        staff_views.OverrideLegislature.as_view(),
        name="staff_legislature",
    ),
    path("targets/versions/<uuid:pk>/", staff_views.Version.as_view(), name="staff_version"),
]
for _place, _screen, _name in _LISTS:
    urlpatterns += [
        path(f"targets/{_place}", _screen.as_view(), name=_name),
        path(f"targets/{_place}results/", _screen.as_view(results_only=True), name=f"{_name}_results"),
    ]
urlpatterns += [
    path("targets/mistakes/<uuid:pk>/", register_views.Mistake.as_view(), name="staff_mistake"),
    path("targets/failures/<int:pk>/trust/", register_views.TrustAgain.as_view(), name="staff_trust_again"),
    path("targets/entered/add/", hand_views.Enter.as_view(), name="staff_entered_add"),
    path("targets/entered/<uuid:pk>/", hand_views.Amend.as_view(), name="staff_entered_change"),
    path("targets/entered/<uuid:pk>/remove/", hand_views.Strike.as_view(), name="staff_entered_remove"),
    path(
        "targets/contacts/<int:pk>/remove/",
        override_views.RemoveContactOverride.as_view(),
        name="staff_contact_override_remove",
    ),
    path(
        "targets/contacts/<uuid:organization>/<path:key>/",
        override_views.OverrideContact.as_view(),
        name="staff_contact_override",
    ),
    path(
        "targets/postcodes/add/",
        override_views.OverridePostcode.as_view(),
        name="staff_postcode_override_add",
    ),
    path(
        "targets/postcodes/<int:pk>/remove/",
        override_views.RemovePostcodeOverride.as_view(),
        name="staff_postcode_override_remove",
    ),
    # Last, because a key has strokes of its own.
    path("targets/offices/<path:key>/", register_views.TargetPage.as_view(), name="staff_target"),
]
