"""`serve --demo`: people and conversations to look around with, made through the actions like anybody's."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from accounts.actions import close_session, make_account, open_session, set_avatar
from accounts.models import LoginSession, User
from accounts.passwords import one_time_password
from chatroom import celery
from core.refusal import Refusal
from core.registry import Caller
from files.actions import store_bytes
from messaging.actions import (
    SendRequest,
    change_settings,
    create_group,
    invite_people,
    join_group,
    mark_read,
    open_direct,
    react,
    send_messages,
    set_group_avatar,
    set_notice,
)
from messaging.models import Conversation, Message

PICTURES = Path(__file__).with_name("demo_pictures")
PEOPLE = [
    ("minh", "Nguyễn Văn Minh", "vi"),
    ("lan", "Trần Thị Lan", "vi"),
    ("phuong", "Lê Phương", "vi"),
    ("zhangwei", "张伟", "zh-hans"),
    ("lina", "李娜", "zh-hans"),
    ("emma", "Emma Clarke", "en"),
]
WITH_PICTURE = ("minh", "lan", "lina", "emma")


@dataclass
class Line:
    """One message: who says what, to which of the messages before (counted back), with which picture, and who likes it."""

    who: str
    text: str
    to: int = 0
    picture: str = ""
    likes: str = ""  # an emoji and names


@dataclass
class Talk:
    """A conversation: who is in it, what was said, how long ago the last of it."""

    name: str
    members: list[str]
    lines: list[Line]
    minutes: int
    picture: str = ""


EVERYONE = Talk(
    "", [],
    [
        Line("emma", "Hello everyone! 👋 This is the demo: look around, write something, break nothing you would miss.", likes="👋 minh lina phuong"),
        Line("minh", "Chào cả nhà, mình là Minh ở phòng thí nghiệm tầng 3."),
        Line("zhangwei", "大家好，我是张伟，负责网络。", likes="👍 lina"),
    ],
    60 * 26,
)  # fmt: skip

GROUPS = [
    Talk(
        "Dã ngoại lớp 10A", ["lan", "minh", "phuong"],
        [
            Line("lan", "Thứ bảy này lớp mình đi Ba Vì nhé. **7 giờ** có mặt ở cổng trường.", likes="👍 minh phuong"),
            Line("minh", "Mình mang loa và bóng. Ai mang bạt?"),
            Line("phuong", "Để mình. Danh sách đồ ăn:\n\n- bánh mì\n- trái cây\n- nước suối"),
            Line("minh", "Chỗ này ngắm hoàng hôn đẹp lắm 😍", picture="view", likes="❤️ lan phuong"),
            Line("lan", "Tuyệt vời 🎉 Nhớ mang áo mưa, dự báo chiều có mưa."),
        ],
        14, "picnic",
    ),
    Talk(
        "实验室周会", ["zhangwei", "lina", "minh", "emma"],
        [
            Line("zhangwei", "本周周会改到周四下午三点，二楼会议室。", likes="👍 lina minh"),
            Line("lina", "收到。我来准备上周的测量结果：\n\n| 样品 | 温度 | 结果 |\n|---|---|---|\n| A | 20 °C | 合格 |\n| B | 35 °C | 待定 |"),
            Line("emma", "I will join remotely. Could somebody share the plots beforehand?"),
            Line("minh", "Mình gửi trước thứ tư nhé.", to=1),
        ],
        95,
    ),
    Talk(
        "Canteen", ["phuong", "emma", "minh", "lina", "lan", "zhangwei"],
        [
            Line("phuong", "Hôm nay có bún chả 🍜"),
            Line("emma", "Save me a seat, I come at 12:15"),
            Line("zhangwei", "我要两份 😋", likes="😂 emma phuong"),
        ],
        60 * 28,
    ),
    Talk(
        "Chess club", ["emma", "lina", "phuong"],
        [
            Line("emma", "Round three is on Friday at 18:00. Pairings:\n\n1. Lina – Phương\n2. Emma – bye", likes="👍 lina"),
            Line("lina", "好的，周五见！"),
            Line("phuong", "Hẹn gặp mọi người thứ sáu 😄"),
        ],
        37, "chess",
    ),
]  # fmt: skip

DIRECTS = [
    Talk("", ["minh", "lan"], [
        Line("lan", "Minh ơi, bài tập toán trang mấy thế?"), Line("minh", "Trang 42, bài 3 đến 6."), Line("lan", "Cảm ơn nha 🙏"),
    ], 60 * 3),
    Talk("", ["zhangwei", "lina"], [Line("lina", "打印机又卡纸了😩"), Line("zhangwei", "我马上过去看看。")], 50),
    Talk("", ["emma", "minh"], [Line("emma", "Is the wifi password still the old one?"), Line("minh", "Yes, until Monday.")], 72),
    Talk("", ["emma", "lina"], [
        Line("lina", "Are you coming to the concert tonight? 🎻"),
        Line("emma", "Of course! I saved two seats in the third row."), Line("lina", "You are the best ❤️"),
    ], 60 * 5),
    Talk("", ["phuong", "emma"], [Line("emma", "Thanks for the photos of the trip!"), Line("phuong", "Lần sau đi cùng nhé 😄")], 60 * 49),
    Talk("", ["emma", "lan"], [Line("lan", "Bạn dạy mình phát âm câu này với"), Line("emma", "Sure, after class on Tuesday?"), Line("lan", "👍")], 60 * 75),
]  # fmt: skip


@dataclass
class Stage:
    """The demo people with a sign-in each, and the passwords to print."""

    users: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, LoginSession] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def caller(self, name: str) -> Caller:
        """Who asks."""
        return Caller(self.users[name].pk, self.sessions[name].pk)

    def say(self, conversation: int, lines: list[Line]) -> list[int]:
        """Sends lines in order; their numbers."""
        numbers: list[int] = []
        for line in lines:
            files = (
                [store_bytes(self.users[line.who], f"{line.picture}.webp", [drawn(line.picture)]).token]
                if line.picture
                else []
            )
            reply = numbers[-line.to] if line.to else None
            key = f"demo-{secrets.token_hex(8)}"
            (answer,) = send_messages(
                [SendRequest(self.caller(line.who), conversation, key, line.text, reply, files=files)]
            )
            if isinstance(answer, Refusal):
                raise answer
            numbers.append(answer["seq"])
            emoji, *names = line.likes.split() or [""]
            for name in names:
                react(self.users[name], conversation, answer["seq"], emoji, True)
        return numbers


def drawn(name: str) -> bytes:
    """One of the pictures."""
    return (PICTURES / f"{name}.webp").read_bytes()


@transaction.atomic
def make() -> list[str]:
    """Makes the demo people, groups and messages; lines for the operator with the passwords. Nothing where they exist."""
    if User.objects.filter(username__in=[name for name, _, _ in PEOPLE]).exists():
        return ["The demo people are there already; their passwords were printed when they were made."]
    celery.app.finalize()  # where files are handed on to be processed
    stage = Stage()
    for name, display_name, language in PEOPLE:
        stage.passwords[name] = one_time_password()
        stage.users[name] = make_account(
            None, name, stage.passwords[name], display_name=display_name, language=language
        )
        stage.sessions[name] = open_session(stage.users[name], kind=LoginSession.Kind.COMPUTER, device="demo")
    for name in WITH_PICTURE:
        set_avatar(stage.users[name], drawn(name))
    talk(stage)
    for session in stage.sessions.values():
        close_session(session)
    return ["Demo people and their passwords:", *(f"  {name}  {stage.passwords[name]}" for name, _, _ in PEOPLE)]


def talk(stage: Stage) -> None:
    """Groups, direct conversations, messages, reactions, and what some have read."""
    users, groups = stage.users, {}
    for group in GROUPS:
        owner, *others = group.members
        groups[group.name] = id = create_group(users[owner], group.name, [users[name].pk for name in others])["id"]
        if group.picture:
            set_group_avatar(users[owner], id, drawn(group.picture))
        if group.name == "Chess club":
            change_settings(users[owner], id, join_policy="request", discoverable=True)
            set_notice(users[owner], id, "Fridays at 18:00, room 302. Bring a friend.")
        numbers = stage.say(id, group.lines)
        mark_read([(stage.caller(name), id, numbers[-1]) for name in (owner, group.lines[-1].who)])
        age(id, group.minutes)
    join_group(users["minh"], groups["Chess club"], "Mình chơi cờ vua từ nhỏ, cho mình tham gia với!")
    invite_people(users["zhangwei"], groups["实验室周会"], [users["lan"].pk])
    for direct in DIRECTS:
        first, second = direct.members
        id = open_direct(users[first], users[second].pk)["id"]
        numbers = stage.say(id, direct.lines)
        mark_read([(stage.caller(direct.lines[-1].who), id, numbers[-1])])
        age(id, direct.minutes)
    everyone = Conversation.objects.get(kind=Conversation.Kind.EVERYONE).pk
    stage.say(everyone, EVERYONE.lines)
    age(everyone, EVERYONE.minutes)


def age(conversation: int, minutes: int) -> None:
    """What was said lies some time back, as in conversations that live; before any of it is sealed."""
    at = timezone.now() - timedelta(minutes=minutes)
    for message in Message.objects.filter(conversation=conversation).order_by("-seq"):
        Message.objects.filter(pk=message.pk).update(sent_at=at)
        at -= timedelta(minutes=2, seconds=message.pk % 60)
