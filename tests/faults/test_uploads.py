"""C32: files that arrive whole over networks that cut, repeat and reorder, and over a server that is killed. tuspy is used as it comes."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import io
import json
import os
import random
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tusclient.client import TusClient
from tusclient.uploader import Uploader

from bench.client import run
from bench.process import free_port
from bench.server import Load, Server
from tests.faults.proxy import UP, FaultProxy

MIB = 2**20
PATH = "/files/uploads/"
CUT = 2 * MIB
GROWTH = 50 * MIB
OWN_CHUNK = 512 * 1024
ALLOW_LARGE = "from core import policies; policies.store('files.max_size', 2048)"
SWEEP = (
    "from datetime import timedelta; from django.utils import timezone; from files import actions, models;"
    " past = timezone.now() - timedelta(hours=25); models.Upload.objects.update(expires_at=past);"
    " models.StoredFile.objects.update(created_at=past); print(actions.delete_unused())"
)


class Hand:
    """A client that sends what it is told to, whatever the server thinks of it."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port = port
        self.headers = {"Tus-Resumable": "1.0.0", "Cookie": cookie, "Origin": f"http://127.0.0.1:{port}"}

    def ask(self, method: str, path: str, body: bytes = b"", **headers: Any) -> tuple[int, dict[str, str]]:
        """One request over a connection of its own; status 0 when it broke."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        try:
            connection.request(method, path, body or None, {**self.headers, **named})
            answer = connection.getresponse()
            answer.read()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}
        except OSError:
            return 0, {}
        finally:
            connection.close()

    def announce(self, size: int) -> str:
        """The path of a new upload."""
        status, headers = self.ask("POST", PATH, Upload_Length=size, Upload_Metadata="filename YS5iaW4=")
        assert status == 201
        return headers["location"]

    def send(self, path: str, offset: int, data: bytes) -> tuple[int, dict[str, str]]:
        """Bytes from an offset on."""
        return self.ask("PATCH", path, data, Upload_Offset=offset, Content_Type="application/offset+octet-stream")

    def offset(self, path: str) -> int:
        """How much the server says it has."""
        status, headers = self.ask("HEAD", path)
        assert status == 200
        return int(headers["upload-offset"])


class Memory:
    """The most memory a server has used while this was open, above what it used before; the children that look at files aside."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.stop = threading.Event()
        self.growth = 0

    def __enter__(self) -> Memory:
        self.before = self.server.process.memory(alone=True)
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.stop.wait(0.1):
            self.growth = max(self.growth, self.server.process.memory(alone=True) - self.before)


def uploader(port: int, cookie: str, data: bytes, chunk: int) -> Uploader:
    """tuspy, which tries again as often as it has to."""
    headers = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{port}"}
    client = TusClient(f"http://127.0.0.1:{port}{PATH}", headers=headers)
    about = {"filename": "tập lớn 大文件.bin"}
    return client.uploader(
        file_stream=io.BytesIO(data), chunk_size=chunk, metadata=about, retries=10_000, retry_delay=0
    )


def digest_of_stored(server: Server, cookie: str, token: str) -> str:
    """The SHA-256 of what its owner downloads."""
    status, body = server.get(f"/files/{token}/a.bin", cookie, timeout=60)
    assert status == 200
    return hashlib.sha256(body).hexdigest()


def stays_behind(server: Server) -> list[str]:
    """What lies in the storage a day later."""
    server.manage("shell", "-c", SWEEP)
    assert "0 missing or damaged, 0 objects without a row" in server.manage("check_files")
    return [str(path) for path in (server.data / "files").rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def roomy(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Load]]:
    """A running site that takes large files; a test that ends it starts it again."""
    server = Server(tmp_path_factory.mktemp("roomy") / "data", free_port())
    shutil.copytree(template, server.data, dirs_exist_ok=True)
    load = server.load(users=2, conversations=1, members=2)
    server.manage("shell", "-c", ALLOW_LARGE)
    server.start()
    yield server, load
    server.close()


@pytest.mark.timeout(900)
def test_c32_over_a_line_that_is_cut(roomy: tuple[Server, Load], full: bool) -> None:
    server, load = roomy
    cookie, size = load.cookies[0], (100 if full else 40) * MIB
    data = os.urandom(size)

    async def scenario() -> tuple[str, int]:
        async with FaultProxy(server.port) as proxy:
            proxy.budgets[UP] = lambda: CUT
            sending = uploader(proxy.port, cookie, data, 5 * MIB)
            await asyncio.to_thread(sending.upload)
            assert sending.offset == size
            # a second one is given up in the middle
            hand = Hand(proxy.port, cookie)
            path = await asyncio.to_thread(hand.announce, size)
            assert (await asyncio.to_thread(hand.send, path, 0, data[: 3 * MIB]))[0] == 0
            assert await asyncio.to_thread(hand.offset, path) <= CUT
            return sending.url.rpartition("/")[2], proxy.cuts

    with Memory(server) as memory:
        token, cuts = run(scenario())
        at_most = min(
            GROWTH, size // 2
        )  # who holds the file while it comes, or while it goes, is found in the short form too
        assert digest_of_stored(server, cookie, token) == hashlib.sha256(data).hexdigest()
    print(f"{size // MIB} MiB, {cuts} cuts, {memory.growth / MIB:.1f} MiB more memory")
    assert cuts >= size // CUT - 1
    assert memory.growth < at_most
    assert stays_behind(server) == []


@pytest.mark.timeout(900)
def test_c32_repeated_and_reordered(roomy: tuple[Server, Load], full: bool) -> None:
    server, load = roomy
    size, dice = (100 if full else 8) * MIB, random.Random(32)
    data = os.urandom(size)
    hand = Hand(server.port, load.cookies[0])
    path = hand.announce(size)
    verdicts: dict[int, int] = {}
    at = 0
    while at < size:
        near = range(max(0, at - 3 * OWN_CHUNK), min(size, at + 3 * OWN_CHUNK), OWN_CHUNK)
        for offset in dice.sample(near, len(near)):
            before = at
            status, headers = hand.send(path, offset, data[offset : offset + OWN_CHUNK])
            verdicts[status] = verdicts.get(status, 0) + 1
            assert status == (204 if offset == before else 409)
            at = int(headers["upload-offset"])
    assert verdicts[204] == size // OWN_CHUNK and verdicts[409] > verdicts[204]
    assert digest_of_stored(server, load.cookies[0], path.rpartition("/")[2]) == hashlib.sha256(data).hexdigest()


@pytest.mark.timeout(900)
def test_a_second_connection_takes_over_from_a_dead_one(roomy: tuple[Server, Load]) -> None:
    server, load = roomy
    data = os.urandom(4 * MIB)
    hand = Hand(server.port, load.cookies[0])
    path = hand.announce(len(data))
    dead = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    dead.putrequest("PATCH", path)
    about = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", "Content-Length": str(len(data))}
    for name, value in {**hand.headers, **about}.items():
        dead.putheader(name, value)
    dead.endheaders()
    dead.send(data[:MIB])  # and then nothing more, and no end
    time.sleep(0.5)
    offset = hand.offset(path)
    assert offset == MIB
    status, headers = hand.send(path, offset, data[offset:])
    assert status == 204
    token = headers["upload-file"]
    assert digest_of_stored(server, load.cookies[0], token) == hashlib.sha256(data).hexdigest()
    dead.close()


@pytest.mark.timeout(900)
def test_killed_in_the_middle_no_confirmed_byte_is_lost(roomy: tuple[Server, Load], full: bool) -> None:
    server, load = roomy
    size, kills, dice = (100 if full else 12) * MIB, (10 if full else 2), random.Random(9)
    data = os.urandom(size)
    hand = Hand(server.port, load.cookies[0])
    path = hand.announce(size)
    confirmed = at = killed = 0
    token = ""
    while not token:
        if killed < kills and at > size * (killed + 1) / (kills + 2):
            timer = threading.Timer(dice.uniform(0.0, 0.05), server.process.kill)
            timer.start()
            while True:  # until it breaks
                status, headers = hand.send(path, at, data[at : at + OWN_CHUNK])
                if status != 204:
                    break
                confirmed = at = int(headers["upload-offset"])
            timer.join()
            killed += 1
            server.start()
            at = hand.offset(path)
            assert at >= confirmed
            continue
        status, headers = hand.send(path, at, data[at : at + OWN_CHUNK])
        assert status == 204
        confirmed = at = int(headers["upload-offset"])
        token = headers.get("upload-file", "")
    assert killed == kills
    assert digest_of_stored(server, load.cookies[0], token) == hashlib.sha256(data).hexdigest()


def test_a_stranger_sends_for_nothing(roomy: tuple[Server, Load]) -> None:
    """A gigabyte without a session, and one past the limit: answered at once, read no further, nothing written."""
    server, load = roomy
    before = list((server.data / "files").rglob("*"))
    with Memory(server) as memory:
        for cookie in ("", load.cookies[0]):
            hand = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            hand.putrequest("PATCH", PATH + "x" * 32)
            origin = f"http://127.0.0.1:{server.port}"
            about = {"Tus-Resumable": "1.0.0", "Cookie": cookie, "Origin": origin, "Upload-Offset": "0"}
            about |= {"Content-Type": "application/offset+octet-stream", "Content-Length": str(1024 * MIB)}
            for name, value in about.items():
                hand.putheader(name, value)
            hand.endheaders()
            sent = 0
            started = time.monotonic()
            with pytest.raises(OSError):
                while sent < 1024 * MIB:
                    hand.send(b"x" * MIB)
                    sent += MIB
                    time.sleep(0.01)
            assert time.monotonic() - started < 10
            hand.close()
    assert memory.growth < GROWTH
    assert list((server.data / "files").rglob("*")) == before


def test_many_slow_uploads_hold_nobody_up(roomy: tuple[Server, Load]) -> None:
    server, load = roomy

    async def slow(cookie: str) -> asyncio.StreamWriter:
        path = await asyncio.to_thread(Hand(server.port, cookie).announce, MIB)
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = (
            f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: http://127.0.0.1:{server.port}\r\n"
            f"Tus-Resumable: 1.0.0\r\nCookie: {cookie}\r\nUpload-Offset: 0\r\nContent-Length: {MIB}\r\n"
            "Content-Type: application/offset+octet-stream\r\n\r\n"
        )
        writer.write(head.encode() + b"x" * 1000)
        await writer.drain()
        return writer

    async def scenario() -> None:
        writers = [await slow(cookie) for cookie in load.cookies[:2] for _ in range(20)]
        for _ in range(20):
            started = time.monotonic()
            status, _body = await asyncio.to_thread(server.get, "/api/snapshot", load.cookies[0])
            assert status == 200 and time.monotonic() - started < 3
        for writer in writers:
            writer.close()

    run(scenario())
    assert json.loads(server.get("/api/snapshot", load.cookies[0])[1])["me"]


def test_a_server_that_is_ended_keeps_what_has_come(roomy: tuple[Server, Load]) -> None:
    server, load = roomy
    hand = Hand(server.port, load.cookies[0])
    path = hand.announce(4 * MIB)
    data = os.urandom(4 * MIB)
    running = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    running.putrequest("PATCH", path)
    about = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", "Content-Length": str(len(data))}
    for name, value in {**hand.headers, **about}.items():
        running.putheader(name, value)
    running.endheaders()
    running.send(data[:MIB])
    time.sleep(0.5)
    assert server.process.stop() < 8  # it does not wait for the rest
    server.start()
    assert hand.offset(path) == MIB
    status, headers = hand.send(path, MIB, data[MIB:])
    assert status == 204
    assert digest_of_stored(server, load.cookies[0], headers["upload-file"]) == hashlib.sha256(data).hexdigest()
    running.close()
