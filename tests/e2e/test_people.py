"""Friends, blocks, pictures, presence: what one person does is seen on the page of the other."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.e2e.person import Person

Make = Callable[..., Person]
Pair = tuple[Person, Person]
SOON = 2000  # ms


def picture(colour: str, size: tuple[int, int] = (300, 200)) -> dict:
    """A file as a person would choose it."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    return {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def people(who: Person) -> Locator:
    """Opens the list of people."""
    who.page.locator(".sidebar-head").get_by_role("button", name="Write to somebody").click()
    return who.page.get_by_role("dialog", name="Write to somebody")


def test_a_friend_is_asked_for_accepts_and_may_be_written_to(person: Make) -> None:
    an, binh, chi = person("An"), person("Bình"), person("Chi")
    an.post("options.save", options={"who_may_write": "friends"})
    for other in (binh, chi):
        dialog = people(other)
        dialog.get_by_label("Find people").fill(an.name)
        dialog.get_by_role("button", name=an.name).click()
        card = other.page.get_by_role("dialog", name="Profile")
        expect(card).to_contain_text("Only friends can write to this person.")
        card.get_by_role("button", name="Add friend").click()
        card.get_by_label("A few words").fill(f"It is me, {other.name}")
        card.get_by_role("button", name="Send request").click()
        expect(card.get_by_role("button", name="Withdraw the request")).to_be_visible()
        expect(an.toast).to_have_text(f"{other.name} wants to be your friend.")
    an.go()  # they wait for who was not there
    expect(an.page.get_by_role("button", name="Write to somebody, 2 friend requests")).to_be_visible()
    dialog = people(an)
    dialog.get_by_role("button", name="Friend requests").click()
    requests = an.page.get_by_role("dialog", name="Friend requests")
    row = requests.locator(".request", has_text=binh.name)
    expect(row).to_contain_text(f"It is me, {binh.name}")
    row.get_by_role("button", name="Accept").click()
    expect(binh.toast).to_have_text(f"You and {an.name} are friends now.", timeout=SOON)
    requests.locator(".request", has_text=chi.name).get_by_role("button", name="Decline").click()
    expect(requests).to_contain_text("No open requests")
    expect(chi.page.get_by_role("dialog", name="Profile").get_by_role("button", name="Add friend")).to_be_visible(
        timeout=SOON
    )
    card = binh.page.get_by_role("dialog", name="Profile")
    card.get_by_role("button", name="Write a message").click()
    expect(binh.title).to_have_text(an.name)
    binh.write("now I may")
    an.page.keyboard.press("Escape")
    an.open(binh.name)
    expect(an.bubble("now I may")).to_be_visible()


def test_a_block_closes_both_pages_and_taking_it_back_opens_them(pair: Pair) -> None:
    an, binh = pair
    an.page.get_by_role("button", name="Conversation info").click()
    an.info.get_by_role("button", name="Block this person").click()
    an.page.get_by_role("dialog", name="Block this person?").get_by_role("button", name="Block", exact=True).click()
    expect(binh.page.locator("#read-only")).to_contain_text("You cannot write to this person.", timeout=SOON)
    expect(binh.page.locator("#header p")).to_have_text("Offline", timeout=SOON)
    expect(binh.box).to_be_hidden()
    expect(binh.bubble("Chào Bình")).to_be_visible()
    expect(an.page.locator("#read-only")).to_contain_text("You have blocked this person.")
    expect(an.item(binh.name).locator(".dot")).to_have_count(0)
    expect(people(binh).get_by_text(an.name)).to_have_count(0)
    an.page.goto("/accounts/settings/")
    blocked = an.page.locator("section", has=an.page.get_by_role("heading", name="Blocked people"))
    blocked.locator("li", has_text=binh.name).get_by_role("button", name="Stop blocking").click()
    expect(blocked).to_contain_text("You have blocked nobody.")
    binh.page.keyboard.press("Escape")
    expect(binh.box).to_be_visible(timeout=SOON)
    binh.write("here again")
    an.go(f"/c/{binh.conversation}/")
    expect(an.bubble("here again")).to_be_visible()


@pytest.mark.slow
def test_a_picture_takes_the_place_of_letters_on_every_open_page(pair: Pair, device: Make, tmp_path: Path) -> None:
    an, binh = pair
    face = binh.item(an.name).locator(".avatar img")
    settings = device(an)
    settings.page.goto("/accounts/settings/")
    chooser = settings.page.get_by_label("Picture")
    chooser.set_input_files({"name": "big.jpg", "mimeType": "image/jpeg", "buffer": b"x" * (5 * 2**20 + 1)})
    expect(settings.page.locator("#picture-error")).to_have_text("The picture is too large: at most 5 MiB.")
    settings.allow(r"status of 400.*avatar")
    chooser.set_input_files({"name": "no.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    expect(settings.page.locator("#picture-error")).to_contain_text("This is no picture that can be used.")
    chooser.set_input_files(picture("red"))
    expect(settings.page.locator(".picture img[src^='/avatars/']")).to_be_visible()
    expect(face).to_have_js_property("naturalWidth", 44, timeout=SOON)  # it has been read: as large as it is shown
    expect(binh.page.locator("#header .avatar img")).to_be_visible()
    expect(an.page.locator("#me .avatar img")).to_be_visible()
    before = face.get_attribute("src")
    chooser.set_input_files(picture("blue"))
    expect(face).not_to_have_attribute("src", before or "", timeout=SOON)
    settings.page.get_by_role("button", name="Remove picture").click()
    expect(face).to_have_count(0, timeout=SOON)
    expect(binh.item(an.name).locator(".avatar")).to_have_text(re.compile("^A"))
    settings.page.locator("[name=status]").fill("in the library")
    settings.page.keyboard.press("Tab")
    expect(binh.page.locator("#header p")).to_have_text(re.compile("^Online · in the library"), timeout=SOON)


def test_options_hold_on_the_other_device_at_once_and_travel_as_a_file(
    pair: Pair, device: Make, tmp_path: Path
) -> None:
    an, _ = pair
    page = an.page
    other = device(an)
    other.page.goto("/accounts/settings/")
    other.page.get_by_role("radio", name="Dark").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark", timeout=1000)
    other.page.get_by_role("radio", name="Compact").check()
    expect(page.locator("html")).to_have_attribute("data-density", "compact", timeout=1000)
    other.page.get_by_label("Enter sends the message").uncheck()
    expect(other.page.locator("#saved")).to_have_text("Saved")
    expect(page.locator("#composer-hint")).to_contain_text("Ctrl", timeout=1000)
    an.box.fill("first line")
    an.box.press("Enter")
    an.box.press_sequentially("second line")
    expect(an.box).to_have_value("first line\nsecond line")

    with other.page.expect_download() as download:
        other.page.get_by_role("link", name="Save to a file").click()
    document = json.loads(download.value.path().read_text())
    assert document["version"] == 1 and document["options"]["theme"] == "dark"
    document["options"] |= {"theme": "light", "look_back": 5000, "no_such": 1}
    file = tmp_path / "options.json"
    file.write_text(json.dumps(document))
    other.page.get_by_label("Read from a file").set_input_files(file)
    expect(other.page.locator(".messages .warning")).to_have_count(2)
    expect(other.page.locator(".messages")).to_contain_text("look_back")
    expect(page.locator("html")).to_have_attribute("data-theme", "light", timeout=SOON)
    other.page.locator("[name=language]").select_option("vi")
    other.page.wait_for_function("() => document.documentElement.lang === 'vi'")
    page.evaluate("dispatchEvent(new Event('blur'))")  # nobody writes here any more
    expect(page.locator("html")).to_have_attribute("lang", "vi")


@pytest.fixture
def clock_pair(person: Make) -> Pair:
    """Two people who talk; the clock of the first one's page can be moved."""
    an, binh = person("An"), person("Bình")
    an.page.clock.install()
    an.talk_to(binh)
    an.write("Chào Bình")
    binh.open(an.name)
    return an, binh


@pytest.mark.slow
def test_away_after_five_minutes_and_busy_until_chosen_otherwise(clock_pair: Pair, device: Make) -> None:
    an, binh = clock_pair
    status = binh.page.locator("#header p")
    an.go(an.page.url)
    expect(status).to_have_text(re.compile("^Online"))
    an.page.clock.fast_forward("05:20")
    expect(status).to_have_text(re.compile("^Away"))
    expect(binh.item(an.name).locator(".dot.away")).to_be_visible()
    an.page.mouse.move(300, 300)
    expect(status).to_have_text(re.compile("^Online"))
    phone = device(an)  # somebody is there
    an.page.clock.fast_forward("05:20")
    an.page.locator("#me").click()
    an.page.get_by_role("button", name="Busy").click()
    expect(status).to_have_text(re.compile("^Busy"))
    expect(phone.page.locator("#me")).to_contain_text("Busy")
    an.page.reload()
    an.wait_live()
    expect(an.page.locator("#me")).to_contain_text("Busy")
    phone.page.locator("#me").click()
    phone.page.get_by_role("button", name="Invisible").click()
    expect(status).to_have_text("Offline")
    an.page.reload()  # a new connection does not give him away
    an.wait_live()
    expect(status).to_have_text("Offline")
    phone.page.locator("#me").click()
    phone.page.get_by_role("button", name="Online").click()
    expect(status).to_have_text(re.compile("^Online"))
