"""A client of `struct` for the terminal: `python -m gateways.struct.client HOST:PORT [--tls]`.

A line is `typeMess typeData payload`, such as `2 0 minh`, `2 1 password`, `0 0`, `4 0 lan`, `4 1 hello`, `5 3 Everyone`.
"""

from __future__ import annotations

import argparse
import socket
import ssl
import struct
import sys
import threading

LAYOUT = struct.Struct("<ii1000s")


def frame(type: int, data: int, text: str = "") -> bytes:
    """One frame; a text that is too long is cut."""
    return LAYOUT.pack(type, data, text.encode()[:999])


def read(connection: socket.socket) -> tuple[int, int, str] | None:
    """The next frame of the server; None when it has closed."""
    held = b""
    while len(held) < LAYOUT.size:
        data = connection.recv(LAYOUT.size - len(held))
        if not data:
            return None
        held += data
    type, data_, payload = LAYOUT.unpack(held)
    return type, data_, payload.partition(b"\0")[0].decode(errors="replace")


def show(connection: socket.socket) -> None:
    """Print what comes, until the end."""
    while (message := read(connection)) is not None:
        print(*message, flush=True)  # noqa: T201
    print("The server has closed the connection.", flush=True)  # noqa: T201


def main() -> None:
    """Sends what is typed."""
    parser = argparse.ArgumentParser(prog="gateways.struct.client", description=__doc__)
    parser.add_argument("address", help="HOST:PORT")
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    host, _, port = options.address.rpartition(":")
    connection = socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)))
    if options.tls:
        connection = ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    threading.Thread(target=show, args=(connection,), daemon=True).start()
    for line in sys.stdin:
        type, _, rest = line.rstrip("\n").partition(" ")
        data, _, text = rest.partition(" ")
        if type.isdecimal() and (data or "0").isdecimal():
            connection.sendall(frame(int(type), int(data or "0"), text))
        else:
            print("typeMess typeData payload", file=sys.stderr)  # noqa: T201
    connection.close()


if __name__ == "__main__":
    main()
