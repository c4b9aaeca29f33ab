import threading

import pytest
from django.db import connection

from accounts import setup
from accounts.models import SetupLink, User
from accounts.policies import Site
from accounts.tests.factories import PASSWORD, person
from core import policies
from core.refusal import Refusal

DATA = {
    "username": "boss",
    "display_name": "Cô Hoa",
    "password": PASSWORD,
    "language": "vi",
    "site_name": "Trường Hoa Sen",
}


def new_link() -> str:
    link = setup.new_link()
    assert link is not None
    return link


@pytest.mark.django_db
def test_the_link_makes_the_first_administrator_and_signs_in(client):
    link = new_link()
    assert client.get(link).status_code == 200
    response = client.post(link, DATA)
    assert (response.status_code, response["Location"]) == (302, "/")
    user = User.objects.get()
    assert (user.name, user.is_admin, user.is_staff, user.language, user.is_active) == (
        "Cô Hoa",
        True,
        True,
        "vi",
        True,
    )
    assert policies.get(Site).name == "Trường Hoa Sen"
    assert client.get("/").status_code == 200
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_a_used_link_is_a_page_that_does_not_exist(client):
    link = new_link()
    client.post(link, DATA)
    assert client.get(link).status_code == 404
    assert client.post(link, {**DATA, "username": "second"}).status_code == 404
    assert User.objects.count() == 1
    assert setup.new_link() is None and not SetupLink.objects.exists()


@pytest.mark.django_db
def test_a_wrong_and_an_older_link_do_not_exist(client):
    older, newer = new_link(), new_link()
    assert client.get(newer).status_code == 200
    for wrong in (older, "/setup/x/", "/setup/" + "a" * 43 + "/"):
        assert client.get(wrong).status_code == 404
        assert client.post(wrong, DATA).status_code == 404
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_token_is_long_and_not_stored():
    token = new_link().split("/")[2]
    assert len(token) >= 43
    assert token not in str(list(SetupLink.objects.values()))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fault", [{"username": "system"}, {"username": ""}, {"password": "short"}, {"site_name": ""}, {"language": "xx"}]
)
def test_a_fault_leaves_the_link_good(client, fault):
    link = new_link()
    assert client.post(link, {**DATA, **fault}).status_code == 200
    assert not User.objects.exists()
    assert client.post(link, DATA).status_code == 302


@pytest.mark.django_db
def test_a_link_is_worth_nothing_once_there_is_an_administrator(client):
    link = new_link()
    person("admin", is_admin=True)
    assert client.get(link).status_code == 404
    with pytest.raises(Refusal):
        setup.set_up(link.split("/")[2], username="x", password=PASSWORD)


@pytest.mark.django_db
def test_before_the_set_up_pages_say_what_to_do(client):
    for page in ("/", "/accounts/login/", "/accounts/signup/"):
        response = client.get(page)
        assert response.status_code == 200 and "/setup/…" in response.content.decode()
    person("admin", is_admin=True)
    assert client.get("/accounts/login/").status_code == 200
    assert client.get("/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_wins():
    token = new_link().split("/")[2]
    results, start = [], threading.Barrier(4)

    def race(number):
        start.wait()
        try:
            setup.set_up(token, username=f"boss{number}", password=PASSWORD)
            results.append("won")
        except Refusal as refusal:
            results.append(refusal.code)
        finally:
            connection.close()

    racers = [threading.Thread(target=race, args=(number,)) for number in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(results) == ["not_found", "not_found", "not_found", "won"]
    assert User.objects.filter(is_superuser=True).count() == 1
