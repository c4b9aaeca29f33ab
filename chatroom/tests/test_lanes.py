"""Requests beside each other."""

import asyncio
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.test import RequestFactory

from chatroom.lanes import AT_THE_DOOR, DOOR, FILES_AT_ONCE, LaneHandler
from files.serving import FileAnswer


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


DATA = bytes(range(256)) * 4000


class Reader:
    """A client that reads when it likes, or goes away after the first piece."""

    def __init__(self, goes: bool = False) -> None:
        self.goes = goes
        self.sent: list[Any] = []
        self.got, self.reads = asyncio.Event(), asyncio.Event()
        self.asked = False

    async def receive(self) -> dict:
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        if self.goes:
            await self.got.wait()
            return {"type": "http.disconnect"}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        if message["type"] == "http.response.body":
            self.got.set()
            await self.reads.wait()

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


@pytest.fixture
def answered(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> list[FileAnswer]:
    """Every request is answered with a part of a file."""
    (tmp_path / "file").write_bytes(DATA)
    made: list[FileAnswer] = []

    async def found(self: Any, request: Any) -> FileAnswer:
        made.append(FileAnswer((tmp_path / "file").open("rb"), 10, 900_000, headers={"ETag": '"x"'}))
        return made[-1]

    monkeypatch.setattr(LaneHandler, "run_get_response", found)
    return made


def scope() -> dict:
    return {"type": "http", "method": "GET", "path": "/files/x/y", "query_string": b"", "headers": [], "scheme": "http"}


@pytest.mark.django_db
async def test_a_slow_reader_of_a_file_keeps_no_lane(answered: list[FileAnswer]):
    handler, reader = LaneHandler(), Reader()
    going = asyncio.create_task(handler(scope(), reader.receive, reader.send))
    await asyncio.wait_for(reader.got.wait(), 10)
    assert len(handler.lanes) == 1 and not handler.files.locked() and len(reader.body) < 200_000
    reader.reads.set()
    await asyncio.wait_for(going, 10)
    assert reader.body == DATA[10:900_000] and answered[0].file.closed
    assert (b"ETag", b'"x"') in reader.sent[0]["headers"]
    assert (b"Content-Length", b"899990") in reader.sent[0]["headers"]


@pytest.mark.django_db
async def test_who_has_gone_is_sent_nothing_more(answered: list[FileAnswer]):
    reader = Reader(goes=True)
    going = asyncio.create_task(LaneHandler()(scope(), reader.receive, reader.send))
    await asyncio.wait_for(reader.got.wait(), 10)
    await asyncio.sleep(0)
    reader.reads.set()
    await asyncio.wait_for(going, 10)
    assert len(reader.body) < 500_000 and answered[0].file.closed


@pytest.mark.django_db
async def test_who_does_not_read_even_the_head_keeps_no_place(answered: list[FileAnswer]):
    handler, heads, reads = LaneHandler(), asyncio.Event(), asyncio.Event()

    async def send(message: Any) -> None:
        heads.set()
        await reads.wait()

    going = asyncio.create_task(handler(scope(), Reader().receive, send))
    await asyncio.wait_for(heads.wait(), 10)
    assert len(handler.lanes) == 1 and handler.files._value == FILES_AT_ONCE
    reads.set()
    await asyncio.wait_for(going, 10)
    assert answered[0].file.closed
