"""The core flow where browsers see no secure context, as on a closed network, and the other server program."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from bench.server import Server
from tests.e2e.conftest import set_up, setup_link
from tests.e2e.files import choose, payload
from tests.e2e.person import Person

Visitor = Callable[..., Person]


def test_the_core_flow_works_at_a_name_on_plain_http(serve: Callable[..., Server], visitor: Visitor) -> None:
    server = serve()
    base = f"http://chat.lan:{server.port}"
    lan, thu = visitor("Lan", base), visitor("Thu", base)
    set_up(lan, server)
    assert lan.page.evaluate("[isSecureContext, typeof crypto.randomUUID, typeof navigator.clipboard, 'serviceWorker' in navigator]") == [
        False, "undefined", "undefined", False
    ]  # fmt: skip
    lan.page.locator("[data-open=people]:visible").first.click()
    nobody = lan.page.get_by_role("dialog").get_by_role("status")
    expect(nobody).to_contain_text("Nobody else is here yet")
    expect(nobody.get_by_role("link", name="Invite link")).to_have_attribute("href", "/admin/messaging/invitelink/add/")
    nobody.get_by_role("link", name="Add people").click()
    expect(lan.page.get_by_role("heading", name="Add an account")).to_be_visible()
    lan.page.go_back()
    lan.wait_live()

    thu.allow("status of 404")
    answer = thu.page.goto(setup_link(server))
    assert answer and answer.status == 404
    thu.sign_up()

    lan.talk_to(thu)
    lan.write("hello there")
    thu.open(lan.name)
    thu.write("hello yourself")
    expect(lan.bubble("hello yourself")).to_be_visible()
    lan.act(lan.bubble("hello yourself"), "Copy text")
    expect(lan.toast).to_have_text("Copied")
    lan.box.press("Control+V")
    expect(lan.box).to_have_value("hello yourself")

    lan.box.fill("")
    lan.page.get_by_role("button", name="Record a voice message").click(force=True)  # it is no button now, but says why
    expect(lan.toast).to_contain_text("Voice messages need an address with HTTPS")
    lan.page.keyboard.press("Control+/")
    expect(lan.page.get_by_role("dialog")).to_contain_text("Voice messages need an address with HTTPS")
    lan.page.keyboard.press("Escape")
    lan.box.fill("")
    expect(choose(lan, payload("ghi chú.txt", b"xin chao", "text/plain"))).to_have_count(1)
    lan.box.press("Enter")
    expect(thu.log.locator("article[data-seq]", has_text=".txt")).to_be_visible()

    lan.cut_off()
    bubble = lan.write("are you there?")
    expect(bubble.get_by_label("Being sent")).to_be_visible()
    expect(thu.write("yes").get_by_label("Sent", exact=True)).to_be_visible()
    lan.context.set_offline(False)
    expect(thu.bubble("are you there?")).to_be_visible()
    expect(lan.bubble("yes")).to_be_visible()
    expect(bubble.get_by_label("Read")).to_be_visible()
    assert lan.texts() == thu.texts() == ["hello there", "hello yourself", "yes", "are you there?"]


@pytest.mark.slow
def test_the_site_also_runs_on_daphne(serve: Callable[..., Server], visitor: Visitor) -> None:
    server = serve("--server", "daphne")
    base = f"http://127.0.0.1:{server.port}"
    lan, thu = visitor("Lan", base), visitor("Thu", base)
    set_up(lan, server)
    lan.page.locator("#me").click()
    lan.page.get_by_role("button", name="Sign out").click()
    lan.sign_in()
    thu.sign_up()
    lan.talk_to(thu)
    lan.write("over daphne")
    thu.open(lan.name)
    thu.write("and back")
    expect(lan.bubble("and back")).to_be_visible()
    expect(lan.bubble("over daphne").get_by_label("Read")).to_be_visible()
