"""Files for tests, and what they look like on their way."""

from __future__ import annotations

import io
import random
from typing import Any
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Locator, Request, Route, expect

from tests.e2e.person import Person

PIECE = 4 << 20  # bytes of one request
UPLOADS = "**/files/uploads/**"


def picture(width: int, height: int, format: str = "PNG") -> bytes:
    """A picture of many colours."""
    out = io.BytesIO()
    Image.radial_gradient("L").resize((width, height)).convert("RGB").save(out, format)
    return out.getvalue()


def noise(size: int) -> bytes:
    """Bytes that are like no others."""
    return random.Random(size).randbytes(size)


def payload(name: str, body: bytes, type: str = "application/octet-stream") -> Any:
    """A file for the picker."""
    return {"name": name, "mimeType": type, "buffer": body}


def choose(who: Person, *files: Any) -> Locator:
    """Chooses files with the button; the tray."""
    with who.page.expect_file_chooser() as chooser:
        who.page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(list(files))
    return tray(who)


def tray(who: Person) -> Locator:
    """What waits above the box."""
    return who.page.get_by_role("list", name="Files to send").get_by_role("listitem")


def pending(who: Person) -> Locator:
    """Messages on their way."""
    return who.log.locator("article[data-client]")


def stored(who: Person) -> list[dict[str, Any]]:
    """The files of the conversation as the server has them, in order."""
    page = who.context.request.get(f"/api/conversations/{who.conversation}/messages?limit=100").json()
    return [file for message in page["messages"] for file in message.get("files", [])]


def download(who: Person, file: dict[str, Any]) -> bytes:
    """The bytes of a file; others get them once the server has looked into it."""
    while next(f for f in stored(who) if f["token"] == file["token"])["status"] == "processing":
        who.page.wait_for_timeout(100)
    answer = who.context.request.get(f"/files/{file['token']}/{quote(file['name'])}?download")
    assert answer.ok, answer.status
    return answer.body()


def offsets(who: Person) -> list[int]:
    """Where the pieces begin that his page sends from now on."""
    seen: list[int] = []

    def on(request: Request) -> None:
        if request.method == "PATCH":
            seen.append(int(request.headers["upload-offset"]))

    who.page.on("request", on)
    return seen


class Gate:
    """Lets the first piece of an upload through and holds the next one, until it is opened; notes the offsets."""

    def __init__(self, who: Person) -> None:
        self.who, self.offsets, self.held = who, list[int](), list[Route]()
        who.page.route(UPLOADS, self.meet)

    def meet(self, route: Route) -> None:
        """One request."""
        request: Request = route.request
        if request.method != "PATCH":
            route.continue_()
            return
        self.offsets.append(int(request.headers["upload-offset"]))
        if self.offsets[-1] >= PIECE:
            self.held.append(route)
        else:
            route.continue_()

    def wait(self) -> None:
        """Until the second piece is under way."""
        expect(pending(self.who).locator(".sending-text").first).to_contain_text("of")
        while not self.held:
            self.who.page.wait_for_timeout(50)

    def open(self) -> None:
        """Whatever comes from now on goes through."""
        self.who.page.unroute(UPLOADS)
