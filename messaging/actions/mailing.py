"""One text to several people: each gets it in the direct conversation with the sender, by the send path and its verdicts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import actors, people_for
from accounts.relations import closed_between
from audit.record import record
from core.buckets import Buckets
from core.refusal import Refusal
from core.registry import Caller
from core.text import clean_body
from messaging import rights, words
from messaging.actions.send import SendRequest, send_prepared
from messaging.models import Conversation, Mailing, Membership, Message
from messaging.pairs import other_of, pair_key
from messaging.render import render
from realtime.heads import bump_users

RECEIVERS_MAX = 200
ONE_TOO_MANY = _("At most %(limit)s people at once.")
mailings = Buckets(10, 1 / 60)  # for each sender: ten at once, then one a minute
WHY = {"blocked": rights.BLOCKED, "friends_only": rights.FRIENDS_ONLY, "words": words.REFUSED}


def send_mailing(caller: Caller, client_id: str, user_ids: Iterable[int], body: str, files: Sequence[str] = ()) -> dict:
    """Send, opening direct conversations where there are none; the same `client_id` again gives the same answer. Raises Refusal.

    `files`: tokens of the sender's own; then there may be no text.
    """
    body = clean_body(body, needed=not files)
    wanted = list(dict.fromkeys(user_ids))
    if not wanted:
        raise Refusal("bad_request")
    if len(wanted) > RECEIVERS_MAX:
        raise Refusal("too_many", ONE_TOO_MANY, limit=RECEIVERS_MAX)
    for last_try in (False, True):
        try:
            with transaction.atomic():
                return _send_mailing(caller, client_id, wanted, body, files)
        except IntegrityError:  # somebody opened one of the conversations, or sent the same, at the same moment
            if last_try:
                raise Refusal("conflict") from None
    raise AssertionError


def _send_mailing(caller: Caller, client_id: str, wanted: list[int], body: str, files: Sequence[str]) -> dict:
    actor = actors([caller.login_session]).get(caller.login_session)
    if actor is None or actor.pk != caller.user_id:
        raise Refusal("signed_out")
    carried = "".join(f"\n{token}" for token in files)
    digest = hashlib.sha256(f"{sorted(wanted)}\n{body}{carried}".encode()).hexdigest()
    known = Mailing.objects.filter(sender=actor, client_id=client_id).first()
    if known is not None:
        if known.digest != digest:
            raise Refusal("client_id_reused", rights.REUSED, 409)
        return _answer(known, wanted)
    if not mailings.take(actor.pk):
        raise Refusal("too_fast")
    places = _places(actor.pk, wanted)
    visible = (
        {user.pk for user in people_for(actor, ids=wanted, limit=len(wanted))}
        | ({actor.pk} & set(wanted))
        | set(places)
    )
    shut = closed_between([(actor.pk, user) for user in visible])
    refused = {user: "not_found" for user in wanted if user not in visible}
    refused |= {user: "blocked" if why == "person" else "friends_only" for (_, user), why in shut.items()}
    mailing = Mailing.objects.create(sender=actor, client_id=client_id, sent_at=timezone.now(), digest=digest)
    open_to = [user for user in wanted if user not in refused]
    new = sorted(user for user in open_to if user not in places)  # in one order for all: their keys are unique
    places |= _open(actor.pk, new)
    html = render(body)
    requests = [
        SendRequest(
            caller, places[user], f"mailing-{mailing.pk}-{user}", body, html=html, mailing=mailing.pk, files=files
        )
        for user in open_to
    ]
    for user, result in zip(open_to, send_prepared(requests) if requests else [], strict=True):
        if isinstance(result, Refusal):
            refused[user] = result.code
    if refused:
        mailing.refused = {str(user): code for user, code in refused.items()}
        mailing.save(update_fields=["refused"])
    if new:
        bump_users(dict.fromkeys({actor.pk, *new}), access=True)
    record(actor, "mailing.sent", mailing, detail={"receivers": len(wanted) - len(refused), "refused": len(refused)})
    return _answer(mailing, wanted)


def _places(sender: int, users: list[int]) -> dict[int, int]:
    """The direct conversations that there are with these people."""
    keys = {pair_key(sender, user): user for user in users}
    found = Conversation.objects.filter(pair_key__in=keys)
    return {keys[str(key)]: id for id, key in found.values_list("pk", "pair_key")}


def _open(sender: int, users: list[int]) -> dict[int, int]:
    """New ones."""
    made = [Conversation(kind=Conversation.Kind.DIRECT, pair_key=pair_key(sender, user)) for user in users]
    Conversation.objects.bulk_create(made)
    members = [
        Membership(conversation=conversation, user_id=user)
        for conversation, other in zip(made, users, strict=True)
        for user in sorted({sender, other})
    ]
    Membership.objects.bulk_create(members)
    return {user: conversation.pk for user, conversation in zip(users, made, strict=True)}


def _answer(mailing: Mailing, wanted: list[int]) -> dict:
    sent: dict[int, Any] = {
        other_of(str(key), mailing.sender_id): {"conversation": conversation, "seq": seq}
        for conversation, seq, key in Message.objects.filter(mailing=mailing).values_list(
            "conversation_id", "seq", "conversation__pair_key"
        )
    }
    results = []
    for user in wanted:
        code = mailing.refused.get(str(user))
        if code is not None:
            results.append({"user": user, "error": Refusal(code, WHY.get(code))})
        elif user in sent:
            results.append({"user": user, **sent[user]})
    return {"mailing": mailing.pk, "results": results}
