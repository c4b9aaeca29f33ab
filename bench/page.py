"""Page: what the browser carries, how fast it answers, what it holds after long reading; Lighthouse as a phone."""

import asyncio
import contextlib
import shutil
import statistics
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

from bench.report import Report, percentile
from bench.scene import scene
from bench.screen import ARGUMENTS, Screen, chromium, lighthouse
from bench.server import Load, Server

OTHERS, BESIDE = 20, 80  # other conversations, messages in each
WORDS = "the lesson begins at nine and ends before noon on every day of the week "


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument(
        "--messages", type=int, default=10_000, help="of the conversation that is read from end to start"
    )
    parser.add_argument("--no-lighthouse", action="store_true", help="leave Lighthouse out")


class Bench:
    """The scene of all measurements: a person in 21 direct conversations, the first of them long."""

    def __init__(self, server: Server, load: Load, browser: Browser, report: Report, short: bool) -> None:
        self.server, self.load, self.browser, self.report, self.short = server, load, browser, report, short
        self.talks = [(direct[0], f"Load {direct[2]:05}") for direct in load.directs]
        self.long, self.partner = self.talks[0]

    @contextlib.contextmanager
    def screen(self, user: int = 0) -> Iterator[Screen]:
        """A fresh browser context of one person; -1: of nobody."""
        screen = Screen(self.browser, self.server, self.load.cookies[user] if user >= 0 else "")
        yield screen
        screen.close()

    def first_visit(self) -> None:
        """Weights, and the times of a first visit on a fast and on a slow network."""
        add = self.report.add
        with self.screen() as screen:
            screen.go(f"/c/{self.long}/")
            screen.settle()
            weights = screen.ask("bench.weights()")
            add("files", "module files before the first render", weights["files"], "", ("<=", 14))
            add("js_kb", "  JavaScript, gz", weights["js"] / 1000, "kB", ("<=", 50))
            add("late_kb", "largest module after it, gz", weights["largestLate"] / 1000, "kB", ("<=", 25))
            add("css_kb", "CSS, gz", weights["css"] / 1000, "kB", ("<=", 15))
            add("fonts_kb", "fonts", weights["fonts"] / 1000, "kB")
            add("lcp_ms", "LCP, computer", screen.ask("bench.largest"), "ms", ("<=", 600))
        with self.screen() as screen:
            screen.slow_network()
            screen.go(f"/c/{self.long}/")
            add("slow_render_ms", "slow 4G, first visit: first messages", screen.ask("bench.render"), "ms")
            add("slow_ready_ms", "  JS ready", screen.ask("bench.ready"), "ms", ("<=", 1300))
        with self.screen() as screen:
            screen.slow_down(4)
            screen.go(f"/c/{self.long}/")
            screen.settle()
            add("boot_task_ms", "longest task at boot, 4 × slower", screen.ask("bench.longest"), "ms", ("<=", 100))

    def switching(self, screen: Screen) -> None:
        """Conversations opened for the first time and again."""
        uncached = [screen.open(*talk) for talk in self.talks[1:]]
        cached = []
        for number in range(10 if self.short else 60):
            cached.append(screen.open(*self.talks[-1 - number % 8]))
        self.report.add("switch_ms", "switch, held by the page, p50", percentile(cached, 0.5), "ms")
        self.report.add("switch_p95_ms", "  p95", percentile(cached, 0.95), "ms", ("<=", 50))
        self.report.add("fetch_ms", "switch, not held, p50", percentile(uncached, 0.5), "ms")
        self.report.add("fetch_p95_ms", "  p95", percentile(uncached, 0.95), "ms", ("<=", 150))

    def interactions(self, screen: Screen, factor: int, target: float) -> None:
        """INP of somebody who changes conversations, types, opens menus and reacts."""
        screen.slow_down(factor)
        screen.ask("bench.forget()")
        page = screen.page
        for number in range(4 if self.short else 15):
            conversation, title = self.talks[1 + number % 12]
            page.locator(f'#conversations a[href="/c/{conversation}/"]').click()
            page.evaluate(
                "(t) => bench.until(() => document.querySelector('#header h1')?.textContent.trim() === t && bench.first())",
                title,
            )
            page.locator("#composer-text").click()
            page.keyboard.type("ok then", delay=20)
            page.locator("#composer-text").fill("")
            page.locator("#log article[data-seq]").last.focus()
            page.keyboard.press("Enter")
            page.locator("#message-menu:popover-open").wait_for()
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter" if number % 3 == 0 else "Escape")
            page.locator("#message-menu:popover-open").wait_for(state="hidden")
        screen.settle()
        screen.slow_down(1)
        found = screen.ask("bench.durations()")
        name = f"INP p98{f', {factor} × slower' if factor > 1 else ''}, {len(found)} interactions"
        self.report.add(f"inp_{factor}x_ms", name, percentile(found, 0.98), "ms", ("<=", target))

    def typing(self, screen: Screen) -> None:
        """Keystrokes beside 200 rows."""
        screen.open(self.long, self.partner)
        while screen.ask("bench.rows().length") < 200 and screen.ask("bench.older()"):
            pass
        screen.settle()
        keys = screen.type(WORDS if self.short else WORDS * 3)
        screen.page.locator("#composer-text").fill("")
        self.report.add(
            "key_ms",
            f"keystroke to paint, {screen.ask('bench.rows().length')} rows, p95",
            percentile(keys, 0.95),
            "ms",
            ("<=", 16),
        )

    def receiving(self, screen: Screen) -> None:
        """From the click on Send to the other browser."""
        times = []
        with self.screen(1) as other:
            other.go(f"/c/{self.long}/")
            screen.open(self.long, self.partner)
            screen.page.locator("#composer-send").wait_for()
            for number in range(15 if self.short else 60):
                text = f"number {number} of the bench"
                screen.page.locator("#composer-text").fill(text)
                other.page.evaluate("(text) => { bench.wanted = bench.shown(text); }", text)
                start = screen.ask(
                    "(document.querySelector('#composer-send').click(), performance.timeOrigin + performance.now())"
                )
                times.append(other.ask("bench.wanted") - start)
        self.report.add("receive_ms", "click on Send to the other's page, p50", percentile(times, 0.5), "ms")
        self.report.add("receive_p95_ms", "  p95", percentile(times, 0.95), "ms", ("<=", 100))

    def reading(self, screen: Screen, messages: int) -> None:
        """From the newest message to the first, then many changes of conversation."""
        add = self.report.add
        screen.go(f"/c/{self.long}/")
        blocks, moves = screen.read_to_the_start()
        heap, nodes, rows = screen.memory()
        add("prepend_ms", "50 older messages: page busy, p50", percentile(blocks, 0.5), "ms", ("<=", 25))
        add("prepend_p95_ms", "  p95", percentile(blocks, 0.95), "ms")
        add("anchor_px", "  the row being read moves at most", max(moves), "px", ("<=", 1))
        add("heap_mb", f"after {messages:,} messages: JS heap", heap, "MB", ("<=", 40))
        add("nodes", "  DOM nodes", nodes, "", ("<=", 15_000))
        add("rows", "  rows", rows, "", ("<=", 260))
        for talk in self.talks[1:]:
            screen.open(*talk)
        heap, nodes, _ = screen.memory()
        for number in range(50):
            screen.open(*self.talks[1 + number % OTHERS])
        later, more, _ = screen.memory()
        add("switches_mb", "50 changes of conversation: heap grows by", later - heap, "MB", ("<=", 1))
        add("switches_nodes", "  DOM nodes grow by", more - nodes, "", ("<=", 200))

    def audits(self) -> None:
        """Lighthouse, median of the runs."""
        places = {"sign-in": ("/accounts/login/", ""), "chat": (f"/c/{self.long}/", self.load.cookies[0])}
        for name, (path, cookie) in list(places.items())[1 if self.short else 0 :]:
            url = f"http://127.0.0.1:{self.server.port}{path}"
            runs = [lighthouse(url, cookie) for _ in range(1 if self.short else 3)]
            if not all(run["url"] == url for run in runs):
                raise RuntimeError(f"Lighthouse was sent elsewhere: {runs}")
            print(
                f"Lighthouse, {name}: not passed: {', '.join(runs[0]['failed']) or 'nothing'}; {runs[0]['warnings'] or ''}"
            )
            middle = {
                key: statistics.median(run[key] for run in runs)
                for key in runs[0]
                if isinstance(runs[0][key], int | float)
            }
            key = "login" if name == "sign-in" else name
            title = f"Lighthouse, {name}: performance"
            self.report.add(f"{key}_performance", title, middle["performance"], "", (">=", 95))
            self.report.add(f"{key}_accessibility", "  accessibility", middle["accessibility"], "", (">=", 100))
            self.report.add(f"{key}_practices", "  best practices", middle["practices"], "", (">=", 100))
            self.report.add(f"{key}_lcp_ms", "  LCP", middle["lcp"], "ms", ("<=", 1500))
            self.report.add(f"{key}_cls", "  CLS", middle["cls"], "", ("<=", 0.02))

    def run(self, messages: int) -> None:
        """Everything but Lighthouse."""
        self.first_visit()
        with self.screen() as screen:
            screen.go(f"/c/{self.long}/")
            self.switching(screen)
            self.interactions(screen, 1, 80)
            self.interactions(screen, 4, 200)
            self.typing(screen)
            self.receiving(screen)
            self.report.add("cls", "CLS of the session", screen.ask("bench.shift"), "", ("<=", 0.02))
        with self.screen() as screen:
            self.reading(screen, messages)


def measure(options: Namespace) -> Report:
    """All of it, in one browser."""
    report = Report("page")
    messages = min(options.messages, 2000) if options.short else options.messages
    counts = ",".join(map(str, [messages] + [BESIDE] * OTHERS))
    with scene(options, users=OTHERS + 2, star=OTHERS + 1, messages=counts) as (server, load):
        server.start()
        with (
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS) as browser,
        ):
            bench = Bench(server, load, browser, report, options.short)
            bench.run(messages)
        if not options.no_lighthouse and shutil.which("node"):
            bench.audits()
    return report


async def main(options: Namespace) -> Report:
    """In a thread of its own: the browser's library has its own loop."""
    return await asyncio.to_thread(measure, options)
