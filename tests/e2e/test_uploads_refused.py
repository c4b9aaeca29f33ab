"""Files that the server cannot take, or not yet: what the card says, and that it goes on when the reason is gone."""

import resource
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from bench.browser import Browser as Http
from bench.server import Server
from core.policies import FRESH_FOR
from tests.e2e.conftest import setup_link
from tests.e2e.files import PIECE, choose, download, noise, offsets, payload, picture, stored
from tests.e2e.person import PASSWORD, Person

ROOM = 3 * PIECE
PROCESS = "from files import models, processing; [processing.process(pk) for pk in models.StoredFile.objects.values_list('pk', flat=True)]"


@pytest.fixture
def policy(server: Server) -> Iterator[Callable[..., None]]:
    """Sets a policy of the site, and puts it back where the test has not."""
    usual: dict[str, object] = {"files.quota": 2048, "files.kinds": "all"}
    now = dict(usual)

    def change(name: str, value: object) -> None:
        now[name] = value
        server.manage("shell", "-c", f"from accounts.actions import set_policies; set_policies(None, {now!r})")
        time.sleep(FRESH_FOR)  # by then the server has asked the table again

    yield change
    for name in usual:
        if now[name] != usual[name]:
            change(name, usual[name])


def no_room(server: Server, size: int) -> None:
    """From now on no file of the server grows beyond this: its writes fail as on a full disk."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_full_disk_is_said_on_the_card_and_retry_goes_on_from_there(alone: Person, server: Server) -> None:
    an, body = alone, noise(ROOM + PIECE)
    an.allow("507")
    no_room(server, ROOM + 1000)
    try:
        choose(an, payload("lớn.bin", body))
        an.page.get_by_role("checkbox", name="Offer first").uncheck()
        an.box.press("Enter")
        failed = an.log.locator("article.failed")
        expect(failed).to_contain_text("The server has no room for files left.")
        assert stored(an) == []
    finally:
        no_room(server, resource.RLIM_INFINITY)
    seen = offsets(an)
    failed.get_by_role("button", name="Retry").click()
    expect(an.log.locator("article[data-seq]", has_text="bin")).to_be_visible()
    assert seen == [ROOM]
    assert download(an, stored(an)[0]) == body


@pytest.mark.slow
def test_a_quota_that_is_reached_is_said_on_the_card_and_retry_works_when_there_is_room(
    alone: Person, policy: Callable[..., None]
) -> None:
    an, body = alone, noise(1_500_000)
    an.allow("403")
    policy("files.quota", 1)
    choose(an, payload("nhiều.bin", body))
    an.box.press("Enter")
    failed = an.log.locator("article.failed")
    expect(failed).to_contain_text("Your files have used up the 1 MiB that each person has.")
    policy("files.quota", 2048)
    failed.get_by_role("button", name="Retry").click()
    expect(an.log.locator("article[data-seq]", has_text="bin")).to_be_visible()
    assert download(an, stored(an)[0]) == body


@pytest.mark.slow
def test_what_is_found_to_be_of_another_kind_than_its_name_said_is_removed_and_the_card_says_so(
    alone: Person, policy: Callable[..., None]
) -> None:
    an = alone
    policy("files.kinds", "images")
    an.page.reload()
    an.wait_live()
    choose(an, payload("program.png", b"MZ no picture", "image/png"), payload("ok.png", picture(90, 60), "image/png"))
    an.box.press("Enter")
    message = an.log.locator("article.with-files[data-seq]")
    expect(message).to_contain_text("Removed: files of this kind may not be sent here.")
    expect(message.locator(".cell img")).to_have_count(1)
    expect(message.get_by_role("link")).to_have_count(0)
    [removed] = [file for file in stored(an) if file["name"] == "program.png"]
    assert removed["status"] == "refused"
    assert an.context.request.get(f"/files/{removed['token']}/program.png").status == 404


@pytest.mark.slow
@pytest.mark.timeout(240)  # a site of its own
def test_while_no_worker_runs_the_card_says_so_and_goes_on_when_there_is_one(
    serve: Callable[..., Server], visitor: Callable[..., Person]
) -> None:
    server = serve("--no-worker")
    fields = {"username": "head", "display_name": "Head Teacher", "password": PASSWORD, "language": "en"}
    assert Http(server.port).submit(setup_link(server), site_name="Lighthouse School", **fields)[0] == 302
    an, binh = (visitor(name, f"http://127.0.0.1:{server.port}").join() for name in ("An", "Binh"))
    talk = an.post("direct.open", user=binh.id)["id"]
    for who in (an, binh):
        who.go(f"/c/{talk}/")
    choose(an, payload("ảnh.png", picture(300, 200), "image/png"), payload("b.pdf", b"%PDF-1.7", "application/pdf"))
    an.box.press("Enter")
    there = binh.log.locator("article.with-files[data-seq]")
    expect(there.get_by_label("Being prepared…")).to_be_visible()
    expect(there.locator(".file-card")).to_contain_text("Being prepared…")
    assert [binh.context.request.get(f"/files/{file['token']}/x").status for file in stored(binh)] == [404, 404]
    server.manage("shell", "-c", PROCESS)  # what the worker does when it is there again
    expect(there.locator(".cell img")).to_be_visible()
    expect(there.get_by_role("link", name="Download b.pdf")).to_be_visible()
