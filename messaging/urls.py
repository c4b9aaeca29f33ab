"""Addresses of invite links: short, because people type them and scan them."""

from django.urls import path

from messaging import views

urlpatterns = [
    path("join/<str:token>/", views.join, name="join"),
    path("join/<str:token>/qr.svg", views.join_qr, name="join_qr"),
]
