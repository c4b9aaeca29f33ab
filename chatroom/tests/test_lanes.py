"""Requests beside each other."""

import asyncio

from django.core.handlers.asgi import ASGIHandler
from django.test import RequestFactory

from chatroom.lanes import AT_THE_DOOR, DOOR, LaneHandler


async def test_many_sign_ins_wait_for_each_other_and_nobody_waits_for_them(monkeypatch):
    """C31: two hundred at once leave the rest of the site alone."""
    inside, most, go = [], [], asyncio.Event()

    async def slow(self, request):
        inside.append(request.path)
        most.append(inside.count(DOOR))
        await go.wait()
        inside.remove(request.path)

    monkeypatch.setattr(ASGIHandler, "run_get_response", slow)
    handler, factory = LaneHandler(), RequestFactory()
    tasks = [asyncio.create_task(handler.run_get_response(factory.post(DOOR))) for _ in range(200)]
    tasks += [asyncio.create_task(handler.run_get_response(factory.get("/"))) for _ in range(20)]
    for _ in range(3):
        await asyncio.sleep(0)
    assert (inside.count(DOOR), inside.count("/")) == (AT_THE_DOOR, 20)
    go.set()
    await asyncio.gather(*tasks)
    assert max(most) == AT_THE_DOOR and len(most) == 220
