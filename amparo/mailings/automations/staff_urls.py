from __future__ import annotations

from django.urls import path

from amparo.mailings.automations import staff_views as views

urlpatterns = [
    path("mailings/automations/", views.Automations.as_view(), name="staff_automations"),
    path(
        "mailings/automations/results/",
        views.Automations.as_view(results_only=True),
        name="staff_automations_results",
    ),
    path("mailings/automations/new/", views.NewAutomation.as_view(), name="staff_automation_new"),
    path("mailings/automations/<uuid:pk>/", views.AutomationPage.as_view(), name="staff_automation"),
    path(
        "mailings/automations/<uuid:pk>/change/",
        views.ChangeAutomation.as_view(),
        name="staff_automation_change",
    ),
    path(
        "mailings/automations/<uuid:pk>/delete/",
        views.DeleteAutomation.as_view(),
        name="staff_automation_delete",
    ),
    path("mailings/automations/<uuid:pk>/on/", views.SwitchOn.as_view(), name="staff_automation_on"),
    path("mailings/automations/<uuid:pk>/off/", views.SwitchOff.as_view(), name="staff_automation_off"),
    path("mailings/automations/<uuid:pk>/add/", views.AddStep.as_view(), name="staff_automation_add"),
    path(
        "mailings/automations/<uuid:pk>/remove/", views.RemoveStep.as_view(), name="staff_automation_remove"
    ),
    path("mailings/automations/steps/<uuid:pk>/", views.ChangeDays.as_view(), name="staff_automation_days"),
]
