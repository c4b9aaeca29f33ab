"""The house that the tests of `lines` are in."""

from __future__ import annotations

from typing import Any

import pytest

from gateways.lines.tests.house import House


@pytest.fixture
def house(gate: Any) -> House:
    """A running gateway with nobody but the administrator."""
    return House(gate)
