from __future__ import annotations

from django.urls import path

from amparo.actions import campaign_views, moderation_views, sending_views, staff_views, trial_views

Letters, Campaigns = staff_views.Letters, campaign_views.Campaigns
_PAUSE, _RESUME = {"pauses": True}, {"pauses": False}

urlpatterns = [
    path("letters/", Letters.as_view(), name="staff_letters"),
    path("letters/results/", Letters.as_view(results_only=True), name="staff_letters_results"),
    path("letters/moderate/", moderation_views.Moderation.as_view(), name="staff_letters_moderate"),
    path("letters/<uuid:pk>/", staff_views.LetterPage.as_view(), name="staff_letter"),
    path("letters/<uuid:pk>/text/", staff_views.LetterText.as_view(), name="staff_letter_text"),
    path("actions/<int:pk>/test/", trial_views.Trial.as_view(), name="staff_trial"),
    path("campaigns/", Campaigns.as_view(), name="staff_campaigns"),
    path("campaigns/results/", Campaigns.as_view(results_only=True), name="staff_campaigns_results"),
    path("campaigns/open/", campaign_views.OpenCampaign.as_view(), name="staff_campaign_add"),
    path("campaigns/<uuid:pk>/", campaign_views.RenameCampaign.as_view(), name="staff_campaign"),
    path("sending/", sending_views.Sending.as_view(), name="staff_sending"),
]
for _verb, _way in (("pause", _PAUSE), ("resume", _RESUME)):
    urlpatterns += [
        path(
            f"sending/page/<int:pk>/{_verb}/",
            sending_views.PageSwitch.as_view(**_way),
            name=f"staff_{_verb}_page",
        ),
        path(
            f"sending/campaign/<uuid:pk>/{_verb}/",
            sending_views.CampaignSwitch.as_view(**_way),
            name=f"staff_{_verb}_campaign",
        ),
        path(
            f"sending/organization/<uuid:pk>/{_verb}/",
            sending_views.OrganizationSwitch.as_view(**_way),
            name=f"staff_{_verb}_organization",
        ),
        path(
            f"sending/installation/{_verb}/",
            sending_views.InstallationSwitch.as_view(**_way),
            name=f"staff_{_verb}_installation",
        ),
    ]
