"""C27: a backup under load, restored on an empty machine, is the site of one moment; and what a kill leaves of either."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bench.client import run
from bench.process import ROOT, free_port, python
from bench.server import Load, Server
from files.tests.conftest import BUCKET, on_server, s3_server
from tests.faults.group import chatters, confirmed, talk
from tests.services import postgres
from tests.stored_site import Ask, answers, chains, counts, digests, heads_of

__all__ = ["s3_server"]
PEOPLE, CONVERSATIONS = 6, 3
SECONDS = 300  # for a backup, and for a restore, of 1 GB
FLAT = 200 * 2**20  # bytes of memory, whatever the size of the site: Django alone has half of it
STALL = 3.0  # seconds without a confirmed message

# Files that come while the backup is made; their rows are in it or not, their bytes with them.
STORE = """
import os, pathlib, time
from accounts.models import User
from files import actions
user, stop = User.objects.get(username={name!r}), pathlib.Path({stop!r})
for number in range({count}):
    actions.store_bytes(user, f"{{number}}.bin", [os.urandom({size})])
    if stop.exists():
        break
    time.sleep(0.02)  # somebody uploads; nobody floods
"""
FIND = """
from accounts.models import User
from messaging.search import find
print(len(find(User.objects.get(username={name!r}), "text 1")["hits"]))
"""


@dataclass
class Ran:
    """A command that has ended."""

    output: str
    seconds: float
    memory: int  # bytes, at most


def begin(server: Server, *arguments: str) -> subprocess.Popen:
    """A management command beside the server."""
    env = {**os.environ, **server.env}
    return subprocess.Popen(
        [python(), "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen, start: float, well: bool = True) -> Ran:
    """Wait for its end, and watch its memory."""
    memory = 0
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        memory = max(memory, int(found[1]) * 1024 if found else 0)
        time.sleep(0.05)
    output = process.stdout.read() if process.stdout else ""
    assert (process.returncode == 0) == well, output[-3000:]
    return Ran(output, time.monotonic() - start, memory)


def manage(server: Server, *arguments: str, well: bool = True) -> Ran:
    """Run a management command."""
    start = time.monotonic()
    return finish(begin(server, *arguments), start, well)


@contextmanager
def asked(server: Server) -> Iterator[Ask]:
    """The database of a site."""
    if url := server.env["DATABASE_URL"]:
        with psycopg.connect(url, autocommit=True) as database:
            yield answers(database)
    else:
        database = sqlite3.connect(server.data / "db.sqlite3", timeout=20)
        yield answers(database)
        database.close()


def elsewhere(server: Server, data: Path) -> Server:
    """An empty machine: another folder, on PostgreSQL another database."""
    env = dict(server.env)
    if url := env["DATABASE_URL"]:
        with psycopg.connect(url, autocommit=True) as database:
            database.execute("CREATE DATABASE elsewhere")
        env["DATABASE_URL"] = url.rpartition("/")[0] + "/elsewhere"
    env["CHATROOM_DATA"] = str(data)
    return Server(data, free_port(), env)


def stored_names(ask: Ask) -> list[str]:
    """Where the files of a site lie."""
    return [f"stored/{token[:2]}/{token}" for (token,) in ask("SELECT token FROM files_storedfile")]


def files_in(server: Server) -> int:
    """How many files the site has."""
    with asked(server) as ask:
        return len(stored_names(ask))


async def backed_up(
    server: Server, load: Load, archive: Path, stop: Path
) -> tuple[Ran, dict[int, int], dict[int, int]]:
    """A backup while people talk and one uploads: how it ran, and the heads before and after."""

    def heads() -> dict[int, int]:
        with asked(server) as ask:
            return heads_of(ask)

    store = begin(server, "shell", "-c", STORE.format(name=load.names[0], stop=str(stop), count=3000, size=20_000))
    async with chatters(server.address, load, PEOPLE) as people:
        going = asyncio.Event()
        going.set()
        talks = [
            asyncio.create_task(talk(c, load.conversations[i % CONVERSATIONS], going, 0.15))
            for i, c in enumerate(people)
        ]
        while confirmed(people) < 100 or await asyncio.to_thread(files_in, server) < 20:
            await asyncio.sleep(0.1)
        before, start = await asyncio.to_thread(heads), time.monotonic()
        count = begun = confirmed(people)
        since, stalled = start, 0.0
        backup = asyncio.create_task(asyncio.to_thread(manage, server, "backup", "--out", str(archive)))
        while not backup.done():
            await asyncio.sleep(0.02)
            if (now := confirmed(people)) > count:
                count, since = now, time.monotonic()
            stalled = max(stalled, time.monotonic() - since)
        ran = await backup
        assert stalled < STALL
        assert count > begun
        going.clear()
        await asyncio.gather(*talks)
    await asyncio.to_thread(stop.touch)
    finish(store, time.monotonic())
    return ran, before, heads()


def compare(source: Server, target: Server, archive: Path) -> None:
    """The restored site is the other one as it was at one moment: 0 differences."""
    with asked(source) as here, asked(target) as there:
        heads = heads_of(there)
        assert chains(there, heads) == chains(here, heads)
        stated = manifest_of(archive)["tables"]
        assert counts(there, stated) == {name: stated[name] for name in counts(there, stated)}
        names = stored_names(there)
        assert len(names) > 10 and set(names) <= set(stored_names(here))
        assert digests(target.data / "files", names) == digests(source.data / "files", names)
    assert "The log is whole" in manage(target, "verify_log").output
    assert " 0 missing or damaged, 0 objects without a row" in manage(target, "check_files", "--digests").output


def manifest_of(archive: Path) -> dict[str, Any]:
    """What an archive says of itself, read by `tar`."""
    done = subprocess.run(["tar", "xzOf", str(archive), "manifest.json"], capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_c27_backup_under_load(
    served: Callable[..., tuple[Server, Load]], tmp_path: Path, full: bool, database: str, capsys: Any
) -> None:
    def scenario(env: dict[str, str]) -> None:
        counts_: dict[str, Any] = {"users": PEOPLE, "conversations": CONVERSATIONS, "members": PEOPLE}
        server, load = served(env, **counts_)
        archive = tmp_path / "site.tar.gz"
        if full:
            large = STORE.format(name=load.names[0], stop=str(tmp_path / "never"), count=128, size=8 * 2**20)
            manage(server, "shell", "-c", large)
        made, before, after = run(backed_up(server, load, archive, tmp_path / "stop"))
        assert archive.stat().st_mode & 0o777 == 0o600
        target = elsewhere(server, tmp_path / "elsewhere")
        restored = manage(target, "restore", str(archive))
        with asked(target) as ask:
            heads = heads_of(ask)
        assert all(before[id] <= heads[id] <= after[id] for id in before)
        compare(server, target, archive)
        assert made.seconds < SECONDS and restored.seconds < SECONDS and max(made.memory, restored.memory) < FLAT
        with capsys.disabled():
            size = manifest_of(archive)["bytes"] / 2**20
            print(
                f"\n{database}: {size:.0f} MiB, backup {made.seconds:.1f} s, restore {restored.seconds:.1f} s,"
                f" {made.memory / 2**20:.0f} and {restored.memory / 2**20:.0f} MiB of memory; {sum(heads.values())} messages"
            )
        goes_on(server, target, load)

    if database == "sqlite":
        scenario({})
    else:
        with postgres(lasting=True) as url:
            scenario({"DATABASE_URL": url})


def goes_on(source: Server, target: Server, load: Load) -> None:
    """The restored site serves: search finds what was said, old cookies are worth nothing."""
    found = manage(target, "shell", "-c", FIND.format(name=load.names[0])).output
    assert int(found.split()[-1]) > 0
    target.start()
    try:
        page = f"/api/conversations/{load.conversations[0]}/messages"
        assert source.get(page, load.cookies[0])[0] == 200
        assert target.get(page, load.cookies[0])[0] == 401
    finally:
        target.close()


def killed_when(process: subprocess.Popen, ready: Callable[[], bool]) -> None:
    """Kill a command as soon as it is so far."""
    while not ready():
        assert process.poll() is None, process.stdout and process.stdout.read()
        time.sleep(0.005)
    process.kill()
    process.wait()


def test_a_killed_backup_leaves_nothing_under_its_name(
    site: Callable[..., tuple[Server, Load]], tmp_path: Path
) -> None:
    server, load = site(users=2)
    manage(server, "shell", "-c", STORE.format(name=load.names[0], stop="/never", count=5, size=16 * 2**20))
    folder = server.data / "backups"
    killed_when(begin(server, "backup"), lambda: any(part.stat().st_size > 2**20 for part in folder.glob(".chatroom*")))
    assert list(folder.glob("*.tar.gz")) == [] and len(list(folder.glob(".*"))) == 2  # of the archive and the database
    made = Path(manage(server, "backup").output.strip())
    assert [path.name for path in folder.iterdir()] == [made.name]
    manage(server, "restore", str(made), "--check")
    damaged = tmp_path / "damaged.tar.gz"
    damaged.write_bytes(made.read_bytes()[:-1000])
    target = elsewhere(server, tmp_path / "elsewhere")
    assert "damaged" in manage(target, "restore", str(damaged), well=False).output
    assert list(target.data.iterdir()) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_restore_is_never_served(site: Callable[..., tuple[Server, Load]], tmp_path: Path) -> None:
    server, load = site(users=2)
    manage(server, "shell", "-c", STORE.format(name=load.names[0], stop="/never", count=5, size=16 * 2**20))
    archive = tmp_path / "site.tar.gz"
    manage(server, "backup", "--out", str(archive))
    target = elsewhere(server, tmp_path / "elsewhere")
    process = begin(target, "restore", str(archive))
    killed_when(process, lambda: len(list((target.data / "files").rglob("*/*/*"))) > 0)
    serve = ("serve", "--data", str(target.data), "--port", str(target.port))
    assert "not finished" in manage(target, *serve, well=False).output
    assert "There is a site already" in manage(target, "restore", str(archive), well=False).output
    assert "What was there before" in manage(target, "restore", str(archive), "--replace").output
    compare_files(server, target)
    manage(target, "shell", "-c", STORE.format(name=load.names[0], stop="/never", count=1, size=1000))
    assert "What was there before" in manage(target, "restore", str(archive), "--replace").output
    compare_files(server, target)  # what was newer is gone, and put aside
    aside = max(target.data.glob("replaced-*"))
    with closing(sqlite3.connect(aside / "db.sqlite3")) as newer:
        assert newer.execute("SELECT COUNT(*) FROM files_storedfile").fetchone()[0] == files_in(target) + 1
    target.start()
    assert "Stop the server first" in manage(target, "restore", str(archive), "--replace", well=False).output
    target.close()


def compare_files(source: Server, target: Server) -> None:
    """Rows and bytes of files are the same."""
    with asked(source) as here, asked(target) as there:
        names = stored_names(there)
        assert names == stored_names(here) != []
    assert digests(target.data / "files", names) == digests(source.data / "files", names)
    assert " 0 missing or damaged" in manage(target, "check_files", "--digests").output


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_site_moves_to_s3_and_back(site: Callable[..., tuple[Server, Load]], tmp_path: Path, s3_server: str) -> None:
    server, load = site(users=2)
    manage(server, "shell", "-c", STORE.format(name=load.names[0], stop="/never", count=3, size=2**20))
    archive = tmp_path / "site.tar.gz"
    manage(server, "backup", "--out", str(archive))
    on_server(s3_server)  # an empty bucket
    keys = {"S3_ENDPOINT": s3_server, "S3_ACCESS_KEY": "test", "S3_SECRET_KEY": "test"}
    there = elsewhere(server, tmp_path / "there")
    there.env |= {**keys, "S3_BUCKET": BUCKET}
    manage(there, "restore", str(archive))
    assert not (there.data / "files").exists()
    assert " 0 missing or damaged, 0 objects without a row" in manage(there, "check_files", "--digests").output
    place = manage(there, "backup", "--out", f"s3://{BUCKET}/copies/").output.split()[-1]
    home = elsewhere(server, tmp_path / "home")
    home.env |= keys
    manage(home, "restore", place)
    compare_files(server, home)
