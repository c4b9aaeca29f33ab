"""Files: upload and download beside a plain asyncio server, a hundred downloads at once, and what the chat feels of it (--chat)."""

import asyncio
from argparse import ArgumentParser, Namespace

from bench.client import clock
from bench.fanout import program
from bench.line import MIB, PIECE, Line
from bench.process import Process, free_port, python
from bench.report import Report, percentile
from bench.scene import quiet, scene
from bench.send import FOLLOWERS, steady
from bench.server import Load, Server

DOWNLOADS, DOWNLOAD_SIZE = 100, 20 * MIB
UPLOADS, UPLOAD_SIZE, PICTURES = 4, 500 * MIB, 10
ALLOW = (
    "from core import policies; policies.store('files.max_size', 2048); policies.store('files.quota', 0);"
    " policies.store('limits.commands_burst', 1000)"
)


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument("--mib", type=int, default=400, help="size of the file that is sent and fetched")
    parser.add_argument("--rounds", type=int, default=3, help="of each; the best counts")
    parser.add_argument("--seconds", type=float, default=30, help="of each part of --chat")
    parser.add_argument("--chat", action="store_true", help="the chat beside uploads and previews, instead")


async def throughput(server: Server, load: Load, report: Report, size: int, rounds: int) -> None:
    """Both ways, in turns with the plain server, so that a busy machine is busy for both."""
    folder, port = server.data, free_port()
    up, down = [], []
    plain_up, plain_down = [], []
    with program("plain", port, folder, f"--folder={folder}"):
        for _ in range(rounds):
            async with Line(server.port, load.cookies[0]) as line:
                start = clock()
                token = await line.upload(size)
                up.append(size / (clock() - start))
            await quiet(server.process)  # it is looked at by the worker
            async with Line(port) as line:
                start = clock()
                await line.ask("PATCH", "/", {"Content-Length": size}, [bytes(PIECE)] * (size // PIECE))
                plain_up.append(size / (clock() - start))
            for way, where, path in (
                (down, Line(server.port, load.cookies[0]), f"/files/{token}/a.bin"),
                (plain_down, Line(port), "/"),
            ):
                async with where as line:
                    start = clock()
                    answer = await line.ask("GET", path, {})
                    assert answer.size == size
                    way.append(size / (clock() - start))
    report.add("upload_mib", "upload", max(up) / MIB, "MiB/s")
    report.add("plain_upload_mib", "– plain asyncio", max(plain_up) / MIB, "MiB/s")
    report.add("upload_ratio", "upload, ratio", max(up) / max(plain_up), "", (">=", 0.5))
    report.add("download_mib", "download", max(down) / MIB, "MiB/s")
    report.add("plain_download_mib", "– plain asyncio", max(plain_down) / MIB, "MiB/s")
    report.add("download_ratio", "download, ratio", max(down) / max(plain_down), "", (">=", 0.5))


async def many_downloads(server: Server, load: Load, report: Report) -> None:
    """A hundred at once: how much more memory the server takes."""
    process = server.process
    async with Line(server.port, load.cookies[0]) as line:
        token = await line.upload(DOWNLOAD_SIZE)
    await quiet(process)

    async def fetch() -> None:
        async with Line(server.port, load.cookies[0]) as line:
            assert (await line.ask("GET", f"/files/{token}/a.bin", {})).size == DOWNLOAD_SIZE

    await asyncio.gather(*(fetch() for _ in range(8)))  # what is loaded once does not count
    before, most = process.memory(), 0
    going = asyncio.gather(*(fetch() for _ in range(DOWNLOADS)))
    start = clock()
    while not going.done():
        most = max(most, await asyncio.to_thread(process.memory))
        await asyncio.wait((going,), timeout=0.1)
    await going
    report.add("downloads_mib", f"{DOWNLOADS} downloads at once", DOWNLOADS * 20 / (clock() - start), "MiB/s")
    report.add("downloads_growth", "– memory above before", (most - before) / MIB, "MiB", ("<=", 50))


class Nothing:
    """The chat alone."""

    going = True

    async def run(self) -> None:
        """Nothing goes on beside it."""


class Traffic:
    """Four large uploads that last as long as the measurement, and pictures whose previews are made meanwhile; a process of their own."""

    def __init__(self, server: Server, load: Load, seconds: float, size: int) -> None:
        self.command = [python(), "-m", "bench.line", f"--port={server.port}", f"--size={size}"]
        self.command += [f"--seconds={seconds}", f"--pictures={PICTURES}", *load.cookies[: UPLOADS + 1]]
        self.going = True

    async def run(self) -> None:
        """Until all have arrived."""
        child = await asyncio.create_subprocess_exec(*self.command)
        assert await child.wait() == 0


async def beside_the_chat(server: Server, load: Load, report: Report, options: Namespace) -> None:
    """How long messages take to arrive, alone and beside the traffic of files."""
    seconds, size = (8.0, 100 * MIB) if options.short else (options.seconds, UPLOAD_SIZE)
    alone = await steady(server, load, seconds, Nothing(), "alone")
    traffic = Traffic(server, load, seconds, size)
    beside = await steady(server, load, seconds, traffic, "beside")
    figures = percentile(alone, 0.95) * 1000, percentile(beside, 0.95) * 1000
    report.add("alone_p95", "delivery, p95, the chat alone", figures[0], "ms")
    report.add("beside_p95", f"– beside {UPLOADS} uploads of {size // MIB} MiB, {PICTURES} previews", figures[1], "ms")
    report.add("beside_ratio", "– ratio", figures[1] / figures[0], "", ("<=", 1.3))


async def main(options: Namespace) -> Report:
    """Throughput and memory, or the chat beside them."""
    report = Report("files")
    users = FOLLOWERS if options.chat else 8
    with scene(options, users=users, conversations=1, members=users) as (server, load):
        server.manage("shell", "-c", ALLOW)
        process: Process = server.start()
        await quiet(process)
        if options.chat:
            await beside_the_chat(server, load, report, options)
        else:
            await throughput(server, load, report, (64 if options.short else options.mib) * MIB, options.rounds)
            await many_downloads(server, load, report)
    return report
