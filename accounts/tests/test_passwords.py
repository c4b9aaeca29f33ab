import threading

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts import actions
from accounts.models import User
from accounts.passwords import AT_ONCE, Argon2, one_time_password

pytestmark = pytest.mark.django_db


def faults(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError as error:
        return {fault.code for fault in error.error_list}
    return set()


def test_a_good_password_passes_and_bad_ones_are_refused_each_for_its_reason():
    user = User(username="nguyenlan", display_name="Nguyễn Lan")
    assert faults("green-Tea-4711", user) == set()
    assert faults("a-Tea-471", user) == {"password_too_short"}
    assert faults("x" * 255 + "-4", user) == {"password_too_long"}
    assert faults("3141592653589", user) == {"password_entirely_numeric"}
    assert faults("password123", user) == {"password_too_common"}
    assert faults("nguyenlan1", user) == {"password_too_similar"}


def test_the_least_length_is_the_sites_policy():
    assert faults("a-Tea-471") == {"password_too_short"}
    actions.set_policies(None, {"passwords.minimum_length": 8})
    assert faults("a-Tea-471") == set()


def test_at_most_four_hashes_are_made_at_once(monkeypatch):
    inside, most, lock = 0, 0, threading.Lock()
    full = threading.Event()

    def slow(self, password, salt):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
            if inside == 4:
                full.set()
        full.wait(10)
        with lock:
            inside -= 1
        return ""

    monkeypatch.setattr(Argon2PasswordHasher, "encode", slow)
    hashers = [threading.Thread(target=Argon2().encode, args=("green-Tea-4711", "salt" * 4)) for _ in range(12)]
    for hasher in hashers:
        hasher.start()
    for hasher in hashers:
        hasher.join()
    assert most == 4
    assert AT_ONCE._value == 4


def test_one_time_passwords_are_long_plain_and_never_the_same():
    made = {one_time_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(password) == 12 and password.isascii() and password.isalnum() for password in made)
