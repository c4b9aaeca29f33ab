"""Addresses of the network interfaces, from the C library (the standard library has no call for it)."""

import ctypes
import ctypes.util
import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class SockAddr(ctypes.Structure):
    """struct sockaddr: family and the bytes after it (Linux layout)."""

    _fields_ = [("family", ctypes.c_ushort), ("data", ctypes.c_ubyte * 26)]


class IfAddrs(ctypes.Structure):
    """struct ifaddrs, as far as it is read here."""


IfAddrs._fields_ = [
    ("next", ctypes.POINTER(IfAddrs)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.POINTER(SockAddr)),
]


def interface_addresses() -> list[Address]:
    """All IPv4 and IPv6 addresses of this machine (getifaddrs(3)); empty where the call is missing."""
    library = ctypes.CDLL(ctypes.util.find_library("c") or None, use_errno=True)
    head = ctypes.POINTER(IfAddrs)()
    if not hasattr(library, "getifaddrs") or library.getifaddrs(ctypes.byref(head)) != 0:
        return []
    found: list[Address] = []
    try:
        entry = head
        while entry:
            raw = entry.contents.address
            if raw and raw.contents.family == socket.AF_INET:
                found.append(ipaddress.IPv4Address(bytes(raw.contents.data[2:6])))
            elif raw and raw.contents.family == socket.AF_INET6:
                found.append(ipaddress.IPv6Address(bytes(raw.contents.data[6:22])))
            entry = entry.contents.next
    finally:
        library.freeifaddrs(head)
    return found
