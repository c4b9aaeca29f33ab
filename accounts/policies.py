"""The site's policies on accounts."""

from dataclasses import field

from django.utils.translation import gettext_lazy as _

from core.policies import section


@section
class Site:
    """How the site presents itself."""

    title = _("Site")
    name: str = field(default="Chatroom", metadata={"label": _("Site name")})


@section
class Registration:
    """Who may make an account."""

    title = _("Registration")
    mode: str = field(
        default="open",
        metadata={
            "label": _("Who may register"),
            "choices": ("open", "approval", "invite", "closed"),
            "names": {
                "open": _("Everybody"),
                "approval": _("Everybody, with an administrator's approval"),
                "invite": _("People with an invite link"),
                "closed": _("Nobody"),
            },
        },
    )


@section
class Passwords:
    """What a new password must fulfil."""

    title = _("Passwords")
    minimum_length: int = field(default=10, metadata={"label": _("Minimum password length"), "range": (8, 64)})
    one_time_hours: int = field(
        default=72, metadata={"label": _("Hours a one-time password stays valid"), "range": (1, 720)}
    )
