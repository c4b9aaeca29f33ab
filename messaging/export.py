"""What somebody gets of his own from this app: his conversations, and what he wrote in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from messaging.files import carried_by
from messaging.models import Conversation, JoinRequest, Membership, Message, Report
from messaging.pairs import other_of
from realtime.frames import stamp

PAGE = 500  # rows held at a time


def parts(user: Any) -> Iterable[tuple[str, Iterable[dict]]]:
    """For the export of one's data."""
    return [
        ("conversations", conversations(user)),
        ("messages", messages(user)),
        ("join_requests", join_requests(user)),
        ("reports", reports(user)),
    ]


def conversations(user: Any) -> Iterator[dict]:
    """Where he is now."""
    for membership in Membership.objects.filter(user=user).select_related("conversation").order_by("conversation_id"):
        place = membership.conversation
        yield {
            "id": place.pk,
            "kind": place.kind,
            "name": place.name,
            "with": other_of(place.pair_key, user.pk) if place.pair_key else None,
            "role": membership.role,
            "joined_at": stamp(membership.joined_at),
        }


def join_requests(user: Any) -> Iterator[dict]:
    """Which groups he has asked to be let into, with which words."""
    for request in JoinRequest.objects.filter(user=user).select_related("conversation").order_by("pk"):
        yield {
            "conversation": request.conversation_id,
            "name": request.conversation.name,
            "words": request.words,
            "asked_at": stamp(request.asked_at),
            "status": request.status,
            "reason": request.reason,
        }


def reports(user: Any) -> Iterator[dict]:
    """Which messages he has reported, with which words."""
    for report in Report.objects.filter(reporter=user).select_related("message").order_by("pk"):
        yield {
            "conversation": report.message.conversation_id,
            "seq": report.message.seq,
            "reason": report.reason,
            "words": report.words,
            "made_at": stamp(report.made_at),
            "state": report.state,
        }


def messages(user: Any) -> Iterator[dict]:
    """All he wrote, also where he has left, the oldest first; page by page, so that memory stays flat."""
    names = dict(Conversation.objects.filter(membership__user=user).values_list("pk", "name"))
    last = 0
    while True:
        page = Message.objects.filter(sender=user, pk__gt=last).exclude(kind=Message.Kind.SYSTEM).order_by("pk")[:PAGE]
        rows = list(page)
        loaded = [message.pk for message in rows if message.kind == Message.Kind.FILE]
        carried = carried_by(loaded) if loaded else {}
        for message in rows:
            yield {
                "conversation": message.conversation_id,
                "conversation_name": names.get(message.conversation_id, ""),
                "seq": message.seq,
                "sent_at": stamp(message.sent_at),
                "edited_at": stamp(message.edited_at),
                "recalled_at": stamp(message.recalled_at),
                "text": message.body,
                **_files(carried.get(message.pk, {})),
            }
        if len(rows) < PAGE:
            return
        last = rows[-1].pk


def _files(carried: dict) -> dict:
    found: dict[str, Any] = {}
    if "files" in carried:
        found["files"] = [{key: file[key] for key in ("name", "size", "token")} for file in carried["files"]]
    if "offer" in carried:
        found["offered"] = {key: carried["offer"][key] for key in ("name", "size", "state")}
    return found
