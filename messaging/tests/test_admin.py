"""Lists and pages of the admin: page by page without counting, each search in an index, and no look into others' messages unseen."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from files.tests.made import make_picture
from messaging import actions
from messaging.models import Conversation, Membership, Message
from tests.cast import person

pytestmark = pytest.mark.django_db
MESSAGES, CONVERSATIONS, LOG = "/admin/messaging/message/", "/admin/messaging/conversation/", "/admin/audit/event/"
ADDRESSES = (
    CONVERSATIONS, MESSAGES, LOG, "/admin/messaging/membership/", "/admin/messaging/joinrequest/", "/admin/messaging/invitation/",
    "/admin/files/storedfile/", "/admin/accounts/user/", "/admin/accounts/loginsession/", "/admin/messaging/invitelink/",
)  # fmt: skip


def get(cast, address):
    response = cast.administrator.client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def links(page):
    """The links to other pages: word -> address."""
    found = re.findall(r'<a class="button"[^>]* href="([^"]*)">([^<]*)</a>', page.partition('class="pages"')[2])
    return {word: address.replace("&amp;", "&") for address, word in found}


def keys(page):
    """Ids of the rows, in order."""
    return [int(id) for id in re.findall(r'<th class="field-\w+[^"]*"><a href="[^"]*/(\d+)/change/', page)]


def test_pages_hold_all_rows_once_and_lead_back(cast, monkeypatch):
    monkeypatch.setattr("core.admin_lists.ReadOnly.list_per_page", 7)
    for _ in range(20):
        actions.rename_group(cast.master.user, cast.group, f"Tên {_}")
    get(cast, LOG)  # signs in
    wanted = list(Event.objects.order_by("-id").values_list("id", flat=True)[:1000])
    address, seen, pages = LOG, [], []
    while True:
        page = get(cast, address)
        pages.append(page)
        seen += keys(page)
        if not (further := links(page).get("Next page")):
            break
        address = LOG + further
    assert seen == wanted and len(pages) > 3 and set(links(pages[0])) == {"Next page"}
    assert "Next page" not in links(pages[-1]) and set(links(pages[1])) == {"First page", "Previous page", "Next page"}
    back = get(cast, LOG + links(pages[2])["Previous page"])
    assert keys(back) == keys(pages[1])
    first = get(cast, LOG + links(back)["Previous page"])
    assert keys(first) == keys(pages[0]) and "Previous page" not in links(first)
    assert keys(get(cast, LOG + links(pages[2])["First page"])) == keys(pages[0])


def test_filters_go_along_from_page_to_page(cast, monkeypatch):
    monkeypatch.setattr("core.admin_lists.ReadOnly.list_per_page", 3)
    for _ in range(8):
        actions.rename_group(cast.master.user, cast.group, f"Tên {_}")
    first = get(cast, f"{LOG}?action=group.renamed")
    second = get(cast, LOG + links(first)["Next page"])
    named = Event.objects.filter(action="group.renamed").order_by("-id").values_list("id", flat=True)
    assert keys(first) + keys(second) == list(named[:6])
    assert keys(get(cast, f"{LOG}?actor_id={cast.master.id}&action=group.renamed")) == keys(first)
    about = get(cast, f"{LOG}?target_type=conversation&target_id={cast.group}")
    assert "Tên 7" in about and keys(about) == keys(first)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_list_counts_its_rows_or_asks_once_for_each(cast, address):
    for name in range(12):
        someone = person(f"someone-{name}")
        place = actions.create_group(someone.user, f"Nhóm {name}", [cast.member.id])["id"]
        actions.open_direct(cast.member.user, someone.id)
        cast.say(someone, where=place)
    get(cast, address)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        get(cast, address)
    said = [query["sql"] for query in asked.captured_queries]
    assert len(said) <= 14, said
    assert not [sql for sql in said if re.match(r"SELECT COUNT\(", sql)], said


def test_what_a_list_does_not_know_is_refused(cast):
    browser = cast.administrator.client
    for address in ADDRESSES:
        assert browser.get(f"{address}?o=1").headers["Location"].endswith("?e=1")
        assert browser.get(f"{address}?before=nonsense&e=1").status_code in (200, 302)
        assert browser.get(f"{address}?pk__gt=1").status_code == 400
    assert browser.get("/admin/accounts/user/?password__startswith=a").status_code == 400
    assert browser.get(f"{MESSAGES}?body__contains=a").status_code == 400
    assert browser.get(f"{MESSAGES}?conversation=nonsense").status_code == 302
    assert browser.get(f"{LOG}?action=no.such").status_code == 302
    for number in (2**63, -1, 2**70):
        assert browser.get(f"{LOG}?before={number}").status_code in (200, 302)
        for narrowed in (
            "messaging/membership/?user",
            "messaging/message/?q=a&conversation",
            "files/storedfile/?owner",
        ):
            assert browser.get(f"/admin/{narrowed}={number}").headers["Location"].endswith("?e=1")


def test_conversations_are_called_by_their_people_and_found_by_them(cast):
    page = get(cast, CONVERSATIONS)
    assert "Nguyễn Thị Ánh – Đỗ Văn Em 🐼" in page and "Everyone" in page
    assert cast.direct in keys(get(cast, f"{CONVERSATIONS}?q=anh"))
    assert cast.direct not in keys(get(cast, f"{CONVERSATIONS}?q=小明"))
    name = Conversation.objects.get(pk=cast.group).name
    assert keys(get(cast, f"{CONVERSATIONS}?q={name}")) == [cast.group]
    assert keys(get(cast, f"{CONVERSATIONS}?kind__exact=everyone")) == [cast.everyone]
    own = get(cast, f"/admin/messaging/membership/?user={cast.manager.id}")
    assert own.count("field-role") == Membership.objects.filter(user=cast.manager.id).count()
    assert "王小明" in own.partition('class="narrowed"')[2][:300]


def test_whoever_looks_into_conversations_of_others_is_in_the_log(cast):
    head = cast.administrator
    events = Event.objects.filter(action__in=("message.viewed", "messages.viewed"))
    seq = cast.say(cast.member, "giữa hai người 之间", where=cast.direct)
    theirs = Message.objects.get(conversation=cast.direct, seq=seq)
    assert "giữa hai người 之间" in get(cast, f"{MESSAGES}{theirs.pk}/change/")
    seen = events.get()
    assert (seen.actor_id, seen.target_id, seen.detail) == (head.id, cast.direct, {"seq": seq})
    own = Message.objects.get(conversation=cast.everyone, seq=cast.say(head, "của tôi", where=cast.everyone))
    assert "của tôi" in get(cast, f"{MESSAGES}{own.pk}/change/")
    assert "của tôi" in get(cast, f"{MESSAGES}?conversation={cast.everyone}")
    assert events.count() == 1
    assert "giữa hai người 之间" in get(cast, f"{MESSAGES}?conversation={cast.direct}")
    listed = events.latest("id")
    assert listed.action == "messages.viewed" and listed.target_id == cast.direct
    assert listed.detail == {"from": theirs.pk, "to": theirs.pk, "count": 1}
    for role in (cast.moderator, cast.master, cast.member):
        assert role.client.get(f"{MESSAGES}{theirs.pk}/change/").status_code in (302, 403)
    assert events.count() == 2
    assert cast.administrator.client.get(f"{MESSAGES}999999/change/").status_code == 302
    assert cast.administrator.client.get(f"{MESSAGES}x/change/").status_code == 302


def test_messages_are_searched_in_the_index(cast):
    seq = cast.say(cast.member, "Họp phụ huynh 家长会 thứ bảy", where=cast.direct)
    gone = cast.say(cast.member, "phụ huynh đã nghỉ", where=cast.group)
    actions.recall_message(cast.member.user, cast.group, gone)
    cast.say(cast.master, "không liên quan", where=cast.direct)
    with CaptureQueriesContext(connection) as asked:
        page = get(cast, f"{MESSAGES}?q=phu+huynh")
    wanted = Message.objects.get(conversation=cast.direct, seq=seq).pk
    assert keys(page) == [wanted] and not [q for q in asked.captured_queries if " LIKE " in q["sql"]]
    assert keys(get(cast, f"{MESSAGES}?q=家长")) == [wanted]
    assert keys(get(cast, f"{MESSAGES}?q=家长&conversation={cast.group}")) == []
    assert keys(get(cast, f"{MESSAGES}?q=phu&sender={cast.member.id}")) == [wanted]
    assert keys(get(cast, f"{MESSAGES}?q=phu&sender={cast.master.id}")) == []
    assert Event.objects.filter(action="messages.viewed").latest("id").detail["search"] == "phu"


def test_a_person_leads_to_what_is_his(cast):
    page = get(cast, f"/admin/accounts/user/{cast.member.id}/change/")
    for address in (
        f"/admin/accounts/loginsession/?user={cast.member.id}", f"{LOG}?actor_id={cast.member.id}",
        f"/admin/files/storedfile/?owner={cast.member.id}", f"/admin/messaging/membership/?user={cast.member.id}",
        f"{MESSAGES}?sender={cast.member.id}",
    ):  # fmt: skip
        assert f'href="{address}"' in page
        get(cast, address)
    log = cast.administrator.client.get(f"/admin/accounts/user/{cast.member.id}/history/")["Location"]
    assert keys(get(cast, log)) and "Đỗ Văn Em" not in log


def test_a_file_leads_to_the_messages_that_have_it(cast):
    picture = make_picture(cast.member)
    seq = cast.say(cast.member, "ảnh lớp", files=[picture.token])
    cast.say(cast.member, "không có ảnh")
    page = get(cast, f"/admin/files/storedfile/{picture.pk}/change/")
    assert f'href="{MESSAGES}?file={picture.pk}"' in page and "Đỗ Văn Em" in page
    assert keys(get(cast, f"{MESSAGES}?file={picture.pk}")) == [
        Message.objects.get(conversation=cast.group, seq=seq).pk
    ]
    for gone in ("0", "999999", "9" * 18):
        page = get(cast, f"{MESSAGES}?file={gone}")
        assert keys(page) == [] and "Nothing was found." in page
    for wrong in ("x", "-1", "9" * 19):
        assert cast.administrator.client.get(f"{MESSAGES}?file={wrong}").headers["Location"].endswith("?e=1")


def test_events_are_found_by_people(cast):
    found = keys(get(cast, f"{LOG}?q=van+em"))
    theirs = Event.objects.filter(actor_id=cast.member.id) | Event.objects.filter(
        target_type="user", target_id=cast.member.id
    )
    assert found and found == list(theirs.order_by("-id").values_list("id", flat=True)[:50])
    assert keys(get(cast, f"{LOG}?q=nobody+is+called+so")) == []


def test_what_the_site_said_is_in_words_and_a_broken_row_keeps_nothing_from_view(cast):
    for number in range(5):
        actions.rename_group(cast.master.user, cast.group, f"Tên mới {number}")
    assert "System message: renamed a group" in get(cast, f"{MESSAGES}?conversation={cast.group}")
    broken = ["no json", "[1]", '{"code": ["joined"]}', '{"code": "tomorrow"}', "[" * 5000]
    for body, row in zip(broken, Message.objects.filter(kind="system").order_by("-pk"), strict=False):
        Message.objects.filter(pk=row.pk).update(body=body)
    assert "System message: tomorrow" in get(cast, MESSAGES)
