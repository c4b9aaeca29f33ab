"""A file offered to one person, over real sockets and real uploads: taken, refused, too late."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import random
from base64 import b64encode
from typing import Any

from tests.sockets.browser import Browser
from tests.sockets.conftest import Join
from tests.sockets.peer import Peer, client_ids, message
from tests.sockets.sites import Site

EXPIRE = """
from django.utils import timezone
from files.models import Offer
from messaging.actions.offers import expire_offers
Offer.objects.filter(pk=given["offer"]).update(expires_at=timezone.now())
print(expire_offers())
"""
PROCESS = """
from files.models import StoredFile
from files.processing import process
process(StoredFile.objects.get(token=given["token"]).pk)
"""
WHOLE = random.Random(7).randbytes(300_000)


def ask(browser: Browser, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers and bytes of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=20)
    own = {"Cookie": browser.cookie, "Origin": f"http://127.0.0.1:{browser.port}", "Tus-Resumable": "1.0.0"}
    try:
        connection.request(
            method, path, body, {**own, **{name.replace("_", "-"): value for name, value in headers.items()}}
        )
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def announce(browser: Browser, offer: int, size: int) -> tuple[int, Any]:
    """Begin the upload of what was accepted."""
    metadata = (
        f"filename {b64encode('Phim 电影.bin'.encode()).decode()},offer {b64encode(str(offer).encode()).decode()}"
    )
    status, headers, _ = ask(browser, "POST", "/files/uploads/", Upload_Length=str(size), Upload_Metadata=metadata)
    return status, headers


def upload(browser: Browser, offer: int) -> str:
    """All of it, in two pieces; the token of the file."""
    status, headers = announce(browser, offer, len(WHOLE))
    assert status == 201, status
    place = headers["Location"].removeprefix(f"http://127.0.0.1:{browser.port}")
    for start, stop in ((0, 100_000), (100_000, len(WHOLE))):
        piece = {"Upload_Offset": str(start), "Content_Type": "application/offset+octet-stream"}
        status, headers, text = ask(browser, "PATCH", place, WHOLE[start:stop], **piece)
        assert (status, headers["Upload-Offset"]) == (204, str(stop)), text
    return headers["Upload-File"]


def is_ready(message: dict[str, Any]) -> bool:
    """Whether its file has been looked at: until then only its owner may read it."""
    return [file["status"] for file in message.get("files", ())] == ["ready"]


async def offered(ann: Peer, ben: Peer, talk: int, size: int = len(WHOLE)) -> tuple[int, int]:
    """ann offers a file and both see it; the message's seq and the offer's id."""
    data = {"conversation": talk, "client_id": next(client_ids), "name": "Phim 电影.bin", "size": size}
    seq = (await ann.command("file.offer", data))["seq"]
    return seq, (await state(ann, ben, talk, seq, "offered"))["offer"]["id"]


async def state(ann: Peer, ben: Peer, talk: int, seq: int, wanted: str) -> dict[str, Any]:
    """The message, when both have it in this state."""

    def is_it(event: dict[str, Any]) -> bool:
        return message(talk, seq=seq)(event) and event["data"].get("offer", {}).get("state") == wanted

    one, other = await ann.see(is_it, 15), await ben.see(is_it, 15)
    assert one["data"] == other["data"] and one["number"] == other["number"]
    return one["data"]


async def test_accepted_uploaded_downloaded_and_taken_back(site: Site, join: Join) -> None:
    ann, ben = await join("ann"), await join("ben", server=1)
    mine, his, hers = [await asyncio.to_thread(site.browser, name) for name in ("ann", "ben", "cho")]
    talk = (await ann.command("direct.open", {"user": ben.user}))["id"]
    seq, offer = await offered(ann, ben, talk)
    assert (await asyncio.to_thread(announce, mine, offer, len(WHOLE)))[0] == 404  # not before he has agreed
    await ben.command("offer.answer", {"conversation": talk, "seq": seq, "accept": True})
    await state(ann, ben, talk, seq, "accepted")
    assert (await asyncio.to_thread(announce, his, offer, len(WHOLE)))[0] == 404
    token = await asyncio.to_thread(upload, mine, offer)
    done = await state(ann, ben, talk, seq, "done")
    assert [(file["token"], file["size"]) for file in done["files"]] == [(token, len(WHOLE))]
    if site.scaled:  # these servers have no workers
        await asyncio.to_thread(site.run, PROCESS, token=token)
    await ben.see(lambda event: message(talk, seq=seq)(event) and is_ready(event["data"]), 20)
    path = f"/files/{token}/x.bin"
    status, headers, held = await asyncio.to_thread(ask, his, "GET", path)
    assert (status, hashlib.sha256(held).digest()) == (200, hashlib.sha256(WHOLE).digest())
    assert headers["Content-Disposition"].startswith("attachment")
    assert (await asyncio.to_thread(ask, hers, "GET", path))[0] == 404
    assert await ben.refused("offer.answer", {"conversation": talk, "seq": seq, "accept": False}) == "conflict"
    await ann.command("message.recall", {"conversation": talk, "seq": seq})
    gone = await ben.see(lambda event: message(talk, seq=seq)(event) and event["data"]["recalled_at"] is not None)
    assert "files" not in gone["data"] and "offer" not in gone["data"]
    assert (await asyncio.to_thread(ask, his, "GET", path))[0] == 404


async def test_refused_withdrawn_and_expired(site: Site, join: Join) -> None:
    ann, ben = await join("ann"), await join("ben", server=1)
    mine = await asyncio.to_thread(site.browser, "ann")
    talk = (await ann.command("direct.open", {"user": ben.user}))["id"]
    for name, who, data in (("refused", ben, {"accept": False}), ("withdrawn", ann, {})):
        seq, offer = await offered(ann, ben, talk)
        command = "offer.answer" if data else "offer.withdraw"
        await who.command(command, {"conversation": talk, "seq": seq, **data})
        await state(ann, ben, talk, seq, name)
        assert (await asyncio.to_thread(announce, mine, offer, len(WHOLE)))[0] == 404
    seq, offer = await offered(ann, ben, talk)
    await ben.command("offer.answer", {"conversation": talk, "seq": seq, "accept": True})
    assert await asyncio.to_thread(site.run, EXPIRE, offer=offer) == 1
    await state(ann, ben, talk, seq, "expired")
    assert (await asyncio.to_thread(announce, mine, offer, len(WHOLE)))[0] == 404
