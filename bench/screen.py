"""A browser under measurement: what a person does in it, and what bench/page.js notes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from bench.process import ROOT
from bench.server import Server

SCRIPT = (ROOT / "bench" / "page.js").read_text()
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
    "--enable-precise-memory-info",
]
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}


def chromium() -> str:
    """The system's browser."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise RuntimeError("no Chromium on this machine")
    return found


class Screen:
    """One browser context with one page of one person."""

    def __init__(self, browser: Browser, server: Server, cookie: str = "") -> None:
        self.base = f"http://127.0.0.1:{server.port}"
        self.context: BrowserContext = browser.new_context(
            base_url=self.base, viewport={"width": 1280, "height": 800}, locale="en-GB"
        )
        if cookie:
            name, _, value = cookie.partition("=")
            self.context.add_cookies([{"name": name, "value": value, "url": self.base}])
        self.context.add_init_script(SCRIPT)
        self.page: Page = self.context.new_page()
        self.devtools: CDPSession = self.context.new_cdp_session(self.page)
        # A window is as large as the viewport with the browser's own bars inside: what lies below its edge, the composer,
        # is drawn but never presented, and Event Timing waits until something else is (keys took "3 s", as long as the typing).
        window = self.devtools.send("Browser.getWindowForTarget")["windowId"]
        self.devtools.send("Browser.setWindowBounds", {"windowId": window, "bounds": {"width": 1400, "height": 1100}})

    def go(self, path: str) -> None:
        """Opens a page of the chat and waits until it stands."""
        self.page.goto(path)
        self.ask("bench.until(() => bench.ready && (bench.render || location.pathname === '/'))")

    def settle(self) -> None:
        """Waits until nothing is fetched and nothing is left to do."""
        self.page.wait_for_load_state("networkidle")
        self.ask("bench.idle()")

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page."""
        return self.page.evaluate(expression)

    def slow_down(self, factor: float) -> None:
        """Slows the processor down."""
        self.devtools.send("Emulation.setCPUThrottlingRate", {"rate": factor})

    def slow_network(self) -> None:
        """Slow 4G: 150 ms, 1.6 Mbit/s."""
        self.devtools.send("Network.enable")
        self.devtools.send("Network.emulateNetworkConditions", SLOW_4G)

    def open(self, conversation: int, title: str) -> float:
        """Milliseconds from the click on a conversation until it stands."""
        return float(self.page.evaluate("([path, title]) => bench.open(path, title)", [f"/c/{conversation}/", title]))

    def memory(self) -> tuple[float, int, int]:
        """MB of the JS heap and nodes after a collection, and message rows."""
        for _ in range(2):
            self.devtools.send("HeapProfiler.collectGarbage")
        self.devtools.send("Performance.enable")
        metrics = {m["name"]: m["value"] for m in self.devtools.send("Performance.getMetrics")["metrics"]}
        return metrics["JSHeapUsedSize"] / 1e6, int(metrics["Nodes"]), self.ask("bench.rows().length")

    def read_to_the_start(self) -> tuple[list[float], list[float]]:
        """Scrolls up to the first message; milliseconds of each prepend, and pixels that the row being read moved."""
        blocks, moves = [], []
        self.ask("bench.meter()")
        while step := self.ask("bench.older()"):
            if step["block"]:
                blocks.append(step["block"])
                moves.append(step["moved"])
            if step["first"] == 1:
                break
        self.ask("bench.metering = false")
        return blocks, moves

    def type(self, text: str) -> list[float]:
        """Types into the composer; milliseconds from each key press to the next paint."""
        self.page.locator("#composer-text").focus()
        self.ask("bench.forget()")
        self.page.keyboard.type(text, delay=30)
        time.sleep(0.3)  # the browser tells of events with a delay
        return self.ask("bench.durations()")

    def close(self) -> None:
        """Ends it."""
        self.context.close()


def lighthouse(url: str, cookie: str = "") -> dict[str, Any]:
    """One run as a phone."""
    command = ["node", "bench/lighthouse.mjs", url, *([cookie] if cookie else [])]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "CHROME_PATH": chromium()}, capture_output=True, text=True, timeout=180
    )
    if done.returncode:
        raise RuntimeError(f"lighthouse: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])
