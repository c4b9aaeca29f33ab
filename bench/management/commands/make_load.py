"""Accounts with sessions, conversations and messages for benches and fault tests, written in bulk."""

import json
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from accounts.access import LOGIN_SESSION
from accounts.actions import set_policies
from accounts.models import LoginSession, User
from bench.server import PASSWORD
from core.names import search_key
from core.text import name_key
from messaging.models import Conversation, Membership, Message

BULK = 2000
COPIED = 10_000  # messages made by the models; more are copies of them
LIMITS = {
    "commands_burst": 10**9,
    "commands_per_second": 10**9,
    "handshakes_burst": 10**9,
    "handshakes_per_second": 10**9,
}


class Command(BaseCommand):
    """manage.py make_load --users 500 --conversations 20 --members 500 --out load.json"""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--users", type=int, required=True)
        parser.add_argument("--conversations", type=int, default=0)
        parser.add_argument("--members", type=int, default=0, help="of each conversation, taken in turn")
        parser.add_argument("--pairs", type=int, default=0, help="direct conversations of users 2i and 2i+1")
        parser.add_argument("--star", type=int, default=0, help="direct conversations of user 0 with the others")
        parser.add_argument(
            "--messages", default="0", help="of each conversation; several numbers: of the first ones, in order"
        )
        parser.add_argument(
            "--limits", choices=["raise", "keep"], default="raise", help="the policies on commands and handshakes"
        )
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            users = make_users(options["users"])
            cookies = make_sessions(users)
            groups = make_groups(users, options["conversations"], options["members"])
            pairs = [(2 * i, 2 * i + 1) for i in range(options["pairs"])] + [(0, i + 1) for i in range(options["star"])]
            directs = make_directs(users, pairs)
            counts = [int(count) for count in options["messages"].split(",")]
            talks = [*directs, *groups]
            for index, conversation in enumerate(talks):
                if count := counts[index] if index < len(counts) else counts[-1] if len(counts) == 1 else 0:
                    make_messages(conversation, count)
        if options["limits"] == "raise":
            set_policies(None, {f"limits.{name}": value for name, value in LIMITS.items()})
        set_policies(None, {"signin.sessions": "allow"})  # sign-ins beside the load must not end its sessions
        load = {
            "users": [user.pk for user in users],
            "names": [user.username for user in users],
            "cookies": cookies,
            "conversations": [conversation.pk for conversation in groups],
            "directs": [[conversation.pk, *pair] for conversation, pair in zip(directs, pairs, strict=True)],
        }
        options["out"].write_text(json.dumps(load))


def make_users(count: int) -> list[User]:
    """Accounts with one password; the first is an administrator."""
    password, now = make_password(PASSWORD), timezone.now()
    users = []
    for number in range(count):
        name, shown = f"load{number:05}", f"Load {number:05}"
        user = User(username=name, display_name=shown, password=password, approved_at=now)
        user.username_key, user.search_key = name_key(name), search_key(name, shown)
        user.is_staff = user.is_superuser = number == 0
        users.append(user)
    return User.objects.bulk_create(users, BULK)


def make_sessions(users: list[User]) -> list[str]:
    """A login session and a Django session for each; the cookies."""
    opened = LoginSession.objects.bulk_create(
        [
            LoginSession(user=user, kind=LoginSession.Kind.COMPUTER, device="Firefox · Linux", ip="127.0.0.1")
            for user in users
        ],
        BULK,
    )
    store, expires, sessions = SessionStore(), timezone.now() + timedelta(days=30), []
    for user, login_session in zip(users, opened, strict=True):
        data = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "accounts.auth.Backend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            LOGIN_SESSION: login_session.key,
        }
        sessions.append(
            Session(session_key=store._get_new_session_key(), session_data=store.encode(data), expire_date=expires)
        )
    Session.objects.bulk_create(sessions, BULK)
    return [f"sessionid={session.session_key}" for session in sessions]


def make_groups(users: list[User], count: int, size: int) -> list[Conversation]:
    """Groups whose members are taken in turn, so that all users are in equally many."""
    names = [f"Load group {number:05}" for number in range(count)]
    kind = Conversation.Kind.GROUP
    groups = Conversation.objects.bulk_create(
        [Conversation(kind=kind, name=n, name_key=name_key(n)) for n in names], BULK
    )
    rows = []
    for index, group in enumerate(groups):
        for place in range(size):
            role = Membership.Role.MEMBER if place else Membership.Role.MASTER
            rows.append(Membership(conversation=group, user=users[(index * size + place) % len(users)], role=role))
    Membership.objects.bulk_create(rows, BULK)
    return groups


def make_directs(users: list[User], pairs: list[tuple[int, int]]) -> list[Conversation]:
    """Direct conversations of pairs of users."""
    made = []
    for one, other in pairs:
        low, high = sorted([users[one].pk, users[other].pk])
        made.append(Conversation(kind=Conversation.Kind.DIRECT, pair_key=f"{low}:{high}"))
    made = Conversation.objects.bulk_create(made, BULK)
    rows = [
        Membership(conversation=c, user=users[index]) for c, pair in zip(made, pairs, strict=True) for index in pair
    ]
    Membership.objects.bulk_create(rows, BULK)
    return made


def make_messages(conversation: Conversation, count: int) -> None:
    """Plain messages of its members in turn, a second apart, the last one now."""
    senders = list(
        Membership.objects.filter(conversation=conversation).order_by("pk").values_list("user_id", flat=True)[:50]
    )
    first = timezone.now() - timedelta(seconds=count)
    Message.objects.bulk_create(
        (
            Message(
                conversation=conversation, seq=seq, change=seq, sender_id=senders[seq % len(senders)],
                body=f"Message {seq}: the lesson begins at nine in room {seq % 40}.", sent_at=first + timedelta(seconds=seq),
            )
            for seq in range(1, min(count, COPIED) + 1)
        ),
        BULK,
    )  # fmt: skip
    made = min(count, COPIED)
    while made < count:
        copy_messages(conversation.pk, made, min(made, count - made))
        made = min(made * 2, count)
    conversation.last_seq = conversation.last_change = count
    conversation.save(update_fields=["last_seq", "last_change"])
    Membership.objects.filter(conversation=conversation).update(read_seq=count)


def copy_messages(conversation: int, shift: int, count: int) -> None:
    """The first `count` messages once more, `shift` numbers on."""
    columns = [field.column for field in Message._meta.concrete_fields if field.column != "id"]
    taken = [f"{column} + %s" if column in ("seq", "change") else column for column in columns]
    sql = f"INSERT INTO messaging_message ({', '.join(columns)}) SELECT {', '.join(taken)} FROM messaging_message"
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} WHERE conversation_id = %s AND seq <= %s", [shift, shift, conversation, count])
