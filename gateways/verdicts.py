"""What a sign-in came to: the rows of the verdict table, which each protocol puts into a code of its own."""

from enum import Enum

from core.refusal import Refusal


class Verdict(Enum):
    """One row of the table."""

    SIGNED_IN = "signed in"
    DISPLACED = "signed in, an older one was displaced"
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - under the policy `uniform` also: no such user
    NO_SUCH_USER = "no such user"
    MUST_CHANGE = "password must be changed"
    LOCKED = "locked, blocked, not approved yet, one-time password expired, second factor needed"
    ELSEWHERE = "signed in elsewhere"

    @property
    def signed_in(self) -> bool:
        """Whether the person is in."""
        return self in (Verdict.SIGNED_IN, Verdict.DISPLACED)


ROWS = {
    "wrong_credentials": Verdict.WRONG_PASSWORD,
    "wrong_password": Verdict.WRONG_PASSWORD,
    "bad_password": Verdict.WRONG_PASSWORD,  # longer than any can be
    "no_such_account": Verdict.NO_SUCH_USER,
    "must_change_password": Verdict.MUST_CHANGE,
    "signed_in_elsewhere": Verdict.ELSEWHERE,
}


def verdict_of(refusal: Refusal) -> Verdict:
    """The row of a refused sign-in; all that wants a browser or an administrator is one row."""
    return ROWS.get(refusal.code, Verdict.LOCKED)
