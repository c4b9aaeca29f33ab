"""The morning of a school: five hundred people sign in within a minute from one address, and some of them mistype."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from bench.browser import Browser
from bench.server import PASSWORD, Load, Server

PUPILS = 500
AT_ONCE = 100  # computers that ask at the same moment
SLIP = 10  # every tenth mistypes first


@pytest.mark.full
@pytest.mark.timeout(300)
def test_five_hundred_behind_one_address_sign_in_within_a_minute(served: Callable[..., tuple[Server, Load]]) -> None:
    server, load = served(users=PUPILS + 1, conversations=1, members=2)

    def come(place: int) -> tuple[list[int], float]:
        begun = monotonic()
        browser, told = Browser(server.port, timeout=120), []
        for password in ["mistyped", PASSWORD] if place % SLIP == 0 else [PASSWORD]:
            told.append(browser.submit("/accounts/login/", login=load.names[1 + place], password=password)[0])
        assert b'id="snapshot"' in browser.get("/")
        browser.close()
        return told, monotonic() - begun

    start = monotonic()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = list(threads.map(come, range(PUPILS)))
    took = monotonic() - start
    waits = sorted(wait for _, wait in found)
    print(f"{PUPILS} sign-ins and their first pages in {took:.1f} s; the longest of one {waits[-1]:.1f} s")
    assert Counter(map(tuple, (told for told, _ in found))) == {
        (302,): PUPILS - PUPILS // SLIP,
        (200, 302): PUPILS // SLIP,
    }
    assert took < 60
