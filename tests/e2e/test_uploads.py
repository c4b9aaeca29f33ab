"""Putting files in: chosen, dropped, pasted, recorded, refused, offered."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Route, expect

from bench.server import Server
from tests.e2e.files import choose, download, noise, payload, pending, picture, stored, tray
from tests.e2e.person import Person

Pair = tuple[Person, Person]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DROP = """(names) => {
  const data = new DataTransfer();
  for (const name of names) data.items.add(new File(["dropped " + name], name, {type: "text/plain"}));
  return data;
}"""
COPY_PICTURE = """(bytes) => {
  const picture = new Blob([new Uint8Array(bytes)], {type: "image/png"});
  return navigator.clipboard.write([new ClipboardItem({"image/png": picture})]);
}"""
WATCH_MOVES = """() => {
  const within = (node) => node?.isConnected && document.querySelector("#main").contains(node);
  globalThis.moved = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) moved.push(...entry.sources.filter(({node}) => within(node)).map(({node}) => node.outerHTML));
  }).observe({type: "layout-shift"});
}"""


@pytest.fixture
def images_only(server: Server) -> Iterator[None]:
    """A site where only pictures may be sent."""
    change = "from accounts.actions import set_policies; set_policies(None, {'files.kinds': '%s'})"
    server.manage("shell", "-c", change % "images")
    yield
    server.manage("shell", "-c", change % "all")


def test_several_are_chosen_seen_taken_out_and_sent_with_a_caption(pair: Pair) -> None:
    an, binh = pair
    tall = picture(200, 300, "JPEG")
    note = payload("ghi chú.txt", b"xin chao", "text/plain")
    waiting = choose(an, payload("a.png", picture(300, 200), "image/png"), payload("b.jpg", tall, "image/jpeg"), note)
    expect(waiting).to_have_count(3)
    expect(waiting.nth(0).locator("img")).to_be_visible()
    expect(waiting.nth(2)).to_contain_text("ghi chú.txt")
    expect(waiting.nth(2)).to_contain_text("8 byte")
    remove = waiting.nth(1).get_by_role("button", name="Remove b.jpg")
    remove.focus()
    an.page.keyboard.press("Enter")
    expect(waiting).to_have_count(2)
    expect(waiting.nth(1).get_by_role("button")).to_be_focused()
    choose(an, payload("c.jpg", tall, "image/jpeg"))
    expect(waiting).to_have_count(3)
    an.box.fill("Ảnh hôm nay")
    an.box.press("Enter")
    expect(waiting).to_have_count(0)
    expect(an.box).to_have_value("")
    message = binh.log.locator("article.message", has_text="Ảnh hôm nay")
    expect(message.locator(".cell")).to_have_count(2)
    expect(message).to_contain_text("ghi chú.txt")
    expect(pending(an)).to_have_count(0)
    assert [(f["name"], f["kind"]) for f in stored(an)] == [("a.png", "image"), ("ghi chú.txt", "file"), ("c.jpg", "image")]  # fmt: skip
    assert [(f.get("width"), f.get("height")) for f in stored(an)] == [(300, 200), (None, None), (200, 300)]
    assert download(binh, stored(binh)[1]) == b"xin chao"


@pytest.mark.slow
def test_a_picture_stands_in_the_timeline_at_once_and_nothing_moves(alone: Person) -> None:
    gate = "**/files/uploads/"
    routes: list[Route] = []
    alone.page.route(gate, lambda route: routes.append(route))
    choose(alone, payload("tall.png", picture(600, 900), "image/png"))
    expect(tray(alone)).to_have_count(1)
    alone.box.press("Enter")
    on_the_way = pending(alone).locator(".cell")
    expect(on_the_way.locator("img")).to_be_visible()
    before = on_the_way.bounding_box()
    assert before and before["height"] > before["width"] > 100
    alone.page.evaluate(WATCH_MOVES)
    routes[0].continue_()
    sent = alone.log.locator("article[data-seq] .cell")
    expect(sent).to_be_visible()
    assert sent.bounding_box() == before
    assert alone.page.evaluate("moved") == []


def test_dropped_on_the_conversation_and_pasted(alone: Person) -> None:
    an = alone
    data = an.page.evaluate_handle(DROP, ["một.txt", "hai.txt"])
    an.page.dispatch_event("#main", "dragenter", {"dataTransfer": data})
    target = an.page.locator(".drop-target")
    expect(target).to_contain_text("Drop files here")
    an.page.dispatch_event("#log", "drop", {"dataTransfer": data})
    expect(target).to_have_count(0)
    expect(tray(an)).to_have_count(2)
    an.context.grant_permissions(["clipboard-read", "clipboard-write"])
    an.page.evaluate(COPY_PICTURE, list(picture(40, 30)))
    an.box.focus()
    an.page.keyboard.press("Control+V")
    expect(tray(an)).to_have_count(3)
    expect(tray(an).last).to_contain_text("Picture")
    an.page.evaluate("navigator.clipboard.writeText('chữ '.repeat(2600))")
    an.page.keyboard.press("Control+V")
    expect(tray(an)).to_have_count(4)
    expect(tray(an).last).to_contain_text(".txt")
    expect(an.box).to_have_value("")
    an.box.fill("x" * 2500)
    an.page.get_by_role("button", name="Send as a file").click()
    expect(tray(an)).to_have_count(5)
    expect(an.box).to_have_value("")
    an.page.locator("#composer-send").click()
    expect(an.log.locator("article[data-seq] .cell")).to_have_count(1)
    files = stored(an)
    assert [f["name"].rpartition(".")[2] for f in files] == ["txt", "txt", "png", "txt", "txt"]
    assert download(an, files[1]) == b"dropped hai.txt"
    assert download(an, files[3]).decode() == "chữ " * 2600
    assert download(an, files[4]) == b"x" * 2500


@pytest.mark.slow
def test_what_is_too_large_or_of_another_kind_is_refused_before_its_first_byte(
    alone: Person, images_only: None
) -> None:
    alone.page.reload()
    alone.wait_live()
    asked: list[str] = []
    alone.page.on("request", lambda request: asked.append(request.url) if "/files/uploads" in request.url else None)
    choose(alone, payload("film.png", b"\0" * (21 << 20), "image/png"))
    expect(alone.toast).to_have_text("“film.png” is too large (21 MB). At most 20 MB can be sent here.")
    choose(alone, payload("a.pdf", b"%PDF-", "application/pdf"), payload("ok.png", picture(20, 20), "image/png"))
    expect(alone.toast).to_have_text("“a.pdf” is no picture. Only pictures can be sent here.")
    expect(tray(alone)).to_have_count(1)
    expect(tray(alone)).to_contain_text("ok.png")
    assert asked == []
    alone.box.press("Enter")
    expect(alone.log.locator("article[data-seq] .cell")).to_be_visible()
    assert asked


def test_a_large_file_to_one_person_is_offered_first(pair: Pair) -> None:
    an, binh = pair
    body = noise(5_500_000)
    uploads: list[str] = []
    an.page.on("request", lambda r: uploads.append(r.method) if "/files/uploads" in r.url else None)
    for accept in (False, True):
        choose(an, payload(f"film-{accept}.bin", body))
        expect(an.page.get_by_role("checkbox", name="Offer first")).to_be_checked()
        an.box.press("Enter")
        offer = an.log.locator("article[data-seq]", has_text=f"film-{accept}.bin")
        expect(offer).to_be_visible()
        assert not uploads
        seq = int(offer.get_attribute("data-seq") or 0)
        binh.post("offer.answer", conversation=binh.conversation, seq=seq, accept=accept)
    expect(binh.log.locator("article[data-seq]", has_text="film-True.bin")).to_be_visible()
    expect(an.log.get_by_text("Being sent")).to_have_count(0)
    binh.page.wait_for_function("() => document.querySelector('#log a[href*=\"film-True.bin\"]')")
    [file] = stored(binh)
    assert download(binh, file) == body
    assert uploads


@pytest.mark.slow
def test_a_voice_message_is_recorded_by_a_press_thrown_away_by_escape_and_sent_by_letting_go(pair: Pair) -> None:
    an, binh = pair
    button = an.page.get_by_role("button", name="Record a voice message")
    button.focus()
    an.page.keyboard.press("Enter")
    bar = an.page.get_by_role("group", name="Voice message")
    expect(bar.get_by_role("timer")).to_have_text("0:01")
    expect(bar.get_by_role("button", name="Send")).to_be_focused()
    an.page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    expect(button).to_be_focused()
    button.click()
    expect(bar.get_by_role("timer")).to_have_text("0:02")
    assert "v" in (bar.locator("path").first.get_attribute("d") or "")
    bar.get_by_role("button", name="Send").click()
    expect(binh.log.locator("article[data-seq]").nth(1)).to_be_visible()
    box = button.bounding_box()
    assert box
    an.page.mouse.move(box["x"] + 10, box["y"] + 10)
    an.page.mouse.down()
    expect(bar.get_by_role("timer")).to_have_text("0:01")
    an.page.mouse.up()
    expect(binh.log.locator("article[data-seq]").nth(2)).to_be_visible()
    first, second = stored(binh)
    assert first["kind"] == second["kind"] == "audio"
    assert 2000 <= first["duration"] < 4000
    assert len(first["peaks"]) == 64 and max(first["peaks"]) == 100 and min(first["peaks"]) < 90


@pytest.mark.slow
def test_on_a_phone_camera_photos_and_files_stand_in_a_menu(person: Callable[..., Person]) -> None:
    an = person("An", **PHONE)
    an.page.locator("#conversations .item").first.click()
    attach = an.page.get_by_role("button", name="Attach files")
    kinds = {"Camera": ("image/*", "environment", False), "Photos and videos": ("image/*,video/*", None, True), "File": ("", None, True)}  # fmt: skip
    for label, (accept, camera, several) in kinds.items():
        attach.tap()
        with an.page.expect_file_chooser() as chooser:
            an.page.get_by_role("menu").get_by_role("menuitem", name=label, exact=True).tap()
        element = chooser.value.element
        assert element.evaluate("(input) => [input.accept, input.getAttribute('capture'), input.multiple]") == [accept, camera, several]  # fmt: skip
    chooser.value.set_files(payload("ok.txt", b"ok", "text/plain"))
    expect(tray(an)).to_have_count(1)
    an.page.locator("#composer-send").tap()
    expect(an.log.locator("article[data-seq]", has_text="ok.txt")).to_be_visible()
