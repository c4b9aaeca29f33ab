"""The gateways of this process: what the command line asks for, and what the site's policy says while it runs."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field

from core import policies
from gateways.addresses import PROTOCOLS, Address, is_loopback, parse, tls_context
from gateways.policies import Gateways
from gateways.server import Server
from realtime import executors

LOOK_SECONDS = 2.0  # between two looks at the policy
TIDY_SECONDS = 60.0
PLAIN = "%s is spoken without TLS: everybody on the way can read passwords and messages"
log = logging.getLogger("chatroom.gateways")


@dataclass
class Plan:
    """What the command line asks for; `sockets` are bound already. `certificate`: file and key."""

    sockets: dict[Address, socket.socket] = field(default_factory=dict)
    certificate: tuple[str, str] | None = None
    everywhere: bool = False  # TLS also on loopback
    plain: bool = False
    policy: bool = True  # whether the site's policy is followed besides


class NotSafeError(ValueError):
    """An address beyond loopback without TLS that nobody has asked for with `--plain`."""


plan = Plan()
server: Server | None = None
_clock: list[asyncio.Task] = []
_ending: asyncio.Future | None = None


def make_plan(
    texts: Iterable[str], certificate: tuple[str, str] | None, plain: bool, *, everywhere: bool = False
) -> Plan:
    """Addresses bound, so that a taken port is told before anything begins. Raises ValueError, OSError."""
    made = Plan(certificate=certificate, everywhere=everywhere, plain=plain, policy=not everywhere)
    for address in dict.fromkeys(parse(text) for text in texts):
        context(made, address, plain)
        made.sockets[address] = bind(address)
    return made


def context(made: Plan, address: Address, plain: bool) -> ssl.SSLContext | None:
    """TLS for an address, or none. Raises NotSafeError."""
    inside = is_loopback(address.host)
    if made.certificate and (made.everywhere or not (inside or plain)):
        return tls_context(*made.certificate)
    if not inside:
        if not plain:
            raise NotSafeError(
                f"{address} can be reached from other machines: give it a certificate (--tls-cert F --tls-key F), or --plain if it must be."
            )
        log.warning(PLAIN, address)
    return None


def bind(address: Address) -> socket.socket:
    """A bound socket. Raises OSError."""
    family, kind, protocol, _, where = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(where)
    except OSError:
        bound.close()
        raise
    bound.set_inheritable(False)
    return bound


async def start() -> None:
    """Listen where the command line says, then look at the policy now and then."""
    global server
    server = Server()
    for address, bound in plan.sockets.items():
        await server.listen(address, context(plan, address, plan.plain), bound)
    _clock.append(asyncio.create_task(_tidy(server)))
    if plan.policy:
        _clock.append(asyncio.create_task(_follow(server)))


def drain() -> None:
    """The process is about to end: from a signal handler."""
    if server is not None:
        server.loop.call_soon_threadsafe(_begin_end)


def _begin_end() -> None:
    global server, _ending
    ending, server = server, None
    while _clock:
        _clock.pop().cancel()
    if ending is not None:
        _ending = asyncio.ensure_future(ending.stop())


async def stop() -> None:
    """No more listening; those who are connected are let go."""
    global _ending
    _begin_end()
    if _ending is not None:
        await _ending
        _ending = None


async def _tidy(running: Server) -> None:
    """What a process that was killed has left."""
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        try:
            await running.tidy()
        except Exception:
            log.exception("Lost sessions could not be ended")


async def _follow(running: Server) -> None:
    """Addresses that the policy adds or takes away; one that cannot be had is tried again, and told once."""
    mine: dict[str, tuple[Address, bool]] = {}  # where, and whether without TLS although others can reach it
    told: dict[str, str] = {}
    while True:
        try:
            policy = await executors.read(policies.get, Gateways)
            for protocol in PROTOCOLS:
                wanted = wanted_by(policy, protocol)
                plain = wanted is not None and policy.plain and not is_loopback(wanted.host)
                if protocol in mine and mine[protocol] != (wanted, plain):
                    await running.unlisten(mine.pop(protocol)[0])
                if wanted is not None and protocol not in mine and wanted not in running.listening:
                    try:
                        await _listen(running, wanted, plain)
                        mine[protocol] = wanted, plain
                        told.pop(protocol, None)
                    except (OSError, ValueError) as error:
                        if told.get(protocol) != str(error):
                            told[protocol] = str(error)
                            log.warning("%s is not offered: %s", wanted, error)
        except Exception:
            log.exception("The policy on gateways could not be followed")
        await asyncio.sleep(LOOK_SECONDS)


async def _listen(running: Server, address: Address, plain: bool) -> None:
    """Listen there; the name of a host is looked up beside, because that can take long. Raises OSError, ValueError."""
    safe = context(plan, address, plain)
    bound = await asyncio.to_thread(bind, address)
    try:
        await running.listen(address, safe, bound)
    except BaseException:
        bound.close()
        raise


def wanted_by(policy: Gateways, protocol: str) -> Address | None:
    """Where the policy wants a protocol spoken."""
    text = str(getattr(policy, protocol)).strip()
    try:
        return parse(f"{protocol}={text}") if text else None
    except ValueError:
        return None  # an older value: new ones are checked
