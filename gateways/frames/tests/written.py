"""Bytes as they are written out in the tests: hex with blanks, `00*10` for ten times that byte."""

import re

from hypothesis import HealthCheck, settings

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy


def raw(text: str) -> bytes:
    """The bytes that are written there."""
    return bytes.fromhex(re.sub(r"([0-9a-f]{2})\*(\d+)", lambda found: found[1] * int(found[2]), text))
