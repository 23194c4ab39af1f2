import pytest
from structlog.testing import capture_logs

from penstock.delivery.breaker import FAILURES_TO_OPEN
from penstock.delivery.decision import Decision
from penstock.delivery.health import Health
from penstock.delivery.retry import Backoff
from penstock.delivery.settings import RetrySettings
from penstock.testing import ManualClock

FINE = Decision()
DOWN = Decision(failed=True, reason="nobody listens")
SHUT = Decision(blocked=True, reason="HTTP 401")
BUSY = Decision(overload=True)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def health(clock: ManualClock) -> Health:
    return Health("d", Backoff(RetrySettings()), 60.0, 8, clock)


def test_it_says_when_the_service_goes_and_when_it_comes_back(health: Health) -> None:
    with capture_logs() as told:
        for _ in range(FAILURES_TO_OPEN + 3):
            health.learn(DOWN)
        health.learn(FINE)
        health.learn(FINE)
    assert [(line["log_level"], line["event"], line.get("reason")) for line in told] == [
        ("warning", "destination does not take events", "nobody listens"),
        ("info", "destination is back", None),
    ]


def test_a_shut_door_is_said_louder(health: Health) -> None:
    with capture_logs() as told:
        health.learn(SHUT)
        health.learn(SHUT)
    assert [(line["log_level"], line["reason"]) for line in told] == [("error", "HTTP 401")]
    assert health.state == "blocked"


async def test_a_service_that_was_gone_gets_one_request_and_then_more(
    health: Health, clock: ManualClock
) -> None:
    for _ in range(FAILURES_TO_OPEN):
        health.learn(DOWN)
    assert health.slots() == 0
    opens_at = health.opens_at
    assert opens_at is not None
    await clock.advance(opens_at - clock.monotonic())
    assert health.slots() == 1
    assert health.state == "half_open"
    for _ in range(40):
        health.learn(FINE)
    assert health.slots() == health.limit == 8


def test_an_overloaded_service_gets_fewer_at_a_time(health: Health) -> None:
    for _ in range(8):
        health.learn(FINE)
    health.learn(BUSY)
    assert (health.slots(), health.state) == (4, "closed")


async def test_a_warning_is_told_once_and_another_not_at_once(health: Health, clock: ManualClock) -> None:
    with capture_logs() as told:
        for text in ("acks are off", "", "acks are off", "request 1", "request 2"):
            health.learn(Decision(warning=text))
        await clock.advance(60.0)
        for text in ("acks are off", "request 3"):
            health.learn(Decision(warning=text))
    assert [line["warning"] for line in told] == ["acks are off", "request 3"]
