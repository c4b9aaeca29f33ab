"""Pinning and forwarding messages: who may, what others see, and what a recall does to it."""

import pytest

from accounts import actions as accounts
from audit.models import Event
from messaging import actions
from messaging.access import get_page
from messaging.actions import pins
from messaging.actions.system import post_system
from messaging.models import Conversation, Message, Pin
from messaging.summary import pins as pins_event
from tests.cast import Cast, refusal_of


def pinned(cast: Cast, where: int | None = None) -> list[int]:
    ((_, data),) = pins_event(cast.member.id, where or cast.group)
    assert all(message["pinned"] for message in data["pins"])
    return [message["seq"] for message in data["pins"]]


@pytest.mark.django_db
def test_managers_pin_and_unpin_members_do_not(cast: Cast):
    seqs = [cast.say(cast.member, f"ghim {n}") for n in range(2)]
    assert refusal_of(actions.pin_message, cast.member.user, cast.group, seqs[0], True) == "not_allowed"
    assert refusal_of(actions.pin_message, cast.stranger.user, cast.group, seqs[0], True) == "not_found"
    for seq in seqs:
        actions.pin_message(cast.manager.user, cast.group, seq, True)
    actions.pin_message(cast.master.user, cast.group, seqs[0], True)  # it is pinned already
    assert pinned(cast) == seqs[::-1]
    page = get_page(cast.member.user, cast.group)["messages"]
    assert [m["body"] for m in page if m["kind"] == "system"][-2:] == [
        f'{{"code":"pinned","seq":{seq}}}' for seq in seqs
    ]
    assert refusal_of(actions.pin_message, cast.member.user, cast.group, seqs[0], False) == "not_allowed"
    actions.pin_message(cast.manager.user, cast.group, seqs[1], False)
    assert pinned(cast) == seqs[:1]
    done = Event.objects.filter(action__startswith="message.").order_by("pk").values_list("action", flat=True)
    assert list(done) == ["message.pinned", "message.pinned", "message.unpinned"]


@pytest.mark.django_db
def test_both_pin_in_a_direct_conversation_and_managers_in_everyone(cast: Cast):
    seq = cast.say(cast.master, "nhớ nhé", where=cast.direct)
    actions.pin_message(cast.member.user, cast.direct, seq, True)
    actions.pin_message(cast.master.user, cast.direct, seq, False)
    accounts.block_person(cast.master.user, cast.member.id)
    assert refusal_of(actions.pin_message, cast.member.user, cast.direct, seq, True) == "blocked"
    seq = cast.say(cast.member, "chào", where=cast.everyone)
    assert refusal_of(actions.pin_message, cast.member.user, cast.everyone, seq, True) == "not_allowed"
    actions.pin_message(cast.administrator.user, cast.everyone, seq, True)
    assert pinned(cast, cast.everyone) == [seq]


@pytest.mark.django_db
def test_what_cannot_be_pinned(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pins, "PINS_MAX", 1)
    group = Conversation.objects.get(pk=cast.group)
    fact = post_system(group, cast.master.user, "renamed", name="x").seq
    assert refusal_of(actions.pin_message, cast.master.user, cast.group, fact, True) == "not_allowed"
    one, two = cast.say(cast.member), cast.say(cast.member)
    actions.pin_message(cast.master.user, cast.group, one, True)
    assert refusal_of(actions.pin_message, cast.master.user, cast.group, two, True) == "too_many"
    actions.recall_message(cast.member.user, cast.group, one)  # a recall takes the pin with it
    assert pinned(cast) == [] and not Pin.objects.exists()
    assert refusal_of(actions.pin_message, cast.master.user, cast.group, one, True) == "recalled"
    actions.pin_message(cast.master.user, cast.group, two, True)


def forward(cast: Cast, seq: int, to: int, who=None, client_id: str = "forward-1", place: int | None = None) -> dict:
    return actions.forward_message((who or cast.member).caller, place or cast.group, seq, to, client_id)


@pytest.mark.django_db
def test_a_copy_names_who_wrote_it_and_outlives_the_first(cast: Cast):
    seq = cast.say(cast.master, "**hay** @member", reply_to=cast.say(cast.member))
    saved = actions.open_direct(cast.member.user, cast.member.id)["id"]
    sent = forward(cast, seq, saved)
    assert forward(cast, seq, saved) == sent  # asked once more
    actions.recall_message(cast.master.user, cast.group, seq)
    assert forward(cast, seq, saved) == sent  # also when the first is gone
    (copy,) = get_page(cast.member.user, saved)["messages"]
    assert (copy["body"], copy["html"], copy["reply_to"]) == (
        "**hay** @member",
        "<p><strong>hay</strong> @member</p>",
        None,
    )
    assert copy["forwarded_from"] == {"id": cast.master.id, "name": "Nguyễn Thị Ánh"} and "mentions" not in copy
    again = forward(cast, copy["seq"], cast.direct, client_id="forward-2", place=saved)
    assert get_page(cast.master.user, cast.direct)["messages"][-1]["forwarded_from"]["id"] == cast.master.id
    assert refusal_of(actions.edit_message, cast.member.user, cast.direct, again["seq"], "khác") == "not_allowed"
    actions.recall_message(cast.member.user, cast.direct, again["seq"])


@pytest.mark.django_db
def test_forwarding_needs_the_right_to_read_here_and_to_write_there(cast: Cast):
    seq = cast.say(cast.master, "chuyện nhóm")
    assert refusal_of(forward, cast, seq, cast.everyone, cast.stranger) == "not_found"
    assert (
        refusal_of(forward, cast, seq, actions.open_direct(cast.stranger.user, cast.stranger.id)["id"]) == "not_found"
    )
    assert refusal_of(forward, cast, 10_000, cast.everyone) == "not_found"
    assert forward(cast, seq, cast.direct)["conversation"] == cast.direct
    assert refusal_of(forward, cast, seq, cast.everyone) == "client_id_reused"
    assert refusal_of(forward, cast, 1, cast.direct, client_id="forward-3") == "not_allowed"  # a fact
    accounts.block_person(cast.master.user, cast.member.id)
    assert refusal_of(forward, cast, seq, cast.direct, client_id="forward-4") == "blocked"
    gone = cast.say(cast.master)
    actions.recall_message(cast.master.user, cast.group, gone)
    assert refusal_of(forward, cast, gone, cast.everyone, client_id="forward-5") == "recalled"
    assert Message.objects.filter(client_id__startswith="forward").count() == 1
