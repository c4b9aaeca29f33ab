"""The only place that changes anything in conversations. Actor first; check, write, publish on commit, audit last."""

from messaging.actions.change import edit_message, react, recall_message
from messaging.actions.groups import (
    add_members,
    create_group,
    leave_group,
    open_direct,
    remove_member,
    rename_group,
    set_role,
)
from messaging.actions.invites import (
    join_by_link,
    make_link,
    make_site_link,
    revoke_link,
    revoke_site_link,
    use_invite,
)
from messaging.actions.marks import mark_read, pin_conversation, save_draft, set_level
from messaging.actions.send import SendRequest, send_messages
from messaging.actions.voice import demand_voice

__all__ = [
    "SendRequest",
    "add_members",
    "create_group",
    "demand_voice",
    "edit_message",
    "join_by_link",
    "leave_group",
    "make_link",
    "make_site_link",
    "mark_read",
    "open_direct",
    "pin_conversation",
    "react",
    "recall_message",
    "remove_member",
    "rename_group",
    "revoke_link",
    "revoke_site_link",
    "save_draft",
    "send_messages",
    "set_level",
    "set_role",
    "use_invite",
]
