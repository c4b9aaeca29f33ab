"""A browser as far as HTTP goes: cookies, forms with their CSRF token, the API."""

from __future__ import annotations

import http.client
import json
import re
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

PASSWORD = "quiet-Tulips-7"


class NotFoundError(AssertionError):
    """The answer was 404."""


class Browser:
    """One person's browser at one server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    @property
    def cookie(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def request(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, str]:
        """Status and text of the answer; cookies are kept."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {"Cookie": self.cookie, **headers})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
        return answer.status, text

    def get(self, path: str) -> str:
        """A page that must be there."""
        status, text = self.request("GET", path)
        if status == 404:
            raise NotFoundError(path)
        assert status == 200, (path, status, text[:300])
        return text

    def submit(self, page: str, action: str = "", **fields: str) -> tuple[int, str]:
        """Fills in the form of a page and sends it."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(page))
        assert token, f"no form on {page}"
        form = urlencode({"csrfmiddlewaretoken": token[1], **fields})
        return self.request("POST", action or page, form, **{"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self, name: str, password: str = PASSWORD) -> Browser:
        """Through the real form."""
        status, text = self.submit("/accounts/login/", login=name, password=password)
        assert status == 302, (name, status, text[:3000])
        return self

    def api(self, path: str) -> Any:
        """What the API answers to a GET."""
        return json.loads(self.get(f"/api/{path}"))

    def command(self, name: str, **data: Any) -> tuple[int, Any]:
        """A command over HTTP."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.cookies.get("csrftoken", "")}
        status, text = self.request("POST", f"/api/{name}", json.dumps(data), **headers)
        return status, json.loads(text)

    def history(self, conversation: int) -> list[dict[str, Any]]:
        """All messages of a conversation, page by page."""
        messages: list[dict[str, Any]] = []
        more = True
        while more:
            after = messages[-1]["seq"] if messages else 0
            page = self.api(f"conversations/{conversation}/messages?after={after}&limit=200")
            messages += page["messages"]
            more = page["more_after"]
        return messages
