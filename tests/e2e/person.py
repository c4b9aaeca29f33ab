"""Somebody with a browser of his own: what he does on the pages, and what went wrong there."""

from __future__ import annotations

import re
from typing import Any, Self

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response, expect

PASSWORD = "Quiet-Lanterns-27"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
CUT_OFF = r"ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED|WebSocket connection"
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


class Person:
    """A browser context with one page, signed in or not."""

    def __init__(self, browser: Browser, base: str, name: str, username: str, **options: Any) -> None:
        self.browser, self.base, self.name, self.username = browser, base, name, username
        self.problems: list[str] = []
        self.allowed: list[str] = []
        given = {"locale": "en-GB", "timezone_id": "Asia/Ho_Chi_Minh", "viewport": {"width": 1280, "height": 800}}
        given.update(options)
        self.locale = given["locale"]
        self.context = browser.new_context(base_url=base, **given)
        self.context.add_init_script(TELL_VIOLATIONS)
        self.page = self.watched(self.context.new_page())

    def watched(self, page: Page) -> Page:
        """Listens for everything that must not happen on a page."""

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

        def on_failed(request: Request) -> None:
            if request.failure != "net::ERR_ABORTED":  # the browser's own: the page was left before the answer came
                self.problems.append(f"request failed: {request.url} {request.failure}")

        def on_response(response: Response) -> None:
            if response.status >= 500:
                self.problems.append(f"{response.status}: {response.url}")

        def on_dialog(dialog: Any) -> None:
            self.problems.append(f"a script opened a dialog: {dialog.message}")
            dialog.dismiss()

        page.on("console", on_console)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error.stack or error}"))
        page.on("requestfailed", on_failed)
        page.on("response", on_response)
        page.on("dialog", on_dialog)
        return page

    def allow(self, pattern: str) -> None:
        """Problems that this test makes on purpose."""
        self.allowed.append(pattern)

    def complaints(self) -> list[str]:
        """The problems that nobody allowed."""
        return [problem for problem in self.problems if not any(re.search(ok, problem) for ok in self.allowed)]

    # Accounts

    def join(self) -> Self:
        """Makes the account with the sign-up form as this browser would send it; the page is not drawn."""
        self.send_form("/accounts/signup/", username=self.username, display_name=self.name, password1=PASSWORD)
        return self

    def enter(self) -> Self:
        """Signs in with the form in the same way."""
        self.send_form("/accounts/login/", login=self.username, password=PASSWORD)
        return self

    def send_form(self, path: str, **fields: str) -> None:
        """Fetches an account page and sends its form, with the cookies of this browser."""
        headers = {"Accept-Language": self.locale, "Origin": self.base, "Referer": self.base + path}
        token = TOKEN.search(self.context.request.get(path, headers=headers).text())
        assert token, f"no form on {path}"
        form = {"csrfmiddlewaretoken": token[1], **fields}
        answer = self.context.request.post(path, form=form, headers=headers, max_redirects=0)
        assert answer.status == 302, answer.text()

    def sign_up(self) -> Self:
        """Makes the account through the sign-up page and stands in the chat."""
        self.page.goto("/accounts/signup/")
        self.fill(username=self.username, display_name=self.name, password1=PASSWORD)
        self.submit()
        self.wait_live()
        return self

    def sign_in(self, path: str = "/") -> Self:
        """Signs in through the page."""
        self.page.goto(f"/accounts/login/?next={path}")
        self.fill(login=self.username, password=PASSWORD)
        self.submit()
        self.wait_live()
        return self

    def fill(self, **fields: str) -> None:
        """Fills the form of an account page."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]").fill(value)

    def submit(self) -> None:
        """Sends the form of an account page."""
        self.page.locator(".card form button.button-primary").click()

    # The chat

    def go(self, path: str = "/") -> None:
        """Opens a page of the chat."""
        self.page.goto(path)
        self.wait_live()

    def wait_live(self) -> None:
        """Until the chat stands and its connection is live."""
        expect(self.page.locator("#app[data-ready=true] #me .dot")).to_be_attached()

    @property
    def box(self) -> Locator:
        """Where messages are written."""
        return self.page.locator("#composer-text")

    @property
    def log(self) -> Locator:
        """The messages of the open conversation."""
        return self.page.locator("#log")

    @property
    def title(self) -> Locator:
        """The heading of the open conversation."""
        return self.page.locator("#header h1")

    @property
    def toast(self) -> Locator:
        """The latest short notice."""
        return self.page.locator(".toast").last

    def item(self, title: str) -> Locator:
        """A conversation of the list."""
        return self.page.locator("#conversations .item").filter(
            has=self.page.locator(".item-title", has_text=re.compile(f"^{re.escape(title)}$"))
        )

    def bubble(self, text: str) -> Locator:
        """The message with this text."""
        return self.log.locator("article.message").filter(
            has=self.page.locator(":is(.bubble, .caption) > .text", has_text=re.compile(f"^{re.escape(text)}$"))
        )

    def texts(self) -> list[str]:
        """The texts of all messages on the screen, in order."""
        return self.log.locator("article.message :is(.bubble, .caption) > .text").all_inner_texts()

    def open(self, title: str) -> None:
        """Opens a conversation of the list."""
        self.item(title).click()
        expect(self.title).to_have_text(title)

    def talk_to(self, other: Person) -> None:
        """Opens the direct conversation through the people panel."""
        self.page.get_by_role("button", name="Write to somebody").first.click()
        dialog = self.page.get_by_role("dialog", name="Write to somebody")
        dialog.get_by_label("Find people").fill(other.name)
        dialog.get_by_role("button", name=other.name).click()
        expect(self.title).to_have_text(other.name)

    def new_group(self, name: str, *members: Person) -> None:
        """Makes a group through the dialog."""
        self.page.get_by_role("button", name="Write to somebody").first.click()
        self.page.get_by_role("button", name="New group").click()
        dialog = self.page.get_by_role("dialog", name="New group")
        dialog.get_by_label("Name of the group").fill(name)
        for member in members:
            self.choose(dialog, member)
        dialog.get_by_role("button", name="Create").click()
        expect(self.title).to_have_text(name)

    def choose(self, dialog: Locator, member: Person) -> None:
        """Picks somebody in a list of people."""
        dialog.get_by_label("Find people").fill(member.name)
        dialog.locator("label.person", has_text=member.name).get_by_role("checkbox").check()

    def members(self) -> Locator:
        """Opens the panel of the conversation."""
        self.page.get_by_role("button", name="Conversation info", expanded=False).click()
        expect(self.info.locator(".members")).to_be_visible()
        return self.info

    @property
    def info(self) -> Locator:
        """The panel of the conversation."""
        return self.page.locator("#info")

    def member(self, other: Person) -> Locator:
        """Somebody in the open panel."""
        return self.info.locator(".members li", has_text=other.name)

    def choose_for(self, other: Person, action: str) -> None:
        """Chooses something in the menu of a member."""
        self.member(other).get_by_role("button").click()
        self.page.get_by_role("menu", name=other.name).get_by_role("menuitem", name=action).click()

    def write(self, text: str) -> Locator:
        """Writes a message and sends it with Enter; its bubble."""
        self.box.fill(text)
        self.box.press("Enter")
        return self.bubble(text)

    def act(self, bubble: Locator, action: str) -> None:
        """Chooses something in the menu of a message."""
        bubble.locator(".bubble").click(button="right", position={"x": 6, "y": 6})
        self.page.locator("#message-menu").get_by_role("menuitem", name=action).click()

    def cut_off(self) -> None:
        """The network goes, and the page has noticed: until then a message may still get through."""
        self.allow(CUT_OFF)
        self.context.set_offline(True)
        expect(self.page.locator("#me")).to_contain_text("Connecting…")

    # The server's side

    def post(self, command: str, **data: Any) -> Any:
        """A command over the HTTP API, as a program would send it."""
        token = next(c["value"] for c in self.context.cookies(self.base) if "csrf" in c["name"])
        answer = self.context.request.post(
            f"/api/{command}", data=data, headers={"X-CSRFToken": token, "Origin": self.base}
        )
        assert answer.ok, answer.text()
        return answer.json()

    @property
    def id(self) -> int:
        """His number."""
        return int(self.context.request.get("/api/snapshot").json()["me"]["id"])

    @property
    def conversation(self) -> int:
        """The number of the open conversation."""
        found = re.search(r"/c/(\d+)/", self.page.url)
        assert found, self.page.url
        return int(found[1])

    def stored(self, conversation: int) -> list[str]:
        """The texts of a conversation as the server has them."""
        answer = self.context.request.get(f"/api/conversations/{conversation}/messages?limit=100").json()
        return [m["body"] for m in answer["messages"] if m["kind"] == "text"]
