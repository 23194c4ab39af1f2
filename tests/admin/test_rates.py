import pytest

from penstock.admin.rates import Rates
from penstock.testing import ManualClock
from penstock.testing.daemon import StillDaemon, StillSource


async def test_rates_are_those_of_the_last_seconds() -> None:
    clock, daemon = ManualClock(), StillDaemon(sources={"app": StillSource()})
    stats, source = daemon.add("hook"), daemon.sources["app"].stats
    cpu = [0.0]
    rates = Rates(daemon, clock, lambda: cpu[0])
    rates.start()
    assert rates.delivered("hook", 10) == 0.0
    for second in range(120):
        source.events += 500
        stats.delivered += 100 if second < 110 else 300
        cpu[0] += 0.25
        await clock.advance(1.0)
    rates.stop()
    assert rates.received("app", 10) == pytest.approx(500)
    assert rates.delivered("hook", 10) == pytest.approx(300)
    assert rates.delivered("hook", 60) == pytest.approx((50 * 100 + 10 * 300) / 60)
    assert rates.cpu(10) == pytest.approx(0.25)
    assert len(rates._looks) == 61


async def test_a_destination_that_counts_from_0_again_has_no_negative_rate() -> None:
    clock, daemon = ManualClock(), StillDaemon()
    daemon.add("hook").delivered = 1000
    rates = Rates(daemon, clock)
    rates.start()
    daemon.add("hook").delivery_latency.observe(0.2, 5)
    await clock.advance(1.0)
    rates.stop()
    assert rates.delivered("hook", 10) == 0.0
    assert rates.latency("hook").count == 5
    assert rates.delivered("nobody", 10) == 0.0
    assert rates.latency("nobody").count == 0


async def test_latency_forgets_what_is_older_than_a_minute() -> None:
    clock, daemon = ManualClock(), StillDaemon()
    stats = daemon.add("hook")
    rates = Rates(daemon, clock)
    stats.delivery_latency.observe(20.0, times=1000)
    rates.start()
    await clock.advance(61.0)
    stats.delivery_latency.observe(0.2, times=10)
    await clock.advance(1.0)
    rates.stop()
    assert rates.latency("hook").count == 10
    assert 0.1 <= rates.latency("hook").quantile(0.99) <= 0.25
