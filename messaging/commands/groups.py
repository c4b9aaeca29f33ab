"""What people may ask of groups: members, roles, settings, the end."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from core.registry import command
from messaging import actions
from messaging.commands.data import InConversation, OfMember, Users
from realtime.dispatch import Schema
from realtime.schemas import Number


class NewGroup(Schema):
    """A name and the first members."""

    name: str
    users: Users = []


class AddMembers(InConversation):
    """Who joins."""

    users: Users


class Role(OfMember):
    """The member's new role; `master` hands the group over."""

    role: Literal["master", "manager", "member"]


class Rename(InConversation):
    """The new name."""

    name: str


class Mute(OfMember):
    """For how long; 0 ends it, else from 5 minutes to 30 days."""

    minutes: Annotated[int, Field(ge=0, le=43_200)]


class Settings(InConversation):
    """What is to change."""

    join_policy: Literal["open", "request", "invitation"] | None = None
    discoverable: bool | None = None
    posting: Literal["all", "managers"] | None = None
    slow_mode: Number | None = None
    members_invite: bool | None = None
    tables: bool | None = None


class Notice(InConversation):
    """The new notice; blank takes it away."""

    notice: str


@command("group.create", NewGroup)
def create(actor: Any, data: NewGroup) -> dict:
    """Create a group."""
    return actions.create_group(actor, data.name, data.users)


@command("group.add", AddMembers)
def add(actor: Any, data: AddMembers) -> dict:
    """Add members to a group."""
    return dict(actions.add_members(actor, data.conversation, data.users))


@command("group.remove", OfMember)
def remove(actor: Any, data: OfMember) -> dict:
    """Remove a member from a group."""
    actions.remove_member(actor, data.conversation, data.user)
    return {}


@command("group.role", Role)
def role(actor: Any, data: Role) -> dict:
    """Give a member another role."""
    actions.set_role(actor, data.conversation, data.user, data.role)
    return {}


@command("group.rename", Rename)
def rename(actor: Any, data: Rename) -> dict:
    """Rename a group."""
    actions.rename_group(actor, data.conversation, data.name)
    return {}


@command("group.leave", InConversation)
def leave(actor: Any, data: InConversation) -> dict:
    """Leave a group."""
    actions.leave_group(actor, data.conversation)
    return {}


@command("group.mute", Mute)
def mute(actor: Any, data: Mute) -> dict:
    """Take a member's word for a while, or give it back."""
    actions.mute_member(actor, data.conversation, data.user, data.minutes)
    return {}


@command("group.settings", Settings)
def change_settings(actor: Any, data: Settings) -> dict:
    """Change how people come into a group, and who may write when."""
    wanted = data.model_dump(exclude={"conversation"}, exclude_none=True)
    actions.change_settings(actor, data.conversation, **wanted)
    return {}


@command("group.notice", Notice)
def set_notice(actor: Any, data: Notice) -> dict:
    """Set the notice of a group."""
    actions.set_notice(actor, data.conversation, data.notice)
    return {}


@command("group.dissolve", InConversation)
def dissolve(actor: Any, data: InConversation) -> dict:
    """End a group for all its members."""
    actions.dissolve_group(actor, data.conversation)
    return {}
