"""Makes the pictures of docs/screenshots from `serve --demo`: `python -m tests.e2e.screenshots` in the folder of the project."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.process import ROOT, free_port
from bench.server import Server
from tests.e2e.conftest import ADAPT, launch_options, set_up
from tests.e2e.person import Person
from tests.e2e.screens import DRAWN
from tests.e2e.table_play import fix_deck, script

TARGET = ROOT / "docs" / "screenshots"
PICTURES = ROOT / "chatroom" / "demo_pictures"
BIGGEST = 600_000
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
CHESS, OUTING, MEETING = "Chess club", "Dã ngoại lớp 10A", "实验室周会"
NAMES = {
    "emma": "Emma Clarke",
    "lina": "李娜",
    "phuong": "Lê Phương",
    "lan": "Trần Thị Lan",
    "minh": "Nguyễn Văn Minh",
    "zhangwei": "张伟",
}


class Demo:
    """The demo site and its people."""

    def __init__(self, server: Server, browser: Browser) -> None:
        self.server, self.browser = server, browser
        self.base = f"http://127.0.0.1:{server.port}"
        self.passwords = dict(re.findall(r"^  (\w+)  (\w{12})$", server.log.read_text(), re.MULTILINE))
        self.people: list[Person] = []

    def visitor(self, name: str, username: str, **options: Any) -> Person:
        """A browser of its own."""
        person = Person(self.browser, self.base, name, username, **options)
        self.people.append(person)
        return person

    def age(self, conversation: int) -> None:
        """Spreads what was said over some time."""
        self.server.manage("shell", "-c", f"from chatroom.demo import age; age({conversation}, 0)")

    def enter(self, username: str, conversation: str, **options: Any) -> Person:
        """Signs one of the demo people in and opens a conversation."""
        person = self.visitor(NAMES[username], username, **options)
        person.page.goto("/accounts/login/")
        person.fill(login=username, password=self.passwords[username])
        person.submit()
        person.wait_live()
        person.open(conversation)
        return person


def all_is_read(page: Page) -> None:
    """No badge at the open conversation, and everything of one's own seen by somebody."""
    expect(page.locator("#conversations .item[aria-current] .badge, .message.own .tick:not(.read)")).to_have_count(0)


def again(demo: Demo, who: Person) -> None:
    """The open conversation with its messages some minutes apart, as of people who think before they write."""
    demo.age(who.conversation)
    who.page.reload()
    who.wait_live()
    for picture in who.log.locator(".pictures img").all():
        expect(picture).to_be_visible()
    who.page.mouse.move(0, 0)


def save(page: Page, name: str) -> None:
    """One picture, not too big for a page of documentation."""
    page.screenshot(path=TARGET / name, animations="disabled", caret="hide")
    size = (TARGET / name).stat().st_size
    if size > BIGGEST:
        raise SystemExit(f"{name} has {size} bytes, more than {BIGGEST}")
    print(f"{name}: {size} bytes")


def with_file(who: Person, name: str) -> None:
    """Sends what is written with one of the demo's pictures."""
    sent = who.log.locator("article.message[data-seq] .pictures img")
    count = sent.count()
    with who.page.expect_file_chooser() as chooser:
        who.page.locator("#composer-attach").click()
    chooser.value.set_files(PICTURES / f"{name}.webp")
    expect(who.page.locator(".tray-file")).to_have_count(1)
    who.page.locator("#composer-send").click()
    expect(sent).to_have_count(count + 1)


def reply(who: Person, to: str, text: str) -> None:
    """Answers the message that begins with `to`."""
    row = who.log.locator("article.message", has_text=to).last
    row.hover()
    row.locator("[data-action=reply]").click()
    sent = who.log.locator("article.message[data-seq]")
    count = sent.count()
    who.write(text)
    expect(sent).to_have_count(count + 1)


def chat(demo: Demo) -> None:
    """The computer, light, in English: a club plans its next round."""
    emma, lina, phuong = demo.enter("emma", CHESS), demo.enter("lina", CHESS), demo.enter("phuong", CHESS)
    everyone = demo.enter("minh", "Mọi người")
    everyone.write("Wifi tầng 2 đã chạy lại rồi nhé!")
    everyone.open(NAMES["emma"])
    everyone.write("New password is on the board 🙂")
    reply(phuong, "Round three", "Can we start at 18:30? My bus is late on Fridays.")
    reply(emma, "Can we start", "Of course, **18:30** it is.")
    lina.box.fill("The final will be up there. What a view!")
    with_file(lina, "view")
    emma.write("Then we play outside 😍 I bring four boards and the clocks.")
    phuong.write("Mình mang thêm hai bộ cờ ♟️")
    expect(emma.bubble("Mình mang thêm hai bộ cờ ♟️")).to_be_visible()
    for text, emoji in (("18:30 it is", "🎉"), ("What a view", "❤️")):
        for who in (lina, phuong) if emoji == "🎉" else (emma, phuong):
            who.act(who.log.locator("article.message", has_text=text).last, emoji)
        expect(emma.log.locator(".reaction", has_text=emoji).last).to_contain_text("2")
    all_is_read(emma.page)
    again(demo, emma)
    emma.page.locator(".notice-bar .icon-button").click()
    expect(emma.log.locator(".pictures img").last).to_be_visible()
    emma.page.mouse.move(0, 0)
    lina.box.press_sequentially("好的，我带")
    expect(emma.page.locator("#header .typing")).to_be_visible()
    save(emma.page, "chat.png")


def phone(demo: Demo) -> None:
    """A phone, in Vietnamese."""
    lan, minh = demo.enter("lan", OUTING, **PHONE, locale="vi-VN"), demo.enter("minh", OUTING)
    reply(minh, "Tuyệt vời", "Mình có áo mưa dư, ai cần không?")
    expect(lan.log.locator(".pictures img").last).to_be_visible()
    lan.box.fill("Mình cần một cái, cảm ơn Minh nhé 😊")
    lan.page.locator("#composer-send").tap()
    minh.act(minh.bubble("Mình cần một cái, cảm ơn Minh nhé 😊"), "❤️")
    expect(lan.log.locator(".reaction", has_text="❤️")).to_be_visible()
    all_is_read(lan.page)
    again(demo, lan)
    save(lan.page, "chat-vi-phone.png")


def dark(demo: Demo) -> None:
    """The computer, dark, in Chinese."""
    zhangwei, lina = demo.enter("zhangwei", MEETING, locale="zh-CN", color_scheme="dark"), demo.enter("lina", MEETING)
    reply(lina, "Could somebody share", "图已经放在共享文件夹里了，请查收。")
    zhangwei.write("谢谢！会议链接我周四上午发。\n\n1. 上周结果\n2. 新的采购\n3. 其他")
    lina.write("好的 👌")
    expect(zhangwei.bubble("好的 👌")).to_be_visible()
    lina.act(lina.log.locator("article.message", has_text="会议链接").last, "👍")
    expect(zhangwei.log.locator(".reaction", has_text="👍").last).to_be_visible()
    all_is_read(zhangwei.page)
    again(demo, zhangwei)
    save(zhangwei.page, "chat-zh-dark.png")


def panel(demo: Demo) -> None:
    """The panel of a group beside its messages, dark."""
    minh = demo.enter("minh", OUTING, locale="vi-VN", color_scheme="dark")
    minh.page.get_by_role("button", name="Thông tin").click()
    expect(minh.info.get_by_role("button", name="Trần Thị Lan")).to_be_visible()
    minh.page.mouse.move(0, 0)
    save(minh.page, "panel-vi-dark.png")


def cards(demo: Demo) -> None:
    """A card table in Vietnamese: a pair of 2s lies there, and Lan holds four pairs in a row. On a computer and on a phone."""
    minh, lan, phuong, zhangwei = (
        demo.enter(name, "Canteen", locale="vi-VN") for name in ("minh", "lan", "phuong", "zhangwei")
    )
    players = (minh, lan, phuong, zhangwei)
    group = minh.post("group.create", name="Tối thứ bảy", users=[other.id for other in players[1:]])["id"]
    said = (
        (phuong, "Tối nay chơi vài ván không mọi người? 🃏"),
        (zhangwei, "来！我刚学会规则"),
        (minh, "Mở bàn rồi, vào đi 😄"),
    )
    for number, (who, text) in enumerate(said):
        who.post("message.send", conversation=group, client_id=f"evening-{number}", body=text)
    table = minh.post("table.open", conversation=group, preset="standard")["table"]

    def act(who: Person, kind: str, number: int, **data: Any) -> None:
        who.post("table.act", table=table, client_id=f"{kind}-{number:08}", seq=10**6, kind=kind, **data)

    for other in players[1:]:
        act(other, "sit", other.id)
    fix_deck(demo.server, table)
    for player in players:
        act(player, "ready", player.id)
    phuong.post("message.send", conversation=group, client_id="evening-last", body="Đừng có bốn đôi thông đấy nhé 🙏")
    lan.go(f"/c/{group}/table/{table}/")
    for number, move in enumerate(script()[0][:13]):
        act(players[move.seat], move.kind, number, **({"cards": list(move.cards)} if move.kind == "play" else {}))
    expect(lan.page.locator(".felt-button.chop")).to_be_visible()
    expect(lan.bubble("Đừng có bốn đôi thông đấy nhé 🙏")).to_be_visible()
    lan.page.mouse.move(0, 0)
    save(lan.page, "table-vi.png")
    lan.page.set_viewport_size(PHONE["viewport"])
    lan.page.evaluate(DRAWN)
    save(lan.page, "table-vi-phone.png")


def emoji(demo: Demo) -> None:
    """The emoji picker on a phone, in Chinese."""
    lina = demo.enter("lina", CHESS, **PHONE, locale="zh-CN")
    lina.page.locator("#composer-emoji").tap()
    expect(lina.page.locator(".emoji-picker .emoji").nth(20)).to_be_visible()
    save(lina.page, "emoji-zh-phone.png")


def settings(demo: Demo) -> None:
    """How the chat looks is everybody's own choice."""
    emma = demo.visitor(NAMES["emma"], "emma")
    emma.page.goto("/accounts/login/")
    emma.fill(login="emma", password=demo.passwords["emma"])
    emma.submit()
    emma.page.goto("/accounts/settings/")
    emma.page.get_by_role("heading", name="Appearance").evaluate(
        "(e) => scrollTo(0, e.closest('section').getBoundingClientRect().top + scrollY - 24)"
    )
    emma.page.wait_for_function("() => scrollY > 300")
    save(emma.page, "settings.png")


def sign_in(demo: Demo) -> None:
    """The sign-in page in Vietnamese."""
    stranger = demo.visitor("Khách", "khach", locale="vi-VN")
    stranger.page.goto("/accounts/login/")
    save(stranger.page, "sign-in-vi.png")


@contextmanager
def demo_site() -> Iterator[Demo]:
    """A demo site on a folder of its own, set up."""
    folder = Path(tempfile.mkdtemp(prefix="chatroom-pictures-"))
    server = Server(folder / "data", free_port(), {"CHATROOM_BENCH": ""}, ["--demo"])
    try:
        server.start()
        with sync_playwright() as playwright, playwright.chromium.launch(**launch_options()) as browser:
            demo = Demo(server, browser)
            set_up(demo.visitor("Hoàng Anh", "hoanganh"), server)
            server.manage("shell", "-c", ADAPT)
            yield demo
            if problems := [problem for person in demo.people for problem in person.complaints()]:
                raise SystemExit("\n".join(problems))
    finally:
        server.close()
        shutil.rmtree(folder)


def main() -> None:
    """All pictures."""
    expect.set_options(timeout=20_000)
    TARGET.mkdir(parents=True, exist_ok=True)
    with demo_site() as demo:
        for picture in (chat, phone, dark, panel, cards, emoji, settings, sign_in):
            picture(demo)


if __name__ == "__main__":
    main()
