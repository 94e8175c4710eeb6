from __future__ import annotations

from django.urls import path

from amparo.supporters import views
from amparo.supporters.own_pages import link_views

urlpatterns = [
    path("me/", link_views.lost_link, name="my_link"),
    path("me/erased/", views.erased, name="my_erased"),
    path("me/address/<str:token>/", link_views.confirm_address, name="my_address"),
    path("me/<str:token>/", views.my_page, name="my_page"),
    path("me/<str:token>/data/", views.my_data, name="my_data"),
    path("me/<str:token>/erase/", views.erase_me, name="my_erasure"),
    path("unsubscribe/<str:token>/", link_views.unsubscribe, name="unsubscribe"),
]
