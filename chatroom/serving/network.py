"""Names and addresses under which this machine is reached on its network."""

import ipaddress
import socket

from chatroom.serving.interfaces import interface_addresses

LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"]
LOCAL_SUFFIXES = ["local", "lan"]


def lan_addresses() -> list[str]:
    """Addresses of this machine that others can reach, the one of the default route first."""
    found = [str(address) for address in interface_addresses() if not (address.is_loopback or address.is_link_local)]
    if (first := default_address()) in found:
        found.remove(first)
        found.insert(0, first)
    return found


def default_address() -> str:
    """The address the machine would send from; empty without a route. A UDP socket that connects sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def machine_names() -> list[str]:
    """The host's name, alone and with the endings of home and office networks; Chatroom's own name there."""
    short = socket.gethostname().split(".")[0].lower()
    names = [socket.gethostname().lower(), short]
    names += [f"{name}.{suffix}" for name in (short, "chat") for suffix in LOCAL_SUFFIXES]
    return list(dict.fromkeys(name for name in names if name))


def bracketed(address: str) -> str:
    """An address as it stands in a URL or a Host header."""
    return f"[{address}]" if ":" in address else address


def hosts(bind: str) -> list[str]:
    """All values of the Host header that are answered for a server bound to `bind`."""
    if is_loopback(bind):
        return list(dict.fromkeys([*LOCAL_NAMES, bracketed(bind), *machine_names()]))
    own = [] if bind in ("0.0.0.0", "::") else [bracketed(bind)]  # noqa: S104
    return list(dict.fromkeys([*LOCAL_NAMES, *own, *machine_names(), *map(bracketed, lan_addresses())]))


def is_loopback(bind: str) -> bool:
    """Whether only this machine can connect."""
    if bind == "localhost":
        return True
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return False
