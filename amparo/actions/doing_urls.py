"""The staff addresses about hours and figures (see `staff_urls`)."""

from __future__ import annotations

from django.urls import path

from amparo.actions import figure_views
from amparo.actions.deadlines import hour_views

urlpatterns = [
    path("hours/", hour_views.Hours.as_view(), name="staff_hours"),
    path("hours/<int:pk>/reopen/", hour_views.Reopen.as_view(), name="staff_reopen"),
    path("hours/<int:pk>/achieved/", hour_views.TellAchievement.as_view(), name="staff_achievement"),
    path(
        "achievements/<uuid:pk>/agree/",
        hour_views.AgreeToAchievement.as_view(),
        name="staff_achievement_agree",
    ),
    path(
        "achievements/<uuid:pk>/take-back/",
        hour_views.TakeBackAchievement.as_view(),
        name="staff_achievement_take_back",
    ),
    path("figures/", figure_views.FigurePages.as_view(), name="staff_figures"),
    path(
        "figures/results/",
        figure_views.FigurePages.as_view(results_only=True),
        name="staff_figures_results",
    ),
    path("figures/<int:pk>/", figure_views.PageFigures.as_view(), name="staff_figures_of"),
]
