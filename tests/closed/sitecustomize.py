"""Tests talk to this machine alone: a connection elsewhere, or the look-up of another name, is refused and noted.

Every Python that a test starts loads this by itself (conftest.py puts its folder on PYTHONPATH).
"""

import ipaddress
import os
import socket
import sys
from typing import Any

NOTES = os.environ.get("TESTS_OUTSIDE", "")
HERE = {"", "localhost", "localhost.localdomain", socket.gethostname().lower()}


def is_here(host: Any) -> bool:
    """Whether an address or a name is of this machine."""
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host or "")
    name = name.lower().partition("%")[0]
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name in HERE or name.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def is_name(host: Any) -> bool:
    """Whether a look-up would ask somebody."""
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return True
    return False


def guard(event: str, given: tuple) -> None:
    """For `sys.addaudithook`. A UDP socket that connects sends nothing; it is how a machine learns its own address."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        where = given[1]
        silent = event == "socket.connect" and given[0].type & socket.SOCK_DGRAM
        outside = isinstance(where, tuple) and not silent and not is_here(where[0])
    elif event == "socket.getaddrinfo":
        where = given[0]
        outside = bool(where) and is_name(where) and not is_here(where)
    else:
        return
    if outside:
        told = f"{event} {where!r} by {' '.join(sys.argv)[:200]}"
        if NOTES:
            with open(NOTES, "a", encoding="utf-8") as notes:
                notes.write(f"{told}\n")
        raise PermissionError(f"tests reach this machine only: {told}")


if NOTES:
    sys.addaudithook(guard)
