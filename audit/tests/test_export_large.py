"""Exports of large logs, as processes of their own: memory, time, and a kill in the middle."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from audit.formats import FORMATS
from audit.models import ChainHead, Event

ROOT = Path(settings.BASE_DIR)


def many(count, batch=10_000):
    """So many events, chained."""
    head, _ = ChainHead.objects.get_or_create(pk=1)
    at, previous, waiting = datetime(2025, 1, 1, tzinfo=UTC), head.hash, []
    for number in range(head.number + 1, head.number + count + 1):
        detail = {"kind": "computer", "device": "Firefox · Linux", "session": number}
        event = Event(
            id=number, at=at + timedelta(seconds=number), actor_id=number % 1000, actor_name=f"学生{number % 1000}", action="session.opened",
            target_type="user", target_id=number % 1000, target_name=f"学生{number % 1000}", ip="10.1.2.3", detail=detail, previous_hash=previous,
        )  # fmt: skip
        event.hash = previous = event.digest()
        waiting.append(event)
        if len(waiting) == batch:
            Event.objects.bulk_create(waiting)
            waiting.clear()
    Event.objects.bulk_create(waiting)
    ChainHead.objects.filter(pk=1).update(number=head.number + count, hash=previous)


PROGRAM = """
import os, sys, time
import django
django.setup()
from django.core.management import call_command
def memory():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024
from audit.models import Event
list(Event.objects.all()[:10])
before, start, busy = memory(), time.monotonic(), time.process_time()
call_command("export_log", "--format", sys.argv[1], "--to", "2099-01-01", "--action", "session.*", "--out", sys.argv[2])
print(f"{time.monotonic() - start:.1f} {time.process_time() - busy:.1f} {memory() - before:.1f}")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A SQLite database of its own that other processes read, with at least so many events; made once."""
    data = tmp_path_factory.mktemp("site")
    env = {**os.environ, "CHATROOM_DATA": str(data)}
    env.pop("DATABASE_URL", None)
    held = 0
    program = "import django; django.setup(); from audit.tests.test_export_large import many; many(int(__import__('sys').argv[1]))"

    def make(count):
        nonlocal held
        if not held:
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True)
        if count > held:
            subprocess.run([sys.executable, "-c", program, str(count - held)], cwd=ROOT, env=env, check=True)
            held = count
        return env

    return make


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "count", [pytest.param(20_000, marks=pytest.mark.slow), pytest.param(1_000_000, marks=pytest.mark.full)]
)
def test_large_logs_take_little_memory_and_come_out_the_same(site, tmp_path, count, record_property):
    env = site(count)
    for form in FORMATS if count > 100_000 else ["xml"]:
        names = [tmp_path / f"{form}-{turn}" for turn in range(2)]
        for name in names:
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM, form, str(name)],
                cwd=ROOT,
                env=env,
                check=True,
                capture_output=True,
                text=True,
            )
            seconds, busy, memory = map(float, done.stdout.split()[-3:])
            told = f"{form}: {count} events in {seconds} s ({busy} s of processor time), +{memory} MiB, {name.stat().st_size / 1e6:.0f} MB"
            record_property("figures", told)
            sys.stderr.write(told + "\n")
            assert memory < 60 and busy < 60
        assert names[0].read_bytes() == names[1].read_bytes()
        assert names[0].read_text().count("\n") >= count
        for name in names:
            name.unlink()


@pytest.mark.timeout(600)
def test_killed_in_the_middle_no_file_stands_under_the_name(site, tmp_path):
    env, out = site(20_000), tmp_path / "out"
    out.mkdir()
    command = [sys.executable, "manage.py", "export_log", "--out", str(out / "log.txt")]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not any(path.stat().st_size for path in out.iterdir()):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "log.txt").exists() and [path.suffix for path in out.iterdir()] == [".part"]
    subprocess.run(command, cwd=ROOT, env=env, check=True, stderr=subprocess.DEVNULL)
    assert (out / "log.txt").read_text().count("\n") > 20_000
