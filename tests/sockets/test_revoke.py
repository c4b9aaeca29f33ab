"""Whose right ends is put out within two seconds, and hears nothing that was written after (C4)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic

import pytest
import pytest_asyncio

from core.policies import FRESH_FOR
from tests.sockets.browser import PASSWORD, Browser
from tests.sockets.conftest import Join
from tests.sockets.peer import Peer, message
from tests.sockets.sites import Site

NEW = "other-Roses-9"
BLOCK = """
from accounts.actions import block_user
from accounts.models import User
block_user(None, User.objects.get(pk=given["user"]))
"""
DELETE = """
from accounts.actions import delete_account
from accounts.models import User
delete_account(None, User.objects.get(pk=given["user"]))
"""
POLICY = """
from accounts.actions import set_policies
set_policies(None, {"signin.sessions": given["sessions"]})
"""
Chatter = Callable[[Peer, Callable[[], object]], Awaitable[float]]


@pytest_asyncio.fixture(loop_scope="session")
async def chatter(site: Site, join: Join) -> AsyncIterator[Callable[..., Awaitable[float]]]:
    """Talks without a pause into Everyone while something is done, and until the sockets are put out."""
    ann = await join("ann")

    async def during(work: Callable[[], object], peers: list[Peer], code: int = 4003, strict: bool = True) -> float:
        running, done, after = True, asyncio.Event(), []

        async def talk() -> None:
            while running:
                late = done.is_set()
                change = (await ann.say(site.everyone, "busy"))["change"]
                if late:
                    after.append(change)

        talking = asyncio.create_task(talk())
        for peer in peers:
            await peer.see(message(site.everyone, "busy"))
        await asyncio.to_thread(work)
        done.set()
        start = monotonic()
        assert [await peer.ended() for peer in peers] == [code] * len(peers)
        took = monotonic() - start
        while len(after) < 5:
            await asyncio.sleep(0.01)
        running = False
        await talking
        heard = {event["number"] for peer in peers for event in peer.of(f"c:{site.everyone}")}
        if strict:
            assert not heard & set(after)
        return took

    yield during


async def test_session_ended_from_the_settings_page(site: Site, join: Join, chatter) -> None:
    name = next(site.extras)
    here = await join(name, device="here")
    there = [await join(name, device="there"), await join(name, server=1, device="there")]
    browser = site.browser(name, "here")
    action = re.search(r"/accounts/sessions/\d+/end/", browser.get("/accounts/settings/"))[0]
    took = await chatter(lambda: browser.submit("/accounts/settings/", action), there, strict=not site.scaled)
    assert took < 2
    await here.settled()
    status, _ = site.browser(name, "there").command("draft.save", conversation=site.everyone, body="x")
    assert status in (401, 403)
    again = await site.connect(name, device="there")
    assert await again.ended() == 4003 and again.events == []


async def test_sign_out(site: Site, join: Join, chatter) -> None:
    name = next(site.extras)
    mine = [await join(name), await join(name, server=1)]
    stays = await join(name, device="other")
    took = await chatter(
        lambda: site.browser(name).submit("/accounts/logout/", "/accounts/logout/"), mine, strict=not site.scaled
    )
    assert took < 2
    await stays.settled()


async def test_account_blocked_by_a_command(site: Site, join: Join, chatter) -> None:
    name = next(site.extras)
    mine = [await join(name), await join(name, server=1, device="other")]
    took = await chatter(lambda: site.run(BLOCK, user=site.people[name]), mine, strict=False)
    assert took < 2
    page = Browser(site.servers[0].port).submit("/accounts/login/", login=name, password=PASSWORD)
    assert page[0] == 403


async def test_password_changed_in_another_browser(site: Site, join: Join, chatter) -> None:
    name = next(site.extras)
    here = await join(name, device="here")
    there = [await join(name, device="there"), await join(name, server=1, device="there")]
    fields = {"oldpassword": PASSWORD, "password1": NEW}

    def change() -> None:
        assert site.browser(name, "here").submit("/accounts/password/change/", **fields)[0] == 302

    assert await chatter(change, there, strict=not site.scaled) < 2
    await here.settled()
    await join(name, device="here")
    gone = await site.connect(name, device="there")
    assert await gone.ended() == 4003 and gone.events == []


async def test_signed_in_on_another_device(site: Site, join: Join, chatter) -> None:
    name = next(site.extras)
    there = [await join(name), await join(name, server=1)]
    site.run(POLICY, sessions="kick")
    try:
        here = Browser(site.servers[0].port)
        here.get("/accounts/login/")
        await asyncio.sleep(FRESH_FOR)  # until every process has read the policy

        def sign_in() -> None:
            here.sign_in(name)

        assert await chatter(sign_in, there, code=4001, strict=False) < 2
        again = await site.connect(name)
        assert await again.ended() == 4001 and again.events == []
        status, answer = site.browser(name).command("draft.save", conversation=site.everyone, body="x")
        assert (status, answer["error"]["code"]) == (401, "displaced")
        site.browsers[name, "new"] = here
        await (await join(name, device="new")).settled()
    finally:
        site.run(POLICY, sessions="allow")
        await asyncio.sleep(FRESH_FOR)


async def test_account_deleted_by_a_command(site: Site, join: Join, chatter) -> None:
    name = next(site.extras)
    mine = [await join(name), await join(name, server=1, device="other")]
    took = await chatter(lambda: site.run(DELETE, user=site.people[name]), mine, strict=False)
    assert took < 2


async def test_one_time_password(site: Site, join: Join, chatter) -> None:
    name = next(site.extras)
    mine = await join(name)
    given: list[str] = []
    took = await chatter(lambda: given.append(site.servers[0].manage("reset_password", name)), [mine], strict=False)
    assert took < 2
    browser = site.browsers[name, "new"] = Browser(site.servers[0].port).sign_in(name, given[0].split()[-1])
    peer = await site.connect(name, device="new")
    assert await peer.ended() == 4003 and peer.events == []
    assert browser.command("draft.save", conversation=site.everyone, body="x")[0] == 403
    fields = {"oldpassword": given[0].split()[-1], "password1": NEW}
    assert browser.submit("/accounts/password/change/", **fields)[0] == 302
    await join(name, device="new")


@pytest.mark.parametrize("cookie", ["", "sessionid=nobody", "sessionid=" + "x" * 3000, "sessionid=; a=b", "=;;,"])
async def test_signed_out(site: Site, cookie: str) -> None:
    browser = Browser(site.servers[0].port)
    site.browsers["nobody", cookie] = browser
    browser.cookies = dict([cookie.split("=", 1)]) if cookie else {}
    peer = await site.connect("nobody", device=cookie)
    assert await peer.ended() == 4003 and peer.events == []
