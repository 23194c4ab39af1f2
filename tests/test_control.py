"""The daemon's parts while it runs: what a reload changes, and when there is none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from penstock.admin.lag import LoopLag
from penstock.assembly import Parts
from penstock.block import Block
from penstock.clock import SystemClock
from penstock.control import Change, Control, compare
from penstock.errors import StartError, Unavailable
from penstock.fields import Model
from penstock.journal.open import open_journal
from penstock.settings import Settings, load

Configure = Callable[..., Settings]
TCP = '{type: tcp, listen: "127.0.0.1:0"}'


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    def configure(
        sources: str = f"a: {TCP}", destinations: str = "", more: str = "", journal: str = "{type: memory}"
    ) -> Settings:
        path = tmp_path / "penstock.yaml"
        out = destinations or f"out: {{type: file, path: {tmp_path}/out}}"
        path.write_text(f"sources: {{{sources}}}\ndestinations: {{{out}}}\njournal: {journal}\n{more}\n")
        return load(path, {})

    return configure


class Rig:
    """The parts, running, and the configuration that the next reload finds."""

    def __init__(self, settings: Settings, crashes: list[BaseException]) -> None:
        clock = SystemClock()
        self.next = settings
        journal = open_journal(settings.journal, clock=clock, version="test")
        self.parts = Parts(settings, journal, clock, crashes.append)
        self.control = Control(self.parts, lambda: self.next, LoopLag(clock), clock.time())


@pytest.fixture
async def rig(configure: Configure) -> AsyncIterator[Rig]:
    crashes: list[BaseException] = []
    rig = Rig(configure(), crashes)
    parts = rig.parts
    parts.start_lanes(parts.settings.destinations)
    parts.hold()
    await parts.start_sources(parts.settings.sources)
    rig.control.phase = "running"
    yield rig
    await parts.stop_sources(list(parts.sources))
    await parts.stop_lanes(list(parts.lanes))
    await parts.journal.close()
    assert not crashes


class Part(Model):
    value: int


def test_each_name_is_in_one_of_the_four() -> None:
    old = {"gone": Part(value=1), "same": Part(value=1), "other": Part(value=1)}
    new = {"same": Part(value=1), "other": Part(value=2), "new": Part(value=1)}
    assert compare(old, new) == Change(["new"], ["gone"], ["other"], ["same"])


async def test_a_reload_touches_nothing_but_what_it_changes(rig: Rig, configure: Configure) -> None:
    kept, lane = rig.parts.sources["a"], rig.parts.lanes["out"]
    rig.next = configure(f"a: {TCP}, b: {TCP}")
    report = await rig.control.reload()
    assert report["sources"]["added"] == ["b"]
    assert report["destinations"]["unchanged"] == ["out"]
    assert report["restart_needed"] == []
    assert (rig.parts.sources["a"], rig.parts.lanes["out"]) == (kept, lane)
    rig.next = configure(f"b: {TCP}")
    assert (await rig.control.reload())["sources"]["removed"] == ["a"]
    assert list(rig.parts.sources) == ["b"]


async def test_a_reload_lets_what_was_sent_be_answered(rig: Rig, configure: Configure) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()
    requests = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await reader.readuntil(b"{}")
        requests += 1
        asked.set()
        await may_answer.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        rig.next = configure(destinations=f'out: {{type: webhook, url: "{url}", format: ndjson}}')
        await rig.control.reload()
        rig.parts.journal.append(Block(b"{}\n", 1, "a", 0.0))
        await asked.wait()
        rig.next = configure(
            destinations=f'out: {{type: webhook, url: "{url}", format: ndjson, max_in_flight: 2}}'
        )
        reload = asyncio.get_running_loop().create_task(rig.control.reload())
        await asyncio.wait([reload], timeout=0.2)
        assert not reload.done()
        may_answer.set()
        assert (await reload)["destinations"]["changed"] == ["out"]
        assert rig.parts.lanes["out"].stats().ledger.delivered == 1
        assert requests == 1


async def test_what_needs_a_restart_is_told_and_stays(rig: Rig, configure: Configure) -> None:
    rig.next = configure(more="host: other\ndrain_timeout: 7s")
    before = rig.parts.settings.host
    assert (await rig.control.reload())["restart_needed"] == ["host"]
    assert (rig.parts.settings.host, rig.parts.settings.drain_timeout) == (before, 7.0)


async def test_where_a_part_cannot_be_started_all_is_as_before(
    rig: Rig, configure: Configure, tmp_path: Path
) -> None:
    taken = rig.parts.sources["a"].endpoint().removeprefix("tcp://")
    rig.next = configure(
        f'a: {TCP}, b: {{type: tcp, listen: "{taken}"}}',
        f"other: {{type: file, path: {tmp_path}/other}}",
    )
    with pytest.raises(StartError, match="taken"):
        await rig.control.reload()
    assert (list(rig.parts.sources), list(rig.parts.lanes)) == (["a"], ["out"])


@pytest.mark.parametrize("phase", ["starting", "stopping"])
async def test_there_is_no_reload_during_a_start_or_a_stop(
    rig: Rig, configure: Configure, phase: str
) -> None:
    rig.control.phase = phase
    rig.next = configure(f"b: {TCP}")
    with pytest.raises(Unavailable, match=phase):
        await rig.control.reload()
    assert list(rig.parts.sources) == ["a"]


async def test_a_stop_waits_for_the_reload_that_is_under_way(rig: Rig, configure: Configure) -> None:
    rig.next = configure(f"b: {TCP}")
    reload = asyncio.get_running_loop().create_task(rig.control.reload())
    await asyncio.sleep(0)  # it has begun
    await rig.control.stopping()
    assert reload.done()
    assert list(rig.parts.sources) == ["b"]


async def test_a_destination_called_journal_does_not_speak_for_the_journal(
    rig: Rig, configure: Configure, tmp_path: Path
) -> None:
    rig.next = configure(destinations=f"journal: {{type: file, path: {tmp_path}/out}}")
    await rig.control.reload()
    rig.parts.pressure.set("journal", "the journal is full")
    rig.next = configure()
    await rig.control.reload()
    assert rig.control.not_ready() == ["the journal is full"]
    assert rig.parts.sources["a"].stats.paused


async def test_dead_letters_that_the_disk_keeps_back_are_no_bug(
    rig: Rig, configure: Configure, tmp_path: Path
) -> None:
    store = tmp_path / "state/dead_letters/out"
    (store / f"{1:020}.ndjson").mkdir(parents=True)  # where a file should be
    kept = Rig(configure(journal=f"{{type: memory, path: {tmp_path}/state}}"), [])
    kept.parts.start_lanes(kept.parts.settings.destinations)
    with pytest.raises(Unavailable, match="dead letters of out cannot be read"):
        await kept.control.replay("out", None)
    with pytest.raises(Unavailable, match="dead letters of out cannot be read"):
        await kept.control.discard("out", None)
    await kept.parts.stop_lanes(["out"])
    await kept.parts.journal.close()
