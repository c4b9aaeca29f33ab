"""What the policy matrix asks for: bodies of commands, forms, addresses, made anew for every role."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import actions as accounts
from accounts.actions import friends, guard
from accounts.admin_policies import PoliciesForm
from accounts.models import User
from audit import actions as log
from audit.models import Event
from files.tests.made import make_picture
from games.models import Match
from messaging import actions
from messaging.actions.joining import asking
from messaging.actions.mailing import mailings
from messaging.models import Conversation, Invitation, InviteLink, JoinRequest, Membership, Message, Report
from tests.cast import PASSWORD, PICTURE, Cast, Person, person
from tests.stored import offer
from tests.stored_tables import kept_table, new_table, no_tables

numbers = itertools.count(1)


@dataclass
class Scene:
    """The cast and what bodies are made of."""

    cast: Cast
    others: dict[str, Person] = field(default_factory=dict)

    def browser(self, role: str) -> Client:
        """A browser of this role; each but the anonymous one is signed in."""
        return Client() if role == "anonymous" else self.person(role).client

    def person(self, role: str) -> Person:
        """One of the cast, or of the two beside it."""
        if role in ("invited", "locked") and not self.others:
            self.gather()
        return self.others.get(role) or getattr(self.cast, role)

    def gather(self) -> None:
        """Two more: one is invited to the group, one locked out by failed tries while signed in."""
        self.others = {name: person(name) for name in ("invited", "locked")}
        assert all(other.cookie for other in self.others.values())
        actions.invite_people(self.cast.master.user, self.cast.group, [self.others["invited"].id])
        while guard.count_try(guard.key_of_name("locked")).left:
            pass

    def acquainted(self, how: str) -> int:
        """Somebody new to whom the member stands like this."""
        friends.requests.held.clear()  # the member asks once for every role
        member, new = self.cast.member.user, person(f"new-{next(numbers)}").user
        if how == "blocked":
            accounts.block_person(member, new.pk)
        elif how == "asks":
            accounts.request_friend(member, new.pk)
        else:
            accounts.request_friend(new, member.pk)
            if how == "friend":
                accounts.accept_friend(member, new.pk)
        return new.pk

    def invite(self) -> tuple[int, str]:
        """A link into the group, the only one: its number and its token."""
        InviteLink.objects.all().delete()
        link, token = actions.make_link(self.cast.master.user, self.cast.group)
        return link.pk, token

    def newly(self) -> int:
        """Somebody who has just been put into the group."""
        new = person(f"new-{next(numbers)}")
        actions.add_members(self.cast.master.user, self.cast.group, [new.id])
        return new.id

    def mailing(self) -> int:
        """A text of the member's to several people."""
        mailings.held.clear()
        caller, client_id = self.cast.member.caller, f"matrix-{next(numbers):06}"
        return actions.send_mailing(caller, client_id, [self.cast.master.id, self.cast.manager.id], "Chào 你好")[
            "mailing"
        ]

    def reported(self) -> int:
        """A message of the member's that the master has reported."""
        seq = self.cast.say(self.cast.member, "Chào 你好")
        actions.report_message(self.cast.master.user, self.cast.group, seq, "spam")
        return Report.objects.latest("pk").message_id

    def found(self, policy: str) -> int:
        """A group that everybody may find; nobody of the cast is in it."""
        someone = person(f"new-{next(numbers)}").user
        group = actions.create_group(someone, f"Tìm thấy {next(numbers)} 可以找到", [])["id"]
        actions.change_settings(someone, group, join_policy=policy, discoverable=True)
        return group

    def other_group(self) -> int:
        """A group of the same people in the same roles."""
        cast = self.cast
        group = actions.create_group(cast.master.user, f"Sắp tan {next(numbers)}", [cast.manager.id, cast.member.id])[
            "id"
        ]
        actions.set_role(cast.master.user, group, cast.manager.id, "manager")
        return group

    def invitation(self, group: int, to: Person) -> int:
        """Somebody is invited by the master of the group."""
        master = Membership.objects.get(conversation=group, role="master").user
        actions.invite_people(master, group, [to.id])
        return Invitation.objects.latest("pk").pk

    def request(self, group: int, of: Person) -> int:
        """Somebody waits to be let into a group."""
        asking.held.clear()  # somebody asks once for every role
        actions.join_group(of.user, group)
        return JoinRequest.objects.latest("pk").pk

    def asked(self) -> int:
        """Somebody new waits to be let into the group of the cast."""
        Conversation.objects.filter(pk=self.cast.group).update(discoverable=True, join_policy="request")
        return self.request(self.cast.group, person(f"new-{next(numbers)}"))

    def refused(self) -> int:
        """The member's request to some group was refused."""
        request = self.request(group := self.found("request"), self.cast.member)
        actions.answer_request(Membership.objects.get(conversation=group).user, request, False, "đủ người 满了")
        return request


def block_again(scene: Scene) -> None:
    """The blocked account was signed in when it was blocked."""
    accounts.unblock_user(scene.cast.administrator.user, scene.cast.blocked.user)
    scene.cast.blocked.browsers.clear()
    assert scene.cast.blocked.cookie
    accounts.block_user(scene.cast.administrator.user, scene.cast.blocked.user)


# What is asked for. Each is made anew for every role, so that one role's success does not spoil the next one's.
BODIES: dict[str, Callable[[Scene, str], dict]] = {
    "hello": lambda s, r: {},
    "ping": lambda s, r: {},
    "feed.resume": lambda s, r: {"feed": f"c:{s.cast.group}", "after": 0},
    "conversation.open": lambda s, r: {"conversation": s.cast.group},
    "presence.set": lambda s, r: {"state": "busy"},
    "message.send": lambda s, r: {
        "conversation": s.cast.group,
        "client_id": f"matrix-{next(numbers):06}",
        "body": "Chào 你好",
    },
    "message.edit": lambda s, r: {"conversation": s.cast.group, "seq": s.cast.say(s.cast.member), "body": "sửa 改"},
    "message.recall": lambda s, r: {"conversation": s.cast.group, "seq": s.cast.say(s.cast.member)},
    "message.react": lambda s, r: {
        "conversation": s.cast.group,
        "seq": s.cast.say(s.cast.master),
        "emoji": "👍",
        "on": True,
    },
    "message.pin": lambda s, r: {"conversation": s.cast.group, "seq": s.cast.say(s.cast.master), "on": True},
    "message.report": lambda s, r: {
        "conversation": s.cast.group,
        "seq": s.cast.say(s.cast.manager),
        "reason": "spam",
        "words": "Quảng cáo 广告",
    },
    "message.readers": lambda s, r: {"conversation": s.cast.group, "seq": s.cast.say(s.cast.master)},
    "message.forward": lambda s, r: {
        "conversation": s.cast.group,
        "seq": s.cast.say(s.cast.master),
        "to": s.cast.everyone,
        "client_id": f"matrix-{next(numbers):06}",
    },
    "file.offer": lambda s, r: {
        "conversation": s.cast.direct,
        "client_id": f"matrix-{next(numbers):06}",
        "name": "Phim 电影.mp4",
        "size": 5000,
    },
    "offer.answer": lambda s, r: {"conversation": s.cast.direct, "seq": offer(s.cast), "accept": True},
    "offer.withdraw": lambda s, r: {"conversation": s.cast.direct, "seq": offer(s.cast)},
    "mailing.send": lambda s, r: {
        "users": [s.cast.manager.id, person(f"new-{next(numbers)}").id],
        "body": "Chào 你好",
        "client_id": f"matrix-{next(numbers):06}",
    },
    "mailing.list": lambda s, r: {},
    "mailing.status": lambda s, r: {"mailing": s.mailing()},
    "conversation.clear": lambda s, r: {"conversation": s.cast.group, "seq": s.cast.say(s.cast.master)},
    "conversation.read": lambda s, r: {"conversation": s.cast.group, "seq": s.cast.say(s.cast.master)},
    "conversation.pin": lambda s, r: {"conversation": s.cast.group, "on": True},
    "conversation.level": lambda s, r: {"conversation": s.cast.group, "level": "mentions"},
    "conversation.typing": lambda s, r: {"conversation": s.cast.group},
    "draft.save": lambda s, r: {"conversation": s.cast.group, "body": "nháp 草稿"},
    "direct.open": lambda s, r: {"user": s.cast.stranger.id},
    "group.create": lambda s, r: {"name": f"Nhóm {next(numbers)}", "users": [s.cast.stranger.id]},
    "group.add": lambda s, r: {"conversation": s.cast.group, "users": [person(f"new-{next(numbers)}").id]},
    "group.remove": lambda s, r: {"conversation": s.cast.group, "user": s.newly()},
    "group.role": lambda s, r: {"conversation": s.cast.group, "user": s.newly(), "role": "manager"},
    "group.rename": lambda s, r: {"conversation": s.cast.group, "name": f"Tên {next(numbers)}"},
    "group.leave": lambda s, r: {"conversation": s.cast.group if s.newly() else 0},
    "group.mute": lambda s, r: {"conversation": s.cast.group, "user": s.newly(), "minutes": 5},
    "group.notice": lambda s, r: {"conversation": s.cast.group, "notice": f"Thông báo {next(numbers)} 公告"},
    "group.settings": lambda s, r: {"conversation": s.cast.group, "slow_mode": 5 + next(numbers)},
    "group.dissolve": lambda s, r: {"conversation": s.other_group()},
    "group.join": lambda s, r: {"conversation": s.found("request"), "words": "Cho vào với 让我进"},
    "group.invite": lambda s, r: {"conversation": s.cast.group, "users": [person(f"new-{next(numbers)}").id]},
    "invitation.list": lambda s, r: {"conversation": s.cast.group},
    "invitation.withdraw": lambda s, r: {"invitation": s.invitation(s.cast.group, person(f"new-{next(numbers)}"))},
    "invitation.answer": lambda s, r: {
        "invitation": s.invitation(s.found("invitation"), s.cast.member),
        "accept": True,
    },
    "request.withdraw": lambda s, r: {"request": s.request(s.found("request"), s.cast.member)},
    "request.answer": lambda s, r: {"request": s.asked(), "accept": True},
    "joining.dismiss": lambda s, r: {"kind": "request", "id": s.refused()},
    "friend.request": lambda s, r: {"user": person(f"new-{next(numbers)}").id, "words": "Chào 你好"},
    "friend.accept": lambda s, r: {"user": s.acquainted("asked")},
    "friend.refuse": lambda s, r: {"user": s.acquainted("asked")},
    "friend.withdraw": lambda s, r: {"user": s.acquainted("asks")},
    "friend.remove": lambda s, r: {"user": s.acquainted("friend")},
    "block.add": lambda s, r: {"user": person(f"new-{next(numbers)}").id},
    "block.remove": lambda s, r: {"user": s.acquainted("blocked")},
    "invite.make": lambda s, r: {"conversation": s.cast.group, "days": 1, "max_uses": 3},
    "invite.list": lambda s, r: {"conversation": s.cast.group},
    "invite.revoke": lambda s, r: {"conversation": s.cast.group, "invite": s.invite()[0]},
    "table.open": lambda s, r: {"conversation": no_tables(s.cast)},
    "table.follow": lambda s, r: {"table": new_table(s.cast)},
    "table.unfollow": lambda s, r: {"table": new_table(s.cast)},
    "table.act": lambda s, r: {
        "table": new_table(s.cast),
        "client_id": f"matrix-{next(numbers):06}",
        "kind": "sit",
        "seq": 0,
    },
    "options.save": lambda s, r: {"options": {"look_back": 10 + next(numbers) % 100}},
}


FORMS: dict[str, Callable[[Scene, str], dict]] = {
    "accounts/avatar/": lambda s, r: {"picture": SimpleUploadedFile("me.png", PICTURE)},
    "api/conversations/<int:id>/avatar": lambda s, r: {"picture": SimpleUploadedFile("we.png", PICTURE)},
    "accounts/options/import/": lambda s, r: {
        "file": SimpleUploadedFile("o.json", b'{"version": 1, "options": {"busy": true}}')
    },
    "accounts/login/": lambda s, r: {"login": "stranger", "password": PASSWORD},
    "accounts/login/here/": lambda s, r: {"proof": accounts.prove(s.cast.stranger.user)},
    "accounts/signup/": lambda s, r: {"username": f"signup-{next(numbers)}", "password1": "xanh-Lá-4711"},
    "accounts/password/change/": lambda s, r: {
        "oldpassword": PASSWORD,
        "password1": "đỏ-Lá-4711-x",
        "password2": "đỏ-Lá-4711-x",
    },
    "accounts/language/": lambda s, r: {"language": "vi", "next": "/"},
    "accounts/settings/": lambda s, r: {
        "display_name": "Tên 名",
        "status": "",
        "language": "vi",
        "time_zone": "",
        "theme": "dark",
    },
    "accounts/delete/": lambda s, r: {
        "password": PASSWORD,
        "name": "" if r == "anonymous" else s.person(r).user.username,
    },
    "admin/accounts/user/add/": lambda s, r: {"username": f"made-{next(numbers)}", "role": "member"},
    "admin/accounts/user/import/": lambda s, r: {"file": SimpleUploadedFile("people.csv", b"name\nimported\n")},
    "admin/accounts/user/": lambda s, r: {"action": "end_sessions", "_selected_action": [s.cast.stranger.id]},
    "accounts/reauthenticate/": lambda s, r: {"password": PASSWORD},
    "join/<str:token>/": lambda s, r: {"username": f"invited-{next(numbers)}", "password1": "xanh-Lá-4711"},
    "admin/audit/event/export/": lambda s, r: {"format": "csv"},
    "admin/messaging/report/<id:id>/": lambda s, r: {"deed": "dismiss", "last": Report.objects.latest("pk").pk},
    "admin/messaging/conversation/": lambda s, r: {"action": "close_posting", "_selected_action": [s.cast.group]},
    "admin/files/storedfile/": lambda s, r: {
        "action": "delete_unused",
        "_selected_action": [make_picture(s.cast.member).pk],
    },
    "admin/messaging/invitelink/": lambda s, r: {"action": "revoke", "_selected_action": [s.invite()[0]]},
    "admin/messaging/invitelink/add/": lambda s, r: {"conversation": "", "days": 7, "max_uses": ""},
    "api/v1/tables/<int:id>/match_heartbeat": lambda s, r: {"player": 1},
    "admin/core/policy/": lambda s, r: {**PoliciesForm().initial, "site.name": f"Trường {next(numbers)} 学校"},
}


def address(scene: Scene, route: str, role: str) -> str:
    """A route with this scene's things in it."""
    values = {
        "<id:conversation>": scene.cast.group, "<id:seq>": 1, "<str:form>": "text", "<int:id>": scene.cast.group, "<str:token>": "x" * 43,
        "<id:table>": 1, "<id:no>": 1, "<str:language>": "vi",
        "<path:content_type_id>": ContentType.objects.get_for_model(User).pk, "(?P<url>.*)$": "nothing-here",
    }  # fmt: skip
    if route.startswith("join/"):
        values["<str:token>"] = scene.invite()[1]
    values["<int:pk>"] = 1
    if route.startswith("api/v1/tables/"):
        return "/" + route.replace("<int:id>", str(kept_table(scene.cast))).replace("<int:no>", "1")
    if "invitelink/<path:object_id>" in route:
        route = route.replace("<path:object_id>", str(scene.invite()[0]))
    if route.startswith("admin/<app_label>"):
        return "/admin/accounts/"
    if route == "accounts/blocks/<int:id>/remove/":
        return f"/accounts/blocks/{scene.acquainted('blocked')}/remove/"
    if route.startswith("files/"):
        sent = make_picture(scene.cast.member)
        scene.cast.say(scene.cast.member, "", files=[sent.token])
        return "/" + route.replace("<str:token>", sent.token).replace("<str:name>", "x.gif")
    if route.startswith("avatars/"):
        member = scene.cast.member.user
        return f"/avatars/{member.avatar or accounts.set_avatar(member, PICTURE)}/64.webp"
    if route.startswith("admin/audit/event/export/<"):
        export = log.begin_export(scene.cast.administrator.user, "text")
        log.run_export(export.pk)
        return "/" + route.replace("<id:id>", str(export.pk))
    if route.startswith("admin/messaging/report/<"):
        Report.objects.all().delete()  # one asks many times
        return f"/admin/messaging/report/{scene.reported()}/"
    if route.startswith("admin/accounts/user/import/<"):
        made = accounts.begin_import(scene.cast.administrator.user, "x.csv", f"name\nnew-{next(numbers)}\n".encode())
        return "/" + route.replace("<id:id>", str(made.pk))
    if route == "accounts/sessions/<int:id>/end/":
        mine = accounts.open_session(scene.cast.member.user, kind="phone")
        return f"/accounts/sessions/{mine.pk}/end/"
    for model, pk in {
        "conversation": lambda: scene.cast.group,
        "membership": lambda: Membership.objects.get(conversation=scene.cast.group, role="master").pk,
        "message": lambda: Message.objects.filter(conversation=scene.cast.group).earliest("seq").pk,
        "joinrequest": scene.asked,
        "invitation": lambda: scene.invitation(scene.cast.group, person(f"new-{next(numbers)}")),
        "storedfile": lambda: make_picture(scene.cast.member).pk,
        "gametable": lambda: kept_table(scene.cast),
        "match": lambda: Match.objects.get(table=kept_table(scene.cast)).pk,
    }.items():
        if f"/{model}/<path:object_id>" in route:
            route = route.replace("<path:object_id>", str(pk()))
    for model, pk in (
        ("event", Event.objects.earliest("id").pk),
        ("user", scene.cast.member.id),
        ("loginsession", scene.cast.member.login_session.pk),
        ("policy", "site.name"),
    ):
        route = route.replace(f"{model}/<path:object_id>", f"{model}/{str(pk).replace('.', '_2E')}")
    for name, value in {**values, "<path:object_id>": scene.cast.member.id}.items():
        route = route.replace(name, str(value))
    return "/" + route.lstrip("/")
