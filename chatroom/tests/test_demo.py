"""The demo people can sign in and have something to read; a second time nothing happens."""

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from accounts.models import LoginSession, User
from chatroom import demo
from messaging.models import Conversation, Message


@pytest.mark.django_db
def test_the_demo_is_made_once() -> None:
    passwords = dict(line.split() for line in demo.make()[1:])
    assert passwords.keys() == {name for name, _, _ in demo.PEOPLE}
    assert authenticate(username="minh", password=passwords["minh"]) == User.objects.get(username="minh")
    assert authenticate(username="minh", password=passwords["lan"]) is None
    assert not LoginSession.objects.filter(ended_at=None).exists()
    assert Conversation.objects.filter(kind=Conversation.Kind.GROUP).count() == len(demo.GROUPS)
    everything = Message.objects.count()
    lines = [line for talk in (demo.EVERYONE, *demo.GROUPS, *demo.DIRECTS) for line in talk.lines]
    assert Message.objects.exclude(kind=Message.Kind.SYSTEM).count() == len(lines)
    assert Message.objects.filter(kind=Message.Kind.FILE).count() == sum(bool(line.picture) for line in lines)
    assert User.objects.exclude(avatar="").count() == len(demo.WITH_PICTURE)
    assert Message.objects.filter(kind=Message.Kind.TEXT).latest("sent_at").sent_at < timezone.now()
    assert len(demo.make()) == 1
    assert Message.objects.count() == everything
    assert User.objects.count() == len(demo.PEOPLE)
