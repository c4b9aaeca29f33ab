"""`serve --demo`: people and conversations to look around with, made through the actions like anybody's."""

import secrets
from dataclasses import dataclass, field

from django.db import transaction

from accounts.actions import close_session, make_account, open_session
from accounts.models import LoginSession, User
from accounts.passwords import one_time_password
from core.refusal import Refusal
from core.registry import Caller
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
    set_notice,
)
from messaging.models import Conversation

PEOPLE = [
    ("minh", "Nguyễn Văn Minh", "vi"),
    ("lan", "Trần Thị Lan", "vi"),
    ("phuong", "Lê Phương", "vi"),
    ("zhangwei", "张伟", "zh-hans"),
    ("lina", "李娜", "zh-hans"),
    ("emma", "Emma Clarke", "en"),
]

EVERYONE = [
    ("emma", "Hello everyone! 👋 This is the demo: look around, write something, break nothing you would miss."),
    ("minh", "Chào cả nhà, mình là Minh ở phòng thí nghiệm tầng 3."),
    ("zhangwei", "大家好，我是张伟，负责网络。"),
]

GROUPS = [
    (
        "Dã ngoại lớp 10A",
        ["lan", "minh", "phuong"],
        [
            ("lan", "Thứ bảy này lớp mình đi Ba Vì nhé. **7 giờ** có mặt ở cổng trường."),
            ("minh", "Mình mang loa và bóng. Ai mang bạt?"),
            ("phuong", "Để mình. Danh sách đồ ăn:\n\n- bánh mì\n- trái cây\n- nước suối"),
            ("lan", "Tuyệt vời 🎉 Nhớ mang áo mưa, dự báo chiều có mưa."),
        ],
    ),
    (
        "实验室周会",
        ["zhangwei", "lina", "minh", "emma"],
        [
            ("zhangwei", "本周周会改到周四下午三点，二楼会议室。"),
            (
                "lina",
                "收到。我来准备上周的测量结果：\n\n| 样品 | 温度 | 结果 |\n|---|---|---|\n| A | 20 °C | 合格 |\n| B | 35 °C | 待定 |",
            ),
            ("emma", "I will join remotely. Could somebody share the plots beforehand?"),
            ("minh", "Mình gửi trước thứ tư nhé."),
        ],
    ),
    (
        "Chess club",
        ["emma", "lina", "phuong"],
        [
            ("emma", "Round three is on Friday at 18:00. Pairings:\n\n1. Lina – Phương\n2. Emma – bye"),
            ("lina", "好的，周五见！"),
            ("phuong", "Hẹn gặp mọi người thứ sáu 😄"),
        ],
    ),
]

DIRECTS = [
    (
        "minh",
        "lan",
        [("lan", "Minh ơi, bài tập toán trang mấy thế?"), ("minh", "Trang 42, bài 3 đến 6."), ("lan", "Cảm ơn nha 🙏")],
    ),
    ("zhangwei", "lina", [("lina", "打印机又卡纸了😩"), ("zhangwei", "我马上过去看看。")]),
    ("emma", "minh", [("emma", "Is the wifi password still the old one?"), ("minh", "Yes, until Monday.")]),
]


@dataclass
class Stage:
    """The demo people with a sign-in each, and the passwords to print."""

    users: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, LoginSession] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def caller(self, name: str) -> Caller:
        """Who asks."""
        return Caller(self.users[name].pk, self.sessions[name].pk)

    def say(self, conversation: int, lines: list[tuple[str, str]]) -> list[int]:
        """Sends lines in order; their numbers."""
        numbers = []
        for name, text in lines:
            (answer,) = send_messages(
                [SendRequest(self.caller(name), conversation, f"demo-{secrets.token_hex(8)}", text)]
            )
            if isinstance(answer, Refusal):
                raise answer
            numbers.append(answer["seq"])
        return numbers


@transaction.atomic
def make() -> list[str]:
    """Makes the demo people, groups and messages; lines for the operator with the passwords. Nothing where they exist."""
    if User.objects.filter(username__in=[name for name, _, _ in PEOPLE]).exists():
        return ["The demo people are there already; their passwords were printed when they were made."]
    stage = Stage()
    for name, display_name, language in PEOPLE:
        stage.passwords[name] = one_time_password()
        stage.users[name] = make_account(
            None, name, stage.passwords[name], display_name=display_name, language=language
        )
        stage.sessions[name] = open_session(stage.users[name], kind=LoginSession.Kind.COMPUTER, device="demo")
    talk(stage)
    for session in stage.sessions.values():
        close_session(session)
    return ["Demo people and their passwords:", *(f"  {name}  {stage.passwords[name]}" for name, _, _ in PEOPLE)]


def talk(stage: Stage) -> None:
    """Groups, direct conversations, messages, reactions, and what some have read."""
    users, groups = stage.users, {}
    for name, members, lines in GROUPS:
        groups[name] = group = create_group(users[members[0]], name, [users[member].pk for member in members[1:]])["id"]
        numbers = stage.say(group, lines)
        react(users[members[1]], group, numbers[0], "👍", True)
        mark_read([(stage.caller(members[0]), group, numbers[-1])])
    chess, lab = groups["Chess club"], groups["实验室周会"]
    change_settings(users["emma"], chess, join_policy="request", discoverable=True)
    set_notice(users["emma"], chess, "Fridays at 18:00, room 302. Bring a friend.")
    join_group(users["minh"], chess, "Mình chơi cờ vua từ nhỏ, cho mình tham gia với!")
    change_settings(users["zhangwei"], lab, join_policy="open", discoverable=True)
    invite_people(users["zhangwei"], lab, [users["lan"].pk])
    for first, second, lines in DIRECTS:
        stage.say(open_direct(users[first], users[second].pk)["id"], lines)
    stage.say(Conversation.objects.get(kind=Conversation.Kind.EVERYONE).pk, EVERYONE)
