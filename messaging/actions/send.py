"""The one send action: many requests, one transaction, an answer for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import Sender
from core import metrics
from core.refusal import Refusal
from core.registry import Caller
from core.text import clean_body
from messaging import rights, words
from messaging.actions.carried import Offering, carried_data, file_names, find_files, hold_files, store_carried
from messaging.actions.facts import Facts, Place, Sent, insert, read_facts, store_numbers
from messaging.actions.mentions import NOBODY, Named, Text, find_named
from messaging.actions.word_reports import report_by_site
from messaging.events import message_data, stamp
from messaging.models import Message, Mute
from messaging.pairs import other_of
from messaging.render import VERSION, render
from realtime import hints
from realtime.frames import encode
from realtime.heads import bump_users


@dataclass(slots=True)
class SendRequest:
    """One text for one conversation, with files or an offer or alone; `client_id` makes a repeat harmless."""

    caller: Caller
    conversation: int
    client_id: str
    body: str
    reply_to: int | None = None
    html: str | None = None
    forwarded: tuple[int, str, str] | None = None  # who wrote it: id, display name, user name
    mailing: int | None = None
    named: Named = NOBODY
    kind: str = "text"  # "file" when it has one of these
    files: Sequence[str] = ()  # tokens
    stored: Sequence[Any] = ()  # those files
    offer: Offering | None = None
    listed: str = ""  # what is done with its words, as `words.unwanted` has it

    @property
    def carries(self) -> tuple:
        """What it has besides its text, to be compared."""
        return tuple(self.files) if self.offer is None else (self.offer.name, self.offer.size)

    @property
    def rare(self) -> bool:
        """Whether it has what few messages have."""
        return self.named.everybody or self.forwarded is not None or self.mailing is not None


def send_messages(requests: list[SendRequest]) -> list[dict | Refusal]:
    """Send; the answer to each is `{conversation, seq, change, id, sent_at}` or a Refusal, decided before anything is written."""
    results: list[dict | Refusal | None] = [None] * len(requests)
    for index, request in enumerate(requests):
        try:
            request.body = clean_body(request.body, needed=not request.files)
            request.html, request.listed = render(request.body), words.unwanted(request.body)
        except Refusal as refusal:
            results[index] = refusal
    if None in results:
        with transaction.atomic():
            _send(requests, results)
    return results  # type: ignore[return-value]


def send_prepared(requests: list[SendRequest]) -> list[dict | Refusal]:
    """Send what is clean and rendered already, as a part of a larger action."""
    results: list[dict | Refusal | None] = [None] * len(requests)
    for request in requests:
        request.listed = words.unwanted(request.body)
    _send(requests, results)
    return results  # type: ignore[return-value]


def _send(requests: list[SendRequest], results: list) -> None:
    pending = [index for index, result in enumerate(results) if result is None]
    hold_files({token for index in pending for token in requests[index].files})
    facts = read_facts([requests[index] for index in pending], timezone.now())
    now = timezone.now()  # behind the locks: numbers and times rise together
    answers: dict[int, Sent] = {}
    new: list[tuple[Sent, SendRequest, int]] = []
    names: dict[int, Sender] = {}
    for index in pending:
        request = requests[index]
        key = (request.caller.user_id, request.client_id)
        try:
            if key in facts.known:  # the original answer, also after a mute or a removal
                answers[index] = _original(facts.known[key], request)
                continue
            names[key[0]] = _verdict(request, facts, now)
            if request.files:
                request.kind, request.stored = "file", request.stored or find_files(request)
            if request.kind == "file":
                for name in file_names(request):
                    words.demand_file_name(name)
                    request.listed = request.listed or words.unwanted(name)
        except Refusal as refusal:
            results[index] = refusal
            continue
        place = facts.places[request.conversation]
        place.last_seq += 1
        place.last_change += 1
        sent = Sent(place.id, place.last_seq, place.last_change, key[0], request.client_id, request.body, now)
        if request.kind == "file":
            sent.carries = request.carries
        answers[index] = facts.known[key] = sent
        facts.sent.add((place.id, key[0]))
        new.append((sent, request, VERSION if request.html else 0))
    if new:
        _name(new, facts)
        insert(new)
        store_carried((sent, request) for sent, request, _ in new if request.kind == "file")
        told = report_by_site([(sent.id or 0, sent.sender) for sent, request, _ in new if request.listed])
        used = {sent.conversation for sent, _, _ in new}
        store_numbers([(p.last_seq, p.last_change, p.id) for p in facts.places.values() if p.id in used])
        hints.publish_all([_hint(sent, request, names[sent.sender]) for sent, request, _ in new])
        bump_users(dict.fromkeys(told))
        transaction.on_commit(partial(metrics.messages.inc, len(new)))
    for index, sent in answers.items():
        results[index] = _answer(sent)


def _name(new: list[tuple[Sent, SendRequest, int]], facts: Facts) -> None:
    """Whom the texts name. What somebody passes on calls nobody again."""
    texts = {
        index: Text(sent.conversation, facts.places[sent.conversation].kind, facts.roles[sent.conversation, sent.sender], sent.sender, sent.body)
        for index, (sent, request, _) in enumerate(new)
        if "@" in sent.body and request.forwarded is None
    }  # fmt: skip
    if texts:
        for index, named in find_named(texts).items():
            new[index][1].named = named


def _original(sent: Sent, request: SendRequest) -> Sent:
    same = sent.body == request.body and sent.carries == request.carries
    if sent.conversation != request.conversation or not (same or sent.changed):
        raise Refusal("client_id_reused", rights.REUSED, 409)
    return sent


def _answer(sent: Sent) -> dict:
    return {
        "conversation": sent.conversation,
        "seq": sent.seq,
        "change": sent.change,
        "id": sent.id,
        "sent_at": stamp(sent.sent_at),
    }


def _hint(sent: Sent, request: SendRequest, sender: Sender) -> hints.Hint:
    origin = request.forwarded or (None, None, None)
    row = (
        sent.id, sent.conversation, sent.seq, sent.change, sent.sender, sent.client_id, request.kind, sent.body, request.html, request.reply_to,
        sent.sent_at, None, None, None, request.named.everybody, origin[0], sender.display_name, sender.username, origin[1], origin[2], None,
    )  # fmt: skip
    data = message_data(row, [], request.named.users, carried_data(request) if request.kind == "file" else None)
    return hints.Hint(f"c:{sent.conversation}", sent.change, "message", encode(data))


def _verdict(request: SendRequest, facts: Facts, now: datetime) -> Sender:
    """The sender, if he may send this here. Raises Refusal."""
    user_id, where = request.caller.user_id, (request.conversation, request.caller.user_id)
    sender = facts.people.get(request.caller.login_session)
    if sender is None or sender.id != user_id:
        raise Refusal("signed_out")
    place, role = facts.places.get(request.conversation), facts.roles.get(where)
    if place is None or role is None:
        raise Refusal("not_found")
    if not rights.may(place.kind, role, "send" if place.who_may_post == "all" else "post_when_closed"):
        raise Refusal("closed", rights.CLOSED)
    if where in facts.muted:
        rights.demand_word(Mute.objects.filter(conversation=place.id, user=user_id).first())
    if place.pair_key is not None:
        other = other_of(place.pair_key, user_id)
        rights.demand_open(facts.closed.get((user_id, other)))
    else:
        other = user_id
    if request.offer is not None:
        if other == user_id:
            raise Refusal("not_allowed")
        request.offer.receiver = other
    if place.slow_mode and role == "member":
        _slow_down(place, where, facts, now)
    if request.reply_to and (request.conversation, request.reply_to) not in facts.replies:
        raise Refusal("not_found")
    if request.listed == "refuse":
        raise Refusal("words", words.REFUSED)
    return sender


def _slow_down(place: Place, where: tuple[int, int], facts: Facts, now: datetime) -> None:
    if where in facts.sent:
        raise Refusal("slow_mode", rights.SLOW, 429, seconds=place.slow_mode)
    since = now - timedelta(seconds=place.slow_mode)
    newest = Message.objects.filter(conversation=where[0]).order_by("-seq")
    start = (
        newest.filter(sent_at__lte=since).values_list("seq", flat=True).first() or 0
    )  # numbers and times rise together
    last = (
        newest.filter(seq__gt=start, sender=where[1], sent_at__lte=now)  # none from before the clock was put back
        .exclude(kind=Message.Kind.SYSTEM)
        .values_list("sent_at", flat=True)
        .first()
    )
    if last is not None:
        raise Refusal("slow_mode", rights.SLOW, 429, seconds=int((last - since).total_seconds()) + 1)
