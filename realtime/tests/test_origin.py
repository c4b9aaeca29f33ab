"""Which pages may open the socket, and whose cookie it carries."""

import pytest

from realtime.origin import allowed, session_key


def scope(headers: dict, scheme: str = "ws") -> dict:
    return {"scheme": scheme, "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]}


@pytest.mark.parametrize(
    ("headers", "scheme", "verdict"),
    [
        ({"host": "localhost:8000", "origin": "http://localhost:8000"}, "ws", True),
        ({"host": "LOCALHOST:8000", "origin": "http://localhost:8000"}, "ws", True),
        ({"host": "[::1]:8000", "origin": "http://[::1]:8000"}, "ws", True),
        ({"host": "localhost", "origin": "https://localhost"}, "wss", True),
        ({"host": "localhost", "origin": "http://localhost"}, "wss", False),
        ({"host": "localhost", "origin": "https://localhost"}, "ws", False),
        ({"host": "localhost:8000", "origin": "http://localhost"}, "ws", False),
        ({"host": "localhost", "origin": "http://localhost:8000"}, "ws", False),
        ({"host": "localhost"}, "ws", False),
        ({"origin": "http://localhost"}, "ws", False),
        ({"host": "evil.example", "origin": "http://evil.example"}, "ws", False),
        ({"host": "localhost", "origin": "null"}, "ws", False),
        ({"host": "localhost", "origin": "http://localhost", "x-forwarded-host": "evil.example"}, "ws", True),
        ({"host": "evil.example", "origin": "http://localhost", "x-forwarded-host": "localhost"}, "ws", False),
    ],
)
def test_exact_origins_only(headers: dict, scheme: str, verdict: bool):
    assert allowed(scope(headers, scheme)) is verdict


def test_origins_of_the_settings(settings):
    foreign = {"host": "localhost", "origin": "https://chat.example"}
    assert not allowed(scope(foreign))
    settings.ORIGINS = ["https://chat.example"]
    assert allowed(scope(foreign))
    assert not allowed(scope({**foreign, "origin": "https://chat.example.evil"}))


def test_behind_a_trusted_proxy_its_headers_count(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    behind = {
        "host": "127.0.0.1:8000",
        "x-forwarded-host": "localhost",
        "x-forwarded-proto": "https",
        "origin": "https://localhost",
    }
    assert allowed(scope(behind))
    assert not allowed(scope({**behind, "origin": "http://localhost"}))


@pytest.mark.parametrize(
    ("cookie", "key"),
    [
        ("sessionid=abc", "abc"),
        ("a=b; sessionid=abc; c=d", "abc"),
        ("", None),
        ("a=b", None),
        ("sessionid=", ""),
        ("xsessionid=abc", None),
        (";;=;", None),
        ('{"theme": 1}; version=1; a b=[c]; sessionid=abc', "abc"),  # left by other programs on this host
    ],
)
def test_the_session_is_that_of_the_cookie(cookie: str, key: str | None):
    assert session_key(scope({"cookie": cookie})) == key
