"""A site as it is after years: conversations of unequal size with searchable messages in the order of time, memberships, files and a log."""

import json
import random
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from accounts.actions import set_policies
from accounts.models import User
from audit.models import ChainHead, Event
from audit.names import ACTIONS
from bench.management.commands.bench_search import load
from bench.management.commands.make_load import make_sessions
from files.models import StoredFile
from messaging.models import Conversation, Membership

BULK = 5000
COPIED = 20_000  # events made by the model; more are copies of them
COMMON = ("session.opened", "session.closed", "file.uploaded", "message.edited", "signin.failed", "options.changed")


class Command(BaseCommand):
    """manage.py make_archive --messages 1000000 --events 1000000 --out load.json"""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--messages", type=int, required=True)
        parser.add_argument("--events", type=int, required=True)
        parser.add_argument("--files", type=int, default=100_000)
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        rnd = random.Random(11)
        users, _ = load(options["messages"], rnd)
        with transaction.atomic():
            cookies = make_sessions(users)
            make_members(users, rnd)
            make_files(users, options["files"], rnd)
            make_events(users, options["events"], rnd)
        set_policies(None, {"signin.sessions": "allow"})
        places = list(Conversation.objects.filter(kind="group").order_by("pk").values_list("pk", flat=True))
        made = {"users": [user.pk for user in users], "names": [user.username for user in users]}
        options["out"].write_text(json.dumps({**made, "cookies": cookies, "conversations": places, "directs": []}))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")


def make_members(users: list[User], rnd: random.Random) -> None:
    """Most people are in some hundred conversations."""
    places = list(Conversation.objects.order_by("pk").values_list("pk", flat=True))
    rows = [
        Membership(conversation_id=place, user=user)
        for user in users[2:]
        for place in rnd.sample(places, min(len(places), 300))
    ]
    Membership.objects.bulk_create(rows, BULK, ignore_conflicts=True)


def make_files(users: list[User], count: int, rnd: random.Random) -> None:
    """Rows only: no bytes lie behind them."""
    ready = StoredFile.Status.READY
    StoredFile.objects.bulk_create(
        (
            StoredFile(token=f"{n:032x}", owner=rnd.choice(users), name=f"Bài {n} 作业.pdf", size=rnd.randrange(1, 10**7), status=ready)
            for n in range(count)
        ),
        BULK,
    )  # fmt: skip


def make_events(users: list[User], count: int, rnd: random.Random) -> None:
    """Events, most of them of a few kinds; their hashes are none."""
    first, start = ChainHead.objects.get_or_create(pk=1)[0].number, timezone.now() - timedelta(days=400)
    names = [*COMMON * 30, *ACTIONS]
    made = min(count, COPIED)
    events = []
    for number in range(first + 1, first + made + 1):
        actor, target = rnd.choice(users), rnd.choice(users)
        events.append(
            Event(
                id=number, at=start + timedelta(seconds=number), actor_id=actor.pk, actor_name=actor.username, action=rnd.choice(names),
                target_type="user", target_id=target.pk, target_name=target.username, ip="10.1.2.3", detail={"session": number}, hash="",
            )
        )  # fmt: skip
    Event.objects.bulk_create(events, BULK)
    columns = [field.column for field in Event._meta.concrete_fields if field.column != "id"]
    listed = ", ".join(columns)
    with connection.cursor() as cursor:
        while made < count:
            some = min(made, count - made)
            cursor.execute(
                f"INSERT INTO audit_event (id, {listed}) SELECT id + %s, {listed} FROM audit_event WHERE id > %s AND id <= %s",
                [made, first, first + some],
            )
            made += some
    ChainHead.objects.filter(pk=1).update(number=first + count)
