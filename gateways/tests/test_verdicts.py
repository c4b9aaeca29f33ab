"""The sign-in table of the accounts at all four gateways, against the codes of the verdict table, written by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import User
from gateways.conftest import Gate
from gateways.tests.clients import PASSWORD, TALKERS, Talker

#                    struct frames lines packets
TABLE = """
signed_in            0      0      2     00
displaces            0      0      2     01
wrong_password       1      1      3     02
no_such_user         1      1      3     02
other_case           1      1      3     02
deleted              1      1      3     02
must_change          5      3      5     04
locked               2      4      4     0b
locked_for_good      2      4      4     0b
blocked              2      4      4     0b
not_approved         2      4      4     0b
expired              2      4      4     0b
second_factor        2      4      4     0b
second_demanded      2      4      4     0b
older_password       0      0      2     00
explicit_wrong       1      1      3     02
explicit_nobody      4      2      0     03
explicit_blocked     2      4      4     0b
elsewhere            3      5      1     0c
address_locked       2      4      4     0b
"""
COLUMNS = ("struct", "frames", "lines", "packets")
CODES = {row.split()[0]: dict(zip(COLUMNS, row.split()[1:], strict=True)) for row in TABLE.strip().splitlines()}


def fail(name: str, times: int) -> None:
    """Wrong passwords from somewhere else."""
    for _try in range(times):
        with pytest.raises(accounts.SignInRefusal):
            accounts.sign_in(name, "wrong", entrance="gateway", ip="192.0.2.1")


def codes(gate: Gate, kind: type[Talker]) -> dict[str, str]:
    """What each state of an account is answered with."""
    found: dict[str, str] = {}

    def state(name: str, password: str = PASSWORD, who: str = "") -> None:
        found[name] = kind(gate, who or "ann").try_in(password)

    def another(name: str, **fields: object) -> User:
        return gate.person(name, PASSWORD, **fields)

    another("ann")
    state("signed_in")
    state("displaces")
    state("wrong_password", "wrong-Tea-47")
    state("no_such_user", who="nobody")
    state("other_case", who="Ann")
    accounts.delete_account(None, another("gone"))
    state("deleted", who="gone")
    another("changer", must_change=True)
    state("must_change", who="changer")
    another("shut")
    fail("shut", 5)
    state("locked", who="shut")
    accounts.block_user(None, another("blocked"), "spam")
    state("blocked", who="blocked")
    another("waits", approved=False)
    state("not_approved", who="waits")
    another("late", must_change=True, password_expires=timezone.now() - timedelta(hours=1))
    state("expired", who="late")
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    careful = another("careful")
    TOTP.activate(careful, generate_totp_secret())
    state("second_factor", who="careful")
    state("older_password", accounts.make_older_password(careful), who="careful")
    gate.policy(**{"signin.errors": "explicit"})
    state("explicit_wrong", "wrong-Tea-47", who="ann")
    state("explicit_nobody", who="nobody-else")
    state("explicit_blocked", "wrong-Tea-47", who="blocked")
    gate.policy(**{"signin.failures_in_all": 2})
    another("never")
    fail("never", 2)
    state("locked_for_good", who="never")
    gate.policy(**{"signin.errors": "uniform", "signin.failures_in_all": 50, "signin.sessions": "refuse"})
    another("busy")
    accounts.open_session(User.objects.get(username="busy"), kind="computer")
    state("elsewhere", who="busy")
    gate.policy(**{"secondfactor.policy": "all"})
    another("plain")
    state("second_demanded", who="plain")
    gate.policy(**{"secondfactor.policy": "optional", "signin.failures_per_address": 5})
    another("fresh")
    for number in range(6):
        kind(gate, f"guess{number}").try_in("wrong-Tea-47")
    state("address_locked", who="fresh")
    return found


@pytest.mark.parametrize("kind", TALKERS, ids=lambda kind: kind.protocol)
def test_each_state_of_an_account_has_its_code(gate: Gate, kind: type[Talker]) -> None:
    assert codes(gate, kind) == {state: row[kind.protocol] for state, row in CODES.items()}
