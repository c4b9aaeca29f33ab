"""`/metrics`: who may read it, and what stands there."""

from __future__ import annotations

import pytest
from django.test import Client

from realtime import dispatch
from tests.cast import Cast

TOKEN = "a-token-of-thirty-letters-or-so"
LOCAL = {"HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1"}


def status(**headers: str) -> int:
    """Of a request with these headers."""
    return Client().get("/metrics", **headers).status_code


def test_this_machine_may_read_it_and_nobody_else() -> None:
    assert status(**LOCAL) == 200
    assert status(**{**LOCAL, "HTTP_HOST": "[::1]:8000", "REMOTE_ADDR": "::1"}) == 200
    assert status(**{**LOCAL, "REMOTE_ADDR": "192.168.1.7"}) == 403
    assert status(**{**LOCAL, "REMOTE_ADDR": ""}) == 403


@pytest.mark.parametrize("proxies", [0, 1])
@pytest.mark.parametrize(
    "header", ["X_FORWARDED_FOR", "FORWARDED", "X_REAL_IP", "X_FORWARDED_HOST", "X_FORWARDED_PROTO", "VIA"]
)
def test_what_a_proxy_on_this_machine_passes_on_is_not_local(settings, header: str, proxies: int) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert status(**LOCAL) == 200
    for value in ("203.0.113.9", "127.0.0.1", ""):
        assert status(**LOCAL, **{f"HTTP_{header}": value}) == 403


def test_a_proxy_that_tells_nothing_passes_on_the_name_of_the_site(settings) -> None:
    settings.ALLOWED_HOSTS = ["chat.example", "localhost"]
    assert status(**{**LOCAL, "HTTP_HOST": "chat.example"}) == 403


def test_the_token_opens_it_from_elsewhere(settings) -> None:
    far = {"REMOTE_ADDR": "192.168.1.7", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    settings.METRICS_TOKEN = TOKEN
    assert status(**far, HTTP_AUTHORIZATION=f"Bearer {TOKEN}") == 200
    assert status(**far, HTTP_AUTHORIZATION=f"bearer {TOKEN}") == 200
    for wrong in (f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer ", "Bearer tökén"):
        assert status(**far, HTTP_AUTHORIZATION=wrong) == 403
    settings.METRICS_TOKEN = ""  # none is set: an empty one is no key
    assert status(**far, HTTP_AUTHORIZATION="Bearer ") == 403


def test_commands_are_counted_by_their_outcome(cast: Cast, prompt_batches: None) -> None:
    def value(line: str) -> float:
        text = Client().get("/metrics", **LOCAL).content.decode()
        return next((float(row.rpartition(" ")[2]) for row in text.splitlines() if row.startswith(line)), 0.0)

    sent = 'chatroom_commands_total{command="conversation.pin",outcome="%s"}'
    before = value(sent % "ok"), value(sent % "not_found")
    for conversation in (cast.group, 10**9):
        command, data = dispatch.validate("conversation.pin", {"conversation": conversation, "on": True})
        try:
            dispatch.perform(command, cast.member.caller, data)
        except Exception as refusal:
            assert getattr(refusal, "code", "") == "not_found"
    assert (value(sent % "ok"), value(sent % "not_found")) == (before[0] + 1, before[1] + 1)
    text = Client().get("/metrics", **LOCAL).content.decode()
    for name in ("chatroom_sockets", "chatroom_commit_seconds", "chatroom_delivery_seconds", "chatroom_loop_lag_seconds",
                 "chatroom_http_requests", "chatroom_tasks", "chatroom_signin_failures", "process_cpu_seconds", "process_resident_memory"):  # fmt: skip
        assert f"# TYPE {name}" in text
    assert cast.member.user.username not in text
