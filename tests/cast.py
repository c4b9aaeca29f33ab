"""The fixed cast of the tests, and the group they meet in. Loaded by the root conftest, so that every app's tests have it."""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from accounts import actions as accounts
from accounts.access import LOGIN_SESSION, login_session_of
from accounts.actions import friends, profile
from accounts.models import LoginSession, User
from core import policies, registry
from core.refusal import Refusal
from core.registry import Caller
from files import receiving
from messaging import actions
from messaging.actions import SendRequest
from messaging.actions.joining import asking
from messaging.actions.mailing import mailings
from messaging.actions.transcripts import transcripts
from messaging.models import Conversation
from realtime import dispatch, executors, limits

PASSWORD = "green-Tea-4711"
PICTURE = bytes.fromhex(  # a PNG of one red dot
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c"
    "49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
GROUP = "研究组 Nhóm Nghiên cứu 🌱"
FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]
numbers = itertools.count(1)


@dataclass
class Person:
    """One of the cast, signed in at a computer."""

    user: User
    login_session: LoginSession
    browsers: list[Client] = field(default_factory=list)

    @property
    def id(self) -> int:
        return self.user.pk

    @property
    def caller(self) -> Caller:
        """As entrances see him."""
        return Caller(self.user.pk, self.login_session.pk, self.user.language, "127.0.0.1")

    @property
    def client(self) -> Client:
        """A signed-in browser."""
        if not self.browsers:
            self.browsers.append(Client())
            self.browsers[0].force_login(self.user, backend="accounts.auth.Backend")
        return self.browsers[0]

    @property
    def cookie(self) -> str:
        """The session cookie of that browser."""
        return self.client.cookies["sessionid"].value

    @property
    def browser_session(self) -> LoginSession:
        """The login session of that browser."""
        found = login_session_of(self.client.session[LOGIN_SESSION])
        assert found is not None
        return found


def person(username: str, **fields: Any) -> Person:
    """An account made by the site, and a sign-in."""
    user = accounts.make_account(None, username, PASSWORD, **fields)
    return Person(user, accounts.open_session(user, kind="computer", device="Firefox · Linux", ip="127.0.0.1"))


@dataclass
class Cast:
    """Everybody, and the conversations they are in: master, manager and member share a group, master and member talk directly."""

    administrator: Person
    moderator: Person
    master: Person
    manager: Person
    member: Person
    stranger: Person
    blocked: Person  # an account that an administrator blocked
    former: Person  # was in the group
    newcomer: Person  # must change the password
    group: int
    direct: int
    everyone: int

    def __iter__(self):
        return iter(
            [self.administrator, self.moderator, self.master, self.manager, self.member, self.stranger, self.former]
        )

    def send(self, who: Person, body: str, where: int | None = None, **fields: Any) -> Any:
        """One text through the send action: the answer or the Refusal."""
        fields.setdefault("client_id", f"client-{next(numbers):08}")
        return actions.send_messages([SendRequest(who.caller, where or self.group, body=body, **fields)])[0]

    def say(self, who: Person, body: str = "xin chào 你好 👋", where: int | None = None, **fields: Any) -> int:
        """A text that must be accepted; its seq."""
        answer = self.send(who, body, where, **fields)
        assert isinstance(answer, dict), answer
        return answer["seq"]


def make_cast() -> Cast:
    """Everybody from nothing. They may be signed in as often as tests like."""
    policies.store("signin.sessions", "allow")
    administrator = person("quản-trị", display_name="Quản trị viên", is_admin=True)
    moderator = person("moderator", display_name="版主", is_moderator=True)
    master, manager = person("master", display_name="Nguyễn Thị Ánh"), person("经理", display_name="王小明")
    member, stranger = person("member", display_name="Đỗ Văn Em 🐼"), person("stranger", display_name="")
    former, blocked = person("former", display_name="前成员"), person("blocked")
    newcomer = person("newcomer", must_change=True)
    direct = actions.open_direct(master.user, member.id)["id"]
    group = actions.create_group(master.user, GROUP, [manager.id, member.id, former.id])["id"]
    actions.set_role(master.user, group, manager.id, "manager")
    actions.remove_member(master.user, group, former.id)
    accounts.block_user(administrator.user, blocked.user, "spam")
    everyone = Conversation.objects.get(kind="everyone").pk
    return Cast(
        administrator, moderator, master, manager, member, stranger, blocked, former, newcomer, group, direct, everyone
    )


@pytest.fixture
def fast_passwords(settings: Any) -> None:
    """A hash that costs nothing: what these tests are about is not the hash."""
    settings.PASSWORD_HASHERS = FAST


@pytest.fixture
def plain_static(settings: Any, tmp_path: Path) -> None:
    """Static files under their own names: no collectstatic before the tests. What people upload lies in a folder of the test."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    folder = {"BACKEND": "files.storage.DiskStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "default": folder, "staticfiles": {"BACKEND": backend}}


@pytest.fixture
def fresh_policies():
    """Policies and full buckets of the test before are forgotten, and the policies of this one after it."""
    policies.forget()
    for buckets in (
        limits._users,
        limits._addresses,
        limits._errors,
        friends.requests.held,
        profile.changes.held,
        asking.held,
        mailings.held,
        transcripts.held,
    ):
        buckets.clear()
    yield
    policies.forget()


class Shared:
    """The cast made once, in a transaction around all tests that need no threads: each of them works in a savepoint of it."""

    def __init__(self) -> None:
        self.around: Any = None
        self.cast: Cast | None = None

    def begin(self) -> None:
        """Make the cast, unless it stands already."""
        if self.around is None:
            policies.forget()
            self.around = transaction.atomic()
            self.around.__enter__()
            with override_settings(PASSWORD_HASHERS=FAST):
                self.cast = make_cast()

    def end(self) -> None:
        """Leave an empty database."""
        if self.around is not None:
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)
            self.around = self.cast = None
            policies.forget()


shared = Shared()


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef, request: pytest.FixtureRequest) -> None:
    """Before pytest-django begins a test's transaction: those with a cast share one, all others find nothing of it."""
    if fixturedef.argname == "_django_db_helper":
        request.getfixturevalue("django_db_setup")
        with request.getfixturevalue("django_db_blocker").unblock():
            if "cast" in request.fixturenames and not transactional(request):
                shared.begin()
            else:
                shared.end()


def transactional(request: pytest.FixtureRequest) -> bool:
    """Whether other threads must see what the test writes."""
    marker = request.node.get_closest_marker("django_db")
    return "transactional_db" in request.fixturenames or bool(marker and marker.kwargs.get("transaction"))


@pytest.fixture
def cast(
    request: pytest.FixtureRequest,
    ended_threads: None,
    db: None,
    fast_passwords: None,
    plain_static: None,
    fresh_policies: None,
) -> Cast:
    """The cast."""
    return make_cast() if shared.cast is None else copy.deepcopy(shared.cast)


@pytest.fixture(scope="session")
def ended_threads(django_db_setup: None, django_db_blocker: Any):
    """Transactions and threads of our own give their connections back before the test database goes."""
    yield
    with django_db_blocker.unblock():
        shared.end()
    dispatch.finish()
    executors.idle()
    executors.idle(receiving._pool, receiving.THREADS)


@pytest.fixture
def prompt_batches(monkeypatch: pytest.MonkeyPatch):
    """Batched commands do not wait for company: the gathering itself is tested where it belongs."""
    dispatch.finish()
    prompt = {
        name: executors.Committer(name, command.run) for name, command in registry.commands.items() if command.batched
    }
    monkeypatch.setattr(dispatch, "_committers", prompt)
    yield
    dispatch.finish()


def refusal_of(run: Any, *args: Any, **kwargs: Any) -> str:
    """The code with which an action refuses; fails when it does not."""
    try:
        done = run(*args, **kwargs)
    except Refusal as refusal:
        return refusal.code
    assert isinstance(done, Refusal), f"was not refused: {done!r}"
    return done.code
