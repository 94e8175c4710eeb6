from __future__ import annotations

from django.urls import path

from amparo.actions import doing_urls, trial_views
from amparo.actions.abuse import abuse_views
from amparo.actions.campaigns import campaign_views, demand_views, settling_views, stance_views
from amparo.actions.desk import moderation_views, sending_views, staff_views
from amparo.actions.hand_over import hand_over_urls
from amparo.actions.signatures import signature_views

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
    path(
        "campaigns/<uuid:pk>/demands/", demand_views.CampaignScreen.as_view(), name="staff_campaign_demands"
    ),
    path("campaigns/<uuid:pk>/demands/add/", demand_views.AddDemand.as_view(), name="staff_demand_add"),
    path("campaigns/<uuid:pk>/voices/add/", demand_views.RaiseVoice.as_view(), name="staff_voice_add"),
    path("demands/<uuid:pk>/", demand_views.RewordDemand.as_view(), name="staff_demand"),
    path("demands/<uuid:pk>/outcome/", demand_views.RecordOutcome.as_view(), name="staff_demand_outcome"),
    path("demands/<uuid:pk>/withdraw/", demand_views.WithdrawDemand.as_view(), name="staff_demand_withdraw"),
    path("voices/<uuid:pk>/withdraw/", demand_views.WithdrawVoice.as_view(), name="staff_voice_withdraw"),
    path("stances/", stance_views.Stances.as_view(), name="staff_stances"),
    path("stances/results/", stance_views.Stances.as_view(results_only=True), name="staff_stances_results"),
    path("stances/enter/", stance_views.EnterStances.as_view(), name="staff_stances_enter"),
    path("answers/", settling_views.Answers.as_view(), name="staff_answers"),
    path("answers/results/", settling_views.Answers.as_view(results_only=True), name="staff_answers_results"),
    path("answers/<uuid:pk>/", settling_views.Settle.as_view(), name="staff_answer"),
    path("campaigns/<uuid:pk>/", campaign_views.RenameCampaign.as_view(), name="staff_campaign"),
    path("sending/", sending_views.Sending.as_view(), name="staff_sending"),
    path("signatures/", signature_views.Signatures.as_view(), name="staff_signatures"),
    path(
        "signatures/results/",
        signature_views.Signatures.as_view(results_only=True),
        name="staff_signatures_results",
    ),
    path("signatures/<uuid:pk>/", signature_views.DecideSignature.as_view(), name="staff_signature"),
    path("signed/", signature_views.SignedPages.as_view(), name="staff_signed"),
    path("signed/<int:pk>/paper/", signature_views.EnterPaper.as_view(), name="staff_paper"),
    path("signed/<int:pk>/poster/", signature_views.Poster.as_view(), name="staff_poster"),
    path("paper/<uuid:pk>/withdraw/", signature_views.WithdrawPaper.as_view(), name="staff_paper_withdraw"),
    path("abuse/", abuse_views.Abuse.as_view(), name="staff_abuse"),
    path("abuse/invalidate/", abuse_views.Invalidate.as_view(), name="staff_invalidate"),
    path(
        "abuse/invalidations/<uuid:pk>/undo/",
        abuse_views.UndoInvalidation.as_view(),
        name="staff_invalidation_undo",
    ),
    path(
        "abuse/breakers/<uuid:pk>/release/",
        abuse_views.ReleaseBreaker.as_view(),
        name="staff_breaker_release",
    ),
    *hand_over_urls.urlpatterns,
]
urlpatterns += doing_urls.urlpatterns
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
