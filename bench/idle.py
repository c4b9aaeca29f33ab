"""Idle: memory of a signed-in socket that follows 20 conversations, and what thousands of them cost while nothing happens."""

import asyncio
from argparse import ArgumentParser, Namespace
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from bench.client import Address, Counter, Link, Tally, clock, connect, frame, gather
from bench.fanout import program
from bench.process import Process, free_port
from bench.report import Report
from bench.scene import quiet, scene

FEEDS, MEMBERS = 20, 250
WARM = 50  # sockets before counting, so that what is loaded once does not count
PING_SECONDS = 25.0


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=60)


async def pings(waiting: deque[Link], ping: bytes, count: int) -> None:
    """Each socket pings every 25 s by its own clock; who pinged longest ago is next."""
    number, start = 0, clock()
    while True:
        number += 1
        await asyncio.sleep(start + number * PING_SECONDS / count - clock())
        if waiting and not waiting[0].transport.is_closing():
            waiting[0].transport.write(ping)
        waiting.rotate(-1)


async def share_of(process: Process, seconds: float) -> float:
    """The share of a core that a process takes from now on."""
    cpu, start = process.cpu(), clock()
    await asyncio.sleep(seconds)
    return (process.cpu() - cpu) / (clock() - start)


async def measure(
    process: Process, openers: Sequence[Callable[[], Awaitable[Link]]], ping: bytes, silent: float, pinging: float
) -> tuple[float, float, float]:
    """Bytes of server memory per socket; the share of a core over `silent` seconds in which clients only answer, and with pings of their own."""
    warm = await gather(list(openers[:WARM]))
    await quiet(process)
    for link in warm:
        link.close()
    await asyncio.gather(*(link.closed for link in warm))
    await quiet(process)
    before = process.memory()
    links = deque(await gather(list(openers)))
    await asyncio.sleep(5)  # presence and leases are written once a second
    bytes_each = (process.memory() - before) / len(links)
    share = await share_of(process, silent) if silent else 0.0
    task = asyncio.create_task(pings(links, ping, len(links)))
    own = await share_of(process, pinging)
    task.cancel()
    lost = sum(link.closed.done() for link in links)
    if lost:
        raise RuntimeError(f"{lost} of {len(links)} sockets were closed: {process.log.read_text()[-2000:]}")
    for link in links:
        link.transport.abort()
    return bytes_each, share, own


async def main(options: Namespace) -> Report:
    """Ours, then an echo application under the same server."""
    clients, seconds = (500, 25.0) if options.short else (options.clients, options.seconds)
    report = Report("idle")
    tally = Tally()
    sockets: list[Counter] = []
    with scene(options, users=clients, conversations=clients * FEEDS // MEMBERS, members=MEMBERS) as (server, load):

        async def opened(cookie: str) -> Link:
            socket = await connect(lambda: Counter(tally), server.address, cookie, 120)
            await socket.hello()
            sockets.append(socket)
            return socket

        process = server.start()
        openers = [lambda cookie=cookie: opened(cookie) for cookie in load.cookies]
        ping, start = frame(b'{"type":"ping","ref":1,"data":{}}'), clock()
        ours, share, own = await measure(process, openers, ping, seconds, min(seconds, 20))
        answers = sum(socket.asked for socket in sockets[WARM:]) / clients / (clock() - start) * 60
        process.stop()
        port = free_port()
        with program("stock", port, server.data, "--server=echo") as process:
            echo, _, echo_share = await measure(
                process, [lambda: connect(Link, Address(port))] * clients, frame(b"ping"), 0, min(seconds, 20)
            )
    report.add("clients", "sockets", clients)
    report.add("kib", "server memory per socket", ours / 1024, "KiB", ("<=", 40))
    report.add("echo_kib", "  echo application", echo / 1024, "KiB")
    report.add("answers", "signs of life per socket and minute", answers, "", (">=", 1.5))
    report.add("share", f"CPU over {seconds:.0f} s, asked by the server", share * 100, "% of a core", ("<=", 3))
    report.add("own_share", "CPU when each also pings by its own clock", own * 100, "% of a core")
    report.add("echo_share", "  echo application, pings by their own clock", echo_share * 100, "% of a core")
    return report
