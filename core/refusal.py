"""The one way to say no: a stable code for programs and a translatable text for people."""

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

STATUS = {"bad_request": 400, "signed_out": 401, "not_found": 404, "conflict": 409, "too_large": 413, "too_fast": 429}

# In the language of whoever reads it: `%` on a lazy text would settle it in that of the thread that refuses.
_filled = lazy(lambda text, values: str(text) % values, str)


class Refusal(Exception):  # noqa: N818 - a word of the domain, raised as an answer
    """An action that is not done. Entrances map `code` to their own form; `status` is the HTTP one; `values` go into the text."""

    def __init__(self, code: str, message: object = None, status: int | None = None, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        text = message if message is not None else TEXTS[code]
        self.message = _filled(text, values) if values else text
        self.status = status or STATUS.get(code, 403)


NO_ROOM = ("disk is full", "disk I/O error", "readonly database", "No space left")  # SQLite and PostgreSQL say so
CANNOT_SAVE = _("The server cannot save anything now; its disk may be full. Tell an administrator, please.")


def unexpected(error: Exception) -> Refusal:
    """What people hear of an error that is not theirs: which one it is only where they can do something about it."""
    if any(words in str(error) for words in NO_ROOM):
        return Refusal("server_error", CANNOT_SAVE, 507)
    return Refusal("server_error", status=500)


TEXTS = {
    "bad_request": _("The request is not well formed."),
    "signed_out": _("You are signed out."),
    "csrf": _("This page is out of date. Reload it, please."),
    "not_found": _("There is no such thing, or you may not see it."),
    "not_allowed": _("You may not do that here."),
    "conflict": _("Somebody else was faster. Look again, please."),
    "too_large": _("The request is too large."),
    "too_fast": _("Too fast. Wait a moment, please."),
    "server_error": _("Something went wrong on the server. Nothing was changed."),
}
