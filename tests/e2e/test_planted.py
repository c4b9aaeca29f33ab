"""C11: text that would be a program elsewhere, planted in every field that people can write, then read everywhere under the policy in force.

No dialog, no violation of the policy, no error of a page (`Person` listens for them), and nothing of it became an element.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench.browser import Browser as Http
from bench.server import Server
from tests.e2e.conftest import setup_link
from tests.e2e.person import PASSWORD, Person
from tests.e2e.shared import offer, photo, send, upload

Make = Callable[..., Person]
TAG = "<svg/onload=alert(1)>"
NAME = TAG + "{{7*7}}"  # a person's name, with a number behind it at most 32 letters
IMAGE = "<img src=x onerror=alert(2)>"
LONG = f"\"'><script>alert(3)</script>{IMAGE}{TAG}{{{{7*7}}}}${{7*7}}{{% debug %}}javascript:alert(4)\u202eabc\u2066"
TEXT = f'{LONG} [a](javascript:alert(5)) ![b](x){IMAGE} <https://x.example/"onmouseover=alert(6)> `</code>{IMAGE}`'
CSV = f"username,display_name,group\nplanted1,{IMAGE},{TAG}\n{TAG},{IMAGE},{TAG}\n"

# What became of it, were it taken for HTML somewhere; links of the pages themselves never begin like this.
ALIVE = """() => [...document.querySelectorAll("*")].filter((e) =>
  [...e.attributes].some((a) => (a.name.startsWith("on") && a.value.includes("alert("))
    || (["href", "src", "action", "formaction"].includes(a.name) && a.value.trim().toLowerCase().startsWith("javascript:")))
  || (e.localName === "script" && e.type !== "application/json" && e.textContent.includes("alert(")))
  .map((e) => e.outerHTML.slice(0, 200))"""
LISTS = (
    "accounts/user", "accounts/loginsession", "messaging/conversation", "messaging/membership", "messaging/message", "messaging/report",
    "messaging/joinrequest", "messaging/invitation", "messaging/invitelink", "files/storedfile", "games/gametable", "audit/event", "core/policy",
)  # fmt: skip
SITE = """
from accounts.actions import block_user, set_policies, set_profile
from accounts.models import User
set_policies(None, {{"site.name": {tag!r}, "site.announcement": {long!r}, "moderation.words": {long!r}, "moderation.word_action": "report",
  "signin.sessions": "allow", "limits.commands_burst": 1000}})
for user in User.objects.exclude(username="blocked"):
    set_profile(user, {{"status": {status!r}, **({{"language": {language!r}}} if user.username != "head" else {{}})}})
set_profile(User.objects.get(username="head"), {{"language": {language!r}}})
block_user(None, User.objects.get(username="blocked"), {long!r})
"""


def looked_at(page: Page, *texts: str) -> None:
    """Nothing of it lives on this page, and these are on it as they were written."""
    assert page.evaluate(ALIVE) == [], page.url
    body = page.locator("body").inner_text()
    for text in texts:
        assert text in body, (page.url, text, body[:2000])


def walk(page: Page, base: str, lists: list[str]) -> set[str]:
    """Opens every page of the administration that a link leads to, one of each kind; their kinds."""
    waiting, seen = ["/admin/", *lists], dict[str, str]()
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"\d+", "N", path.partition("?")[0])  # a filter is the same page
        if kind in seen or re.search(r"logout|/download|/import/\d+/report|jsi18n|language", path):
            continue
        answer = page.goto(path, wait_until="domcontentloaded")
        assert answer and answer.status == 200, (path, answer and answer.status)
        seen[kind] = path
        looked_at(page)
        links = page.eval_on_selector_all("a[href]", "all => all.map((a) => a.href)")
        waiting += [link.removeprefix(base).partition("#")[0] for link in links if link.startswith(f"{base}/admin/")]
    return set(seen)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", ["vi", pytest.param("zh-hans", marks=pytest.mark.full)])
def test_what_was_planted_is_text_everywhere(
    serve: Callable[..., Server], visitor: Make, tmp_path: Path, language: str
) -> None:
    server = serve()
    base = f"http://127.0.0.1:{server.port}"
    fields = {"username": "head", "display_name": f"{IMAGE} head", "password": PASSWORD, "language": "en"}
    assert Http(server.port).submit(setup_link(server), site_name="Lighthouse", **fields)[0] == 302
    agent = f"{TAG} Mozilla/5.0 {IMAGE}"
    head = visitor(f"{IMAGE} head", base, "head", user_agent=agent).enter()
    mallory, binh = visitor(NAME, base, user_agent=agent).join(), visitor("Bình", base).join()
    blocked = visitor(f"{TAG} blocked", base, "blocked").join()
    planted = {"tag": TAG, "long": LONG[:190], "status": LONG[:95], "language": language}
    group = plant(mallory, binh, head)
    server.manage("shell", "-c", SITE.format(**planted))

    for who in (binh, mallory):
        who.go(f"/c/{group}/")
        looked_at(who.page, TAG)
        expect(who.log.locator("article.message").first).to_be_visible()
    read_the_chat(binh, mallory, group)
    transcript(binh, group, tmp_path)

    blocked.allow("403")
    blocked.page.goto("/accounts/login/")
    blocked.fill(login="blocked", password=PASSWORD)
    blocked.submit()
    looked_at(blocked.page, IMAGE)

    head.page.goto(f"/c/{group}/")
    administration(head, group, tmp_path)


def plant(mallory: Person, binh: Person, head: Person) -> int:
    """Everything that one who means ill can write; the group that all of it is about."""
    group = mallory.post("group.create", name=f"{IMAGE}{TAG}", users=[binh.id, head.id])["id"]
    mallory.post("group.notice", conversation=group, notice=TEXT)
    mallory.post("group.settings", conversation=group, join_policy="request", discoverable=True, members_invite=True)
    other = binh.post("group.create", name="Lớp 10A", users=[])["id"]
    binh.post("group.settings", conversation=other, join_policy="request", discoverable=True)
    mallory.post("group.join", conversation=other, words=LONG[:200])
    mallory.post("friend.request", user=binh.id, words=LONG[:200])
    seq = say(mallory, group, TEXT)
    mallory.post("message.pin", conversation=group, seq=seq, on=True)
    said = say(binh, group, "hello")
    say(mallory, group, f"{TEXT} 2", reply_to=seq)
    mallory.post("message.report", conversation=group, seq=said, reason="other", words=LONG)
    binh.post("message.report", conversation=group, seq=seq, reason="spam", words=LONG)
    mallory.post("draft.save", conversation=group, body=TEXT)
    tokens = [upload(mallory, f"{IMAGE}.jpg", photo()), upload(mallory, f'"{TAG}.svg', TAG.encode())]
    tokens.append(upload(mallory, f"{IMAGE}.html", f"<script>alert(7)</script>{IMAGE}".encode()))
    send(mallory, group, *tokens, body=TEXT)
    direct = mallory.post("direct.open", user=binh.id)["id"]
    offer(mallory, direct, f"{IMAGE}.exe")
    mallory.post("mailing.send", client_id="mailing-0001", users=[binh.id, head.id], body=TEXT)
    mallory.post("invite.make", conversation=group, days=7)
    table = mallory.post("table.open", conversation=group, options={})["table"]
    number = table["id"] if isinstance(table, dict) else table
    view = mallory.context.request.get(f"/api/v1/tables/{number}").json()
    act = {"table": number, "client_id": "ready-000001", "seq": view.get("seq", 0), "kind": "ready", "text": LONG[:64]}
    mallory.context.request.post("/api/table.act", data=act)
    return int(group)


def say(person: Person, conversation: int, body: str, **more: Any) -> int:
    """A message; its number."""
    client_id = f"planted-{abs(hash((person.username, body))):020}"[:40]
    return int(person.post("message.send", conversation=conversation, client_id=client_id, body=body, **more)["seq"])


def read_the_chat(binh: Person, mallory: Person, group: int) -> None:
    """The screens of the chat in which another one's words stand."""
    page = binh.page
    expect(binh.log.locator("article.with-files")).to_be_visible()
    assert binh.log.locator(".text img, .text script, .text svg").count() == 0
    looked_at(page, IMAGE, "{{7*7}}", "${7*7}", "{% debug %}")
    page.locator("#header .info-button").click()
    expect(binh.info.locator(".members")).to_be_visible()
    looked_at(page)
    page.locator(".waiting").click()
    expect(page.locator("dialog:modal .wait").first).to_be_visible()
    looked_at(page, IMAGE)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("dialog:modal [role=option]").first).to_be_attached()
    looked_at(page)
    page.keyboard.press("Escape")
    page.locator("#filter").fill("alert")
    expect(page.locator("#conversations a.hit").first).to_be_attached()
    looked_at(page)
    page.locator("#filter").press("Escape")
    paths = [
        "/accounts/settings/",
        f"/c/{group}/1/",
        "/nothing/<svg/onload=alert(8)>",
        "/accounts/login/?next=javascript:alert(9)",
    ]
    for path in paths:
        binh.allow("404")
        page.goto(path)
        looked_at(page)
    for conversation in json.loads(binh.context.request.get("/api/snapshot").text())["conversations"]:
        binh.go(f"/c/{conversation['id']}/")
        looked_at(page)
    mallory.page.goto("/accounts/settings/")
    looked_at(mallory.page)  # his sessions, with the name of his program


def transcript(binh: Person, group: int, folder: Path) -> None:
    """The conversation as a page of its own, opened from the disk as its reader would."""
    file = folder / "transcript.html"
    file.write_bytes(binh.context.request.get(f"/c/{group}/export/html/").body())
    binh.page.goto(file.as_uri())
    looked_at(binh.page, TAG, IMAGE, "{{7*7}}")
    assert binh.page.locator("img[src=x], script, svg[onload]").count() == 0


def administration(head: Person, group: int, folder: Path) -> None:
    """Every page of it that a link leads to, searches for the payload, and an import of it."""
    page = head.page
    lists = [f"/admin/{name}/" for name in LISTS]
    kinds = walk(page, head.base, lists)
    whole = ("accounts/user", "messaging/conversation", "messaging/message", "audit/event")
    wanted = {*lists, "/admin/messaging/report/N/", *(f"/admin/{name}/N/change/" for name in whole)}
    assert wanted <= kinds, wanted - kinds
    for path in (f"messaging/message/?conversation={group}", "messaging/message/?q=alert", "messaging/report/"):
        page.goto(f"/admin/{path}")
        looked_at(page, "alert")
    for path in ("accounts/user/", "messaging/conversation/", "files/storedfile/"):
        page.goto(f"/admin/{path}?q={TAG}")
        looked_at(page)
    people = folder / "people.csv"
    people.write_text(CSV)
    page.goto("/admin/accounts/user/import/")
    page.locator("input[type=file]").set_input_files(people)
    page.locator("form:has(input[type=file]) [type=submit]").first.click()
    expect(page.locator("body")).to_contain_text(TAG)
    looked_at(page, IMAGE)
