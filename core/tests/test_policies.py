"""Site policies: typed, with defaults, in force without a restart; and token buckets."""

from dataclasses import field

import pytest

from core import policies
from core.buckets import TokenBucket
from core.models import Policy
from core.refusal import TEXTS, Refusal


@pytest.fixture
def tea(db, monkeypatch):
    monkeypatch.setattr(policies, "sections", dict(policies.sections))

    @policies.section
    class Tea:
        kind: str = field(default="green", metadata={"choices": ("green", "black")})
        cups: int = field(default=3, metadata={"range": (1, 9)})
        sweet: bool = False
        motto: str = "trà 茶"

    policies.forget()
    yield Tea
    policies.forget()


def test_defaults_are_in_force_without_any_row(tea):
    assert (policies.get(tea).kind, policies.get(tea).cups, policies.get(tea).sweet) == ("green", 3, False)
    assert not Policy.objects.exists()


def test_a_stored_value_is_in_force_at_once_and_the_default_is_no_row(tea):
    policies.store("tea.cups", 9)
    assert (policies.get(tea).cups, Policy.objects.count()) == (9, 1)
    policies.store("tea.motto", "一杯好茶")
    assert policies.get(tea).motto == "一杯好茶"
    policies.store("tea.cups", 3)
    assert (policies.get(tea).cups, Policy.objects.count()) == (3, 1)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tea.kind", "white"),
        ("tea.kind", 1),
        ("tea.cups", 0),
        ("tea.cups", 10),
        ("tea.cups", "3"),
        ("tea.cups", True),
        ("tea.cups", 2.5),
        ("tea.sweet", 1),
        ("tea.none", 1),
        ("none.cups", 1),
        ("cups", 1),
        ("", 1),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(tea, key, value):
    with pytest.raises(Refusal) as refused:
        policies.store(key, value)
    assert refused.value.code == "bad_request"
    assert not Policy.objects.exists()


def test_another_process_sees_it_within_two_seconds(tea, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(policies.time, "monotonic", lambda: now[0])
    assert policies.get(tea).cups == 3
    Policy.objects.create(key="tea.cups", value=5)  # as another process does
    assert policies.get(tea).cups == 3
    now[0] += policies.FRESH_FOR + 0.01
    assert policies.get(tea).cups == 5


def test_reading_costs_nothing_while_fresh(tea, django_assert_num_queries):
    policies.get(tea)
    with django_assert_num_queries(0):
        for _ in range(10):
            policies.get(tea)
            policies.cached(tea)


def test_rows_of_policies_that_are_gone_do_no_harm(tea):
    Policy.objects.create(key="tea.milk", value=1)
    Policy.objects.create(key="coffee.cups", value=1)
    policies.forget()
    assert policies.get(tea).cups == 3


def test_a_bucket_gives_its_burst_then_its_rate():
    bucket = TokenBucket(burst=3, rate=2, now=0.0)
    assert [bucket.take(now=0.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(now=0.5), bucket.take(now=0.5)] == [True, False]
    assert [bucket.take(now=100.0) for _ in range(4)] == [True, True, True, False]
    assert not bucket.take(5, now=1000.0)
    assert bucket.take(3, now=1000.0)


def test_every_refusal_has_a_text_and_a_status():
    for code in TEXTS:
        refusal = Refusal(code)
        assert str(refusal.message)
        assert 400 <= refusal.status < 500
    assert (Refusal("muted", "x").status, Refusal("x", "y", 409).status) == (403, 409)
