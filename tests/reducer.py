"""What a client makes of snapshot, pages and events, by docs/protocol.md and nothing else: the reference that the tests compare with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from accounts.models import User
from core import registry
from games.access import get_snapshot, get_table
from messaging.access import get_page
from realtime import snapshot
from realtime.frames import encode

PREVIEW = 100
# Presence, and the partner's read mark, are told only to tabs that show the conversation: they are no numbered facts.
# Neither is the number of members of Everyone: joining it makes no noise.
UNNUMBERED = {"peer_read_seq"}
# What a field of a conversation is when it is not there; by hand from docs/protocol.md.
LEFT_OUT = {
    "name": "", "peer": None, "role": "member", "notice": "", "read_seq": 0, "cleared_seq": 0, "unread": 0, "mentions": 0, "level": "all",
    "pinned": False, "can_post": True, "closed": "", "members": 2, "peer_read_seq": 0, "draft": "", "preview": None,
    "join_policy": "invitation", "discoverable": False, "posting": "all", "slow_mode": 0, "members_invite": True, "muted_until": None, "notice_seq": 0,
    "avatar": "", "tables": True,
}  # fmt: skip
# What the messages of a conversation change in it.
MOVED = (
    "last_seq", "last_change", "members", "name", "notice", "notice_seq", "join_policy", "discoverable", "posting", "slow_mode",
    "members_invite", "muted_until", "avatar", "tables",
)  # fmt: skip


def may_post(conversation: dict) -> bool:
    """Whether nothing stands in the way but perhaps a mute."""
    return not conversation["closed"] and (conversation["posting"] == "all" or conversation["role"] != "member")


def filled(conversation: dict) -> dict:
    """A conversation object with the fields that did not travel."""
    return {**LEFT_OUT, **conversation}


class Client:
    """The state of one person's tab that holds the messages of all conversations it knew at the beginning."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        user = User.objects.get(pk=user_id)
        made, _ = snapshot.build(user)
        self.me, self.relations, self.joining = made["me"], made["relations"], made["joining"]
        self.people = {person["id"]: face(person) for person in made["people"]}
        self.conversations = {c["id"]: filled(c) for c in made["conversations"]}
        self.cursors = {
            f"u:{user_id}": made["cursor"],
            **{f"c:{id}": c["last_change"] for id, c in self.conversations.items()},
        }
        self.messages = {id: whole(user, id) for id in self.conversations}
        self.counted = {
            id: c["last_seq"] for id, c in self.conversations.items()
        }  # conversation -> the last message that `unread` of the server has counted
        self.unread: dict[int, set[int]] = {}  # conversation -> messages that this client has counted itself
        self.named: dict[int, set[int]] = {}  # conversation -> those of them that mention this person
        self.cleared = {id: c["cleared_seq"] for id, c in self.conversations.items()}
        self.user = user
        self.resumes = 0
        self.tables = {at["table"]: at for at in made.get("tables", ())}
        self.hands = {table: hand["cards"] for table, hand in made.get("hands", {}).items()}
        self.views = {
            id: plain_view(get_snapshot(user, id)["view"]) for id in self.tables
        }  # of tables it knew at the beginning
        self.cursors |= {f"table:{id}": get_table(user, id)[0].seq for id in self.tables}

    def receive(self, frame: dict, resume: Callable[[str, int], list[dict]]) -> None:
        """One frame; a gap is filled by `resume(feed, after)`."""
        if "feed" not in frame:
            if frame["type"] == "people":
                self.meet([p for p in frame["data"]["people"] if p["id"] in self.people])
            return
        feed, number = frame["feed"], frame["number"]
        cursor = self.cursors.get(feed)
        if cursor is None or number <= cursor:
            return
        if frame["prev"] > cursor:
            self.resumes += 1
            for missed in resume(feed, cursor):
                self.receive(missed, resume)
            self.cursors[feed] = max(self.cursors.get(feed, 0), number)
            if number <= cursor:
                return
        self.cursors[feed] = number
        if frame["type"] == "message":
            self.message(frame["data"])
        elif frame["type"] == "private":
            self.private(frame["data"])
        elif frame["type"] == "table":
            self.table(frame["data"])

    def table(self, data: dict) -> None:
        """What happened at a card table, and how it stands."""
        if data["table"] not in self.tables:
            return
        self.views[data["table"]], key = plain_view(data["view"]), str(data["table"])
        seat = self.tables[data["table"]]["seat"]
        played = [c for e in data["events"] if e["kind"] == "play" and e["seat"] == seat for c in e["cards"]]
        if data["view"]["phase"] != "playing":
            self.hands.pop(key, None)
        elif key in self.hands:
            self.hands[key] = [card for card in self.hands[key] if card not in played]

    def message(self, message: dict) -> None:
        """An upsert of a whole message, and what it says about its conversation."""
        known = self.conversations.get(message["conversation"])
        if known is None:
            return
        held = self.messages.get(known["id"])
        if held is not None:
            held[message["seq"]] = message
        new = message["seq"] > known["last_seq"]
        known["last_change"] = max(known["last_change"], message["change"])
        known["last_seq"] = max(known["last_seq"], message["seq"])
        if message["seq"] == known["last_seq"]:
            known["preview"] = preview_of(message)
        if (
            message["kind"] != "system"
        ):  # rows come by `change`: one that is new to us may have a lower seq than one we have
            self.count(known, message)
        if not new or message["kind"] != "system":
            return
        fact = json.loads(message["body"])
        users = [user["id"] for user in fact.get("users", ())]
        match fact["code"]:
            case "joined":
                known["members"] += len(users)
            case "left" | "removed":
                known["members"] -= len(users)
            case "renamed":
                known["name"] = fact["name"]
            case "notice":
                known.update(notice=fact["notice"], notice_seq=message["seq"] if fact["notice"] else 0)
            case "avatar":
                known["avatar"] = fact["avatar"]
            case "settings":
                known.update({name: value for name, value in fact.items() if name != "code"})
            case "muted" if fact["user"]["id"] == self.user_id:
                known["muted_until"] = fact["until"]
            case "unmuted" if fact["user"]["id"] == self.user_id:
                known["muted_until"] = None
            case "role" if fact["user"]["id"] == self.user_id:
                known["role"] = fact["role"]
        known["can_post"] = may_post(known)

    def count(self, known: dict, message: dict) -> None:
        """One more unread message, unless the server has counted it or it was read on another device."""
        id, seq = known["id"], message["seq"]
        mine = self.unread.setdefault(id, set())
        if message["sender"] != self.user_id and seq not in mine and seq > max(known["read_seq"], self.counted[id]):
            known["unread"] += 1
            mine.add(seq)
        named = self.named.setdefault(id, set())
        mentioned = self.user_id in message.get("mentions", ()) or message.get("mentions_all", False)
        if seq in mine and mentioned != (seq in named):  # an edit may name others
            known["mentions"] += 1 if mentioned else -1
            named ^= {seq}

    def recount(self, known: dict, count: dict, until: int) -> None:
        """The server's count of what is unread up to a message, and what came after it."""
        id = known["id"]
        later = {seq for seq in self.unread.get(id, ()) if seq > max(until, known["read_seq"])}
        self.counted[id], self.unread[id] = max(until, self.counted.get(id, 0)), later
        self.named[id] = self.named.get(id, set()) & later
        known["unread"], known["mentions"] = count["unread"] + len(later), count["mentions"] + len(self.named[id])

    def private(self, data: dict) -> None:
        """Private facts: whole values, so that a later one may come in place of an earlier."""
        for conversation in map(filled, data.get("conversations", ())):
            known = self.conversations.get(conversation["id"])
            mine = dict(conversation)
            if known is not None and known["last_change"] > mine["last_change"]:  # its own feed is further
                mine["preview"] = known["preview"] or mine["preview"]
                mine.update({key: known[key] for key in MOVED})
                mine["can_post"] = may_post(mine)
            self.conversations[mine["id"]] = mine
            self.recount(mine, conversation, conversation["last_seq"])
            if mine["id"] not in self.messages:
                feed = f"c:{mine['id']}"
                self.cursors[feed] = max(self.cursors.get(feed, 0), mine["last_change"])
        if data.get("all"):
            there = {conversation["id"] for conversation in data["conversations"]}
            self.forget(set(self.conversations) - there)
        self.forget(data.get("gone", ()))
        if "tables" in data:
            self.tables = {at["table"]: at for at in data["tables"]}
            self.views = {id: view for id, view in self.views.items() if id in self.tables}
            self.cursors = {k: v for k, v in self.cursors.items() if k[:6] != "table:" or int(k[6:]) in self.tables}
            for id in self.tables:
                self.cursors.setdefault(f"table:{id}", 0)
        kept = {} if data.get("all") else {k: v for k, v in self.hands.items() if int(k) in self.tables}
        self.hands = {**kept, **{table: hand["cards"] for table, hand in data.get("hands", {}).items()}}
        for mark in data.get("reads", ()):
            if known := self.conversations.get(mark["conversation"]):
                known["read_seq"] = mark["read_seq"] if mark.get("back") else max(known["read_seq"], mark["read_seq"])
                self.recount(known, mark, mark["last_seq"])
        for draft in data.get("drafts", ()):
            if known := self.conversations.get(draft["conversation"]):
                known["draft"] = draft["body"]
        for own in data.get("memberships", ()):
            if known := self.conversations.get(own["conversation"]):
                known.update(pinned=own["pinned"], level=own["level"], cleared_seq=own["cleared_seq"])
        self.show_again()
        self.meet(data.get("people", ()))
        if "me" in data:
            self.me = data["me"]
        if "relations" in data:
            self.relations = data["relations"]
        if "joining" in data:
            self.joining = data["joining"]
        if "options" in data:
            self.me = {**self.me, "options": data["options"], "theme": data["options"]["theme"]}

    def show_again(self) -> None:
        """What a client hid it may not hold: where less is hidden than before, it fetches pages."""
        for id, held in self.messages.items():
            hidden = self.conversations[id]["cleared_seq"]
            if hidden < self.cleared.get(id, 0):
                self.messages[id] = {**whole(self.user, id), **held}
            self.cleared[id] = hidden

    def meet(self, people: Iterable[dict]) -> None:
        """People as they are now."""
        self.people.update({person["id"]: face(person) for person in people})

    def forget(self, ids: Any) -> None:
        """Conversations that are no longer mine."""
        for id in ids:
            self.conversations.pop(id, None)
            self.messages.pop(id, None)
            self.cursors.pop(f"c:{id}", None)

    def state(self) -> dict[str, Any]:
        """What must be equal however it came about. Of people the contacts: what is new of others is told by events without a number."""
        contacts = {c["peer"] for c in self.conversations.values()}
        contacts |= {asked["user"] for asked in self.relations["incoming"]}
        contacts |= {row["user"] for row in self.joining["requests"]} | {
            i["inviter"] for i in self.joining["invitations"]
        }
        return {
            "me": self.me,
            "relations": self.relations,
            # how many are in a group one is invited to was counted when the invitation was told
            "joining": {**self.joining, "invitations": [{**i, "members": 0} for i in self.joining["invitations"]]},
            "people": {id: known for id, known in self.people.items() if id in contacts},
            "conversations": {
                id: {
                    k: v
                    for k, v in shown(known).items()
                    if k not in UNNUMBERED and (k, known["kind"]) != ("members", "everyone")
                }
                for id, known in sorted(self.conversations.items())
            },
            "messages": {
                id: {seq: m for seq, m in sorted(held.items()) if seq > self.conversations[id]["cleared_seq"]}
                for id, held in sorted(self.messages.items())
            },
            "tables": self.tables,
            "hands": {table: hand for table, hand in self.hands.items() if hand},
            "views": self.views,
        }


def shown(known: dict) -> dict:
    """A conversation without the preview of a message that is hidden."""
    hidden = known["preview"] and known["preview"]["seq"] <= known["cleared_seq"]
    return {**known, "preview": None} if hidden else known


def same(client: Client, fresh: Client) -> None:
    """Fail unless the client, after its events, holds what a fresh one would; of conversations it joined meanwhile it holds no messages yet."""
    ours, theirs = client.state(), fresh.state()
    theirs["views"] = {id: view for id, view in theirs["views"].items() if id in ours["views"]}
    theirs["messages"] = {id: held for id, held in theirs["messages"].items() if id in ours["messages"]}
    assert ours == theirs, "\n".join(differences(ours, theirs))


def differences(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Where two states differ, for people."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = [*ours, *(key for key in theirs if key not in ours)]
        return [line for key in keys for line in differences(ours.get(key), theirs.get(key), f"{path}/{key}")]
    return [] if ours == theirs else [f"{path}: {ours!r} by events, {theirs!r} afresh"]


def plain_view(view: dict) -> dict:
    """A table's view without what goes by the clock."""
    seats = [seat and {**seat, "silent": False} for seat in view["seats"]]
    return json.loads(encode({**view, "seats": seats, "due": sorted(view["due"])}))


def face(person: dict) -> dict:
    """What is a fact of a person; presence is none."""
    return {"name": person["name"], "avatar": person.get("avatar", ""), "status": person.get("status", "")}


def whole(user: User, conversation: int) -> dict[int, dict]:
    """All messages of a conversation, by pages."""
    found: dict[int, dict] = {}
    before = None
    while True:
        page = get_page(user, conversation, before=before, limit=200)
        found.update({message["seq"]: message for message in page["messages"]})
        if not page["more_before"]:
            return found
        before = page["messages"][0]["seq"]


def preview_of(message: dict) -> dict:
    """The preview that a message makes as the last of its conversation."""
    body = message["body"]
    kinds = ["voice" if file.get("peaks") else file["kind"] for file in message.get("files", ())]
    name = message["files"][0]["name"] if kinds else message.get("offer", {}).get("name")
    carried = {} if name is None else {"files": kinds or ["file"], "file": name}
    return {
        "seq": message["seq"], "sender": message["sender"], "kind": message["kind"], "text": body if message["kind"] == "system" else body[:PREVIEW],
        "sent_at": message["sent_at"], "recalled": message["recalled_at"] is not None, **carried,
    }  # fmt: skip


def from_rows(feed: str, after: int) -> list[dict]:
    """What `feed.resume` would bring."""
    kind, _, id = feed.partition(":")
    frames, prev = [], after
    for number, type, data, _ in registry.feeds[kind].read(int(id), after, 1000):
        frames.append(
            {"type": type, "feed": feed, "number": number, "prev": prev, "data": json.loads(json.dumps(data))}
        )
        prev = number
    return frames
