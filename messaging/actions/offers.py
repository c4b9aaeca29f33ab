"""Files that are offered to one person: transferred only after he has agreed. Each state is left once, by a conditional update."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.relations import closed_between
from audit.record import record
from core import policies
from core.refusal import Refusal
from core.registry import Caller
from files.actions.uploads import TOO_LARGE, guess_kind, is_allowed
from files.models import Offer, StoredFile, Upload
from files.names import clean_file_name
from files.policies import MIB, Files
from messaging import rights, search_index
from messaging.access import get_membership, get_present
from messaging.actions.carried import Offering, hold_files
from messaging.actions.send import SendRequest, send_prepared
from messaging.actions.system import publish_change
from messaging.models import Conversation, Membership, Message, MessageFile, MessageOffer

OPEN = (Offer.State.OFFERED, Offer.State.ACCEPTED)
AT_ONCE = 1000  # offers ended in one run of the task
GONE = _("This file is no longer offered.")
KIND_NOT_ALLOWED = _("Files of this kind may not be sent here.")


def offer_file(
    caller: Caller, conversation_id: int, client_id: str, name: str, size: int, file: StoredFile | None = None
) -> dict:
    """Offer a file to the other person of a direct conversation; the answer is that of a send. Raises Refusal."""
    if not name.strip():
        raise Refusal("bad_name", _("A file needs a name."), 400)
    name = clean_file_name(name)
    _demand_allowed(name, size)
    offer = Offering(name, size, _until(), file=file)
    request = SendRequest(caller, conversation_id, client_id, "", kind="file", offer=offer)
    with transaction.atomic():
        result = send_prepared([request])[0]
    if isinstance(result, Refusal):
        raise result
    return result


def answer_offer(actor: Any, conversation_id: int, seq: int, accept: bool) -> Message:
    """Take what is offered, or refuse it. Raises Refusal."""
    with transaction.atomic():
        if accept:
            there = MessageOffer.objects.filter(
                message__conversation=conversation_id, message__seq=seq, offer__file__isnull=False
            )
            hold_files(set(there.values_list("offer__file__token", flat=True)))
        membership, message, offer = _find(actor, conversation_id, seq)
        if offer.receiver_id != actor.pk:
            raise Refusal("not_allowed")
        if accept:  # who may not write here any more sends no files either
            pair = (offer.sender_id, offer.receiver_id)
            rights.demand_open(closed_between([pair]).get(pair))
        now = timezone.now()
        state = Offer.State.ACCEPTED if accept else Offer.State.REFUSED
        _leave(
            offer,
            Q(state=Offer.State.OFFERED, expires_at__gt=now),
            state=state,
            answered_at=now,
            **_rest(offer, accept),
        )
        if accept and offer.file is not None:
            _deliver(message, offer, offer.file)
        publish_change(membership.conversation, message)
        record(actor, "offer.answered", message, detail={"seq": seq, "accepted": accept})
    return message


def withdraw_offer(actor: Any, conversation_id: int, seq: int) -> Message:
    """Take an offer back that has not come to its end. Raises Refusal."""
    with transaction.atomic():
        membership, message, offer = _find(actor, conversation_id, seq)
        if offer.sender_id != actor.pk:
            raise Refusal("not_allowed")
        _leave(offer, Q(state__in=OPEN), state=Offer.State.WITHDRAWN, file=None)
        publish_change(membership.conversation, message)
        record(actor, "offer.withdrawn", message, detail={"seq": seq})
    return message


def offer_filled(offer_id: int, file: StoredFile) -> None:
    """The file that was accepted is there: it goes into the message. In the caller's transaction. Raises Refusal."""
    link = MessageOffer.objects.select_related("message").filter(offer=offer_id).first()
    if link is None:
        raise Refusal("conflict", GONE)
    place = Conversation.objects.select_for_update(no_key=True).get(pk=link.message.conversation_id)
    link = MessageOffer.objects.select_related("message", "offer").filter(offer=offer_id).first()
    if (
        link is None or link.offer.state != Offer.State.ACCEPTED
    ):  # recalled, withdrawn or expired while it was on its way
        raise Refusal("conflict", GONE)
    pair = (link.offer.sender_id, link.offer.receiver_id)
    rights.demand_open(closed_between([pair]).get(pair))
    _deliver(link.message, link.offer, file)
    publish_change(place, link.message)


def expire_offers(now: datetime | None = None) -> int:
    """End the offers that nobody has answered in time, or not filled; one whose file is on its way waits for it. Answers how many."""
    now = now or timezone.now()
    coming = Upload.objects.filter(offer=OuterRef("offer"), file=None, expires_at__gt=now, offset__gt=0)
    over = MessageOffer.objects.filter(~Exists(coming), offer__state__in=OPEN, offer__expires_at__lte=now)
    ended = 0
    for link in over.select_related("message", "offer").order_by("offer__expires_at")[:AT_ONCE]:
        with transaction.atomic():
            if _end(link, Offer.State.EXPIRED):
                record(None, "offer.expired", link.message, detail={"seq": link.message.seq})
                ended += 1
    return ended


def end_offers_of(user: Any) -> None:
    """An account goes: what it offered is withdrawn, what it was offered expires. In the caller's transaction."""
    for link in _open_of(user).select_related("message", "offer").order_by("message__conversation_id", "pk"):
        _end(link, Offer.State.WITHDRAWN if link.offer.sender_id == user.pk else Offer.State.EXPIRED)


def places_with_offers_of(user: Any) -> set[int]:
    """The conversations that `end_offers_of` locks."""
    return set(_open_of(user).values_list("message__conversation_id", flat=True))


def _open_of(user: Any) -> QuerySet[MessageOffer]:
    return MessageOffer.objects.filter(Q(offer__sender=user) | Q(offer__receiver=user), offer__state__in=OPEN)


def _end(link: MessageOffer, state: str) -> bool:
    place = Conversation.objects.select_for_update(no_key=True).get(pk=link.message.conversation_id)
    if not Offer.objects.filter(pk=link.offer_id, state=link.offer.state).update(state=state, file=None):
        return False
    publish_change(place, link.message)
    return True


def _demand_allowed(name: str, size: int) -> None:
    """What could not be uploaded is not offered. Raises Refusal."""
    policy = policies.get(Files)
    if size > policy.max_size * MIB:
        raise Refusal("too_large", TOO_LARGE, limit=policy.max_size)
    if not is_allowed(guess_kind(name)):
        raise Refusal("kind_not_allowed", KIND_NOT_ALLOWED)


def _until() -> datetime:
    return timezone.now() + timedelta(hours=policies.get(Files).offer_hours)


def _rest(offer: Offer, accept: bool) -> dict[str, Any]:
    """An accepted offer has its time anew, for the upload; one that is refused keeps no file."""
    return {"expires_at": _until()} if accept else {"file": None}


def _find(actor: Any, conversation_id: int, seq: int) -> tuple[Membership, Message, Offer]:
    membership = get_membership(actor, conversation_id, lock=True)
    message = get_present(membership, seq)
    link = MessageOffer.objects.select_related("offer__file").filter(message=message).first()
    if link is None:
        raise Refusal("not_allowed")
    return membership, message, link.offer


def _leave(offer: Offer, still: Q, **fields: Any) -> None:
    """Leave a state once: of two answers at the same moment one wins. Raises Refusal."""
    if Offer.objects.filter(still, pk=offer.pk).update(**fields) != 1:
        raise Refusal("conflict", GONE)


def _deliver(message: Message, offer: Offer, file: StoredFile) -> None:
    """The offered file is the message's now; search finds it by its own name."""
    search_index.remove([search_index.entry_of(message)])
    MessageFile.objects.create(message=message, file=file, position=0)
    Offer.objects.filter(pk=offer.pk).update(state=Offer.State.DONE, file=None)
    search_index.add([search_index.entry_of(message)])
