"""The life of the daemon: how it starts, and all the ways in which it ends."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from penstock.errors import JournalLocked, PluginError, StartError
from penstock.testing.local import LocalDaemon
from penstock.testing.receiver import Manner, Receiver
from penstock.testing.waiting import eventually

Make = Callable[..., LocalDaemon]


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with capture_logs() as logs:
        yield logs


def said(logs: list[Any], event: str) -> list[dict[str, Any]]:
    return [dict(entry) for entry in logs if entry["event"] == event]


@pytest.fixture
def pipe() -> Iterator[int]:
    """The writing end of what is standard input meanwhile."""
    read, write = os.pipe()
    before = os.dup(0)
    os.dup2(read, 0)
    os.close(read)
    yield write
    os.dup2(before, 0)
    os.close(before)


async def test_stops_when_all_is_delivered(local: Make, receiver: Receiver, logs: list[Any]) -> None:
    daemon = local(destinations={"hook": {"type": "webhook", "url": receiver.url, "batch": {"age": "1h"}}})
    await daemon.start()
    await daemon.write("tcp", b"one\ntwo")
    await daemon.received(1)
    assert await daemon.stop() == 0
    assert receiver.messages() == ["one", "two"], "partial batches and unfinished lines go at a stop"
    (receipt,) = said(logs, "receipt")
    assert (receipt["delivered"], receipt["kept"], receipt["lost"]) == (2, 0, 0)
    assert not said(logs, "all input is read")


async def test_what_cannot_be_delivered_is_kept(local: Make, receiver: Receiver, logs: list[Any]) -> None:
    receiver.stop()
    daemon = local()
    await daemon.start()
    assert await daemon.post(b"one\ntwo\n") == 202
    assert await daemon.stop() == 0
    (receipt,) = said(logs, "receipt")
    assert (receipt["delivered"], receipt["kept"], receipt["lost"]) == (0, 2, 0)


async def test_a_journal_in_memory_keeps_nothing(local: Make, receiver: Receiver, logs: list[Any]) -> None:
    receiver.stop()
    daemon = local()
    daemon.config["journal"]["type"] = "memory"
    await daemon.start()
    assert await daemon.post(b"one\ntwo\n") == 202
    assert await daemon.stop() == 0
    (receipt,) = said(logs, "receipt")
    assert (receipt["delivered"], receipt["kept"], receipt["lost"]) == (0, 0, 2)


async def test_a_second_signal_ends_it_at_once(local: Make, receiver: Receiver, logs: list[Any]) -> None:
    receiver.meet(Manner(after="hang"))
    daemon = local(drain_timeout="1h")
    await daemon.start()
    assert await daemon.post(b"one\n") == 202
    await eventually(lambda: said(logs, "ready"), "ready")
    daemon.signal()
    await eventually(lambda: said(logs, "draining"), "the first signal")
    (draining,) = said(logs, "draining")
    assert (draining["events"], draining["drain_timeout"]) == (1, "1h")
    daemon.signal(signal.SIGINT)
    assert await daemon.ended(10) == 0
    (receipt,) = said(logs, "receipt")
    assert (receipt["delivered"], receipt["kept"]) == (0, 1)
    receiver.meet(Manner())
    await daemon.start()
    await daemon.settled("hook")
    assert "one" in receiver.messages()


async def test_ends_with_its_input(local: Make, receiver: Receiver, pipe: int, logs: list[Any]) -> None:
    daemon = local(sources={"stdin": {"type": "stdin"}})
    await daemon.start()
    os.write(pipe, b"one\ntwo\nthree")
    os.close(pipe)
    assert await daemon.ended() == 0
    assert receiver.messages() == ["one", "two", "three"]
    assert said(logs, "all input is read")


async def test_tells_when_input_could_not_be_delivered(local: Make, receiver: Receiver, pipe: int) -> None:
    receiver.stop()
    daemon = local(sources={"stdin": {"type": "stdin"}})
    await daemon.start()
    os.write(pipe, b"one\n")
    os.close(pipe)
    assert await daemon.ended() == 6


async def test_does_not_end_with_standard_input_alone(local: Make, receiver: Receiver, pipe: int) -> None:
    daemon = local(sources={"stdin": {"type": "stdin"}, "tcp": {"type": "tcp", "listen": "127.0.0.1:0"}})
    await daemon.start()
    os.close(pipe)
    await daemon.write("tcp", b"one\n")
    await eventually(lambda: receiver.messages() == ["one"], "the line")
    assert await daemon.stop() == 0


async def test_a_slow_destination_may_take_long_for_all_input(
    local: Make, receiver: Receiver, pipe: int
) -> None:
    receiver.meet(Manner(delay=0.1))
    one_by_one = {
        "type": "webhook", "url": receiver.url, "ordered": True, "batch": {"events": 1},
    }  # fmt: skip
    daemon = local(
        sources={"stdin": {"type": "stdin"}}, destinations={"hook": one_by_one}, drain_timeout="300ms"
    )
    await daemon.start()
    os.write(pipe, b"".join(b"%d\n" % n for n in range(10)))
    os.close(pipe)
    assert await daemon.ended() == 0
    assert receiver.messages() == [str(n) for n in range(10)]


async def test_hangup_reloads(local: Make, receiver: Receiver, logs: list[Any]) -> None:
    daemon = local()
    await daemon.start()
    daemon.config["destinations"]["hook"]["headers"] = {"X-New": "yes"}
    daemon.signal(signal.SIGHUP)
    await eventually(lambda: said(logs, "configuration reloaded"), "the reload")
    assert said(logs, "configuration reloaded")[0]["destinations"]["changed"] == ["hook"]
    await daemon.write("tcp", b"one\n")
    await eventually(lambda: receiver.messages() == ["one"], "the line")
    assert await daemon.stop() == 0


async def test_a_reload_that_goes_wrong_in_a_way_that_nobody_thought_of_leaves_the_daemon_running(
    local: Make, receiver: Receiver, logs: list[Any]
) -> None:
    daemon = local()
    await daemon.start()
    daemon.config["memory"] = "odd"  # a validation error as such is none of our own
    daemon.signal(signal.SIGHUP)
    await eventually(lambda: said(logs, "reload failed unexpectedly"), "the failure")
    del daemon.config["memory"]
    await daemon.write("tcp", b"one\n")
    await eventually(lambda: receiver.messages() == ["one"], "the line")
    assert await daemon.stop() == 0


async def test_a_reload_that_waits_for_a_start_says_so(local: Make) -> None:
    daemon = local()
    await daemon.start()
    daemon.config["host"] = "another"
    assert (await daemon.ask("POST", "/api/reload"))["restart_needed"] == ["host"]


async def test_a_class_that_cannot_be_loaded_is_told_with_its_destination(local: Make) -> None:
    daemon = local(destinations={"mine": {"type": "custom", "class": "nowhere.at_all:Class"}})
    with pytest.raises(PluginError, match=r"^destinations\.mine: 'nowhere\.at_all:Class' cannot be loaded"):
        await daemon.start()


async def test_the_second_daemon_of_a_journal_is_refused(local: Make, tmp_path: Path) -> None:
    first, second = local(), local()
    await first.start()
    with pytest.raises(JournalLocked, match=str(os.getpid())):
        await second.start()
    assert (await first.status())["ready"]


async def test_what_has_begun_is_undone_when_a_start_fails(local: Make, receiver: Receiver) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = {"first": 0, "taken": port}
        sources = {name: {"type": "tcp", "listen": f"127.0.0.1:{n}"} for name, n in ports.items()}
        daemon = local(sources=sources)
        with pytest.raises(StartError, match=f"taken: .*{port}"):
            await daemon.start()
    await daemon.start()  # the journal is free again, and so is the port
    await daemon.write("taken", b"one\n")
    await eventually(lambda: receiver.messages() == ["one"], "the line")
    assert await daemon.stop() == 0


async def test_a_part_that_crashes_ends_it(
    local: Make, logs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = local()
    await daemon.start()

    def fail(self: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("penstock.delivery.queue.Queue.fill", fail)
    await daemon.write("tcp", b"one\n")
    assert await daemon.ended() == 1
    assert said(logs, "a part of the daemon crashed, stopping")
    monkeypatch.undo()
    await daemon.start()
    await daemon.settled("hook")
    assert (await daemon.ledger("hook"))["delivered"] == 1
    assert await daemon.stop() == 0


async def test_a_callback_that_crashes_ends_it_and_nothing_waits_for_ever(
    local: Make, pipe: int, logs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = local(sources={"stdin": {"type": "stdin"}})
    await daemon.start()

    def fail(self: object, raw: bytes, arrived: float) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("penstock.sources.decode.Decoder.block", fail)
    os.write(pipe, b"one\n")
    assert await daemon.ended() == 1
    assert said(logs, "a part of the daemon crashed, stopping")
