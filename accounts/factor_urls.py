"""The pages of the second factor: the library's views, our index."""

from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path
from django.views.generic import RedirectView

from accounts import views_factor
from accounts.views_factor import recorded

urlpatterns = [
    path("", views_factor.index, name="mfa_index"),
    path("authenticate/", views_factor.authenticate, name="mfa_authenticate"),
    path("reauthenticate/", base.reauthenticate, name="mfa_reauthenticate"),
    path("app/add/", recorded(totp.ActivateTOTPView), name="mfa_activate_totp"),
    path("app/remove/", recorded(totp.DeactivateTOTPView), name="mfa_deactivate_totp"),
    path("codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("codes/new/", recorded(recovery.GenerateRecoveryCodesView), name="mfa_generate_recovery_codes"),
    path("codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("passkeys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("passkeys/add/", recorded(webauthn.AddWebAuthnView), name="mfa_add_webauthn"),
    path("passkeys/login/", views_factor.login_by_passkey, name="mfa_login_webauthn"),
    path("passkeys/reauthenticate/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passkeys/<int:pk>/remove/", recorded(webauthn.RemoveWebAuthnView), name="mfa_remove_webauthn"),
    path("passkeys/<int:pk>/name/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
]
