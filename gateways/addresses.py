"""Where a protocol is spoken, and whether others could listen."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass

PROTOCOLS = ("struct", "frames", "lines", "packets")


@dataclass(frozen=True)
class Address:
    """Where a protocol is spoken."""

    protocol: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.protocol}={f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def parse(text: str) -> Address:
    """`protocol=host:port`, IPv6 in brackets. Raises ValueError with what is wrong."""
    protocol, equals, where = text.strip().partition("=")
    host, colon, port = where.rpartition(":")
    if protocol not in PROTOCOLS:
        raise ValueError(f"{protocol!r} is none of {', '.join(PROTOCOLS)}")
    if not equals or not colon or not port.isascii() or not port.isdecimal() or not 0 <= int(port) < 65536:
        raise ValueError(f"{text!r} is not PROTOCOL=HOST:PORT")
    return Address(protocol, host.strip("[]") or "127.0.0.1", int(port))


def is_loopback(host: str) -> bool:
    """Whether nobody outside this machine reaches it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def tls_context(certificate: str, key: str) -> ssl.SSLContext:
    """TLS for the listeners. Raises OSError, ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context
