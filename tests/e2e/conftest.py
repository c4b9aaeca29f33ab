"""A served site with real browsers. People come through the set-up and sign-up pages; what goes wrong in any page fails the test."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from bench.process import free_port
from bench.server import Server
from tests.e2e.house import house  # noqa: F401
from tests.e2e.person import PASSWORD, Person

expect.set_options(timeout=20_000)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
    "--host-resolver-rules=MAP chat.lan 127.0.0.1",
]
numbers = count(1)


def launch_options() -> dict[str, Any]:
    """The system's Chromium, which talks to nobody but us."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return {"executable_path": program, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """For the plugin's `browser`."""
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts `serve` on a fresh data folder; compressing the static files takes seconds, so the first one's are shared."""
    running: list[Server] = []

    def start(*options: str) -> Server:
        data = tmp_path_factory.mktemp("site") / "data"
        if running:
            shutil.copytree(running[0].data / "static", data / "static")
        running.append(Server(data, free_port(), {"CHATROOM_BENCH": ""}, options))
        running[-1].start()
        return running[-1]

    yield start
    for server in running:
        server.close()


def setup_link(server: Server) -> str:
    """The path of the one-time link that the server printed."""
    found = re.search(r"http://127\.0\.0\.1:\d+(/setup/\S+)", server.log.read_text())
    assert found, server.log.read_text()
    return found[1]


def set_up(first: Person, server: Server) -> None:
    """Makes the administrator through the set-up page."""
    first.page.goto(setup_link(server))
    first.fill(username=first.username, display_name=first.name, password=PASSWORD, site_name="Lighthouse School")
    first.submit()
    first.wait_live()


@pytest.fixture(scope="session")
def server(serve: Callable[..., Server], browser: Browser) -> Server:
    """The site of most tests, already set up."""
    server = serve()
    first = Person(browser, f"http://127.0.0.1:{server.port}", "Head Teacher", "head")
    set_up(first, server)
    first.context.close()
    assert not first.complaints()
    return server


@pytest.fixture(scope="session")
def empty_site(serve: Callable[..., Server]) -> tuple[str, str]:
    """A site that nobody has set up: its address and the path of the one-time link."""
    server = serve()
    return f"http://127.0.0.1:{server.port}", setup_link(server)


@pytest.fixture
def base(server: Server) -> str:
    """The address of the site."""
    return f"http://127.0.0.1:{server.port}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remembers for the fixtures whether the test itself failed."""
    report = yield
    item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture
def visitor(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Person]]:
    """Somebody with a browser who has not signed in; his pages are looked through at the end."""
    people: list[Person] = []

    def come(name: str, base: str, username: str = "", **options: Any) -> Person:
        number = next(numbers)
        shown = name if username else f"{name} {number:03}"
        people.append(Person(browser, base, shown, username or f"person{number:03}", **options))
        return people[-1]

    yield come
    for person in people:
        if request.node.stash.get(FAILED, False):
            picture = tmp_path / f"{person.username}.png"
            person.page.screenshot(path=picture)
            print(f"{person.name} saw {picture} at {person.page.url}; problems: {person.problems}")
        person.context.close()
    assert not [complaint for person in people for complaint in person.complaints()]


@pytest.fixture
def person(visitor: Callable[..., Person], base: str) -> Callable[..., Person]:
    """Somebody with a new account, in the chat."""
    return lambda name, **options: visitor(name, base, **options).sign_up()


@pytest.fixture
def device(visitor: Callable[..., Person]) -> Callable[..., Person]:
    """One more browser of the same person, signed in."""
    return lambda owner, **options: visitor(owner.name, owner.base, owner.username, **options).sign_in()


@pytest.fixture
def pair(person: Callable[..., Person]) -> tuple[Person, Person]:
    """Two people in the direct conversation they share."""
    an, binh = person("An"), person("Bình")
    an.talk_to(binh)
    an.write("Chào Bình")
    binh.open(an.name)
    expect(binh.bubble("Chào Bình")).to_be_visible()
    expect(an.bubble("Chào Bình").get_by_label("Read")).to_be_visible()
    return an, binh
