"""Loads messages and searches them, in this process; the last line is JSON. Started by bin/bench search."""

import hashlib
import json
import random
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from bench.management.commands.make_load import make_users
from bench.report import percentile
from bench.search import TARGET_MS, rivals
from bench.search.corpus import CODES, bodies
from bench.search.queries import for_quality, for_times
from bench.search.truth import Text, truth
from core.text import clean_body, name_key
from messaging import search_index
from messaging.models import Conversation, Membership, Message
from messaging.search import find

PLACES, MINE, FEW = (
    1000,
    200,
    12,
)  # conversations, those of the one who searches, those of the one whose answers are compared
BULK, SMALL, LAST = 5000, 20, 5_000  # messages in a transaction, the last ones in small ones as a server writes them
QUERIES = 40  # of each kind
GIVEN = {"id", "conversation", "sender", "body", "seq", "change", "sent_at"}  # columns of messages that the load writes


class Command(BaseCommand):
    """manage.py bench_search --messages 100000 --rivals"""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--messages", type=int, required=True)
        parser.add_argument("--rivals", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        rnd = random.Random(7)
        users, texts = load(options["messages"], rnd)
        one, other = users[0], users[1]
        result: dict[str, Any] = {"figures": figures()}
        result["times"] = times(one, texts, rnd)
        tell("times")
        mine = set(Membership.objects.filter(user=other).values_list("conversation_id", flat=True))
        own = dict(Message.objects.filter(conversation__in=mine).order_by("pk").values_list("pk", "body"))
        kinds = for_quality(list(own.values()), rnd, QUERIES)
        read = {key: Text(body) for key, body in own.items()}
        wanted = {query: truth(query, read) for some in kinds.values() for query in some}
        tell("truth")
        answers = {query: all_hits(other, query) for query in wanted}
        result["quality"] = {kind: quality(some, wanted, answers) for kind, some in kinds.items()}
        result["answers"] = hashlib.sha256(json.dumps(answers).encode()).hexdigest()
        if options["rivals"]:
            tell("rivals")
            timed = [query for some in for_times(texts, CODES, random.Random(8), 10).values() for query in some]
            result["rivals"] = {name: rivals.measure(name, one.pk, timed, wanted, own) for name in rivals.NAMES}
        self.stdout.write(json.dumps(result))


def tell(what: str) -> None:
    """Where it is, for those who wait."""
    print(f"{timezone.now():%H:%M:%S} {what}", file=sys.stderr, flush=True)


def load(count: int, rnd: random.Random) -> tuple[list[User], list[str]]:
    """Accounts, conversations of unequal size, messages in the order of time; the accounts and a sample of the texts."""
    users = make_users(60)
    Conversation.objects.filter(kind=Conversation.Kind.EVERYONE).delete()
    kind = Conversation.Kind.GROUP
    names = [f"Group {n:04}" for n in range(PLACES)]
    groups = Conversation.objects.bulk_create([Conversation(kind=kind, name=n, name_key=name_key(n)) for n in names])
    places = [group.pk for group in groups]
    members = {users[0].pk: rnd.sample(places, MINE), users[1].pk: rnd.sample(places, FEW)}
    rows = [Membership(conversation_id=place, user_id=user) for user, some in members.items() for place in some]
    Membership.objects.bulk_create(rows)
    order = rnd.choices(places, [1 / (n + 20) ** 0.5 for n in range(PLACES)], k=count)
    start, seqs, sample = timezone.now() - timedelta(days=400), dict.fromkeys(places, 0), []
    waiting: list[tuple[search_index.Entry, int, datetime]] = []
    if connection.vendor == "postgresql":
        execute(f"DROP INDEX {search_index.TABLE}_words")
    for number, (place, body) in enumerate(zip(order, bodies(order, rnd), strict=True), 1):
        seqs[place] += 1
        body, sender = clean_body(body), rnd.choice(users).pk
        at = start + timedelta(days=400 * number / count)
        waiting.append((search_index.Entry(number, place, sender, "text", body), seqs[place], at))
        if number % 37 == 0:
            sample.append(body)
        if len(waiting) >= (BULK if number < count - LAST else SMALL) or number == count:
            write(waiting)
            waiting = []
        if number % 200_000 == 0:
            tell(f"{number} messages")
    for place, seq in seqs.items():
        Conversation.objects.filter(pk=place).update(last_seq=seq, last_change=seq)
    if connection.vendor == "postgresql":
        execute(
            f"CREATE INDEX {search_index.TABLE}_words ON {search_index.TABLE} USING gin (words) WITH (fastupdate = off)"
        )
        execute("VACUUM ANALYZE")
    tell("loaded")
    search_index.compact()
    tell("compacted")
    return users, sample


def write(waiting: list[tuple[search_index.Entry, int, datetime]]) -> None:
    """One transaction: messages (number, place in the conversation, time) and the index."""
    fields = [field for field in Message._meta.concrete_fields if field.name not in GIVEN]
    rest = [field.get_db_prep_save(field.get_default(), connection) for field in fields]
    columns = [
        "id",
        "conversation_id",
        "sender_id",
        "body",
        "seq",
        "change",
        "sent_at",
        *(field.column for field in fields),
    ]
    sql = f"INSERT INTO messaging_message ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
    if connection.vendor == "postgresql":
        copy(f"messaging_message ({', '.join(columns)})", ((*e[:3], e.body, q, q, at, *rest) for e, q, at in waiting))
        copy(search_index.TABLE, ((entry.id, search_index.stored(entry)) for entry, _, _ in waiting))
        return
    at_of = connection.ops.adapt_datetimefield_value
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.executemany(sql, [(*e[:3], e.body, seq, seq, at_of(at), *rest) for e, seq, at in waiting])
        for start in range(0, len(waiting), 100):
            search_index.add([entry for entry, _, _ in waiting[start : start + 100]])


def copy(table: str, found: Iterable[tuple]) -> None:
    """Rows by COPY."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as target:
        for row in found:
            target.write_row(row)


def execute(sql: str) -> None:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql)


def figures() -> dict[str, float]:
    """How large the index is."""
    if connection.vendor == "postgresql":
        sizes = "pg_total_relation_size('messaging_search') / 1e6, pg_total_relation_size('messaging_message') / 1e6"
        return dict(zip(("index_MB", "messages_MB"), map(float, one_row(f"SELECT {sizes}")), strict=True))
    return {
        "index_MB": one_row("SELECT SUM(LENGTH(block)) / 1e6 FROM messaging_search_data")[0],
        "index_pieces": one_row("SELECT COUNT(DISTINCT segid) FROM messaging_search_idx")[0],
    }


def one_row(sql: str) -> tuple:
    """The row of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def times(user: User, texts: list[str], rnd: random.Random) -> dict[str, tuple[float, float, float, float, int]]:
    """First pages, then with filters and further pages; p50 and p95 in milliseconds."""
    kinds = for_times(texts, CODES, rnd, QUERIES)
    words = [query for some in kinds.values() for query in some]
    mine = list(Membership.objects.filter(user=user).order_by("pk").values_list("conversation_id", flat=True))
    people = list(User.objects.order_by("pk").values_list("pk", flat=True))
    day, half = timedelta(days=1), Message.objects.count() // 2
    narrowed: dict[str, Any] = {
        "in_one": lambda: {"conversation": rnd.choice(mine)},
        "from_one": lambda: {"sender": rnd.choice(people)},
        "of_a_month": lambda: {"before": timezone.now() - 200 * day, "after": timezone.now() - 230 * day},
        "further_pages": lambda: {"older": rnd.randrange(half, 2 * half)},
    }
    asked = {kind: [(query, {}) for query in some] for kind, some in kinds.items()}
    for kind, some in narrowed.items():
        asked[kind] = [(query, some()) for query in rnd.sample(words, 2 * QUERIES)]
    for query in rnd.sample(words, 30):
        find(user, query)
    took: dict[str, list[float]] = {}
    for kind, some in asked.items():
        for query, options in some:
            start, busy = perf_counter(), cpu()
            find(user, query, **options)
            took.setdefault(kind, []).append(((perf_counter() - start) * 1000, (cpu() - busy) * 1000))
            if took[kind][-1][1] > 2 * TARGET_MS:
                tell(f"slow: {kind} {query!r} {options} {took[kind][-1][1]:.0f} ms of CPU")
    took["all"] = [value for some in took.values() for value in some]
    return {
        kind: (*(percentile([pair[at] for pair in some], share) for at in (0, 1) for share in (0.5, 0.95)), len(some))
        for kind, some in took.items()
    }


def cpu() -> float:
    """Seconds of CPU of this thread and of the database's process that serves it: on a busy machine they tell more than the clock."""
    if connection.vendor == "sqlite":
        return thread_time()
    connection.ensure_connection()
    served = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
    return thread_time() + int(served.split()[0]) / 1e9


def all_hits(user: User, query: str) -> list[int]:
    """The ids of all hits, page by page."""
    found: list[int] = []
    older = None
    while True:
        page = find(user, query, older=older, limit=50)
        found += [hit["message"]["id"] for hit in page["hits"]]
        older = page["older"]
        if older is None:
            return found


def quality(
    queries: list[str], wanted: dict[str, list[int]], answers: dict[str, list[int]]
) -> tuple[float, float, int]:
    """Recall and precision over all hits of these queries."""
    right = sum(len(set(wanted[query]) & set(answers[query])) for query in queries)
    there = sum(len(wanted[query]) for query in queries)
    given = sum(len(answers[query]) for query in queries)
    return right / there if there else 1.0, right / given if given else 1.0, len(queries)
