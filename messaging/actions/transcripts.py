"""Taking a conversation along; that somebody has is in the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from audit.record import record
from core.buckets import Buckets
from core.refusal import Refusal
from messaging import rights
from messaging.access import get_membership
from messaging.copies import archive
from messaging.transcript import Place, pieces, place_of
from messaging.transcript_forms import FORMS, Link

transcripts = Buckets(10, 1 / 60)  # for each person: ten at once, then one a minute


def export_conversation(
    actor: Any, conversation_id: int, form: str, zone: ZoneInfo, link: Link | None = None
) -> tuple[Place, Iterator[str] | Iterator[bytes]]:
    """The transcript of a conversation one is in, read while it is written; `zip`: a page with the files beside it. Raises Refusal."""
    if form not in FORMS and form != "zip":
        raise Refusal("bad_request")
    with transaction.atomic():
        membership = get_membership(actor, conversation_id)
        rights.demand(membership, "read")
        if not transcripts.take(actor.pk):
            raise Refusal("too_fast")
        place = place_of(membership.conversation, zone, membership.cleared_seq)
        record(actor, "conversation.exported", membership.conversation, detail={"format": form, "to": place.last})
    return place, archive(place, "html") if form == "zip" else pieces(FORMS[form][0](place, link))


def note_transcripts(conversation: Any, form: str) -> None:
    """The site itself exports one, or all (None): whoever has its machine."""
    with transaction.atomic():
        record(None, "conversation.exported", conversation, detail={"format": form, "all": conversation is None})
