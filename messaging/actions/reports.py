"""Reports of messages, and what moderators do about them. Who settles a report first wins, the other one is told.

Rows are locked in one order: people, conversations, reports, feeds, the log.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.people import demand_over, shut_out
from audit.record import record, record_many
from core.refusal import Refusal
from core.text import clean_body
from messaging.access import get_membership, get_present
from messaging.actions.change import take_back
from messaging.actions.governing import MUTE_MINUTES, mute
from messaging.actions.word_reports import OPEN
from messaging.events import stamp
from messaging.models import Conversation, Message, RemovedText, Report
from messaging.reports import KEPT, get_reported, removed_of, staff
from realtime.heads import bump_users

State, Outcome = Report.State, Report.Outcome
WORDS_MAX = 500
REPORTS_MAX, WITHIN = 20, timedelta(hours=1)  # of one person
DONE = _("Somebody else has dealt with this report already.")
CHANGED = _("The sender has changed the message meanwhile. Read it again, please.")
OWN = _("This is your own message. You can recall it.")
ENOUGH = _("You have reported many messages. Wait a while, please.")


def report_message(actor: Any, conversation_id: int, seq: int, reason: str, words: str = "") -> None:
    """Tell the moderators of a message that one sees. A repeat changes nothing, unless the text has changed since it was dealt with. Raises Refusal."""
    words = clean_body(words, WORDS_MAX, needed=False)
    now = timezone.now()
    with transaction.atomic():
        message = get_present(get_membership(actor, conversation_id), seq)
        if message.kind == Message.Kind.SYSTEM:
            raise Refusal("not_allowed")
        if message.sender_id == actor.pk:
            raise Refusal("not_oneself", OWN)
        before = Report.objects.filter(message=message, reporter=actor).first()
        if before is not None and not _changed_since(message, before):
            return
        if Report.objects.filter(reporter=actor, made_at__gt=now - WITHIN).count() >= REPORTS_MAX:
            raise Refusal("too_fast", ENOUGH)
        fields = {"reason": reason, "words": words, "made_at": now, "sender_id": message.sender_id, **OPEN}
        Report.objects.update_or_create(message=message, reporter=actor, defaults=fields)
        bump_users(dict.fromkeys(staff()))
        record(actor, "message.reported", message, detail={"seq": seq, "reason": reason})


def _changed_since(message: Message, report: Report) -> bool:
    return bool(report.handled_at and message.edited_at and message.edited_at > report.handled_at)


def dismiss_reports(actor: Any, message_id: int, last: int, edited: str | None = None) -> None:
    """Nothing is wrong with the message. `last`: the newest report that the moderator has read; newer ones stay open.

    `edited`: when the text that he has read was written, empty where it was never changed; whoever reported it could not do so again.
    Raises Refusal.
    """
    with transaction.atomic():
        message, _place = _hold(actor, message_id)
        if edited is not None and edited != (stamp(message.edited_at) if message.edited_at else ""):
            raise Refusal("conflict", CHANGED)
        _settle(actor, message, last or -1, State.DISMISSED)
        bump_users(dict.fromkeys(staff()))
        record(actor, "report.dismissed", message, detail={"seq": message.seq})


def recall_reported(actor: Any, message_id: int, last: int) -> None:
    """Take a reported message back. `last`: as above, 0 where no report was open. Raises Refusal."""
    with transaction.atomic():
        message, place = _hold(actor, message_id)
        _settle(actor, message, last, State.ACTED, Outcome.RECALLED)
        if message.kind == Message.Kind.SYSTEM:
            raise Refusal("not_allowed")
        if message.recalled_at is not None:
            raise Refusal("recalled", _("This message was recalled."), 409)
        take_back(actor, place, message, also=staff(), unnamed=True)
        record_many(
            actor, [("message.recalled", message, {"seq": message.seq}), ("report.upheld", message, _detail(message))]
        )


def mute_reported(actor: Any, message_id: int, last: int, minutes: int) -> None:
    """Take the sender's word in the conversation of a reported message for a while. Raises Refusal."""
    if not MUTE_MINUTES[0] <= minutes <= MUTE_MINUTES[1]:
        raise Refusal("bad_request")
    with transaction.atomic():
        message, place = _hold(actor, message_id)
        if message.sender is None or place.kind == Conversation.Kind.DIRECT:
            raise Refusal("not_allowed")
        demand_over(actor, message.sender)
        _settle(actor, message, last, State.ACTED, Outcome.MUTED)
        mute(None, place, message.sender, minutes)
        bump_users(dict.fromkeys(staff()))
        detail = {"conversation": place.pk, "minutes": minutes}
        record_many(actor, [("member.muted", message.sender, detail), ("report.upheld", message, _detail(message))])


def block_reported(actor: Any, message_id: int, last: int, reason: str) -> None:
    """Close the account of a reported message's sender; its owner reads the reason. Raises Refusal."""
    with transaction.atomic():
        message = get_reported(actor, message_id)
        if message.sender is None:
            raise Refusal("not_found")
        _demand_open(message, last)
        told, detail = shut_out(actor, message.sender, reason)
        _settle(actor, message, last, State.ACTED, Outcome.BLOCKED)
        bump_users(dict.fromkeys(told | staff()), access=True)
        record_many(actor, [("account.blocked", message.sender, detail), ("report.upheld", message, _detail(message))])


def view_removed(actor: Any, message_id: int) -> list[RemovedText]:
    """The texts that were recalled from a message or edited away; that somebody looks is itself in the log. Raises Refusal."""
    with transaction.atomic():
        message = get_reported(actor, message_id, recalled=True)
        texts = list(removed_of(message).select_related("removed_by"))
        if not texts:
            raise Refusal("not_found")
        record(actor, "removed.viewed", message, detail=_detail(message))
    return texts


def purge_removed(now: datetime) -> None:
    """Forget removed texts after thirty days."""
    RemovedText.objects.filter(removed_at__lte=now - KEPT).delete()


def _hold(actor: Any, message_id: int) -> tuple[Message, Conversation]:
    """A reported message as it is now, and its locked conversation. Raises Refusal."""
    its = Message.objects.filter(pk=message_id).values("conversation")
    list(Conversation.objects.select_for_update(no_key=True).filter(pk__in=its).values("pk"))
    message = get_reported(actor, message_id)
    return message, message.conversation


def _settle(actor: Any, message: Message, last: int, state: str, outcome: str = "") -> None:
    """Deal with the open reports of a message; a deed settles also those that came meanwhile. Raises Refusal where all that were read are settled."""
    waiting = _waiting(message)
    values = {"state": state, "outcome": outcome, "handled_by": actor, "handled_at": timezone.now()}
    if last and not waiting.filter(pk__lte=last).update(**values):
        raise Refusal("conflict", DONE)
    if state == State.ACTED:
        waiting.update(**values)


def _demand_open(message: Message, last: int) -> None:
    """What `_settle` refuses, before anything is locked: of two who block one account, the second one hears why he may not."""
    if last and not _waiting(message).filter(pk__lte=last).exists():
        raise Refusal("conflict", DONE)


def _waiting(message: Message) -> QuerySet[Report]:
    return Report.objects.filter(message=message, state=State.OPEN)


def _detail(message: Message) -> dict[str, int | None]:
    return {"seq": message.seq, "conversation": message.conversation_id, "sender": message.sender_id}
