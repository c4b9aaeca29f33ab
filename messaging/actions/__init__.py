"""The only place that changes anything in conversations. Actor first; check, write, publish on commit, audit last."""

from messaging.actions.administering import (
    appoint_master,
    close_posting,
    dissolve_for_all,
    rename_for_all,
    view_message,
    view_messages,
)
from messaging.actions.change import edit_message, react, recall_message
from messaging.actions.expire import expire_files, expire_messages
from messaging.actions.forward import forward_message
from messaging.actions.governing import change_settings, dissolve_group, mute_member, set_notice
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
from messaging.actions.inviting import answer_invitation, invite_people, withdraw_invitation
from messaging.actions.inviting import dismiss as dismiss_answer
from messaging.actions.joining import answer_request, join_group
from messaging.actions.joining import withdraw_request as withdraw_join_request
from messaging.actions.mailing import send_mailing
from messaging.actions.marks import clear_conversation, mark_read, pin_conversation, save_draft, set_level
from messaging.actions.offers import answer_offer, offer_file, withdraw_offer
from messaging.actions.picture import remove_group_avatar, set_group_avatar
from messaging.actions.pins import pin_message
from messaging.actions.reports import (
    block_reported,
    dismiss_reports,
    mute_reported,
    purge_removed,
    recall_reported,
    report_message,
    view_removed,
)
from messaging.actions.seal import seal_messages
from messaging.actions.send import SendRequest, send_messages
from messaging.actions.transcripts import export_conversation, note_transcripts
from messaging.actions.voice import demand_voice

__all__ = [
    "SendRequest",
    "add_members",
    "answer_invitation",
    "answer_offer",
    "answer_request",
    "appoint_master",
    "block_reported",
    "change_settings",
    "clear_conversation",
    "close_posting",
    "create_group",
    "demand_voice",
    "dismiss_answer",
    "dismiss_reports",
    "dissolve_for_all",
    "dissolve_group",
    "edit_message",
    "expire_files",
    "expire_messages",
    "export_conversation",
    "forward_message",
    "invite_people",
    "join_by_link",
    "join_group",
    "leave_group",
    "make_link",
    "make_site_link",
    "mark_read",
    "mute_member",
    "mute_reported",
    "note_transcripts",
    "offer_file",
    "open_direct",
    "pin_conversation",
    "pin_message",
    "purge_removed",
    "react",
    "recall_message",
    "recall_reported",
    "remove_group_avatar",
    "remove_member",
    "rename_for_all",
    "rename_group",
    "report_message",
    "revoke_link",
    "revoke_site_link",
    "save_draft",
    "seal_messages",
    "send_mailing",
    "send_messages",
    "set_group_avatar",
    "set_level",
    "set_notice",
    "set_role",
    "use_invite",
    "view_message",
    "view_messages",
    "view_removed",
    "withdraw_invitation",
    "withdraw_join_request",
    "withdraw_offer",
]
