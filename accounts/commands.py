"""What a signed-in person may ask for about himself and the people he knows."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from accounts import actions
from core.registry import command
from realtime.dispatch import Schema
from realtime.schemas import Id


class OptionsSave(Schema):
    """Options to change, by name."""

    options: dict[str, bool | int | str] = Field(min_length=1, max_length=40)


@command("options.save", OptionsSave)
def save_options(actor: Any, data: OptionsSave) -> dict:
    """Change some of one's own options; answers all of them."""
    return {"options": actions.set_options(actor, data.options)}


class OfPerson(Schema):
    """Names a person."""

    user: Id


class FriendRequest(OfPerson):
    """A few words go with it."""

    words: str = ""


@command("friend.request", FriendRequest)
def request_friend(actor: Any, data: FriendRequest) -> dict:
    """Ask somebody to be a friend, or accept what he asked."""
    actions.request_friend(actor, data.user, data.words)
    return {}


@command("friend.accept", OfPerson)
def accept_friend(actor: Any, data: OfPerson) -> dict:
    """Say yes to somebody's request."""
    actions.accept_friend(actor, data.user)
    return {}


@command("friend.refuse", OfPerson)
def refuse_friend(actor: Any, data: OfPerson) -> dict:
    """Say no to somebody's request."""
    actions.refuse_friend(actor, data.user)
    return {}


@command("friend.withdraw", OfPerson)
def withdraw_request(actor: Any, data: OfPerson) -> dict:
    """Take one's own request back."""
    actions.withdraw_request(actor, data.user)
    return {}


@command("friend.remove", OfPerson)
def remove_friend(actor: Any, data: OfPerson) -> dict:
    """End a friendship."""
    actions.remove_friend(actor, data.user)
    return {}


@command("block.add", OfPerson)
def block(actor: Any, data: OfPerson) -> dict:
    """Hear nothing of somebody any more."""
    actions.block_person(actor, data.user)
    return {}


@command("block.remove", OfPerson)
def unblock(actor: Any, data: OfPerson) -> dict:
    """Take a block back."""
    actions.unblock_person(actor, data.user)
    return {}
