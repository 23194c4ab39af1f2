"""Events through the whole daemon to the played service, over real sockets; every flow ends with the ledger."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from penstock.clock import SystemClock
from penstock.sandbox.cloudwatch import PlayedCloudWatch, PlayedCloudWatchSettings
from penstock.sandbox.server import Server
from penstock.testing.local import LocalDaemon

Make = Callable[..., LocalDaemon]


class Shifted(SystemClock):
    """A clock that is so many seconds ahead."""

    def __init__(self, ahead: float) -> None:
        super().__init__()
        self.ahead = ahead

    def time(self) -> float:
        return super().time() + self.ahead


def played(**settings: Any) -> tuple[PlayedCloudWatchSettings, PlayedCloudWatch]:
    made = PlayedCloudWatchSettings.model_validate({"type": "cloudwatch", **settings})
    return made, made.build()


def delivering(settings: PlayedCloudWatchSettings, url: str, **parts: Any) -> dict[str, Any]:
    fast = {"batch": {"age": "10ms"}, "retry": {"initial": "20ms", "max": "100ms"}}
    return {**settings.destination(url), **fast, **parts}


def line(number: int, host: str, time: float) -> bytes:
    return json.dumps({"timestamp": time, "host": host, "id": str(number), "n": number}).encode() + b"\n"


def kept(service: PlayedCloudWatch) -> dict[str, list[int]]:
    """By stream the numbers of the events that are there, in the service's order."""
    return {
        f"{group.name} {stream.name}": [json.loads(event.message)["n"] for event in stream.ordered()]
        for group in service.groups
        for stream in group.streams.values()
    }


@pytest.mark.parametrize("compression", ["none", "gzip"])
async def test_streams_are_made_on_demand_and_what_is_too_old_becomes_a_dead_letter(
    local: Make, compression: str
) -> None:
    settings, service = played()
    clock = SystemClock()
    async with Server(service, clock) as server:
        destination = delivering(
            settings,
            server.url,
            group="/shop/{host|none}",
            stream="{host}",
            retention="7d",
            compression=compression,
        )
        daemon = local(destinations={"logs": destination})
        await daemon.start()
        now = clock.time()
        hosts = [f"web-{n % 3}" for n in range(300)]
        old = {n for n in range(300) if n % 10 == 0}
        lines = [line(n, hosts[n], now - (20 * 86400 if n in old else 300 - n)) for n in range(300)]
        await daemon.write("tcp", b"".join(lines) + b'{"n":300,"message":"no host"}\n')
        await daemon.received(301)
        await daemon.settled("logs")
        ledger = await daemon.ledger("logs")
        assert ledger["dead_lettered"] == {"refused": len(old), "unfit": 1}
        assert (ledger["accepted"], ledger["delivered"]) == (301, 300 - len(old))
        assert await daemon.stop() == 0
    found = kept(service)
    for host in set(hosts):
        assert found[f"/shop/{host} {host}"] == [n for n in range(300) if hosts[n] == host and n not in old]
    assert {group.retention for group in service.groups} == {7}
    assert server.received.counts.events == 300 - len(old)
    assert server.received.ids.report()["duplicates"] == 0


async def test_a_service_with_another_clock_takes_the_second_attempt(local: Make) -> None:
    settings, service = played()
    async with Server(service, Shifted(3000.0)) as server:
        daemon = local(destinations={"logs": delivering(settings, server.url, stream="s")})
        await daemon.start()
        await daemon.write("tcp", b"".join([b"line %d\n" % n for n in range(50)]))
        await daemon.received(50)
        await daemon.settled("logs")
        assert (await daemon.ledger("logs"))["delivered"] == 50
    assert server.received.counts.events == 50


async def test_a_wrong_key_holds_the_events_and_says_so(local: Make) -> None:
    settings, service = played()
    async with Server(service, SystemClock()) as server:
        auth = {"access_key_id": settings.access_key_id, "secret_access_key": "hunter2"}
        daemon = local(destinations={"logs": delivering(settings, server.url, auth=auth)})
        await daemon.start()
        await daemon.write("tcp", b"one\n")
        await daemon.received(1)
        found = await daemon.until(
            lambda: daemon.destination("logs"), lambda found: found["breaker"] == "blocked"
        )
        assert "InvalidSignatureException" in found["last_error"]
        assert (await daemon.ledger("logs"))["pending"] == 1
        daemon.config["destinations"] = {"logs": delivering(settings, server.url)}
        await daemon.ask("POST", "/api/reload")
        await daemon.settled("logs")
        assert (await daemon.ledger("logs"))["delivered"] == 1


async def test_long_events_and_large_batches_stay_within_the_limits(local: Make) -> None:
    settings, service = played(max_event="256KiB")
    async with Server(service, SystemClock()) as server:
        destination = delivering(
            settings, server.url, stream="s", max_event="200KiB", too_long="split", batch={"age": "200ms"}
        )
        daemon = local(destinations={"logs": destination})
        await daemon.start()
        texts = ["x" * 500_000, *["y" * 1000] * 3000, *["z"] * 12_000]
        await daemon.write("tcp", b"".join([text.encode() + b"\n" for text in texts]))
        await daemon.received(len(texts))
        await daemon.settled("logs")
        ledger = await daemon.ledger("logs")
        assert (ledger["delivered"], ledger["dead_lettered"]) == (len(texts), {})
        assert (await daemon.destination("logs"))["requests"].get("too_large", 0) == 0
    group = service.groups.get("/penstock/sandbox")
    assert group is not None
    sizes = Counter([event.message[-4:-2] for event in group.streams["s"].events])
    assert sizes["yy"] == 3000
    assert server.received.counts.events == len(texts) + 2  # one event came in three pieces
