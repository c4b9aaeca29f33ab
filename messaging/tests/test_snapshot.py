"""The snapshot: what it costs, what a partial one leaves out, and when a client has to begin anew."""

import pytest

from accounts import actions as accounts
from accounts.models import User
from core import policies
from messaging import actions
from messaging.models import Conversation, Membership, Message
from realtime import dispatch, snapshot
from realtime.frames import encode
from realtime.hub import feeds_of
from tests.cast import Cast
from tests.reducer import filled

pytestmark = pytest.mark.django_db


def known(made: dict) -> dict[str, int]:
    """What a client that holds this snapshot says in `hello`."""
    return {
        f"u:{made['me']['id']}": made["cursor"],
        **{f"c:{id}": c["last_change"] for id, c in listed(made).items()},
    }


def listed(made: dict) -> dict[int, dict]:
    return {c["id"]: filled(c) for c in made["conversations"]}


def test_it_says_who_i_am_and_what_i_am_in(cast: Cast):
    cast.say(cast.master, "Chào **bạn** 你好", where=cast.direct)
    made, heads = snapshot.build(cast.member.user)
    assert (made["me"]["id"], made["me"]["name"], made["me"]["is_admin"], made["partial"]) == (
        cast.member.id,
        "Đỗ Văn Em 🐼",
        False,
        False,
    )
    assert made["site"] == {
        "name": "Chatroom",
        "recall_minutes": 2,
        "edit_minutes": 15,
        "friends_only": False,
        "announcement": None,
        "max_size": 20 * 2**20,
        "file_kinds": "all",
        "tables": True,
    }
    assert set(listed(made)) == {cast.group, cast.direct, cast.everyone}
    assert heads == known(made)
    direct = listed(made)[cast.direct]
    assert (direct["peer"], direct["unread"], direct["members"], direct["preview"]["text"]) == (
        cast.master.id,
        1,
        2,
        "Chào **bạn** 你好",
    )
    assert {p["id"]: p["name"] for p in made["people"]}[cast.master.id] == "Nguyễn Thị Ánh"
    assert encode(made)


def test_a_preview_has_a_hundred_letters(cast: Cast):
    cast.say(cast.member, "好" * 500)
    assert listed(snapshot.build(cast.member.user)[0])[cast.group]["preview"]["text"] == "好" * 100


def test_a_partial_one_has_only_what_changed(cast: Cast):
    before, _ = snapshot.build(cast.member.user)
    cast.say(cast.master, "mới 新")
    made, heads = snapshot.build(cast.member.user, known(before))
    assert (made["partial"], list(listed(made)), made["gone"]) == (True, [cast.group], [])
    assert set(heads) == {f"u:{cast.member.id}", f"c:{cast.group}", f"c:{cast.direct}", f"c:{cast.everyone}"}


def test_a_partial_one_of_nothing_new_tells_only_how_partners_are(cast: Cast, django_assert_max_num_queries):
    before, _ = snapshot.build(cast.member.user)
    policies.refresh()  # as the server does on its clock
    with django_assert_max_num_queries(4):
        made, _ = snapshot.build(cast.member.user, known(before))
    assert (made["partial"], made["conversations"], made["gone"]) == (True, [], [])
    partners = {c["peer"] for c in before["conversations"] if c.get("peer")}
    assert made["people"] == [] and dict(made["partners"]) == dict.fromkeys(partners, "offline")


def test_what_an_administrator_sees_besides_is_one_query(cast: Cast, django_assert_max_num_queries):
    before, _ = snapshot.build(cast.administrator.user)
    assert (before["me"]["waiting"], before["me"]["reports"], before["me"]["disk_low"]) == (0, 0, False)
    policies.refresh()
    with django_assert_max_num_queries(5):
        made, _ = snapshot.build(cast.administrator.user, known(before))
    assert made["partial"] and made["me"] == before["me"]


@pytest.mark.parametrize("fact", ["draft", "read", "options", "profile", "joined", "left"])
def test_a_private_fact_that_was_missed_brings_all_of_it_again(cast: Cast, fact: str):
    cast.say(cast.master, "đọc đi")
    before, _ = snapshot.build(cast.member.user)
    match fact:
        case "draft":
            actions.save_draft(cast.member.user, cast.group, "nháp 草稿")
        case "read":
            actions.mark_read([(cast.member.caller, cast.group, 10)])
        case "options":
            accounts.set_options(cast.member.user, {"theme": "dark"})
        case "profile":
            accounts.set_profile(cast.member.user, {"status": "忙 🔥"})
        case "joined":
            actions.create_group(cast.stranger.user, "mới", [cast.member.id])
        case "left":
            actions.leave_group(cast.member.user, cast.group)
    made, _ = snapshot.build(User.objects.get(pk=cast.member.id), known(before))
    assert not made["partial"]
    fresh, _ = snapshot.build(User.objects.get(pk=cast.member.id))
    assert made == fresh != before


def test_a_conversation_known_too_well_or_not_at_all_is_sent_again(cast: Cast):
    before, _ = snapshot.build(cast.member.user)
    asked = known(before)
    asked[f"c:{cast.group}"] += 5
    del asked[f"c:{cast.direct}"]
    asked["c:999999"] = 3
    made, _ = snapshot.build(cast.member.user, asked)
    assert (set(listed(made)), made["gone"]) == ({cast.group, cast.direct}, [999999])


def test_what_was_missed_is_read_after_each_cursor(cast: Cast):
    _, before = snapshot.build(cast.member.user)
    one, two = cast.say(cast.master), cast.say(cast.manager)
    actions.edit_message(cast.master.user, cast.group, one, "sửa 改")
    other = cast.say(cast.master, where=cast.direct)
    _, heads = snapshot.build(cast.member.user)
    missing, resync = snapshot.missing(before, heads)
    found = {key: [(number, data["seq"]) for number, _, data, _ in rows] for key, rows in missing}
    start = before[f"c:{cast.group}"]
    assert found == {f"c:{cast.group}": [(start + 2, two), (start + 3, one)], f"c:{cast.direct}": [(1, other)]}
    assert resync == []


def fill(conversation: int, count: int, sender: User) -> None:
    """As many messages as if they had been sent."""
    place = Conversation.objects.get(pk=conversation)
    at = Message.objects.filter(conversation=conversation).latest("seq").sent_at
    rows = [
        Message(
            conversation=place,
            seq=place.last_seq + n,
            change=place.last_change + n,
            sender=sender,
            client_id=f"filled-{conversation}-{n}",
            body=f"tin {n}",
            sent_at=at,
        )
        for n in range(1, count + 1)
    ]
    Message.objects.bulk_create(rows, batch_size=500)
    Conversation.objects.filter(pk=conversation).update(
        last_seq=place.last_seq + count, last_change=place.last_change + count
    )


@pytest.mark.parametrize(("count", "resync"), [(1000, False), (1001, True)])
def test_more_than_a_thousand_missing_begin_anew(cast: Cast, count: int, resync: bool):
    _, cursors = snapshot.build(cast.member.user)
    fill(cast.group, count, cast.master.user)
    _, heads = snapshot.build(cast.member.user)
    missing, anew = snapshot.missing(cursors, heads)
    assert anew == ([f"c:{cast.group}"] if resync else [])
    assert sum(len(rows) for _, rows in missing) == (0 if resync else count)


def test_the_thousand_are_counted_over_all_conversations(cast: Cast):
    cast.say(cast.master, where=cast.direct)
    _, cursors = snapshot.build(cast.member.user)
    fill(cast.group, 600, cast.master.user)
    fill(cast.direct, 600, cast.master.user)
    cast.say(cast.master, where=cast.everyone)
    _, heads = snapshot.build(cast.member.user)
    missing, anew = snapshot.missing(cursors, heads)
    assert len(anew) == 1 and anew[0] in {f"c:{cast.group}", f"c:{cast.direct}"}
    assert sorted(len(rows) for _, rows in missing) == [1, 600]


def test_a_cursor_from_the_future_and_one_of_a_place_left_are_not_served(cast: Cast):
    _, heads = snapshot.build(cast.member.user)
    ahead = {f"c:{cast.group}": heads[f"c:{cast.group}"] + 1, "c:999999": 1, f"u:{cast.member.id}": 0}
    assert snapshot.missing(ahead, heads) == ([], [f"c:{cast.group}"])
    actions.remove_member(cast.master.user, cast.group, cast.member.id)
    cast.say(cast.master, "bí mật 秘密")
    _, later = snapshot.build(cast.member.user)
    assert snapshot.missing(heads, later) == ([], [])


def test_two_hundred_conversations_in_ten_queries(cast: Cast, django_assert_max_num_queries):
    groups = Conversation.objects.bulk_create(
        [
            Conversation(kind="group", name=f"Nhóm {n} 组", name_key=f"nhóm {n} 组", last_seq=1, last_change=1)
            for n in range(200)
        ]
    )
    Membership.objects.bulk_create(
        [
            Membership(conversation=group, user=user, role=role)
            for group in groups
            for user, role in ((cast.member.user, "member"), (cast.master.user, "master"))
        ]
    )
    now = Message.objects.latest("pk").sent_at
    Message.objects.bulk_create(
        [
            Message(
                conversation=group,
                seq=1,
                change=1,
                sender=cast.master.user,
                body="Chiều nay họp lúc ba giờ ở phòng 302, mọi người nhớ đến nhé!",
                sent_at=now,
            )
            for group in groups
        ]
    )
    policies.refresh()  # as the server does on its clock
    with django_assert_max_num_queries(10):
        feeds_of(cast.member.id)
        made, heads = snapshot.build(dispatch.actor_of(cast.member.caller))
        assert snapshot.missing(heads, heads) == ([], [])
    assert len(made["conversations"]) == 203
    assert all(
        c["unread"] == 1 for c in listed(made).values() if c["name"].startswith("Nhóm ") and c["id"] != cast.group
    )
    assert len(encode(made).encode()) <= 80 * 1024 * 203 / 200
