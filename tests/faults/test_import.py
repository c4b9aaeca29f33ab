"""A thousand people are imported while others chat, and a server that is killed meanwhile loses none of them."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from bench.browser import Browser
from bench.server import Load, Server

IMPORT = "/admin/accounts/user/import/"
Make = Callable[..., tuple[Server, Load]]


def post(browser: Browser, path: str, parts: dict[str, str], file: str = "") -> tuple[int, bytes]:
    """A form of the admin, with a file."""
    token = re.search(rb'csrfmiddlewaretoken" value="([^"]+)', browser.get(IMPORT))
    assert token
    rows = [
        f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts.items()
    ]
    rows.append(f'--xx\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token[1].decode()}\r\n')
    if file:
        rows.append(f'--xx\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n{file}\r\n')
    body = ("".join(rows) + "--xx--\r\n").encode()
    headers = {
        "Content_Type": "multipart/form-data; boundary=xx",
        "Origin": browser.origin,
        "Referer": browser.origin + "/",
    }
    return browser.request("POST", path, body, **headers)


def begin(admin: Browser, count: int) -> str:
    """Uploads and starts; the import's page."""
    people = "".join(f"hs{n:04},Nguyễn Thị Học Sinh {n},Lớp {n % 30};Toàn trường,vi\n" for n in range(count))
    status, _ = post(admin, IMPORT, {"create_groups": "on"}, "name,display name,groups,language\n" + people)
    assert status == 302
    admin.get(f"{IMPORT}1/")
    assert post(admin, f"{IMPORT}1/start/", {})[0] == 302
    return f"{IMPORT}1/"


def finished(admin: Browser, page: str, within: float) -> float:
    """Waits until the import is done; the seconds it took."""
    start = time.monotonic()
    while json.loads(admin.get(f"{page}progress/"))["busy"]:
        assert time.monotonic() - start < within, admin.get(f"{page}progress/")
        time.sleep(0.5)
    return time.monotonic() - start


@pytest.mark.full
@pytest.mark.timeout(240)
def test_a_thousand_people_in_a_minute_while_others_chat(served: Make) -> None:
    server, load = served(users=20, conversations=1, members=20)
    admin, chatter = Browser(server.port, load.cookies[0]), Browser(server.port, load.cookies[1])
    waits: list[float] = []
    stop = threading.Event()

    def talk() -> None:
        for number in range(10_000):
            start = time.perf_counter()
            data: dict[str, Any] = {"client_id": f"beside-{number:05}", "body": "xin chào"}
            status, answer = chatter.command("message.send", {"conversation": load.conversations[0], **data})
            assert status == 200, answer
            waits.append(time.perf_counter() - start)
            if stop.wait(0.1):
                return

    talking = threading.Thread(target=talk)
    before = server.process.memory()
    page = begin(admin, 1000)
    talking.start()
    took = finished(admin, page, 180)
    stop.set()
    talking.join()
    late = sorted(waits)[int(0.95 * len(waits))]
    print(f"1,000 people in {took:.1f} s; sends beside it: {len(waits)}, p95 {1000 * late:.0f} ms")
    assert b"1000 accounts were made." in admin.get(page)
    assert took <= 60 and late <= 0.5
    assert server.process.memory() - before < 200 * 2**20


@pytest.mark.full
@pytest.mark.timeout(400)
def test_an_import_goes_on_after_a_kill(served: Make) -> None:
    server, load = served(users=3, conversations=1, members=3)
    admin = Browser(server.port, load.cookies[0])
    page = begin(admin, 200)
    while not (told := json.loads(admin.get(f"{page}progress/")))["done"]:
        time.sleep(0.05)
    assert told["busy"]
    server.process.kill()
    server.start()
    admin = Browser(server.port, load.cookies[0])
    finished(admin, page, 300)
    assert b"200 accounts were made." in admin.get(page)
    counted = server.manage(
        "shell", "-c", "from accounts.models import User; print(User.objects.filter(username__startswith='hs').count())"
    )
    assert counted.split()[-1] == "200"
