"""The account pages we keep: no e-mail, no reset by mail."""

from allauth.account import views as allauth_views
from django.urls import path

from accounts import views

urlpatterns = [
    path("login/", allauth_views.login, name="account_login"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path("password/change/", allauth_views.password_change, name="account_change_password"),
    path("language/", views.set_language, name="set_language"),
    path("settings/", views.settings_page, name="account_settings"),
    path("sessions/end-others/", views.end_other_sessions, name="account_end_other_sessions"),
    path("sessions/<int:id>/end/", views.end_session, name="account_end_session"),
]
