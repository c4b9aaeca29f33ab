"""The account pages we keep: no e-mail, no reset by mail."""

from allauth.account import views as allauth_views
from django.urls import include, path

from accounts import views, views_data, views_factor, views_people, views_signin

urlpatterns = [
    path("login/", views_signin.login, name="account_login"),
    path("login/here/", views_signin.sign_in_here, name="account_sign_in_here"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path("password/change/", allauth_views.password_change, name="account_change_password"),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("2fa/", include("accounts.factor_urls")),
    path("older-password/", views_factor.older_password, name="account_older_password"),
    path("language/", views.set_language, name="set_language"),
    path("settings/", views.settings_page, name="account_settings"),
    path("avatar/", views_people.set_avatar, name="account_avatar"),
    path("avatar/remove/", views_people.remove_avatar, name="account_remove_avatar"),
    path("blocks/<int:id>/remove/", views_people.unblock, name="account_unblock"),
    path("options/", views_people.export_options, name="account_options"),
    path("options/import/", views_people.import_options, name="account_import_options"),
    path("data/", views_data.export, name="account_data"),
    path("delete/", views_data.delete, name="account_delete"),
    path("sessions/end-others/", views.end_other_sessions, name="account_end_other_sessions"),
    path("sessions/<int:id>/end/", views.end_session, name="account_end_session"),
]
