"""Every action that the log knows, and its word. docs/operate.md lists them for people; a test holds code, list and page together."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

# The words stand in exports, in the language of the site; the Chinese ones are those of the notes: 登陆, 下线, 退位, 发送, 认证失败, 修改密码.
ACTIONS: dict[str, Any] = {
    # signing in
    "signin.failed": _("sign-in failed"),
    "signin.locked": _("locked after failed tries"),
    "signin.refused": _("sign-in refused"),
    "signin.unlocked": _("unlocked"),
    # sessions
    "session.opened": _("signed in"),
    "session.displaced": _("displaced by a newer sign-in"),
    "session.refused": _("sign-in refused: in use elsewhere"),
    "session.closed": _("signed out"),
    "session.ended": _("session ended"),
    "sessions.ended": _("other sessions ended"),
    # passwords
    "password.changed": _("changed the password"),
    "password.reset": _("reset a password"),
    "older_password.made": _("made a password for older clients"),
    "older_password.revoked": _("revoked the password for older clients"),
    # second factor
    "second_factor.added": _("added a second factor"),
    "second_factor.removed": _("removed a second factor"),
    "second_factor.failed": _("second factor failed"),
    "second_factor.reset": _("reset the second factor"),
    "recovery_codes.made": _("made recovery codes"),
    "recovery_code.used": _("used a recovery code"),
    # accounts
    "account.made": _("account made"),
    "account.approved": _("account approved"),
    "account.blocked": _("account blocked"),
    "account.unblocked": _("account unblocked"),
    "account.deleted": _("account deleted"),
    "messages.erased": _("messages of a deleted account taken back"),
    "accounts.imported": _("accounts imported"),
    "import_report.fetched": _("fetched one-time passwords"),
    "site_role.changed": _("changed a role on the site"),
    # one's own
    "profile.changed": _("changed the profile"),
    "avatar.changed": _("changed the picture"),
    "avatar.removed": _("removed the picture"),
    "options.changed": _("changed options"),
    "data.exported": _("took a copy of all own data"),
    # people
    "friend.requested": _("asked to be friends"),
    "friend.withdrawn": _("withdrew a friend request"),
    "friend.accepted": _("accepted a friend request"),
    "friend.refused": _("refused a friend request"),
    "friend.removed": _("removed a friend"),
    "block.added": _("blocked a person"),
    "block.removed": _("unblocked a person"),
    # groups
    "direct.opened": _("opened a direct conversation"),
    "group.created": _("created a group"),
    "group.avatar_changed": _("changed the picture of a group"),
    "group.avatar_removed": _("removed the picture of a group"),
    "group.renamed": _("renamed a group"),
    "group.changed": _("changed the settings of a group"),
    "notice.changed": _("changed the notice of a group"),
    "group.dissolved": _("dissolved a group"),
    "member.added": _("added members"),
    "member.joined": _("joined a group"),
    "member.left": _("left a group"),
    "member.removed": _("removed a member"),
    "member.muted": _("muted a member"),
    "member.unmuted": _("unmuted a member"),
    "role.changed": _("changed a role in a group"),
    # ways in
    "invite.made": _("made an invite link"),
    "invite.revoked": _("withdrew an invite link"),
    "request.made": _("asked to join a group"),
    "request.withdrawn": _("withdrew a join request"),
    "request.accepted": _("accepted a join request"),
    "request.refused": _("refused a join request"),
    "invitation.made": _("invited to a group"),
    "invitation.withdrawn": _("withdrew an invitation"),
    "invitation.accepted": _("accepted an invitation"),
    "invitation.declined": _("declined an invitation"),
    # messages
    "message.edited": _("edited a message"),
    "message.recalled": _("recalled a message"),
    "message.pinned": _("pinned a message"),
    "message.unpinned": _("unpinned a message"),
    "mailing.sent": _("sent a message to several people"),
    "message.viewed": _("looked at a message as administrator"),
    "messages.viewed": _("looked through messages as administrator"),
    # moderation
    "message.reported": _("reported a message"),
    "report.dismissed": _("dismissed reports of a message"),
    "report.upheld": _("acted on reports of a message"),
    "removed.viewed": _("looked at removed text"),
    "messages.sealed": _("new messages sealed"),
    "messages.expired": _("old messages deleted"),
    # card tables
    "table.opened": _("opened a card table"),
    "table.closed": _("card table cleared away"),
    "tables.expired": _("old card tables deleted"),
    "match.started": _("match started"),
    "match.ended": _("match ended"),
    "match.left": _("left a match"),
    "match.timed_out": _("did not move in time"),
    # files
    "file.uploaded": _("uploaded a file"),
    "file.purged": _("unused files deleted"),
    "file.refused": _("file that was not of an allowed kind removed"),
    "offer.answered": _("answered the offer of a file"),
    "offer.withdrawn": _("withdrew the offer of a file"),
    "offer.expired": _("offer of a file expired"),
    "files.expired": _("old files deleted"),
    # the site
    "policies.changed": _("changed policies"),
    "gateway.malformed": _("older client put out: malformed input"),
    "disk.filled": _("disk nearly full"),
    "disk.freed": _("disk has room again"),
    "backup.made": _("backup made"),
    "backup.failed": _("backup failed"),
    "backup.restored": _("backup restored"),
    "log.pruned": _("old log deleted"),
    # exports
    "log.exported": _("exported the log"),
    "log.fetched": _("downloaded an export of the log"),
    "conversation.exported": _("exported a conversation"),
}

# Not rows of the log: the messages themselves are the record, and exports merge them by time.
SENT: dict[str, Any] = {
    "message.sent": _("sent"),
    "file.sent": _("sent a file"),
}


def word_of(action: str) -> str:
    """What an action is called; its name where a newer site wrote it."""
    return str(ACTIONS.get(action) or SENT.get(action) or action)
