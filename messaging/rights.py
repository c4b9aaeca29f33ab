"""Rights are data: what each role may do in each kind of conversation. Conditions are named where an action asks for one."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.refusal import Refusal

MEMBER = {"read", "send", "react", "edit_own", "recall_own"}
MANAGER = MEMBER | {"post_when_closed", "recall_other", "pin", "mention_all"}
IN_GROUP = {"leave", "invite_people", "play"}
GOVERN = {
    "add", "rename", "remove_member", "invite", "invite_when_closed", "answer_request", "withdraw_invitation", "mute_member", "notice",
    "avatar", "close_table", "set_tables",
}  # fmt: skip
OWN = {"remove_manager", "mute_manager", "set_role", "transfer", "settings", "set_posting", "dissolve"}

RIGHTS: Mapping[str, Mapping[str, set[str]]] = {
    "direct": {"member": MEMBER | {"pin", "play", "close_table"}},
    "everyone": {"member": MEMBER, "manager": MANAGER | {"mute_member", "notice", "set_posting"}},
    "group": {
        "member": MEMBER | IN_GROUP,
        "manager": MANAGER | IN_GROUP | GOVERN,
        "master": MANAGER | IN_GROUP | GOVERN | OWN,
    },
}


def may(kind: str, role: str, action: str) -> bool:
    """Whether the role may do this in such a conversation."""
    return action in RIGHTS[kind].get(role, ())


def demand(membership, action: str) -> None:
    """Raise Refusal unless the member may."""
    if not may(membership.conversation.kind, membership.role, action):
        raise Refusal("not_allowed")


def demand_open(why: str | None) -> None:
    """Raise Refusal where something stands between two people: `why` as `accounts.relations` has it."""
    if why is not None:
        raise Refusal("blocked", BLOCKED) if why == "person" else Refusal("friends_only", FRIENDS_ONLY)


def demand_word(mute) -> None:
    """Raise Refusal for a mute that runs."""
    if mute is not None:
        raise Refusal("muted", MUTED, until=timezone.localtime(mute.until).strftime("%Y-%m-%d %H:%M"))


CLOSED = _("Only managers may write here.")
MUTED = _("You may not write here until %(until)s.")
BLOCKED = _("You cannot write to this person.")
FRIENDS_ONLY = _("Only friends can write to this person. Send a friend request first.")
REUSED = _("This message was already sent with another text.")
SLOW = _("Slow mode: you may write again in %(seconds)s s.")
