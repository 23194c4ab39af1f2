import asyncio
import time

from penstock.admin.lag import EVERY, LoopLag
from penstock.clock import SystemClock
from penstock.testing import ManualClock


async def test_a_punctual_loop_has_no_lag() -> None:
    clock = ManualClock()
    lag = LoopLag(clock)
    assert lag.stats().max == 0.0
    lag.start()
    await clock.advance(10.0)
    lag.stop()
    assert lag.stats().max < 1e-6
    assert lag.histogram.count == round(10.0 / EVERY)


async def test_a_stall_shows_as_the_maximum_and_then_goes_out_of_the_window() -> None:
    clock = ManualClock()
    lag = LoopLag(clock)
    lag.start()
    await clock.advance(1.0)
    clock._move(clock.monotonic() + 0.5)
    await clock.advance(0.0)
    assert 0.4 < lag.stats().current <= 0.5
    await clock.advance(30.0)
    stats = lag.stats()
    assert (stats.current < 1e-6, stats.p50 < 1e-6, stats.max > 0.4) == (True, True, True)
    await clock.advance(61.0)
    assert lag.stats().max < 1e-6
    assert lag.histogram.sum > 0.4, "the histogram is since the start"


async def test_nothing_is_sampled_after_stop() -> None:
    clock = ManualClock()
    lag = LoopLag(clock)
    lag.start()
    lag.stop()
    lag.stop()
    await clock.advance(5.0)
    assert lag.histogram.count == 0


async def test_a_blocked_real_loop_is_seen() -> None:
    lag = LoopLag(SystemClock())
    lag.start()
    until = time.monotonic() + 0.1
    while time.monotonic() < until:  # what no coroutine should do
        pass
    await asyncio.sleep(0.005)  # one turn with its timers
    lag.stop()
    assert lag.stats().max > 0.03
