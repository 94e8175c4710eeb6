from __future__ import annotations

from django.urls import path

from amparo.actions import answer_views, bounce_views, link_views
from amparo.actions.campaigns import campaign_page_views
from amparo.actions.followers import following_views
from amparo.actions.signatures import letter_views, signing_views

urlpatterns = [
    path("confirm/<str:token>/", link_views.confirm, name="confirm"),
    path("letters/<str:token>/", link_views.letters, name="letters"),
    path("answer/<str:token>/", answer_views.answer, name="answer"),
    path("answer/<str:token>/stop/", answer_views.no_questions, name="no_questions"),
    path("answer/<str:token>/<str:said>/", answer_views.answer, name="answer_said"),
    path("proof/", link_views.proof, name="proof"),
    path("signatures/<int:pk>/<int:number>/", signing_views.names, name="signatures"),
    path("open-letters/<int:pk>/<int:number>/", letter_views.version, name="letter_version"),
    path("open-letters/<int:pk>/<int:number>.pdf", letter_views.printed, name="letter_printed"),
    path("campaigns/<int:pk>/updates.atom", campaign_page_views.feed, name="campaign_feed"),
    path("answered/<int:pk>/", campaign_page_views.answers, name="campaign_answers"),
    path("answered/by/<path:target_key>/", campaign_page_views.office_answers, name="office_answers"),
    path("follow/<int:pk>/", following_views.follow, name="follow_case"),
    path("following/<str:token>/", following_views.stop_following, name="stop_following"),
    path("mail/bounces/", bounce_views.bounces, name="bounces"),
]
