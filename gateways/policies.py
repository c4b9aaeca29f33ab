"""Where the gateways listen, by the site's policy; `--gateway` of the serve command comes besides."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import policies
from core.refusal import Refusal
from gateways.addresses import parse

BAD_ADDRESS = _("“%(address)s” is no address with a port, such as 127.0.0.1:7001.")
HELP = _("Address and port, such as 127.0.0.1:7001; empty: not offered.")


@policies.section
class Gateways:
    """One address for each protocol."""

    title = _("Older clients")
    struct: str = field(default="", metadata={"label": "struct", "help": HELP})
    frames: str = field(default="", metadata={"label": "frames"})
    lines: str = field(default="", metadata={"label": "lines"})
    packets: str = field(default="", metadata={"label": "packets"})
    plain: bool = field(
        default=False,
        metadata={
            "label": _("Also without TLS on addresses that others can reach: everybody on the way can read along")
        },
    )
    connections_per_address: int = field(
        default=1000, metadata={"label": _("Open connections from one address"), "range": (1, 10_000)}
    )


def policies_changing(actor: Any, values: dict[str, Any]) -> None:
    """Addresses that can be meant. Raises Refusal."""
    for name, value in values.items():
        section, _dot, protocol = name.partition(".")
        if section == "gateways" and isinstance(value, str) and value.strip():
            try:
                parse(f"{protocol}={value}")
            except ValueError:
                raise Refusal("bad_request", BAD_ADDRESS, address=value[:60]) from None
