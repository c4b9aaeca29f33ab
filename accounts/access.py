"""Who somebody is, whether he may act, and whom he may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import check_password
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import Block, Friendship, LoginSession, User
from accounts.policies import SecondFactor
from core import names, policies
from core.refusal import Refusal
from core.sql import Subquery, marks, padded, rows
from core.sql import pairs as value_pairs

LOGIN_SESSION = "login_session"  # where the Django session keeps LoginSession.key
DISPLACED, SESSION_ENDED = "displaced", "session_ended"
FACTORS = ("totp", "webauthn")  # recovery codes only stand in for one of these
CLOSE_CODES = {DISPLACED: 4001}  # every other verdict closes with 4003

Verdict = str | None  # None: may act; else the code of the refusal


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is behind a socket. `verdict` is None when he may act."""

    user_id: int
    login_session_id: int
    username: str
    name: str
    language: str
    verdict: Verdict
    presence: str = "online"  # how he has chosen to be seen


def verdict(user: User, login_session: LoginSession | None) -> Verdict:
    """Why this person may not act with this session, or None. Every entrance asks here."""
    if login_session is None or login_session.user_id != user.pk:
        return SESSION_ENDED
    if login_session.ended_at is not None:
        return DISPLACED if login_session.ended_reason == LoginSession.Reason.DISPLACED else SESSION_ENDED
    return account_verdict(user)


def account_verdict(user: User) -> Verdict:
    """Why this account may not be used, or None; what holds for every session of it."""
    if user.deleted_at is not None:
        return SESSION_ENDED
    if user.blocked_at is not None:
        return "blocked"
    if user.approved_at is None:
        return "not_approved"
    if user.password_expires is not None and user.password_expires <= timezone.now():
        return "password_expired"
    if user.must_change_password:
        return "must_change_password"
    if second_factor_demanded(user) and not has_second_factor(user):
        return "second_factor_required"
    return None


def second_factor_demanded(user: User) -> bool:
    """Whether the site's policy wants more than a password of this person. Bots have no password."""
    policy = policies.get(SecondFactor).policy
    return not user.is_bot and (policy == "all" or (policy == "administrators" and user.is_staff))


def second_factor_offered() -> bool:
    """Whether people may add a second factor; those who have one keep it."""
    return policies.get(SecondFactor).policy != "off"


def has_authenticator_app(user: User) -> bool:
    """Whether this person has an app that shows codes."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def has_second_factor(user: User) -> bool:
    """Whether a password alone does not let this person in."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def check_older_password(user: User, password: str) -> bool:
    """Whether a gateway may let this person in: by the password for older clients, and by the usual one where nothing else is asked for."""
    if user.older_password and check_password(password, user.older_password):
        return True
    return not needs_older_password(user) and user.check_password(password)


def needs_older_password(user: User) -> bool:
    """Whether the usual password is not enough at a gateway."""
    return has_second_factor(user) or second_factor_demanded(user)


def session_user(data: Mapping[str, Any]) -> User | None:
    """Whose Django session this is, with his login session, ended or not, as `_login_session`. One query."""
    if not (data.get(LOGIN_SESSION) and data.get(SESSION_KEY) and data.get(BACKEND_SESSION_KEY)):
        return None
    login_session = LoginSession.objects.filter(key=data[LOGIN_SESSION]).select_related("user").first()
    if login_session is None or str(login_session.user_id) != data[SESSION_KEY]:
        return None
    user = login_session.user
    # A changed password changes the hash, so cookies from before it are worth nothing
    if not constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    user._login_session = login_session
    return user


def socket_identity(session_key: str | None) -> Identity | None:
    """Who the cookie of a handshake belongs to: None when it belongs to nobody. Two queries."""
    row = Session.objects.filter(pk=session_key, expire_date__gt=timezone.now()).first() if session_key else None
    user = session_user(row.get_decoded()) if row else None
    if user is None:
        return None
    login_session = user._login_session
    return Identity(
        user.pk,
        login_session.pk,
        user.username,
        user.name,
        user.language,
        verdict(user, login_session),
        user.get_options().presence,
    )


def login_session_of(key: str | None) -> LoginSession | None:
    """The session that a browser's Django session names, ended or not."""
    return LoginSession.objects.filter(key=key).first() if key else None


def actors(login_session_ids: Iterable[int]) -> dict[int, User]:
    """The people who may act now, by session. Sessions that may not are absent. One query."""
    found = {}
    for login_session in LoginSession.objects.filter(pk__in=set(login_session_ids), ended_at=None).select_related(
        "user"
    ):
        if account_verdict(login_session.user) is None:
            login_session.user._login_session = login_session
            found[login_session.pk] = login_session.user
    return found


class Sender(NamedTuple):
    """A person who may act, with what a message says of him."""

    id: int
    username: str
    display_name: str


MAY_ACT = (  # what `verdict` says, as SQL; a test compares the two in every state of an account
    "s.ended_at IS NULL AND u.deleted_at IS NULL AND u.blocked_at IS NULL AND u.approved_at IS NOT NULL"
    " AND NOT u.must_change_password AND (u.password_expires IS NULL OR u.password_expires > %s)"
)


HAS_FACTOR = f"EXISTS (SELECT 1 FROM mfa_authenticator f WHERE f.user_id = u.id AND f.type IN {FACTORS})"  # noqa: S608
DEMANDED = {  # by the policy on the second factor
    "administrators": f" AND (u.is_bot OR NOT u.is_staff OR {HAS_FACTOR})",
    "all": f" AND (u.is_bot OR {HAS_FACTOR})",
}


def senders(login_session_ids: Iterable[int], now: object) -> dict[int, Sender]:
    """`actors` for the path of every message: only what a message says of its sender, by SQL. `now` in the database's form."""
    ids = set(login_session_ids)
    found = rows(
        "SELECT s.id, u.id, u.username, u.display_name FROM accounts_loginsession s JOIN accounts_user u ON u.id = s.user_id"  # noqa: S608
        f" WHERE s.id IN {marks(ids)} AND {MAY_ACT}{DEMANDED.get(policies.get(SecondFactor).policy, '')}",
        [*padded(ids), now],
    )
    return {session: Sender(*person) for session, *person in found}


def gate(login_session_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Sessions whose sockets must close: {id: (close code, reason)}. One query where all may stay."""
    wanted = set(login_session_ids)
    left = (
        wanted - senders(wanted, connection.ops.adapt_datetimefield_value(timezone.now())).keys() if wanted else set()
    )
    closing = dict.fromkeys(left, (4003, SESSION_ENDED))
    for login_session in LoginSession.objects.filter(pk__in=left).select_related("user") if left else ():
        code = verdict(login_session.user, login_session)
        if code is None:
            del closing[login_session.pk]
        else:
            closing[login_session.pk] = (CLOSE_CODES.get(code, 4003), code)
    return closing


def people_for(user: User, query: str = "", ids: Iterable[int] | None = None, limit: int = 500) -> list[User]:
    """Whom this person may see, by name; himself included."""
    people = visible_people(user)
    if ids is not None:
        people = people.filter(pk__in=set(ids))
    typed = names.terms(query)
    for term in typed:
        people = people.filter(search_key__contains=term)
    found = people.order_by("search_key", "pk").iterator() if typed else people.order_by("search_key", "pk")[:limit]
    return list(islice((person for person in found if _meant(person, typed, query)), limit))


def _meant(person: User, typed: list[str], query: str) -> bool:
    fits = all(names.fits(person.search_key, term) for term in typed)
    return fits and names.has_marks(query, (person.username, person.display_name))


def hold(user_ids: Iterable[int]) -> set[int]:
    """Those of these accounts that are usable; nobody closes them before the transaction ends. Taken before any conversation's row, in id order."""
    ids = set(user_ids)
    share = " FOR SHARE" if connection.features.has_select_for_update else ""
    usable = "deleted_at IS NULL AND blocked_at IS NULL AND approved_at IS NOT NULL"
    sql = f"SELECT id FROM accounts_user WHERE id IN {marks(ids)} AND {usable} ORDER BY id{share}"  # noqa: S608
    return {id for (id,) in rows(sql, padded(ids))} if ids else set()


def get_person(user: User, id: int) -> User:
    """One person whom this one may see. Raises Refusal: missing and hidden look the same."""
    person = visible_people(user).filter(pk=id).first()
    if person is None:
        raise Refusal("not_found")
    return person


def visible_people(user: User) -> QuerySet[User]:
    """Everybody with a usable account, but for those with a block between them and this person."""
    return (
        User.objects.filter(deleted_at=None, blocked_at=None, approved_at__isnull=False)
        .exclude(pk__in=Block.objects.filter(blocker=user).values("blocked"))
        .exclude(pk__in=Block.objects.filter(blocked=user).values("blocker"))
    )


def is_blocked_between(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of the given pairs of people that have a block between them, in either direction. One query."""
    wanted = set(pairs)
    if not wanted:
        return set()
    values, params = value_pairs(wanted)
    found = set(
        rows(
            "SELECT blocker_id, blocked_id FROM accounts_block"  # noqa: S608
            f" WHERE (blocker_id, blocked_id) IN {values} OR (blocked_id, blocker_id) IN {values}",
            params * 2,
        )
    )
    return {(one, other) for one, other in wanted if (one, other) in found or (other, one) in found}


def friends_of(user_ids: Iterable[int]) -> list[tuple[int, int]]:
    """The friends of these people, as pairs (one of them, his friend). One query."""
    wanted = set(user_ids)
    pairs = Friendship.objects.filter(
        Q(low__in=wanted) | Q(high__in=wanted), status=Friendship.Status.ACCEPTED
    ).values_list("low_id", "high_id")
    return [pair for low, high in pairs for pair in ((low, high), (high, low)) if pair[0] in wanted]


def live_sessions(user: User) -> QuerySet[LoginSession]:
    """The sessions of this person that have not ended, the newest first."""
    return LoginSession.objects.filter(user=user, ended_at=None).order_by("-last_seen", "-pk")


def get_login_session(user: User, id: int) -> LoginSession:
    """One of this person's own live sessions. Raises Refusal."""
    login_session = live_sessions(user).filter(pk=id).first()
    if login_session is None:
        raise Refusal("not_found")
    return login_session


def first_administrator() -> User | None:
    """Who stands for the site where somebody has to: the one who has been an administrator's account for longest."""
    administrators = User.objects.filter(is_superuser=True, deleted_at=None, blocked_at=None)
    return administrators.order_by("pk").first()


def waiting_count() -> Subquery:
    """How many people an administrator has to let in."""
    return Subquery(
        "SELECT COUNT(*) FROM accounts_user WHERE approved_at IS NULL AND deleted_at IS NULL AND blocked_at IS NULL"
    )


def administrator_exists() -> bool:
    """Whether the site has been set up."""
    return User.objects.filter(is_superuser=True, deleted_at=None).exists()


def recently_ended() -> list[int]:
    """Sessions that ended in the last seconds, by whatever process. One query, by index."""
    since = timezone.now() - timedelta(seconds=10)
    return list(LoginSession.objects.filter(ended_at__gt=since).values_list("pk", flat=True))
