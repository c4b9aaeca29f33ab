"""A killed server locks nobody out: who was signed in there may sign in elsewhere within a minute (C17)."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep

import pytest

from bench.client import Client, connect, run
from bench.server import PASSWORD, Load, Server
from tests.sockets.browser import Browser

REFUSE = "from accounts.actions import set_policies; set_policies(None, {'signin.sessions': 'refuse'})"
A_MINUTE_LATER = """
from datetime import timedelta
from django.db.models import F
from accounts.models import LoginSession
from realtime.models import ServerProcess
gone = ServerProcess.objects.order_by("pk").first()
assert gone.pk != ServerProcess.objects.order_by("pk").last().pk
ServerProcess.objects.filter(pk=gone.pk).update(expires_at=F("expires_at") - timedelta(seconds=40))
LoginSession.objects.update(last_seen=F("last_seen") - timedelta(seconds=60))
"""


@pytest.mark.timeout(300)
def test_c17_sign_in_after_a_kill(served: Callable[..., tuple[Server, Load]], full: bool) -> None:
    server, load = served(users=2)
    server.manage("shell", "-c", REFUSE)
    name = load.names[1]
    first = Browser(server.port)
    first.get("/accounts/login/")

    async def enter() -> None:
        client = await connect(Client, server.address, load.cookies[1])
        await client.hello()
        server.process.kill()

    run(enter())
    start = monotonic()
    server.start()
    status, text = first.submit("/accounts/login/", login=name, password=PASSWORD)
    slow = monotonic() - start > 30  # the server needed so long to start that the way may be free already
    assert slow or (status == 403 and "signed_in_elsewhere" in text)
    if not full and not slow:
        server.manage("shell", "-c", A_MINUTE_LATER)
    while status != 302 and monotonic() - start < 65 + 30 * slow:
        sleep(2)
        status, text = first.submit("/accounts/login/", login=name, password=PASSWORD)
    assert status == 302, text
    assert first.get("/")
