"""What moderators see: reported messages with what stands around them, and nothing else of any conversation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from core.refusal import Refusal
from core.sql import Subquery, evaluated, rows
from messaging.events import read_messages
from messaging.models import Conversation, Message, RemovedText, Report, running_mutes

AROUND = 5  # places before and after the reported message
PAGE = 50
KEPT = timedelta(days=30)  # removed text
State = Report.State


def require_moderator(actor: Any) -> None:
    """Raise Refusal unless he looks after reports: moderators and administrators."""
    if not (actor.is_staff and actor.is_active):
        raise Refusal("not_allowed")


def for_me(actor: Any) -> QuerySet[Report]:
    """The reports that concern this moderator; what others report of himself he does not see. Raises Refusal."""
    require_moderator(actor)
    return Report.objects.all() if actor.is_admin else Report.objects.exclude(sender=actor)


def me_part(user: Any) -> dict[str, Any]:
    """What one's own page says of the queue: the reports of `for_me`."""
    if not (user.is_staff and user.is_active):
        return {"reports": 0}
    counted = "SELECT COUNT(DISTINCT r.message_id) FROM messaging_report r WHERE r.state = %s"
    if user.is_admin:
        return {"reports": Subquery(counted, [State.OPEN])}
    return {"reports": Subquery(f"{counted} AND (r.sender_id IS NULL OR r.sender_id <> %s)", [State.OPEN, user.pk])}


def open_count(user: Any) -> int:
    """Reported messages that wait for this person; 0 for who does not look after them."""
    return evaluated(me_part(user))["reports"]


def staff() -> set[int]:
    """Who is told of reports."""
    return set(User.objects.filter(is_staff=True, deleted_at=None).values_list("pk", flat=True))


def get_queue(actor: Any, *, done: bool = False, after: int | None = None) -> tuple[list[dict], int | None]:
    """Reported messages and where the next page begins. Those that wait come first reported first, those dealt with last reported first. Raises Refusal."""
    found = for_me(actor).values("message")
    if done:
        still = Report.objects.filter(state=State.OPEN).values("message")
        found = found.exclude(message__in=still).annotate(key=Max("pk")).order_by("-key")
        found = found.filter(key__lt=after) if after else found
    else:
        found = found.filter(state=State.OPEN).annotate(key=Min("pk")).order_by("key")
        found = found.filter(key__gt=after) if after else found
    page = list(found.values_list("message", "key")[: PAGE + 1])
    entries = _entries([message for message, _ in page[:PAGE]], done)
    return entries, page[PAGE - 1][1] if len(page) > PAGE else None


def _entries(ids: list[int], done: bool) -> list[dict]:
    messages = {message["id"]: message for message in _messages(ids)}
    names = _places({message["conversation"] for message in messages.values()})
    reports: dict[int, list[Report]] = {id: [] for id in ids}
    wanted = Report.objects.filter(message__in=ids).select_related("reporter", "handled_by").order_by("pk")
    for report in wanted if done else wanted.filter(state=State.OPEN):
        reports[report.message_id].append(report)
    return [
        {"message": messages[id], "place": names[messages[id]["conversation"]], "reports": reports[id]}
        for id in ids
        if id in messages and reports[id]  # both may have gone in this moment
    ]


def _messages(ids: Iterable[int]) -> list[dict]:
    ids = list(ids)
    return read_messages(f"m.id IN ({','.join(['%s'] * len(ids))})", ids) if ids else []


def _places(ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Kind and name of conversations; two people's bears none."""
    found = Conversation.objects.filter(pk__in=set(ids)).values_list("pk", "kind", "name")
    return {id: {"kind": kind, "name": name} for id, kind, name in found}


def get_reported(actor: Any, message_id: int, recalled: bool = False) -> Message:
    """A message that was reported; with `recalled`, to administrators also any that was taken back. Raises Refusal."""
    reported = for_me(actor).filter(message=message_id).exists()
    message = Message.objects.select_related("sender", "conversation").filter(pk=message_id).first()
    if message is None or not (reported or (recalled and actor.is_admin and message.recalled_at is not None)):
        raise Refusal("not_found")
    return message


def get_case(actor: Any, message_id: int) -> dict[str, Any]:
    """All that a moderator decides by: the message, what stands around it, the reports, what is known of the sender. Raises Refusal."""
    message = get_reported(actor, message_id, recalled=True)
    reports = list(for_me(actor).filter(message=message).select_related("reporter", "handled_by").order_by("pk"))
    sender, around = message.sender, AROUND if reports else 0
    window = "m.conversation_id = %s AND m.seq BETWEEN %s AND %s AND (m.kind <> 'system' OR m.id = %s) ORDER BY m.seq"
    here = [message.conversation_id, message.seq - around, message.seq + around, message.pk]
    earlier = Report.objects.filter(sender=sender).exclude(message=message) if sender else Report.objects.none()
    mute = running_mutes().filter(conversation=message.conversation_id, user=sender).first() if sender else None
    return {
        "message": message,
        "around": read_messages(window, here),
        "place": _places([message.conversation_id])[message.conversation_id],
        "reports": reports,
        "last": max((report.pk for report in reports if report.state == State.OPEN), default=0),
        "sender": sender if sender and sender.deleted_at is None else None,
        "history": list(earlier.select_related("handled_by").order_by("-pk")[:10]),
        "earlier": earlier.aggregate(
            all=Count("message", distinct=True), acted=Count("message", distinct=True, filter=Q(state=State.ACTED))
        ),
        "muted_until": mute.until if mute else None,
        "blocks": _blocks_of(sender) if sender else [],
        "removed": removed_of(message).count(),
    }


def _blocks_of(user: User) -> list[tuple[datetime, str]]:
    """When the account was blocked, and why; the last time first."""
    blocks = Event.objects.filter(action="account.blocked", target_type="user", target_id=user.pk)
    return [(at, detail.get("reason", "")) for at, detail in blocks.order_by("-id").values_list("at", "detail")[:5]]


def removed_of(message: Message) -> QuerySet[RemovedText]:
    """What was taken from a message in the last thirty days."""
    return RemovedText.objects.filter(message=message, removed_at__gt=timezone.now() - KEPT).order_by("pk")


def may_read_file(user: Any, file: Any) -> bool:
    """Whether a moderator may open a file: one of a reported message, or of what stands around it."""
    if not user.is_staff:
        return False
    others = "" if user.is_admin else " AND (r.sender_id IS NULL OR r.sender_id <> %s)"
    found = rows(
        "SELECT 1 FROM messaging_messagefile a JOIN messaging_message m ON m.id = a.message_id"  # noqa: S608
        " JOIN messaging_message t ON t.conversation_id = m.conversation_id AND t.seq BETWEEN m.seq - %s AND m.seq + %s"
        f" JOIN messaging_report r ON r.message_id = t.id WHERE a.file_id = %s AND m.recalled_at IS NULL{others} LIMIT 1",
        [AROUND, AROUND, file.pk, *([] if user.is_admin else [user.pk])],
    )
    return bool(found)
