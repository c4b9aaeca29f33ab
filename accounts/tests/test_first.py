"""What has to be done before anything else: where it ends, and where it cannot lead."""

import time

import pytest

from accounts import actions
from accounts.tests.factories import person
from accounts.tests.test_second_factor import code_at, policy, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fast_passwords")]


def test_what_has_to_be_done_first_ends_where_the_link_led(client):
    person("boss", is_admin=True)
    user = person()
    password = actions.reset_password(None, user)
    policy("all")
    browser = {"headers": {"accept": "text/html,*/*"}}
    link = "/join/a-link/?from=mail"
    assert (
        client.post("/accounts/login/?next=" + link, {"login": user.username, "password": password})["Location"] == link
    )
    assert client.get(link, **browser)["Location"] == "/accounts/password/change/"
    client.get("/i18n/vi.json", headers={"accept": "*/*"})  # a script is not where somebody wanted to go
    page = client.get("/accounts/password/change/", **browser)
    assert f'name="next" value="{link}"' in page.content.decode()
    new = {"oldpassword": password, "password1": "hoa-Hồng-2711", "next": link}
    assert client.post("/accounts/password/change/", new)["Location"] == link
    assert client.get(link, **browser)["Location"] == "/accounts/2fa/"
    secret = client.get("/accounts/2fa/app/add/", **browser).content.decode().partition('class="secret">')[2][:32]
    client.post("/accounts/2fa/app/add/", {"code": code_at(secret, int(time.time()))})
    for path in ("/accounts/2fa/codes/", "/accounts/2fa/"):
        assert f'href="{link}"' in client.get(path, **browser).content.decode()
    assert client.get(link, **browser).status_code in {200, 404} and "led_to" not in client.session
    assert link not in client.get("/accounts/2fa/", **browser).content.decode()


def test_nobody_is_led_to_another_site(client):
    person("boss", is_admin=True)
    user = person()
    sign_in(client, user, actions.reset_password(None, user))
    client.get("//evil.example/x", headers={"accept": "text/html"})
    page = client.get("/accounts/password/change/").content.decode()
    assert "//evil" not in page and 'name="next" value="/' in page
