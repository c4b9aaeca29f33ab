"""The one way to say no: a stable code for programs and a translatable text for people."""

from django.utils.translation import gettext_lazy as _

STATUS = {"bad_request": 400, "signed_out": 401, "not_found": 404, "conflict": 409, "too_fast": 429}


class Refusal(Exception):  # noqa: N818 - a word of the domain, raised as an answer
    """An action that is not done. Entrances map `code` to their own form; `status` is the HTTP one."""

    def __init__(self, code: str, message: object = None, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message if message is not None else TEXTS[code]
        self.status = status or STATUS.get(code, 403)


TEXTS = {
    "bad_request": _("The request is not well formed."),
    "signed_out": _("You are signed out."),
    "not_found": _("There is no such thing, or you may not see it."),
    "not_allowed": _("You may not do that here."),
    "conflict": _("Somebody else was faster. Look again, please."),
    "too_fast": _("Too fast. Wait a moment, please."),
    "server_error": _("Something went wrong on the server. Nothing was changed."),
}
