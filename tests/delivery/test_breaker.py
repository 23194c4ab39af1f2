import pytest

from penstock.delivery.breaker import FAILURES_TO_OPEN, Breaker
from penstock.delivery.retry import Backoff
from penstock.delivery.settings import RetrySettings


@pytest.fixture
def breaker() -> Breaker:
    return Breaker(Backoff(RetrySettings(initial=1, max=60)), blocked_wait=60.0)


def open_at(breaker: Breaker, now: float) -> float:
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed(now)
    opens_at = breaker.opens_at()
    assert opens_at is not None
    return opens_at


def test_a_few_failures_change_nothing(breaker: Breaker) -> None:
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker.failed(0.0)
    assert breaker.slots(4, 0.0) == 4
    breaker.succeeded()
    breaker.failed(0.0)
    assert breaker.state == "closed"


def test_it_opens_tries_with_one_and_closes(breaker: Breaker) -> None:
    opens_at = open_at(breaker, 10.0)
    assert 10.0 <= opens_at <= 11.0
    assert breaker.slots(4, opens_at - 0.001) == 0
    assert breaker.slots(4, opens_at) == 1
    assert (breaker.state, breaker.opens_at()) == ("half_open", None)
    breaker.succeeded()
    assert (breaker.state, breaker.slots(4, opens_at)) == ("closed", 4)


def test_a_failed_try_opens_it_again_for_longer(breaker: Breaker) -> None:
    now = open_at(breaker, 0.0)
    bounds = []
    for _ in range(200):
        breaker.slots(4, now)
        breaker.failed(now)
        opens_at = breaker.opens_at()
        assert opens_at is not None
        bounds.append(opens_at - now)
        now = opens_at
    assert 50 < max(bounds) <= 60


def test_what_comes_home_late_makes_the_wait_no_longer_than_its_bound(breaker: Breaker) -> None:
    open_at(breaker, 0.0)
    for _ in range(100):
        breaker.failed(0.5)
    assert (breaker.opens_at() or 99.0) <= 1.5


def test_it_waits_for_as_long_as_the_service_asks(breaker: Breaker) -> None:
    breaker.failed(5.0, after=30.0)
    assert (breaker.state, breaker.opens_at()) == ("open", 35.0)


def test_a_shut_door_is_asked_slowly(breaker: Breaker) -> None:
    breaker.blocked(0.0)
    assert (breaker.state, breaker.opens_at(), breaker.slots(4, 59.0)) == ("blocked", 60.0, 0)
    assert breaker.slots(4, 60.0) == 1
    breaker.blocked(60.0)
    assert breaker.state == "blocked"
