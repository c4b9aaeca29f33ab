"""Addresses of files. Uploads are served beside Django: files/tus.py."""

from django.urls import path

from files import views

urlpatterns = [
    path("<str:token>/preview", views.made, {"part": "preview"}, name="file_preview"),
    path("<str:token>/still", views.made, {"part": "still"}, name="file_still"),
    path("<str:token>/<str:name>", views.stored, name="file"),
]
