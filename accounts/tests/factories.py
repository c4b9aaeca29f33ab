"""People for this app's tests."""

from __future__ import annotations

from accounts import actions
from accounts.models import LoginSession, User

PASSWORD = "green-Tea-4711"


def many_sessions() -> None:
    """Let people be signed in more than once: what these tests are about is not the policy."""
    actions.set_policies(None, {"signin.sessions": "allow"})


def person(username: str = "lan", **fields) -> User:
    """An account whose password is PASSWORD."""
    return actions.make_account(None, username, PASSWORD, **fields)


def signed_in(user: User, kind: str = "computer") -> LoginSession:
    """A live session of this person."""
    return actions.open_session(user, kind=kind, device="Firefox · Linux", ip="127.0.0.1")
