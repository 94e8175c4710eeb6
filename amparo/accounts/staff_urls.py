from __future__ import annotations

from django.urls import path

from amparo.accounts import staff_views
from amparo.accounts.organization_views import DescribeOrganization, Organizations

urlpatterns = [
    path("people/", staff_views.People.as_view(), name="staff_people"),
    path("people/results/", staff_views.People.as_view(results_only=True), name="staff_people_results"),
    path("people/appoint/", staff_views.Invite.as_view(), name="staff_person_add"),
    path("people/<int:pk>/", staff_views.ChangeRole.as_view(), name="staff_person"),
    path("people/<int:pk>/remove/", staff_views.RemoveRole.as_view(), name="staff_person_remove"),
    path("people/<int:pk>/link/", staff_views.FirstLink.as_view(), name="staff_person_link"),
    path("organizations/", Organizations.as_view(), name="staff_organizations"),
    path(
        "organizations/results/", Organizations.as_view(results_only=True), name="staff_organizations_results"
    ),
    path("organizations/<uuid:pk>/", DescribeOrganization.as_view(), name="staff_organization"),
    path("audit/", staff_views.Trail.as_view(), name="staff_trail"),
    path("audit/results/", staff_views.Trail.as_view(results_only=True), name="staff_trail_results"),
]
