"""A browser without a screen: a connection that is kept, cookies, forms with their CSRF token."""

import http.client
import json
import re
from typing import Any
from urllib.parse import urlencode

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """One person's HTTP connection to a server on this machine; `address` is a loopback address to come from."""

    def __init__(self, port: int, cookie: str = "", address: str = "127.0.0.1", timeout: float = 30) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout, (address, 0))
        self.origin = f"http://127.0.0.1:{port}"
        self.cookies = dict([cookie.split("=", 1)] if cookie else [])

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Status and body; cookies are kept, redirects are not followed."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.connection.request(method, path, body, sent)
        answer = self.connection.getresponse()
        content = answer.read()
        for value in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer.status, content

    def get(self, path: str) -> bytes:
        """The page, which must be there."""
        status, content = self.request("GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {content[:300]!r}")
        return content

    def submit(self, page: str, **fields: Any) -> tuple[int, bytes]:
        """Opens a page and sends its form."""
        found = TOKEN.search(self.get(page))
        if found is None:
            raise RuntimeError(f"no form on {page}")
        form = urlencode({"csrfmiddlewaretoken": found[1].decode(), **fields}).encode()
        return self.request(
            "POST",
            page,
            form,
            Content_Type="application/x-www-form-urlencoded",
            Origin=self.origin,
            Referer=self.origin + page,
        )

    def sign_in(self, name: str, password: str, page: str = "/accounts/login/") -> None:
        """Signs in by the form."""
        status, content = self.submit(page, login=name, password=password)
        if status != 302:
            raise RuntimeError(f"sign-in of {name}: {status} {content[:300]!r}")

    def command(self, name: str, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """POST /api/<command>."""
        if "csrftoken" not in self.cookies:
            self.get("/")
        headers = {"Content_Type": "application/json", "Origin": self.origin, "X_CSRFToken": self.cookies["csrftoken"]}
        status, content = self.request("POST", f"/api/{name}", json.dumps(data).encode(), **headers)
        return status, json.loads(content)

    def close(self) -> None:
        """Ends the connection."""
        self.connection.close()
