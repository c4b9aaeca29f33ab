"""An export of the log that was started in the admin outlives its server: the built-in worker takes it up again after a restart."""

from __future__ import annotations

import csv
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from bench.browser import Browser
from bench.server import Load, Server

EXPORT = "/admin/audit/event/export/"
MANY = """
import random
from django.db import transaction
from accounts.models import User
from bench.management.commands.make_archive import make_events
with transaction.atomic():
    make_events(list(User.objects.all()), 200_000, random.Random(1))
"""


def wait_for(admin: Browser, page: str, condition: Callable[[dict[str, Any]], bool], within: float) -> dict[str, Any]:
    """Looks at the progress as the page's script does."""
    start = time.monotonic()
    while not condition(told := json.loads(admin.get(f"{page}progress/"))):
        assert time.monotonic() - start < within, told
        time.sleep(0.25)
    return told


@pytest.mark.full
@pytest.mark.timeout(900)
def test_an_export_goes_on_after_a_kill(site: Callable[..., tuple[Server, Load]]) -> None:
    server, load = site(users=3)
    server.manage("shell", "-c", MANY)
    server.start()
    admin = Browser(server.port, load.cookies[0])
    status, _ = admin.submit(EXPORT, format="csv")
    assert status == 302
    page = f"{EXPORT}1/"
    wait_for(admin, page, lambda told: told["done"] > 0, 60)
    assert json.loads(admin.get(f"{page}progress/"))["busy"]
    server.process.kill()
    left = list((server.data / "exports").iterdir())
    assert left and all(file.name.startswith(".") for file in left)  # nothing half-written under its own name
    server.start()
    admin = Browser(server.port, load.cookies[0])
    told = wait_for(admin, page, lambda told: not told["busy"], 300)
    link = re.search(rb'href="([^"]+/download/)"', admin.get(page))
    assert link and told["percent"] == 100
    rows = list(csv.reader(admin.get(link[1].decode()).decode("utf-8-sig").splitlines()))
    assert len(rows) == told["done"] + 1 > 200_000
