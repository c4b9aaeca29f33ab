"""What the site says to everybody: who sees it, until when, and how it is written down."""

from __future__ import annotations

import pytest

from accounts import actions
from accounts.admin_policies import PoliciesForm
from accounts.policies import Site
from core import policies, registry
from tests.cast import Cast, refusal_of

pytestmark = pytest.mark.django_db
TEXT = "Nghỉ lễ 放假 <b>24/12</b>"
SHOWN = "Nghỉ lễ 放假 &lt;b&gt;24/12&lt;/b&gt;"
PAGES = ("/", "/accounts/settings/")


@pytest.fixture
def said(cast: Cast) -> Cast:
    actions.set_policies(cast.administrator.user, {"site.announcement": TEXT})
    return cast


def shown(client, page: str = "/") -> bool:
    return SHOWN in client.get(page).content.decode().partition('id="snapshot"')[0]


def test_all_who_are_signed_in_see_it_and_strangers_do_not(said: Cast, client) -> None:
    assert all(shown(who.client, page) for who in (said.member, said.administrator) for page in PAGES)
    assert not shown(client, "/accounts/login/")


def test_those_who_look_after_the_site_see_it_there_too(said: Cast) -> None:
    admin, moderator = said.administrator.client, said.moderator.client
    for page in (
        "/admin/",
        "/admin/accounts/user/",
        "/admin/core/policy/",
        f"/admin/accounts/user/{said.member.id}/change/",
    ):
        assert "js/pages/announcement" in admin.get(page).content.decode() and shown(admin, page), page
    assert shown(moderator, "/admin/messaging/report/")
    admin.cookies["announcement"] = f"{said.administrator.id}-{registry.site()['announcement']['key']}"
    assert not shown(admin, "/admin/") and shown(moderator, "/admin/")


def test_nothing_is_said_by_default(cast: Cast) -> None:
    assert registry.site()["announcement"] is None
    assert "announcement" not in cast.member.client.get("/accounts/settings/").content.decode()


def test_it_is_put_away_by_each_for_this_text(said: Cast) -> None:
    key = registry.site()["announcement"]["key"]
    said.member.client.cookies["announcement"] = f"{said.member.id}-{key}"
    said.master.client.cookies["announcement"] = f"{said.member.id}-{key}"  # somebody else's, at the same computer
    assert not any(shown(said.member.client, page) for page in PAGES)
    assert shown(said.master.client)
    policies.store("site.announcement", TEXT + "!")
    assert shown(said.member.client)


def test_long_texts_have_a_bound_and_one_kind_of_line_break(cast: Cast) -> None:
    now = {**PoliciesForm().initial, "site.announcement": "một\r\nhai\rba  ", "moderation.words": "x" * 20_001}
    form = PoliciesForm(now)
    assert not form.is_valid() and list(form.errors) == ["moderation.words"]
    page = cast.administrator.client.post("/admin/core/policy/", {**now, "moderation.words": "bad\r\nworse*"})
    assert page.status_code == 302
    assert policies.get(Site).announcement == "một\nhai\nba"
    admin = cast.administrator.user
    assert refusal_of(actions.set_policies, admin, {"site.announcement": "x" * 501}) == "too_long"
    assert refusal_of(actions.set_policies, admin, {"site.name": "x" * 201}) == "too_long"
    actions.set_policies(admin, {"site.announcement": "x" * 500})
