"""Addresses of invite links, which are short because people type them and scan them, and of transcripts."""

from django.urls import path

from messaging import views, views_export

urlpatterns = [
    path("join/<str:token>/", views.join, name="join"),
    path("join/<str:token>/qr.svg", views.join_qr, name="join_qr"),
    path("c/<id:conversation>/export/<str:form>/", views_export.export, name="transcript"),
]
