"""How the library of the second factor is to treat our accounts: secrets encrypted, our names, our policy."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any
from urllib.parse import quote, urlencode

import segno
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.device import label_of
from accounts.models import User
from accounts.policies import Site
from core import policies

LAST_ONE = _("Your role on this site needs a second factor. Add another one before you remove this one.")


def cipher() -> MultiFernet:
    """The keys that secrets are encrypted with, the present one first."""
    keys = [settings.SECOND_FACTOR_KEY or settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"chatroom second factor:" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class Adapter(DefaultMFAAdapter):
    """Secrets are of no use to whoever reads the database alone."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or has been used already."),
        "cannot_delete_authenticator": LAST_ONE,
        "cannot_generate_recovery_codes": _("Recovery codes come with a second factor. Add one first."),
    }

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:  # another site's key: no code is right
            return ""

    def get_totp_issuer(self) -> str:
        return policies.get(Site).name

    def build_totp_url(self, user: Any, secret: str) -> str:
        issuer = self.get_totp_issuer()
        label = f"{quote(issuer)}:{quote(user.username)}"
        return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"

    def build_totp_svg(self, url: str) -> str:
        return qr_svg(url)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of somebody who must have one."""
        user = authenticator.user
        others = Authenticator.objects.filter(user=user, type__in=access.FACTORS).exclude(pk=authenticator.pk)
        return others.exists() or not access.second_factor_demanded(user)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        return label_of(context.request.META.get("HTTP_USER_AGENT", ""))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": policies.get(Site).name}

    def get_public_key_credential_user_entity(self, user: User) -> dict:
        return {**super().get_public_key_credential_user_entity(user), "display_name": user.name}


def qr_svg(text: str) -> str:
    """A QR code, black on white in any theme: cameras need the contrast and the margin."""
    made = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        made, kind="svg", scale=4, border=4, dark="#000", light="#fff", omitsize=True
    )
    return made.getvalue().decode()
