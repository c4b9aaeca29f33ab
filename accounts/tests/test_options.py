import pytest

from accounts import actions, events
from accounts.commands import OptionsSave, save_options
from accounts.models import User
from accounts.options import Options
from accounts.tests.factories import person
from core.refusal import Refusal
from realtime.heads import UserFeed

pytestmark = pytest.mark.django_db


def number_of(user: User) -> int:
    """The number of the person's feed."""
    return UserFeed().heads([user.pk])[user.pk]


def test_only_what_differs_from_the_default_is_stored():
    user = person()
    answer = save_options(user, OptionsSave(options={"theme": "dark", "look_back": 50, "enter_sends": False}))
    assert answer["options"]["theme"] == "dark" and answer["options"]["sounds"] is True
    assert User.objects.get().options == {"theme": "dark", "enter_sends": False}
    save_options(user, OptionsSave(options={"theme": "system"}))
    assert User.objects.get().options == {"enter_sends": False}


@pytest.mark.parametrize(
    "values",
    [
        {"theme": "pink"},
        {"no_such": 1},
        {"look_back": 9},
        {"look_back": 201},
        {"look_back": True},
        {"sounds": 1},
        {"sounds": "yes"},
        {"theme": 1},
    ],
)
def test_a_wrong_value_changes_nothing(values):
    user = person()
    before = number_of(user)
    with pytest.raises(Refusal) as refusal:
        actions.set_options(user, {"density": "compact", **values})
    assert refusal.value.code == "bad_request"
    assert User.objects.get().options == {}
    assert number_of(user) == before


def test_two_devices_that_change_different_options_keep_both():
    user = person()
    before = number_of(user)
    here, there = User.objects.get(), User.objects.get()
    actions.set_options(here, {"theme": "dark"})
    actions.set_options(there, {"sounds": False})
    assert User.objects.get().options == {"theme": "dark", "sounds": False}
    assert number_of(user) == before + 2


def test_a_change_that_changes_nothing_is_not_told():
    user = person()
    before = number_of(user)
    actions.set_options(user, {"theme": "system"})
    assert number_of(user) == before


def test_options_of_an_older_version_are_left_out():
    assert Options.of({"gone": 1, "theme": "light"}) == Options(theme="light")


def test_the_profile_is_cleaned_and_checked():
    user = person()
    actions.set_profile(
        user,
        {"display_name": " Lan\u202e  Anh ", "status": "ở nhà", "language": "zh-hans", "time_zone": "Asia/Shanghai"},
    )
    assert events.me(User.objects.get())["name"] == "Lan Anh"
    for wrong in ({"language": "xx"}, {"time_zone": "Moon/Base"}, {"display_name": "x" * 65}, {"is_superuser": "1"}):
        with pytest.raises(Refusal):
            actions.set_profile(user, {"status": "new", **wrong})
    fresh = User.objects.get()
    assert (fresh.status, fresh.language, fresh.is_superuser) == ("ở nhà", "zh-hans", False)


def test_present_state_is_what_the_events_said():
    user = person()
    actions.set_options(user, {"density": "compact"})
    assert events.private_state(user.pk)["options"] == events.me(User.objects.get())["options"]
