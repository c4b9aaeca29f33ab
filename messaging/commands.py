"""What people may ask of conversations, over the socket and the HTTP API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from core.refusal import Refusal
from core.registry import Caller, command
from messaging import actions
from messaging.access import get_membership
from messaging.actions.system import name_of
from messaging.invites import link_object, links_of
from realtime import hints
from realtime.dispatch import Schema
from realtime.frames import encode
from realtime.schemas import Id, Number

ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Users = Annotated[list[Id], Field(max_length=1000)]


class InConversation(Schema):
    """Names a conversation."""

    conversation: Id


class Send(InConversation):
    """A text; the same `client_id` again gives the same answer."""

    client_id: ClientId
    body: str
    reply_to: Id | None = None


class OfMessage(InConversation):
    """Names a message."""

    seq: Id


class Edit(OfMessage):
    """The new text."""

    body: str


class React(OfMessage):
    """An emoji, put or taken away."""

    emoji: Annotated[str, Field(max_length=16)]
    on: bool


class Read(InConversation):
    """Everything up to this message was seen; with `back`, nothing after it."""

    seq: Number
    back: bool = False


class Draft(InConversation):
    """What is in the composer; blank forgets it."""

    body: str


class PinConversation(InConversation):
    """At the top of one's own list, or no longer."""

    on: bool


class Level(InConversation):
    """What of it one is notified of."""

    level: Literal["all", "mentions", "none"]


class WithUser(Schema):
    """Names a person."""

    user: Id


class NewGroup(Schema):
    """A name and the first members."""

    name: str
    users: Users = []


class AddMembers(InConversation):
    """Who joins."""

    users: Users


class OfMember(InConversation):
    """Names a member."""

    user: Id


class Role(OfMember):
    """The member's new role; `master` hands the group over."""

    role: Literal["master", "manager", "member"]


class Rename(InConversation):
    """The new name."""

    name: str


class NewInvite(InConversation):
    """How long an invite link holds, and for how many; no number: for anybody."""

    days: Annotated[int, Field(ge=1, le=365)] = 7
    max_uses: Annotated[int, Field(ge=1, le=10_000)] | None = None


class OfInvite(InConversation):
    """Names an invite link."""

    invite: Id


@command("message.send", Send, batched=True)
def send(requests: list[tuple[Caller, Send]]) -> list[dict | Refusal]:
    """Send texts that came in together."""
    return actions.send_messages(
        [
            actions.SendRequest(caller, data.conversation, data.client_id, data.body, data.reply_to)
            for caller, data in requests
        ]
    )


@command("conversation.read", Read, batched=True, gather=1.0)
def read(requests: list[tuple[Caller, Read]]) -> list[dict | Refusal]:
    """Move read marks."""
    return actions.mark_read([(caller, data.conversation, data.seq, data.back) for caller, data in requests])


def _numbers(message: Any) -> dict:
    return {"seq": message.seq, "change": message.change}


@command("message.edit", Edit)
def edit(actor: Any, data: Edit) -> dict:
    """Edit one's own message."""
    return _numbers(actions.edit_message(actor, data.conversation, data.seq, data.body))


@command("message.recall", OfMessage)
def recall(actor: Any, data: OfMessage) -> dict:
    """Recall a message."""
    return _numbers(actions.recall_message(actor, data.conversation, data.seq))


@command("message.react", React)
def react(actor: Any, data: React) -> dict:
    """React to a message."""
    return _numbers(actions.react(actor, data.conversation, data.seq, data.emoji, data.on))


@command("conversation.typing", InConversation)
def typing(actor: Any, data: InConversation) -> dict:
    """Tell those who look at the conversation that somebody writes."""
    membership = get_membership(actor, data.conversation)
    actions.demand_voice(membership)
    if not actor.get_options().invisible:
        told = {"conversation": membership.conversation_id, "user": actor.pk, "name": name_of(actor)}
        hints.signal("opened", [membership.conversation_id, encode({"type": "typing", "data": told}), actor.pk])
    return {}


@command("draft.save", Draft)
def draft(actor: Any, data: Draft) -> dict:
    """Keep a draft."""
    actions.save_draft(actor, data.conversation, data.body)
    return {}


@command("conversation.pin", PinConversation)
def pin_conversation(actor: Any, data: PinConversation) -> dict:
    """Pin a conversation to the top of the list."""
    actions.pin_conversation(actor, data.conversation, data.on)
    return {}


@command("conversation.level", Level)
def level(actor: Any, data: Level) -> dict:
    """Choose what of a conversation one is notified of."""
    actions.set_level(actor, data.conversation, data.level)
    return {}


@command("direct.open", WithUser)
def direct(actor: Any, data: WithUser) -> dict:
    """Open the direct conversation with a person."""
    return actions.open_direct(actor, data.user)


@command("group.create", NewGroup)
def create(actor: Any, data: NewGroup) -> dict:
    """Create a group."""
    return actions.create_group(actor, data.name, data.users)


@command("group.add", AddMembers)
def add(actor: Any, data: AddMembers) -> dict:
    """Add members to a group."""
    actions.add_members(actor, data.conversation, data.users)
    return {}


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


@command("invite.make", NewInvite)
def make_invite(actor: Any, data: NewInvite) -> dict:
    """Make an invite link into a group; its token is in this answer only."""
    link, token = actions.make_link(actor, data.conversation, days=data.days, max_uses=data.max_uses)
    return {**link_object(link), "token": token}


@command("invite.list", InConversation)
def list_invites(actor: Any, data: InConversation) -> dict:
    """The invite links into a group that still work."""
    return {"invites": links_of(actor, data.conversation)}


@command("invite.revoke", OfInvite)
def revoke_invite(actor: Any, data: OfInvite) -> dict:
    """Withdraw an invite link."""
    actions.revoke_link(actor, data.conversation, data.invite)
    return {}
