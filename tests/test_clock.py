import asyncio

from penstock.clock import Alarm, StoppedClock, SystemClock, sleep
from penstock.testing import ManualClock
from penstock.testing.clock import settle


async def test_the_system_clock_calls_back_when_its_time_has_come() -> None:
    clock, called = SystemClock(), asyncio.Event()
    due = clock.monotonic() + 0.01
    clock.call_at(due, called.set)
    await asyncio.wait_for(called.wait(), 5)
    assert clock.monotonic() >= due - 0.005  # the loop's clock has a resolution of its own


async def test_a_time_that_has_passed_is_now() -> None:
    clock, called = SystemClock(), asyncio.Event()
    clock.call_at(clock.monotonic() - 60, called.set)
    await asyncio.wait_for(called.wait(), 5)


async def test_what_is_cancelled_does_not_happen() -> None:
    clock, called = SystemClock(), asyncio.Event()
    clock.call_at(clock.monotonic(), called.set).cancel()
    await settle()
    assert not called.is_set()


async def test_sleep_goes_by_the_clock_and_leaves_no_timer_behind() -> None:
    clock = ManualClock()
    sleeper = asyncio.get_running_loop().create_task(sleep(clock, 5.0))
    await clock.advance(4.9)
    assert not sleeper.done()
    await clock.advance(0.1)
    assert sleeper.done()
    cancelled = asyncio.get_running_loop().create_task(sleep(clock, 5.0))
    await settle()
    cancelled.cancel()
    await settle()
    assert clock.next_due() is None


async def test_an_alarm_rings_once_at_the_last_moment_that_was_set() -> None:
    clock, rung = ManualClock(), []
    alarm = Alarm(clock, lambda: rung.append(clock.monotonic()))
    start = clock.monotonic()
    alarm.set(start + 5)
    alarm.set(start + 2)
    alarm.set(start + 2)
    assert alarm.is_set
    await clock.advance(10)
    assert rung == [start + 2]
    assert not alarm.is_set
    alarm.set(start + 20)
    alarm.set(None)
    await clock.advance(30)
    assert len(rung) == 1


def test_a_stopped_clock_stands_and_never_calls() -> None:
    clock = StoppedClock(5.0)
    called: list[bool] = []
    clock.call_at(-1.0, lambda: called.append(True)).cancel()
    assert (clock.time(), clock.monotonic(), called) == (5.0, 0.0, [])
