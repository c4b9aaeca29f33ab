"""The site's policies on accounts."""

from dataclasses import field

from django.utils.translation import gettext_lazy as _

from core.policies import section


@section
class Site:
    """How the site presents itself."""

    title = _("Site")
    name: str = field(default="Chatroom", metadata={"label": _("Site name")})
    announcement: str = field(
        default="",
        metadata={
            "label": _("Announcement"),
            "long": 500,
            "help": _("Stands above all pages of people who are signed in, at once, until each of them puts it away."),
        },
    )


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
    invites: str = field(
        default="managers",
        metadata={
            "label": _("Whose invite links bring in new people"),
            "choices": ("managers", "administrators"),
            "names": {
                "managers": _("Of administrators, and of owners and managers of groups"),
                "administrators": _("Of administrators only"),
            },
        },
    )


@section
class People:
    """Who may write to whom, and how many friends one may ask at a time."""

    title = _("People")
    direct: str = field(
        default="anyone",
        metadata={
            "label": _("Direct messages"),
            "choices": ("anyone", "friends"),
            "names": {"anyone": _("To anyone"), "friends": _("Between friends only")},
        },
    )
    open_requests: int = field(
        default=30,
        metadata={"label": _("Friend requests of one person that may wait for an answer"), "range": (1, 500)},
    )


@section
class Passwords:
    """What a new password must fulfil."""

    title = _("Passwords")
    minimum_length: int = field(default=10, metadata={"label": _("Minimum password length"), "range": (8, 64)})
    one_time_hours: int = field(
        default=72, metadata={"label": _("Hours a one-time password stays valid"), "range": (1, 720)}
    )


@section
class SignIn:
    """How often a password may be guessed, what a refusal tells, and how many sessions a person has at a time."""

    title = _("Signing in")
    failures: int = field(default=5, metadata={"label": _("Failed tries until sign-in is locked"), "range": (1, 50)})
    first_seconds: int = field(
        default=30,
        metadata={"label": _("Seconds of the first lock; each further failure doubles them"), "range": (1, 900)},
    )
    longest_minutes: int = field(default=15, metadata={"label": _("Minutes of the longest lock"), "range": (1, 1440)})
    failures_in_all: int = field(
        default=50, metadata={"label": _("Failed tries until an administrator has to unlock"), "range": (1, 1000)}
    )
    failures_per_address: int = field(
        default=100, metadata={"label": _("Failed tries from one address in ten minutes"), "range": (5, 100_000)}
    )
    errors: str = field(
        default="uniform",
        metadata={
            "label": _("What a failed sign-in tells"),
            "choices": ("uniform", "explicit"),
            "names": {
                "uniform": _("The same, whatever was wrong"),
                "explicit": _("Whether the name, the password or a block was the reason"),
            },
        },
    )
    sessions: str = field(
        default="per_kind",
        metadata={
            "label": _("Signing in on a further device"),
            "choices": ("per_kind", "kick", "refuse", "allow"),
            "names": {
                "per_kind": _("Ends the session on a device of the same kind (computer, phone, older client)"),
                "kick": _("Ends the session on the other device"),
                "refuse": _("Is refused while the other device is in use"),
                "allow": _("Is allowed"),
            },
        },
    )


@section
class SecondFactor:
    """Whether a password is enough."""

    title = _("Second factor")
    policy: str = field(
        default="optional",
        metadata={
            "label": _("A second factor besides the password"),
            "choices": ("off", "optional", "administrators", "all"),
            "names": {
                "off": _("Not offered"),
                "optional": _("Whoever wants one"),
                "administrators": _("Required for administrators and moderators"),
                "all": _("Required for everybody"),
            },
        },
    )


@section
class Accounts:
    """What becomes of accounts whose people leave."""

    title = _("Accounts")
    own_deletion: bool = field(default=True, metadata={"label": _("People may delete their own account")})
    deleted_messages: str = field(
        default="keep",
        metadata={
            "label": _("Messages of a deleted account"),
            "choices": ("keep", "recall"),
            "names": {"keep": _("Stay, as “Deleted account”"), "recall": _("Are taken back")},
        },
    )
