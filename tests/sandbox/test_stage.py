import json
import socket
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import aiohttp
import pytest

from penstock.clock import SystemClock
from penstock.errors import StartError
from penstock.fields import Address
from penstock.sandbox import loading
from penstock.sandbox.reporter import Reporter
from penstock.sandbox.stage import Stage
from penstock.testing.clock import ManualClock
from penstock.testing.played import Played
from penstock.testing.waiting import eventually


def config(**more: Any) -> dict[str, Any]:
    hook = {"type": "webhook", "listen": "127.0.0.1:0"}
    return {"listen": "127.0.0.1:0", "services": {"a": hook, "b": hook}, **more}


def stage(clock: ManualClock | None = None, reporter: Reporter | None = None, **more: Any) -> Stage:
    return Stage(loading.checked(config(**more), "a test"), clock or SystemClock(), reporter)


async def post(url: str, body: bytes = b'[{"id":1},{"id":2}]') -> int | str:
    headers = {"Content-Type": "application/json"}
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body, headers=headers) as answer,
        ):
            return answer.status
    except aiohttp.ClientConnectorError:
        return "refused"
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        return "broken"


async def test_each_service_has_its_own_account_and_faults() -> None:
    async with stage(faults=[{"type": "status", "status": 503, "services": ["a"]}]) as made:
        assert [await post(server.url) for server in made.servers.values()] == [503, 200]
        assert [server.received.counts.events for server in made.servers.values()] == [0, 2]
        assert [server.received.counts.faults for server in made.servers.values()] == [1, 0]


async def test_nothing_lost_nothing_unexplained() -> None:
    """As a test of a shipper may end: what came twice is what a fault kept from its sender."""
    faults = [
        {"type": "reset", "taken": True, "share": "30%"},
        {"type": "status", "status": 503, "share": "30%"},
        {"type": "garbled", "taken": False, "share": "10%"},
    ]
    async with stage(faults=faults, seed=4) as made:
        server = made.servers["a"]
        for number in range(1, 101):
            # What is known of an answer that cannot be read is nothing: it is sent again.
            for _ in range(100):
                before = server.received.counts.events - server.received.counts.unheard
                await post(server.url, b'[{"id":"web-%d"}]' % number)
                if server.received.counts.events - server.received.counts.unheard > before:
                    break
        counts, ids = server.received.counts, server.received.ids
        assert (ids.distinct, ids.missing, counts.without_id, ids.untracked) == (100, 0, 0, 0)
        assert counts.unheard > 0
        assert ids.duplicates == counts.unheard == counts.events - 100


async def test_a_service_refuses_connections_for_a_time_and_resets_those_that_are_open() -> None:
    clock = ManualClock()
    async with stage(clock, faults=[{"type": "refuse", "services": ["a"], "after": 10, "for": 5}]) as made:
        url = made.servers["a"].url
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as answer:
                assert answer.status == 405
            assert not _closed(session)
            await clock.advance(10)
            for _ in range(100):
                if await post(url) == "refused":
                    break
            else:
                pytest.fail("it still listens")
            await eventually(lambda: _closed(session), "the reset")
        assert await post(made.servers["b"].url) == 200
        await clock.advance(5)
        for _ in range(100):
            if await post(url) == 200:
                break
        else:
            pytest.fail("it does not listen again")


def _closed(session: aiohttp.ClientSession) -> bool:
    assert session.connector is not None
    return all(not item[0].is_connected() for items in session.connector._conns.values() for item in items)


async def test_what_is_refused_is_set_while_it_runs() -> None:
    async with stage() as made:
        url = made.servers["a"].url
        made.weather.add(loading.faults({"type": "refuse", "name": "down"}, made.settings.services))
        await eventually(lambda: made.servers["a"]._listener.is_shut, "it is shut")
        assert await post(url) == "refused"
        made.weather.remove("down")
        await eventually(lambda: not made.servers["a"]._listener.is_shut, "it is open")
        assert await post(url) == 200


async def test_a_taken_address_is_named_and_nothing_stays_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Address("127.0.0.1", other.getsockname()[1])
        hook = {"type": "webhook", "listen": "127.0.0.1:0"}
        services = {"a": hook, "b": {**hook, "listen": str(taken)}}
        made = stage(services=services)
        with pytest.raises(StartError, match=f"b: cannot listen at {taken}"):
            await made.start()
        assert await post(made.servers["a"].url) == "refused"


async def test_an_authority_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    hook = {"type": "webhook", "listen": "127.0.0.1:0", "tls": True}
    made = stage(services={"a": hook}, authority_file=str(tmp_path / "no" / "where.pem"))
    with pytest.raises(StartError, match=r"authority_file: .* cannot be written"):
        await made.start()


async def test_what_has_no_line_of_its_own_is_summed_up() -> None:
    clock = ManualClock()
    lines: list[str] = []
    async with stage(clock, Reporter(lines.append, each=0)) as made:
        await post(made.servers["a"].url)
        await clock.advance(1)
        assert [line[9:] for line in lines] == ["a: received 2 events in 1 more request, 19 bytes"]
        await post(made.servers["b"].url)
    assert lines[-1][9:] == "b: received 2 events in 1 more request, 19 bytes"


def test_without_a_seed_it_is_another_each_time() -> None:
    assert len({stage().weather.seed for _ in range(10)}) > 1
    assert stage(seed=7).weather.seed == 7


def test_a_test_without_a_loop_has_all_of_it_in_a_thread() -> None:
    with Played(stage()) as played:
        url = played.look(lambda made: made.servers["a"].url)
        played.look(lambda made: made.weather.add(loading.faults({"type": "html"}, made.settings.services)))
        with pytest.raises(HTTPError, match="502"):
            urlopen(url, data=b"[]")
        with urlopen(f"{played.url}/received") as answer:
            assert json.load(answer)["a"]["faults"] == 1
