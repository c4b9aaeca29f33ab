"""What people may ask of the doors of groups: requests, invitations, links."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from core.registry import command
from messaging import actions
from messaging.commands.data import InConversation, Users
from messaging.invites import link_object, links_of
from messaging.joining import open_invitations
from realtime.dispatch import Schema
from realtime.schemas import Id


class Join(InConversation):
    """Where, and a few words to those who decide."""

    words: str = ""


class OfRequest(Schema):
    """Names a request to join."""

    request: Id


class AnswerRequest(OfRequest):
    """Yes, or no with a reason."""

    accept: bool
    reason: str = ""


class InvitePeople(InConversation):
    """Who is asked into the group."""

    users: Users


class OfInvitation(Schema):
    """Names an invitation."""

    invitation: Id


class AnswerInvitation(OfInvitation):
    """Yes or no."""

    accept: bool


class Dismiss(Schema):
    """Names an answer that was seen."""

    kind: Literal["request", "invitation"]
    id: Id


class NewInvite(InConversation):
    """How long an invite link holds, and for how many; no number: for anybody."""

    days: Annotated[int, Field(ge=1, le=365)] = 7
    max_uses: Annotated[int, Field(ge=1, le=10_000)] | None = None


class OfInvite(InConversation):
    """Names an invite link."""

    invite: Id


@command("group.join", Join)
def join(actor: Any, data: Join) -> dict:
    """Enter a group, or ask to be let in."""
    return {"joined": actions.join_group(actor, data.conversation, data.words)}


@command("request.withdraw", OfRequest)
def withdraw_request(actor: Any, data: OfRequest) -> dict:
    """Take one's own request back."""
    actions.withdraw_join_request(actor, data.request)
    return {}


@command("request.answer", AnswerRequest)
def answer_request(actor: Any, data: AnswerRequest) -> dict:
    """Let somebody in who has asked, or not."""
    actions.answer_request(actor, data.request, data.accept, data.reason)
    return {}


@command("group.invite", InvitePeople)
def invite(actor: Any, data: InvitePeople) -> dict:
    """Ask people into a group."""
    return dict(actions.invite_people(actor, data.conversation, data.users))


@command("invitation.answer", AnswerInvitation)
def answer_invitation(actor: Any, data: AnswerInvitation) -> dict:
    """Enter the group that one is invited to, or decline."""
    actions.answer_invitation(actor, data.invitation, data.accept)
    return {}


@command("invitation.withdraw", OfInvitation)
def withdraw_invitation(actor: Any, data: OfInvitation) -> dict:
    """Take an invitation back."""
    actions.withdraw_invitation(actor, data.invitation)
    return {}


@command("invitation.list", InConversation)
def list_invitations(actor: Any, data: InConversation) -> dict:
    """The invitations into a group that wait for an answer."""
    return {"invitations": open_invitations(actor, data.conversation)}


@command("joining.dismiss", Dismiss)
def dismiss(actor: Any, data: Dismiss) -> dict:
    """Put an answer away that was seen."""
    actions.dismiss_answer(actor, data.kind, data.id)
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
