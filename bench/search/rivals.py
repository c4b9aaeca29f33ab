"""The tokenizers that FTS5 brings, on the same messages: what they find and how long that takes."""

from time import perf_counter

from django.db import connection

from bench.report import percentile

NAMES = {"unicode61": "unicode61 remove_diacritics 2", "trigram": "trigram remove_diacritics 1"}


def measure(
    name: str, user: int, timed: list[str], wanted: dict[str, list[int]], own: dict[int, str]
) -> tuple[float, float, float, float, float]:
    """Recall and precision over some messages against the truth, p50 and p95 of the first page in milliseconds, MB."""
    table, few = f"rival_{name}", f"few_{name}"
    with connection.cursor() as cursor:
        for made in (table, few):
            cursor.execute(f"CREATE VIRTUAL TABLE {made} USING fts5(body, content='', tokenize='{NAMES[name]}')")
        cursor.execute(f"INSERT INTO {table}(rowid, body) SELECT id, body FROM messaging_message")
        cursor.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")
        cursor.executemany(f"INSERT INTO {few}(rowid, body) VALUES (%s, %s)", list(own.items()))
        right = there = given = 0
        for query, truth in wanted.items():
            cursor.execute(f"SELECT rowid FROM {few} WHERE {few} MATCH %s", [_phrases(query, name)])
            found = {id for (id,) in cursor.fetchall()}
            right, there, given = right + len(found & set(truth)), there + len(truth), given + len(found)
        took = []
        for query in timed:
            start = perf_counter()
            cursor.execute(
                f"SELECT m.* FROM {table} f JOIN messaging_message m ON m.id = f.rowid WHERE {table} MATCH %s"
                " AND m.conversation_id IN (SELECT conversation_id FROM messaging_membership WHERE user_id = %s)"
                " ORDER BY f.rowid DESC LIMIT 20",
                [_phrases(query, name), user],
            )
            cursor.fetchall()
            took.append((perf_counter() - start) * 1000)
        cursor.execute(f"SELECT SUM(LENGTH(block)) / 1e6 FROM {table}_data")
        size = cursor.fetchone()[0]
        for made in (table, few):
            cursor.execute(f"DROP TABLE {made}")
    return right / max(1, there), right / max(1, given), percentile(took, 0.5), percentile(took, 0.95), size


def _phrases(query: str, name: str) -> str:
    """All words, as beginnings where the tokenizer has them."""
    words = [word.replace('"', '""') for word in query.split()]
    return " ".join(f'"{word}"' + ("*" if name == "unicode61" else "") for word in words)
