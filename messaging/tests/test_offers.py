"""Offers: one answer wins, both see each state, and the file is there only after it was accepted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as accounts
from audit.models import Event
from core import policies, registry
from core.refusal import Refusal
from files.actions import create_upload, forget_unused
from files.models import Offer, StoredFile, Upload
from messaging import actions
from messaging.access import get_page, may_read_file
from messaging.actions.offers import expire_offers
from messaging.models import MessageOffer
from messaging.summary import get_object
from messaging.tasks import expire_offers as task
from tests.cast import Cast, refusal_of
from tests.stored import offer, offer_in, stored

pytestmark = pytest.mark.django_db


def seen(cast: Cast, seq: int) -> dict:
    """The message as both have it."""
    pages = [get_page(who.user, cast.direct)["messages"] for who in (cast.master, cast.member)]
    assert pages[0] == pages[1]
    return next(message for message in pages[0] if message["seq"] == seq)


def answer(cast: Cast, seq: int, accept: bool = True):
    return actions.answer_offer(cast.member.user, cast.direct, seq, accept)


def logged() -> list[str]:
    return list(Event.objects.filter(action__startswith="offer.").order_by("pk").values_list("action", flat=True))


def test_from_offer_to_file(cast: Cast) -> None:
    seq = offer(cast)
    message = seen(cast, seq)
    assert (message["kind"], message["body"], message.get("files")) == ("file", "", None)
    assert message["offer"] | {"id": 0, "expires_at": ""} == {
        "id": 0, "receiver": cast.member.id, "name": "Phim 电影.mp4", "size": 5000, "state": "offered", "expires_at": "",
    }  # fmt: skip
    place = get_object(cast.member.user, cast.direct)
    assert (place["preview"]["files"], place["preview"]["file"], place["unread"]) == (["file"], "Phim 电影.mp4", 1)
    assert refusal_of(create_upload, cast.master.user, "x.mp4", 5000, offer=message["offer"]["id"]) == "not_found"
    changed = answer(cast, seq)
    accepted = seen(cast, seq)
    assert (accepted["offer"]["state"], accepted["change"]) == ("accepted", changed.change)
    assert accepted["offer"]["expires_at"] >= message["offer"]["expires_at"]
    assert refusal_of(create_upload, cast.master.user, "x.mp4", 4999, offer=message["offer"]["id"]) == "not_found"
    assert refusal_of(create_upload, cast.member.user, "x.mp4", 5000, offer=message["offer"]["id"]) == "not_found"
    assert create_upload(cast.master.user, "x.mp4", 5000, offer=message["offer"]["id"])
    file = stored(cast.master, "Phim.mp4", kind="video", size=5000)
    registry.offer_filled(message["offer"]["id"], file)
    done = seen(cast, seq)
    assert (done["offer"]["state"], [f["token"] for f in done["files"]]) == ("done", [file.token])
    assert get_object(cast.member.user, cast.direct)["preview"]["files"] == ["video"]
    assert may_read_file(cast.member.user, file) and not may_read_file(cast.stranger.user, file)
    assert refusal_of(registry.offer_filled, message["offer"]["id"], file) == "conflict"
    assert logged() == ["offer.answered"]


def test_only_the_receiver_answers_and_only_the_sender_withdraws(cast: Cast) -> None:
    seq, text = offer(cast), cast.say(cast.master, "chữ", where=cast.direct)
    assert refusal_of(actions.answer_offer, cast.master.user, cast.direct, seq, True) == "not_allowed"
    assert refusal_of(actions.answer_offer, cast.stranger.user, cast.direct, seq, True) == "not_found"
    assert refusal_of(actions.withdraw_offer, cast.member.user, cast.direct, seq) == "not_allowed"
    assert refusal_of(actions.withdraw_offer, cast.stranger.user, cast.direct, seq) == "not_found"
    assert refusal_of(answer, cast, text) == "not_allowed" and refusal_of(answer, cast, 999) == "not_found"
    actions.withdraw_offer(cast.master.user, cast.direct, seq)
    assert seen(cast, seq)["offer"]["state"] == "withdrawn"
    for accept in (True, False):
        assert refusal_of(answer, cast, seq, accept) == "conflict"
    assert refusal_of(actions.withdraw_offer, cast.master.user, cast.direct, seq) == "conflict"
    assert logged() == ["offer.withdrawn"]


def test_a_refused_offer_brings_nothing(cast: Cast) -> None:
    file = stored(cast.master)
    seq = offer(cast, file=file)  # of an older client, which has sent the bytes already
    assert not may_read_file(cast.member.user, file)
    answer(cast, seq, accept=False)
    message = seen(cast, seq)
    assert message["offer"]["state"] == "refused" and "files" not in message
    assert not may_read_file(cast.member.user, file)
    assert refusal_of(answer, cast, seq) == "conflict"
    assert refusal_of(registry.offer_filled, message["offer"]["id"], file) == "conflict"
    assert forget_unused([file.pk]) == 1  # nothing refers to it any more
    assert MessageOffer.objects.count() == 1


def test_what_is_there_already_is_done_when_it_is_accepted(cast: Cast) -> None:
    file = stored(cast.master)
    seq = offer(cast, file=file)
    assert forget_unused([file.pk]) == 0
    answer(cast, seq)
    message = seen(cast, seq)
    assert (message["offer"]["state"], message["files"][0]["token"]) == ("done", file.token)
    assert may_read_file(cast.member.user, file)
    actions.recall_message(cast.master.user, cast.direct, seq)
    message = seen(cast, seq)
    assert "offer" not in message and "files" not in message and not may_read_file(cast.member.user, file)
    assert forget_unused([file.pk]) == 1


def test_only_to_one_other_person_whom_one_may_write_to(cast: Cast) -> None:
    own = actions.open_direct(cast.master.user, cast.master.id)["id"]

    def offered(where: int, size: int = 10, name: str = "a.pdf"):
        return actions.offer_file(cast.master.caller, where, f"to-{where:08}", name, size)

    assert offered(cast.direct)["seq"]
    for where, code in (
        (cast.group, "not_allowed"),
        (cast.everyone, "not_allowed"),
        (own, "not_allowed"),
        (999, "not_found"),
    ):
        assert refusal_of(offered, where) == code
    assert refusal_of(offered, cast.direct, 21 * 2**20) == "too_large"
    policies.store("files.kinds", "images")
    assert refusal_of(offered, cast.direct) == "kind_not_allowed"
    policies.store("files.kinds", "all")
    accounts.block_person(cast.member.user, cast.master.id)
    assert refusal_of(actions.offer_file, cast.master.caller, cast.direct, "another1", "a.pdf", 10) == "blocked"


def test_the_same_client_id_offers_once(cast: Cast) -> None:
    def offered(name: str = "a.pdf", size: int = 10) -> dict:
        return actions.offer_file(cast.master.caller, cast.direct, "offer-once", name, size)

    assert offered() == offered() and Offer.objects.count() == 1
    assert refusal_of(offered, "b.pdf") == refusal_of(offered, "a.pdf", 11) == "client_id_reused"
    assert refusal_of(cast.send, cast.master, "chữ", where=cast.direct, client_id="offer-once") == "client_id_reused"


def test_after_a_block_it_can_be_refused_not_accepted(cast: Cast) -> None:
    first, second = offer(cast), offer(cast)
    answer(cast, second)
    accounts.block_person(cast.member.user, cast.master.id)
    assert refusal_of(answer, cast, first) == "blocked"
    assert refusal_of(registry.offer_filled, offer_in(cast.direct, second).pk, stored(cast.master)) == "blocked"
    answer(cast, first, accept=False)
    assert seen(cast, first)["offer"]["state"] == "refused"


def test_time_ends_it_unless_the_file_is_on_its_way(cast: Cast) -> None:
    waiting, accepted, coming, refused = (offer(cast) for _ in range(4))
    for seq in (accepted, coming):
        answer(cast, seq)
    answer(cast, refused, accept=False)
    upload = create_upload(cast.master.user, "x.mp4", 5000, offer=offer_in(cast.direct, coming).pk)
    late = timezone.now() + timedelta(hours=73)
    Upload.objects.filter(pk=upload.pk).update(offset=1, expires_at=late + timedelta(hours=1))
    assert expire_offers() == 0
    Offer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refusal_of(answer, cast, waiting) == "conflict"  # also before the task has come by
    before = get_object(cast.master.user, cast.direct)["last_change"]
    task()
    states = [seen(cast, seq)["offer"]["state"] for seq in (waiting, accepted, coming, refused)]
    assert states == ["expired", "expired", "accepted", "refused"]
    assert get_object(cast.master.user, cast.direct)["last_change"] == before + 2
    assert expire_offers(late + timedelta(hours=2)) == 1  # that upload was given up
    assert logged()[-3:] == ["offer.expired"] * 3


def test_a_recalled_offer_is_over(cast: Cast) -> None:
    first, second = offer(cast), offer(cast)
    answer(cast, second)
    ids = [offer_in(cast.direct, seq).pk for seq in (first, second)]
    for seq in (first, second):
        actions.recall_message(cast.master.user, cast.direct, seq)
        assert refusal_of(answer, cast, seq) == "recalled"
    assert refusal_of(registry.offer_filled, ids[1], stored(cast.master)) == "conflict"
    assert set(Offer.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_an_offer_is_not_edited_nor_passed_on_until_it_is_done(cast: Cast) -> None:
    seq = offer(cast)
    assert refusal_of(actions.edit_message, cast.master.user, cast.direct, seq, "x") == "not_allowed"
    passing = (cast.member.caller, cast.direct, seq, cast.everyone, "pass-on-1")
    assert refusal_of(actions.forward_message, *passing) == "not_allowed"
    answer(cast, seq)
    file = stored(cast.master)
    registry.offer_filled(offer_in(cast.direct, seq).pk, file)
    assert actions.forward_message(*passing)["seq"]
    assert may_read_file(cast.stranger.user, file)


def test_when_an_account_goes_its_offers_end(cast: Cast) -> None:
    sent, received = offer(cast), offer(cast, cast.member)
    accounts.delete_account(None, cast.member.user)
    page = {m["seq"]: m for m in get_page(cast.master.user, cast.direct)["messages"]}
    assert (page[sent]["offer"]["state"], page[received]["offer"]["state"]) == ("expired", "withdrawn")


def test_search_finds_it_by_both_names(cast: Cast) -> None:
    from messaging.search import find

    def found(q: str) -> list[int]:
        return [hit["message"]["seq"] for hit in find(cast.member.user, q)["hits"]]

    seq = offer(cast)
    assert found("电影") == found("has:file") == [seq]
    answer(cast, seq)
    registry.offer_filled(offer_in(cast.direct, seq).pk, stored(cast.master, "Khác.mkv"))
    assert found("khac") == [seq] and found("电影") == []
    actions.recall_message(cast.master.user, cast.direct, seq)
    assert found("khac") == []


def test_two_answers_in_a_row_change_it_once(cast: Cast) -> None:
    seq = offer(cast)
    change = answer(cast, seq).change
    try:
        answer(cast, seq, accept=False)
    except Refusal as refusal:
        assert refusal.code == "conflict"
    assert get_object(cast.member.user, cast.direct)["last_change"] == change
    assert StoredFile.objects.count() == 0
