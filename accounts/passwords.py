"""Passwords: how they are hashed and what a new one must fulfil."""

from __future__ import annotations

import secrets
import string
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.policies import Passwords
from core import policies
from core.refusal import Refusal

LONGEST = 256  # letters; more would only let strangers make the server hash megabytes
AT_ONCE = threading.BoundedSemaphore(4)  # hashes take 46 MiB each
ONE_TIME_LETTERS = string.ascii_letters + string.digits


class Argon2(Argon2PasswordHasher):
    """argon2id with 46 MiB, one pass, one lane (OWASP's second choice); at most four at once in a process."""

    memory_cost = 46 * 1024
    time_cost = 1
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        if len(password) > LONGEST:
            raise Refusal("bad_password", too_long(), 400)
        with AT_ONCE:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        if len(password) > LONGEST:
            return False
        with AT_ONCE:
            return super().verify(password, encoded)


class MinimumLength:
    """As long as the site's policy says, and not longer than a hash is worth."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError when the password is too short or too long."""
        if len(password) < (shortest := self.shortest()):
            raise ValidationError(too_short(shortest), code="password_too_short")
        if len(password) > LONGEST:
            raise ValidationError(too_long(), code="password_too_long")

    def get_help_text(self) -> str:
        """The rule in words, for the form."""
        return ngettext("At least %(count)d character.", "At least %(count)d characters.", self.shortest()) % {
            "count": self.shortest()
        }

    def shortest(self) -> int:
        """The policy in force."""
        return policies.get(Passwords).minimum_length


def rules() -> str:
    """All rules for a new password in one sentence."""
    shortest = policies.get(Passwords).minimum_length
    text = _("At least %(count)d characters; not your name, not only digits, and not a common password.")
    return text % {"count": shortest}


def too_short(shortest: int) -> str:
    """Why a short password is refused."""
    return ngettext(
        "The password is too short: at least %(count)d character.",
        "The password is too short: at least %(count)d characters.",
        shortest,
    ) % {"count": shortest}


def too_long() -> str:
    """Why a very long password is refused."""
    return _("The password is too long: at most %(count)d characters.") % {"count": LONGEST}


def one_time_password() -> str:
    """12 letters and figures: about 71 bits, and fit for every older client."""
    return "".join(secrets.choice(ONE_TIME_LETTERS) for _ in range(12))
