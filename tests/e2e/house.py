"""A full house: a site whose names, texts and numbers are as hostile as the rules allow. Made once for layout, accessibility and budgets."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from bench.browser import Browser as Http
from bench.process import free_port
from bench.server import Load, Server

LANGUAGES = ("en", "vi", "zh-hans")
TOUCH = {"has_touch": True, "is_mobile": True, "user_agent": "Mozilla/5.0 (Linux; Android 14) Chrome/140 Mobile"}
DIRECTS, MEMBERS, READ = 12, 500, 2000
WIDE, CHINESE, VIETNAMESE = "W" * 32, "龘" * 32, "Nguyễnthịtrườngthươngnghiêngngả…"[:32]
GROUP = "W" * 40 + "Ưỡng" * 6
EMOJI = [
    "👍",
    "❤️",
    "😂",
    "🎉",
    "😮",
    "😢",
    "🙏",
    "👏",
    "🔥",
    "💯",
    "✅",
    "❌",
    "🚀",
    "👀",
    "🤔",
    "🥳",
    "😍",
    "😎",
    "🙌",
    "💪",
]
TEXTS = (
    "W" * 10_000,
    "trường học " * 900,
    "```python\n" + "print('một dòng mã rất dài', " + "x" * 400 + ")\n```",
    "|" + " một tiêu đề |" * 9 + "\n|" + "---|" * 9 + "\n|" + f" {'W' * 40} |" * 9,
    "https://example.org/" + "Trường-Trung-học-" * 12,
    "> " + "引" * 600 + "\n\n1. " + "W" * 90 + "\n2. `" + "c" * 120 + "`",
)
RENAME = f"""
from accounts.models import User
from messaging.models import Conversation
for user, name in zip(User.objects.order_by("pk")[1:4], {(WIDE, CHINESE, VIETNAMESE)!r}):
    user.display_name = name; user.status = name * 3; user.save()
group = Conversation.objects.filter(kind="group").first()
group.name = {GROUP!r}; group.save(update_fields=["name"])
"""


class House:
    """The site and its administrator, who may come in by his cookie in any language."""

    def __init__(self, server: Server, load: Load, browser: Browser) -> None:
        self.server, self.load, self.browser = server, load, browser
        self.base = f"http://127.0.0.1:{server.port}"
        self.group, self.direct = load.conversations[0], load.directs[0][0]
        self.long = load.directs[3][0]
        self.people = [Http(server.port, cookie) for cookie in load.cookies[: len(EMOJI) + 1]]

    def fill(self) -> None:
        """Sends the hostile messages."""
        for conversation in (self.group, self.direct):
            for number, text in enumerate(TEXTS):
                sender = self.people[number % 4 if conversation == self.group else number % 2]
                self.say(sender, conversation, f"text-{number:04}", text)
            for number in range(4):
                self.say(self.people[1], conversation, f"short-{number:03}", ("👍", "ok", "W" * 60, "谢谢！")[number])
        last = self.say(self.people[0], self.group, "reacted-to", "W" * 24)
        for person, emoji in zip(self.people[1:], EMOJI, strict=False):
            self.send(person, "message.react", conversation=self.group, seq=last, emoji=emoji, on=True)
        self.say(self.people[2], self.group, "answer-01", "龘" * 40, reply_to=1)

    def govern(self) -> None:
        """A group that the administrator governs, with people who wait there, and an invitation to himself."""
        ids = [json.loads(person.get("/api/snapshot"))["me"]["id"] for person in self.people]
        name = "Ẫ" * 24 + "W" * 40
        self.governed = int(self.send(self.people[0], "group.create", name=name, users=ids[1:2])["id"])
        self.send(
            self.people[0], "group.settings", conversation=self.governed, join_policy="request", discoverable=True
        )
        self.send(self.people[0], "group.notice", conversation=self.governed, notice="W" * 90 + "\n" + "通知 " * 300)
        self.send(self.people[0], "group.invite", conversation=self.governed, users=ids[2:4])
        self.send(self.people[0], "group.mute", conversation=self.governed, user=ids[1], minutes=43_200)
        for person in self.people[4:6]:
            self.send(person, "group.join", conversation=self.governed, words="Ưỡ" * 20 + "W" * 160)
        other = self.send(self.people[6], "group.create", name="龘" * 64, users=[])["id"]
        self.send(self.people[6], "group.invite", conversation=other, users=ids[:1])
        self.send(self.people[7], "friend.request", user=ids[0], words="Ưỡ" * 20 + "W" * 160)
        self.send(self.people[0], "friend.request", user=ids[1])
        self.send(self.people[0], "friend.request", user=ids[8])
        self.send(
            self.people[0],
            "mailing.send",
            client_id="mailing-01",
            users=[ids[1], *ids[9:12]],
            body="W" * 200 + "通知" * 90,
        )

    def say(self, person: Http, conversation: int, client_id: str, body: str, **more: Any) -> int:
        """Sends a message; its number."""
        data = {"conversation": conversation, "client_id": f"{conversation}-{client_id}", "body": body, **more}
        return int(self.send(person, "message.send", **data)["seq"])

    def send(self, person: Http, command: str, **data: Any) -> dict[str, Any]:
        """A command that must succeed."""
        status, answer = person.command(command, data)
        assert status == 200, answer
        return answer

    def speak(self, language: str) -> None:
        """Changes the language of the administrator."""
        http = Http(self.server.port, self.load.cookies[0])
        http.get("/")
        form = f"csrfmiddlewaretoken={http.cookies['csrftoken']}&language={language}&next=/"
        headers = {"Content_Type": "application/x-www-form-urlencoded", "Origin": self.base, "Referer": f"{self.base}/"}
        status, _ = http.request("POST", "/accounts/language/", form.encode(), **headers)
        http.close()
        assert status == 302, status

    def choose(self, **options: Any) -> None:
        """Changes options of the administrator."""
        http = Http(self.server.port, self.load.cookies[0])
        self.send(http, "options.save", options=options)
        http.close()

    def enter(self, **options: Any) -> BrowserContext:
        """A browser in which the administrator is signed in."""
        context = self.visit(**options)
        name, _, value = self.load.cookies[0].partition("=")
        context.add_cookies([{"name": name, "value": value, "url": self.base}])
        return context

    def visit(self, language: str = "", **options: Any) -> BrowserContext:
        """A browser of somebody unknown."""
        context = self.browser.new_context(base_url=self.base, timezone_id="Asia/Ho_Chi_Minh", **options)
        if language:
            context.add_cookies([{"name": "language", "value": language, "url": self.base}])
        return context


@pytest.fixture(scope="session")
def house(server: Server, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The full house."""
    data = tmp_path_factory.mktemp("house") / "data"
    shutil.copytree(server.data / "static", data / "static")
    full = build(Server(data, free_port()), browser)
    yield full
    full.server.close()


def build(made: Server, browser: Browser) -> House:
    """Fills a fresh data folder and starts its server."""
    made.manage("migrate", "--verbosity=0")
    counts = ["2"] * 3 + [str(READ)] + ["3"] * (DIRECTS - 3)
    load = made.load(users=MEMBERS + DIRECTS, conversations=1, members=MEMBERS, star=DIRECTS, messages=",".join(counts))
    made.manage("shell", "-c", RENAME)
    made.start()
    full = House(made, load, browser)
    full.fill()
    full.govern()
    return full


def ready(page: Any, path: str) -> None:
    """Opens a page of the chat and waits until it stands."""
    page.goto(path)
    expect(page.locator("#app[data-ready=true]")).to_be_attached()
