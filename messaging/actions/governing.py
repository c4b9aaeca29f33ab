"""How a group is governed: its settings, its notice, mutes, and its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.record import record
from core import policies
from core.refusal import Refusal
from core.text import clean_body
from messaging import rights, words
from messaging.access import get_membership
from messaging.actions.entering import end
from messaging.actions.news import News
from messaging.actions.system import conversation_changed, people, post_system
from messaging.events import stamp
from messaging.models import Conversation, Draft, Membership, Mute, running_mutes

MUTE_MINUTES = (5, 43_200)  # thirty days
SLOW_SECONDS = (5, 21_600)
NOTICE_MAX = 2000
POLICY = "groups.everyone_posting"
LESSER: dict[tuple[str, ...], str] = {
    ("posting",): "set_posting",
    ("tables",): "set_tables",
}  # what more roles may change, when nothing else is


def change_settings(actor: Any, conversation_id: int, **wanted: Any) -> None:
    """Change how people come in and who may write when: `join_policy`, `discoverable`, `posting`, `slow_mode`, `members_invite`, `tables`. Raises Refusal."""
    slow = wanted.get("slow_mode", 0)
    if not wanted or (slow and not SLOW_SECONDS[0] <= slow <= SLOW_SECONDS[1]):
        raise Refusal("bad_request")
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, LESSER.get(tuple(wanted), "settings"))
        settle(actor, membership.conversation, wanted)


def settle(actor: Any, group: Conversation, wanted: dict[str, Any]) -> None:
    """The settings themselves, under the conversation's lock, with the event."""
    changed = _store(group, wanted)
    if not changed:
        return
    if group.kind == Conversation.Kind.EVERYONE:
        policies.store(POLICY, changed["posting"])
    post_system(group, actor, "settings", **changed)
    conversation_changed(group)
    record(actor, "group.changed", group, detail=changed)


def policies_changing(actor: Any, values: dict[str, Any]) -> None:
    """The site's policy on Everyone is a setting of Everyone: changed together, the conversation's row locked first by both."""
    if values.get(POLICY) not in Conversation.Posting.values:
        return
    everyone = Conversation.objects.select_for_update(no_key=True).filter(kind=Conversation.Kind.EVERYONE).first()
    if everyone is not None and (changed := _store(everyone, {"posting": values[POLICY]})):
        post_system(everyone, actor, "settings", **changed)


def _store(group: Conversation, wanted: dict[str, Any]) -> dict[str, Any]:
    """What differed before."""
    columns = {name: "who_may_post" if name == "posting" else name for name in wanted}
    changed = {name: value for name, value in wanted.items() if getattr(group, columns[name]) != value}
    for name, value in changed.items():
        setattr(group, columns[name], value)
    if changed:
        group.save(update_fields=[columns[name] for name in changed])
    return changed


def set_notice(actor: Any, conversation_id: int, notice: str) -> None:
    """What stands at the top of a group; blank takes it away. Raises Refusal."""
    notice = clean_body(notice, NOTICE_MAX) if notice.strip() else ""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "notice")
        group = membership.conversation
        if group.notice == notice:
            return
        words.demand_wanted(notice)
        message = post_system(group, actor, "notice", notice=notice)
        group.notice, group.notice_seq = notice, message.seq if notice else 0
        group.save(update_fields=["notice", "notice_seq"])
        record(actor, "notice.changed", group, detail={"seq": message.seq})


def mute_member(actor: Any, conversation_id: int, user_id: int, minutes: int) -> None:
    """Take a member's word for a while (5 minutes to 30 days), or give it back (0). The mute survives leaving and joining again. Raises Refusal."""
    if minutes and not MUTE_MINUTES[0] <= minutes <= MUTE_MINUTES[1]:
        raise Refusal("bad_request")
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        target = Membership.objects.select_related("user").filter(conversation_id=conversation_id, user=user_id).first()
        if target is None:
            raise Refusal("not_found")
        rights.demand(membership, f"mute_{target.role}")
        if minutes:
            mute(actor, membership.conversation, target.user, minutes)
        elif running_mutes().filter(conversation=conversation_id, user=target.user).delete()[0]:
            post_system(membership.conversation, actor, "unmuted", user=people([target.user])[0])
        else:
            return
        detail = {"conversation": conversation_id} | ({"minutes": minutes} if minutes else {})
        record(actor, "member.muted" if minutes else "member.unmuted", target.user, detail=detail)


def mute(actor: Any, conversation: Conversation, user: Any, minutes: int) -> None:
    """The mute itself, under the conversation's lock. Without an actor it is a moderator of the site who speaks."""
    until = timezone.now() + timedelta(minutes=minutes)
    Mute.objects.update_or_create(conversation=conversation, user=user, defaults={"until": until})
    post_system(conversation, actor, "muted", user=people([user])[0], until=stamp(until))


def dissolve_group(actor: Any, conversation_id: int) -> None:
    """End a group for all its members. Its rows stay for the log, its name is free. Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "dissolve")
        dissolve(actor, membership.conversation)


def dissolve(actor: Any, group: Conversation) -> None:
    """The end itself, under the conversation's lock, with the event."""
    here = Membership.objects.filter(conversation=group)
    members = list(here.values_list("user_id", flat=True))
    news = News(access=True)
    news.add(members, {"gone": [group.pk]})
    news.joining(here.exclude(role="member").values_list("user_id", flat=True))
    here.delete()
    Draft.objects.filter(conversation=group).delete()
    post_system(group, actor, "dissolved", detach=members)
    conversation_changed(group)
    end(group, news)
    news.tell()
    record(actor, "group.dissolved", group, detail={"members": len(members)})
