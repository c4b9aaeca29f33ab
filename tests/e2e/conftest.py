"""A served site with real browsers; what goes wrong in any page fails the test.

Each worker has one browser program and one site (`server`, `base`), which its tests share: people, names and conversations are new
in each test. What a test changes for the whole site (a policy) it puts back; else it takes a site of its own with `serve()`.

- `alone`: one person in a direct conversation whose other side has no browser; the cheapest
- `pair`: two people in the direct conversation they share
- `person("An")`: somebody with a new account, in the chat; `device(an)`: one more browser of his
- `visitor("An", base)`: a browser that is not signed in; `.sign_up()` and `.sign_in()` go through the pages,
  `.join()` and `.enter()` send the same forms without drawing the pages
- `house`: the site full of hostile content; `empty_site`: nobody has set it up

`page.wait_for_function` needs a function ("() => …"): an expression is evaluated anew at each look, which the pages' policy forbids.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, expect

from bench.browser import Browser as Http
from bench.process import free_port
from bench.server import Server
from tests.e2e.house import house  # noqa: F401
from tests.e2e.person import PASSWORD, Person

expect.set_options(timeout=20_000)
# Chromium heeds only the last --disable-features, so Playwright's own list comes first; the pop-up of the address bar,
# which nobody sees here, would cost two renderers for each window.
DISABLED = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,"
    "PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,"
    "PreconnectToSearch,WebUIOmniboxPopup,WebUIOmniboxAimPopup"
)
ARGUMENTS = [
    f"--disable-features={DISABLED}",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--font-render-hinting=none",  # letters as wide as in the whole browser
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a microphone that beeps
    "--use-fake-ui-for-media-stream",
    "--host-resolver-rules=MAP chat.lan 127.0.0.1",
]
# People in many browsers, who write quickly
ADAPT = "from accounts.actions import set_policies; set_policies(None, {'signin.sessions': 'allow', 'limits.commands_burst': 1000})"
numbers = count(1)


def launch_options(whole: bool = True) -> dict[str, Any]:
    """The system's Chromium, which talks to nobody but us; not the `whole` one where bin/test found one without windows."""
    program = "" if whole else os.environ.get("HEADLESS_SHELL")
    program = program or os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return {"executable_path": program, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """For the plugin's `browser`."""
    return {**browser_type_launch_args, **launch_options(whole=False)}


@pytest.fixture(scope="session")
def whole_browser(browser_type: BrowserType) -> Iterator[Browser]:
    """Chromium as people have it, for the tests with that mark."""
    browser = browser_type.launch(**launch_options())
    yield browser
    browser.close()


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
def server(serve: Callable[..., Server]) -> Server:
    """The site of most tests, already set up."""
    server = serve()
    fields = {"username": "head", "display_name": "Head Teacher", "password": PASSWORD, "language": "en"}
    status, page = Http(server.port).submit(setup_link(server), site_name="Lighthouse School", **fields)
    assert status == 302, page
    server.manage("shell", "-c", ADAPT)
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
    if os.environ.get("HEADLESS_SHELL") and request.node.get_closest_marker("whole_browser"):
        browser = request.getfixturevalue("whole_browser")

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
    """Somebody with a new account, in the chat. For the sign-up page itself: `visitor(name, base).sign_up()`."""

    def come(name: str, **options: Any) -> Person:
        made = visitor(name, base, **options).join()
        made.go()
        return made

    return come


@pytest.fixture
def device(visitor: Callable[..., Person]) -> Callable[..., Person]:
    """One more browser of the same person, signed in and in the chat."""

    def come(owner: Person, **options: Any) -> Person:
        made = visitor(owner.name, owner.base, owner.username, **options).enter()
        made.go()
        return made

    return come


@pytest.fixture
def pair(visitor: Callable[..., Person], base: str) -> tuple[Person, Person]:
    """Two people in the direct conversation they share; the second has read what the first wrote."""
    an, binh = visitor("An", base).join(), visitor("Bình", base).join()
    talk = an.post("direct.open", user=binh.id)["id"]
    an.post("message.send", conversation=talk, client_id="greeting", body="Chào Bình")
    an.page.goto(f"/c/{talk}/", wait_until="commit")  # goes on while the server gathers read marks for a second
    binh.post("conversation.read", conversation=talk, seq=1)
    binh.go(f"/c/{talk}/")
    an.wait_live()
    expect(binh.bubble("Chào Bình")).to_be_visible()
    expect(an.bubble("Chào Bình").get_by_label("Read")).to_be_visible()
    return an, binh


@pytest.fixture
def alone(visitor: Callable[..., Person], base: str, server: Server) -> Person:
    """Somebody in a direct conversation; the other one has an account and no browser. Half the price of `pair`."""
    an, number = visitor("An", base).join(), next(numbers)
    other = Http(server.port)
    names = {"username": f"person{number:03}", "display_name": f"Bình {number:03}", "password1": PASSWORD}
    status, page = other.submit("/accounts/signup/", **names)
    assert status == 302, page
    talk = an.post("direct.open", user=json.loads(other.get("/api/snapshot"))["me"]["id"])["id"]
    other.close()
    an.post("message.send", conversation=talk, client_id="greeting", body="Chào Bình")
    an.go(f"/c/{talk}/")
    expect(an.bubble("Chào Bình")).to_be_visible()
    return an


@pytest.fixture
def group(person: Callable[..., Person]) -> tuple[Person, Person, str]:
    """A group of two; its owner and a member have it open."""
    an, binh = person("An"), person("Bình")
    name = f"Class {next(numbers)} {an.username}"
    an.post("group.create", name=name, users=[binh.id])
    an.open(name)
    binh.open(name)
    return an, binh, name
