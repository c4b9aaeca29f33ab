"""Files as they look: pictures that move nothing, pictures that move, the viewer, sounds, films, cards, offers, all files of a conversation."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.e2e.measure import layout_faults
from tests.e2e.person import Person
from tests.e2e.shared import moving, offer, photo, send, sound, upload
from tests.e2e.test_axe import RUN

SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifts += entry.value; }).observe({ type: "layout-shift", buffered: true });
"""
LOADED = "(image) => image.complete && image.naturalWidth > 0"
# Half a second of a picture that changes, as a browser records it.
FILM = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 }), context = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" }), parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const done = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let n = 0; n < 30; n++) {
    context.fillStyle = `hsl(${n * 12} 80% 50%)`;
    context.fillRect(0, 0, 160, 90);
    await new Promise((next) => setTimeout(next, 40));
  }
  recorder.stop();
  await done;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""
# No colour is on its way to another any more.
SETTLED = """async () => {
  await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
  await Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished));
}"""
BELOW = "() => { const s = document.getElementById('scroller'); s.scrollTop = s.scrollHeight; }"


def row(person: Person, seq: int) -> Locator:
    """A message by its number."""
    return person.log.locator(f'[data-seq="{seq}"]')


def place_of(part: Locator) -> tuple[int, ...]:
    """Where it stands and how large it is, in whole pixels."""
    box = part.bounding_box()
    assert box
    return round(box["x"]), round(box["y"]), round(box["width"]), round(box["height"])


def shown(image: Locator) -> None:
    """Until a picture has been decoded."""
    image.page.wait_for_function(LOADED, arg=image.element_handle())


def problems(page: Page) -> list[str]:
    """What axe finds in both themes."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(f"() => matchMedia('(prefers-color-scheme: {theme})').matches")
        page.evaluate(SETTLED)
        found += page.evaluate(RUN)
    return found


def test_a_picture_comes_into_its_room_and_moves_nothing(pair: tuple[Person, Person]) -> None:
    an, binh = pair
    where = an.conversation
    for number in range(40):
        an.post("message.send", conversation=where, client_id=f"line-{number:04}", body=f"line {number}")
    early = send(an, where, upload(an, "early.jpg", photo(900, 1600), width=900, height=1600), body="early")
    binh.context.add_init_script(SHIFTS)
    binh.go(f"/c/{where}/")
    binh.page.evaluate(BELOW)
    shown(row(binh, early).locator("img"))
    # He reads above; what comes below and is processed moves nothing.
    binh.page.evaluate("() => { document.getElementById('scroller').scrollTop = 300; }")
    place = place_of(row(binh, 12))
    late = send(an, where, upload(an, "late.jpg", photo(1600, 900), width=1600, height=900))
    expect(row(binh, late).locator("img")).to_be_attached()
    assert place_of(row(binh, 12)) == place
    binh.page.evaluate(BELOW)
    picture = row(binh, late).locator(".cell")
    shown(picture.locator("img"))
    assert place_of(picture)[2:] == (360, 203)
    assert binh.page.evaluate("window.shifts") <= 0.02
    expect(row(an, late).get_by_label("Read")).to_be_visible()  # no line over what is new
    # The same rooms stand in the rows that come with the page, before any script.
    binh.context.route("**/*.js", lambda route: route.abort())
    binh.allow("ERR_FAILED")
    binh.page.goto(f"/c/{where}/")
    rooms = [place_of(binh.log.locator(".cell").nth(at)) for at in (-2, -1)]
    binh.context.unroute("**/*.js")
    binh.go(f"/c/{where}/")
    shown(row(binh, late).locator("img"))
    assert rooms == [place_of(row(binh, seq).locator(".cell")) for seq in (early, late)]
    assert binh.page.evaluate("window.shifts") <= 0.02
    expect(an.item(binh.name).locator(".item-preview")).to_have_text("You: [Photo]")


@pytest.mark.slow
def test_what_moves_does_so_where_it_is_seen_and_not_where_stillness_is_wanted(
    pair: tuple[Person, Person], device: Callable[..., Person]
) -> None:
    an, binh = pair
    where = an.conversation
    seq = send(an, where, upload(an, "move.gif", moving(), width=240, height=160))
    picture = row(binh, seq).locator("img")
    expect(picture).to_have_class("moves")
    shown(picture)
    seen = {picture.screenshot() for _ in range(6)}
    assert len(seen) > 1
    row(binh, seq).get_by_label("Play or pause the animation").click()
    expect(picture).not_to_have_class("moves")
    row(binh, seq).get_by_label("Play or pause the animation").click()
    for number in range(40):
        an.post("message.send", conversation=where, client_id=f"line-{number:04}", body=f"line {number}")
    expect(binh.bubble("line 39")).to_be_in_viewport()
    expect(picture).not_to_have_class("moves")  # nobody sees it
    still = device(binh, reduced_motion="reduce")
    still.go(f"/c/{where}/{seq}/")
    expect(row(still, seq).locator("img")).to_have_attribute("src", picture.get_attribute("data-still") or "")
    row(still, seq).get_by_label("Play or pause the animation").click()
    expect(row(still, seq).locator("img")).to_have_class("moves")


def test_the_viewer_goes_by_keys_and_fingers_and_gives_the_focus_back(pair: tuple[Person, Person]) -> None:
    an, binh = pair
    where = an.conversation
    seqs = [
        send(an, where, upload(an, f"p{n}.jpg", photo(800 + n, 600), width=800 + n, height=600), body="sea" * (n == 1))
        for n in range(3)
    ]
    page = binh.page
    opener = row(binh, seqs[1]).get_by_label("Picture p1.jpg")
    shown(opener.locator("img"))
    row(binh, seqs[1]).focus()
    page.keyboard.press("o")
    viewer = page.get_by_role("dialog", name="Picture viewer")
    image = viewer.locator(".lightbox-stage img")
    expect(image).to_have_attribute("alt", "Picture p1.jpg")
    expect(viewer.locator(".lightbox-caption")).to_have_text("sea")
    expect(viewer).to_contain_text("2 of 3")
    shown(image)
    assert not problems(page)
    page.keyboard.press("ArrowRight")
    expect(image).to_have_attribute("alt", "Picture p2.jpg")
    expect(viewer.get_by_label("Later picture")).to_be_hidden()
    page.keyboard.press("+")
    expect(viewer).to_have_class("lightbox zoomed")
    page.keyboard.press("0")
    expect(viewer).not_to_have_class("lightbox zoomed")
    box = viewer.locator(".lightbox-stage").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.dblclick(*middle)
    expect(viewer).to_have_class("lightbox zoomed")
    page.mouse.dblclick(*middle)
    expect(viewer).not_to_have_class("lightbox zoomed")
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 150, middle[1], steps=5)
    page.mouse.up()  # swiped to the earlier one
    expect(image).to_have_attribute("alt", "Picture p1.jpg")
    with page.expect_download() as download:
        viewer.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "p1.jpg"
    an.post("message.recall", conversation=where, seq=seqs[1])
    expect(image).not_to_have_attribute("alt", "Picture p1.jpg")
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    opener = row(binh, seqs[0]).get_by_label("Picture p0.jpg")
    opener.click()
    expect(viewer).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_sounds_and_films_play_in_place_and_can_be_gone_through(pair: tuple[Person, Person]) -> None:
    an, binh = pair
    where, page = an.conversation, binh.page
    peaks = ",".join(str(20 + n) for n in range(64))
    voice = send(an, where, upload(an, "voice.wav", sound(), voice=1, duration=8000, peaks=peaks))
    music = send(an, where, upload(an, "Bài hát.wav", sound(), duration=8000))
    expect(binh.item(an.name).locator(".item-preview")).to_have_text("[Audio] Bài hát.wav")
    player = row(binh, voice).locator("sound-player")
    expect(player.locator(".wave rect")).to_have_count(64)
    player.get_by_label("Play Voice message").click()
    expect(player.get_by_label("Pause Voice message")).to_be_visible()
    expect(player.locator(".wave rect.on").first).to_be_attached()
    player.get_by_label("Speed 1×").click()
    expect(player.get_by_label("Speed 1.5×")).to_be_visible()
    row(binh, music).get_by_label("Play Bài hát.wav").click()  # one at a time
    expect(player.get_by_label("Play Voice message")).to_be_visible()
    seek = row(binh, music).get_by_label("Position in Bài hát.wav")
    seek.fill("60")
    expect(row(binh, music).locator(".sound-facts")).to_contain_text("0:05 / 0:08")
    film = base64.b64decode(page.evaluate(FILM))
    asked: list[str] = []
    page.on(
        "response",
        lambda answer: (
            asked.append(f"{answer.status} {answer.request.headers.get('range')}")
            if "film.webm" in answer.url
            else None
        ),
    )
    seq = send(an, where, upload(an, "film.webm", film, duration=1200, width=160, height=90))
    video = row(binh, seq).locator("video")
    row(binh, seq).get_by_label("Play film.webm").click()
    page.wait_for_function("(video) => video.currentTime > 0.2", arg=video.element_handle())
    expect(row(binh, music).get_by_label("Play Bài hát.wav")).to_be_visible()
    video.evaluate(
        "(video) => new Promise((done) => { video.pause(); video.onseeked = done; video.currentTime = 0.1; })"
    )
    assert "206 bytes=0-" in asked


NAMES = (
    "invoice\u202egpj.exe", "<img src=x onerror=alert(1)>.html", "W" * 240 + ".pdf", "龘" * 60 + ".docx", "no ending",
    "báo cáo tháng mười một của cả trường.xlsx",
)  # fmt: skip


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.slow)])
def test_hostile_names_and_all_shapes_fit(pair: tuple[Person, Person], width: int) -> None:
    an, binh = pair
    where, page = an.conversation, binh.page
    for name in NAMES:
        last = send(an, where, upload(an, name, b"x" * 2000))
    sizes = ((1200, 900), (60, 40), (3000, 200), (150, 2000), (640, 640), (900, 500))
    tokens = [
        upload(an, f"s{n}.png", photo(*size, kind="PNG"), width=size[0], height=size[1]) for n, size in enumerate(sizes)
    ]
    for token in tokens[:4]:
        send(an, where, token)
    for count in (2, 3, 4, 6):
        last = send(an, where, *tokens[:count], body="W" * 120)
    offer(an, where, NAMES[2])
    offer(binh, where, NAMES[1])
    found: list[str] = []
    for one in (width, 390 if width == 360 else 768):
        page.set_viewport_size({"width": one, "height": 800})
        for seq in range(2, last + 3, 4):
            page.goto(f"/c/{where}/{seq}/")
            binh.wait_live()
            expect(row(binh, seq).locator(".files > * > *").first).to_be_attached()
            found += layout_faults(page, one, touch=False)
    assert not found, "\n".join(sorted(set(found)))
    assert "\u202e" not in (binh.log.text_content() or "") and binh.log.locator("img[src=x]").count() == 0
    page.goto(f"/c/{where}/2/")
    card = row(binh, 2).locator(".file-card")
    expect(card.locator(".file-name")).to_contain_text("gpj.exe")
    expect(card.locator(".file-icon")).to_have_text("exe")
    with page.expect_download() as download:
        card.click()
    assert download.value.suggested_filename.endswith(".exe") and "download" in download.value.url
    assert not problems(page)


@pytest.mark.slow
def test_all_files_of_a_conversation_stand_in_its_panel(pair: tuple[Person, Person]) -> None:
    an, binh = pair
    where, page = an.conversation, binh.page
    pictures = [
        send(an, where, upload(an, f"p{n}.png", photo(300, 200, kind="PNG"), width=300, height=200)) for n in range(3)
    ]
    send(an, where, upload(an, "song.wav", sound(2), duration=2000))
    paper = send(an, where, upload(an, "paper.pdf", b"%PDF-1.4 " + b"x" * 999))
    an.post("message.send", conversation=where, client_id="with-link", body="see https://example.org/timetable")
    shown(row(binh, pictures[-1]).locator("img"))
    page.get_by_role("button", name="Conversation info", expanded=False).click()
    binh.info.get_by_role("button", name="Pictures, files and links").click()
    panel = binh.info
    expect(panel.locator(".shared-picture")).to_have_count(3)
    assert not problems(page)
    panel.locator(".shared-picture").first.click()
    viewer = page.get_by_role("dialog", name="Picture viewer")
    expect(viewer.locator(".lightbox-stage img")).to_have_attribute("alt", "Picture p2.png")
    page.keyboard.press("ArrowLeft")
    expect(viewer.locator(".lightbox-stage img")).to_have_attribute("alt", "Picture p1.png")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape") if panel.get_by_role("tab").count() == 0 else None
    panel.get_by_role("tab", name="Pictures").focus()
    page.keyboard.press("ArrowRight")
    expect(panel.locator("sound-player")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(panel.locator(".shared-line")).to_contain_text("paper.pdf")
    send(an, where, upload(an, "newer.pdf", b"%PDF-1.4 " + b"y" * 99))
    expect(panel.locator(".shared-line").first).to_contain_text("newer.pdf")
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("link", name="example.org/timetable")).to_have_attribute(
        "href", "https://example.org/timetable"
    )
    assert not problems(page)
    panel.get_by_role("tab", name="Files").click()
    panel.locator(".shared-line", has_text="paper.pdf").get_by_label("Go to the message").click()
    expect(row(binh, paper)).to_be_focused()


def test_an_offer_and_its_answer_are_seen_by_both(pair: tuple[Person, Person]) -> None:
    an, binh = pair
    where = an.conversation
    for seq, name, act, mine, theirs in (
        (offer(an, where, "one.zip"), "one.zip", "Refuse", f"{binh.name} refused it", "You refused it"),
        (offer(an, where, "two.zip"), "two.zip", "Accept", None, f"Accepted. {an.name} is sending it…"),
    ):
        expect(row(an, seq)).to_contain_text(f"Waiting until {binh.name} accepts")
        expect(binh.item(an.name).locator(".item-preview")).to_have_text("[File] two.zip")
        assert name in row(binh, seq).inner_text()
        row(binh, seq).get_by_role("button", name=act).click()
        expect(row(binh, seq)).to_contain_text(theirs)
        if mine:
            expect(row(an, seq)).to_contain_text(mine)
        expect(row(an, seq).get_by_role("button", name="Withdraw")).to_have_count(0)
    seq = offer(an, where, "three.zip")
    row(an, seq).get_by_role("button", name="Withdraw").click()
    expect(row(binh, seq)).to_contain_text(f"{an.name} withdrew it")
    expect(row(binh, seq).get_by_role("button", name="Accept")).to_have_count(0)
    assert not problems(binh.page)
