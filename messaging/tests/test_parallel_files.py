"""Files and offers at the same moment: one of them wins, and what is told is what is so (C16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import registry
from core.refusal import Refusal
from files.models import Offer, StoredFile
from messaging import actions
from messaging.access import get_page
from messaging.actions.offers import expire_offers
from messaging.models import Conversation, Message, MessageFile, MessageOffer
from messaging.tests.test_parallel import Act, all_at_once
from tests.cast import Cast, make_cast
from tests.steps_files import fill, process
from tests.stored import message_at, numbers, offer, offer_in, stored

WAYS: dict[str, Callable[[Cast], list[Act]]] = {}


def way(run: Callable[[Cast], list[Act]]) -> Callable[[Cast], list[Act]]:
    """Something in the direct conversation, and what is done to it all at once."""
    WAYS[run.__name__] = run
    return run


@way
def it_is_accepted_refused_withdrawn_and_expires(cast: Cast) -> list[Act]:
    seq = offer(cast)
    id = offer_in(cast.direct, seq).pk

    def expire() -> None:
        Offer.objects.filter(pk=id).update(expires_at=timezone.now() - timedelta(seconds=1))
        if not expire_offers():
            raise Refusal("conflict")

    return [
        lambda: actions.answer_offer(cast.member.user, cast.direct, seq, True),
        lambda: actions.answer_offer(cast.member.user, cast.direct, seq, False),
        lambda: actions.withdraw_offer(cast.master.user, cast.direct, seq),
        expire,
    ]


@way
def the_last_byte_comes_while_it_is_recalled_and_withdrawn(cast: Cast) -> list[Act]:
    seq = offer(cast)
    actions.answer_offer(cast.member.user, cast.direct, seq, True)
    id, file = offer_in(cast.direct, seq).pk, stored(cast.master)

    def filled() -> None:
        with transaction.atomic():
            registry.offer_filled(id, file)

    return [
        filled,
        lambda: actions.recall_message(cast.master.user, cast.direct, seq),
        lambda: actions.withdraw_offer(cast.master.user, cast.direct, seq),
    ]


@way
def the_same_files_are_sent_twice(cast: Cast) -> list[Act]:
    files, number = [stored(cast.master).token for _ in range(3)], f"twice-{next(numbers):08}"
    held: list[dict] = []

    def send(tokens: list[str]) -> None:
        answer = cast.send(cast.master, "hai lần", where=cast.direct, files=tokens, client_id=number)
        if isinstance(answer, Refusal):
            raise answer
        held.append(answer)
        assert all(one == held[0] for one in held)

    return [lambda: send(files), lambda: send(files), lambda: send(files[:1])]


@way
def a_file_is_processed_while_it_is_sent_passed_on_and_recalled(cast: Cast) -> list[Act]:
    file = stored(cast.master, "a.png", kind="image", status="processing")
    seq = cast.say(cast.master, "", where=cast.direct, files=[file.token])

    def pass_on() -> None:
        number = f"pass-{next(numbers):08}"
        actions.forward_message(cast.member.caller, cast.direct, seq, cast.group, number)

    return [
        lambda: process(StoredFile.objects.get(pk=file.pk), status="ready", width=10, height=10),
        lambda: actions.recall_message(cast.master.user, cast.direct, seq),
        lambda: cast.say(cast.master, "nữa", where=cast.group, files=[file.token]),
        pass_on,
    ]


def legal(cast: Cast) -> None:
    """Fail unless files stand only where they may, and each number was given once."""
    for link in MessageOffer.objects.select_related("message", "offer"):
        files = MessageFile.objects.filter(message=link.message).count()
        assert files == (link.offer.state == Offer.State.DONE), link
        assert link.message.recalled_at is None
    for message in Message.objects.exclude(recalled_at=None):
        assert not MessageFile.objects.filter(message=message).exists(), message
    for where in (cast.direct, cast.group):
        page = get_page(cast.master.user, where, limit=200)["messages"]
        place = Conversation.objects.get(pk=where)
        assert [m["seq"] for m in page] == list(range(1, place.last_seq + 1))
        assert max(m["change"] for m in page) == place.last_change


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", WAYS)
def test_one_of_them_wins(
    transactional_db: None, fast_passwords: None, fresh_policies: None, ended_threads: None, name: str, full: bool
) -> None:
    cast, ends = make_cast(), set()
    for _ in range(50 if full else 3):
        acts = WAYS[name](cast)
        ends |= set(all_at_once(acts, 24 if full else 2 * len(acts)))
        legal(cast)
    assert "done" in ends and ends <= {"done", "conflict", "recalled", "client_id_reused"} and len(ends) > 1


@pytest.fixture
def processed(cast_of_rows: Cast) -> tuple[StoredFile, Thread]:
    """A file of the master's, and a worker that will settle it."""
    file = stored(cast_of_rows.master, "a.png", kind="image", status="processing")

    def settle() -> None:
        try:
            process(StoredFile.objects.get(pk=file.pk), status="ready", width=10, height=10)
        finally:
            connection.close()

    return file, Thread(target=settle)


@pytest.fixture
def cast_of_rows(transactional_db: None, fast_passwords: None, fresh_policies: None, ended_threads: None) -> Cast:
    """The cast, seen by all threads."""
    return make_cast()


@pytest.mark.parametrize("way", ["sent", "passed on", "accepted"])
def test_a_message_made_while_its_file_settles_is_told(
    cast_of_rows: Cast, processed: tuple[StoredFile, Thread], way: str
) -> None:
    cast, (file, worker) = cast_of_rows, processed
    where = cast.direct if way == "accepted" else cast.group
    seq = (
        offer(cast, file=file)
        if way == "accepted"
        else cast.say(cast.master, "", where=cast.direct, files=[file.token])
    )
    with transaction.atomic():
        if way == "accepted":
            actions.answer_offer(cast.member.user, where, seq, True)
        elif way == "sent":
            seq = cast.say(cast.master, "", files=[file.token])
        else:
            number = f"pass-{next(numbers):08}"
            seq = actions.forward_message(cast.member.caller, cast.direct, seq, where, number)["seq"]
        before = message_at(where, seq).change
        worker.start()
        worker.join(0.5)  # it waits for us, or it has overlooked what we have not committed
    worker.join(30)
    assert message_at(where, seq).change > before
    assert get_page(cast.member.user, where)["messages"][-1]["files"][0]["status"] == "ready"


@pytest.mark.django_db
def test_the_check_sees_a_file_where_none_may_be(cast: Cast) -> None:
    seq = offer(cast)
    legal(cast)
    message = Message.objects.get(conversation=cast.direct, seq=seq)
    wrong = MessageFile.objects.create(message=message, file=stored(cast.master), position=0)
    with pytest.raises(AssertionError):
        legal(cast)
    wrong.delete()
    actions.answer_offer(cast.member.user, cast.direct, seq, True)
    fill(cast.direct, seq, stored(cast.master))
    legal(cast)
