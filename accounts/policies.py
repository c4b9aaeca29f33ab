"""The site's policies on accounts."""

from dataclasses import field

from core.policies import section


@section
class Site:
    """How the site presents itself."""

    name: str = "Chatroom"


@section
class Registration:
    """Who may make an account."""

    mode: str = field(default="open", metadata={"choices": ("open", "approval", "invite", "closed")})


@section
class Passwords:
    """What a new password must fulfil."""

    minimum_length: int = field(default=10, metadata={"range": (8, 64)})
    one_time_hours: int = field(default=72, metadata={"range": (1, 720)})
