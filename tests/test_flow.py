"""Events through the whole daemon, over real sockets; every flow ends with the ledger."""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from penstock.testing.local import LocalDaemon
from penstock.testing.receiver import Manner, Posted, Receiver
from penstock.testing.waiting import eventually

Make = Callable[..., LocalDaemon]


def lines(first: int, end: int, size: int = 0) -> bytes:
    return b"".join(b"line %d %s\n" % (n, b"x" * size) for n in range(first, end))


def numbers(receiver: Receiver) -> list[int]:
    """Which lines have arrived, in order of their numbers."""
    return sorted(int(message.split()[1]) for message in receiver.messages())


def hook(receiver: Receiver, **parts: Any) -> dict[str, Any]:
    retry = {"initial": "20ms", "max": "100ms"}
    return {"type": "webhook", "url": receiver.url, "batch": {"age": "10ms"}, "retry": retry, **parts}


@pytest.mark.parametrize("journal", ["disk", "memory"])
async def test_from_every_source_to_every_destination(
    local: Make, receiver: Receiver, tmp_path: Path, journal: str
) -> None:
    written = tmp_path / "out.ndjson"
    daemon = local(
        sources={
            "tcp": {"type": "tcp", "listen": "127.0.0.1:0"},
            "unix": {"type": "unix", "path": str(tmp_path / "s.sock")},
            "udp": {"type": "udp", "listen": "127.0.0.1:0"},
            "datagram": {"type": "unix_datagram", "path": str(tmp_path / "d.sock")},
            "http": {"type": "http", "listen": "127.0.0.1:0"},
        },
        journal={"type": journal, "path": str(tmp_path / "journal"), "sync": "10ms"},
        destinations={
            "hook": hook(receiver),
            "file": {"type": "file", "path": str(written), "batch": {"age": "10ms"}},
        },
    )
    await daemon.start()
    await daemon.write("tcp", lines(0, 1000))
    await daemon.write("unix", lines(1000, 2000))
    assert await daemon.post(lines(2000, 3000)) == 202
    host, _, port = (await daemon.endpoint("udp")).removeprefix("udp://").partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(lines(3000, 3500), (host, int(port)))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(lines(3500, 4000), str(tmp_path / "d.sock"))
    await daemon.received(4000)
    await daemon.settled("hook", "file")
    assert (await daemon.ledger("hook"))["delivered"] == (await daemon.ledger("file"))["delivered"] == 4000
    assert await daemon.stop() == 0
    assert numbers(receiver) == list(range(4000))
    assert sorted(receiver.lines()) == sorted(written.read_bytes().splitlines())


@pytest.mark.parametrize("trouble", [Manner(503), Manner(after="reset"), Manner(429, retry_after=0)], ids=str)
async def test_what_fails_is_sent_again(local: Make, receiver: Receiver, trouble: Manner) -> None:
    failed: list[str] = []

    def twice(posted: Posted) -> Manner:
        failed.append(posted.key)
        return trouble if failed.count(posted.key) <= 2 else Manner()

    receiver.meet(twice)
    daemon = local(destinations={"hook": hook(receiver, batch={"age": "10ms", "events": 50})})
    await daemon.start()
    await daemon.write("tcp", lines(0, 500))
    await daemon.received(500)
    await daemon.settled("hook")
    assert numbers(receiver) == list(range(500))
    assert (await daemon.ledger("hook"))["delivered"] == 500
    by_key = {post.key: post.body for post in receiver.posts}
    assert all(by_key[post.key] == post.body for post in receiver.posts), (
        "a retry is the same to the last byte"
    )


async def test_an_answer_that_does_not_come(local: Make, receiver: Receiver) -> None:
    receiver.meet(Manner(after="hang"))
    daemon = local(destinations={"hook": hook(receiver, timeout="100ms")})
    await daemon.start()
    await daemon.write("tcp", lines(0, 20))
    await eventually(lambda: receiver.posts, "a post that hangs")
    receiver.meet(Manner())
    await daemon.received(20)
    await daemon.settled("hook")
    assert numbers(receiver) == list(range(20))


async def test_refused_events_become_dead_letters_and_can_be_replayed(
    local: Make, receiver: Receiver
) -> None:
    receiver.meet(lambda posted: Manner(400 if b"line 3 " in posted.body else 200))
    daemon = local()
    await daemon.start()
    await daemon.write("tcp", lines(0, 8))
    await daemon.received(8)
    await daemon.settled("hook")
    ledger = await daemon.ledger("hook")
    assert (ledger["delivered"], ledger["dead_lettered"]) == (7, {"refused": 1})

    receiver.meet(Manner())
    assert await daemon.ask("POST", "/api/dead-letters/hook/replay", {"ids": None}) == {
        "status": 200, "destination": "hook", "replayed": 1,
    }  # fmt: skip
    await daemon.settled("hook")
    assert numbers(receiver) == list(range(8))
    ledger = await daemon.ledger("hook")
    assert (ledger["accepted"], ledger["delivered"]) == (9, 8)
    assert (await daemon.destination("hook"))["dead_letter_bytes"] == 0


async def test_a_replay_is_for_that_destination_alone(
    local: Make, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.meet(Manner(400))
    written = tmp_path / "out"
    daemon = local(destinations={"hook": hook(receiver), "file": {"type": "file", "path": str(written)}})
    await daemon.start()
    await daemon.write("tcp", lines(0, 1))
    await daemon.received(1)
    await daemon.settled("hook", "file")
    receiver.meet(Manner())
    await daemon.ask("POST", "/api/dead-letters/hook/replay", {"ids": None})
    await daemon.settled("hook", "file")
    assert numbers(receiver) == [0]
    assert len(written.read_bytes().splitlines()) == 1
    assert (await daemon.ledger("file"))["accepted"] == 1


async def test_a_queue_that_blocks_makes_senders_wait(local: Make, receiver: Receiver) -> None:
    receiver.stop()
    daemon = local(
        destinations={"hook": hook(receiver, queue={"max_bytes": "256KiB", "when_full": "block"})},
        drain_timeout="10s",
    )
    await daemon.start()
    sending = asyncio.gather(daemon.write("tcp", lines(0, 20_000, 400)))
    await daemon.until(daemon.status, lambda status: not status["ready"])
    assert await daemon.post(b"one more\n") == 429
    assert not sending.done()
    queued = (await daemon.destination("hook"))["queue"]["bytes"]
    assert queued < 4 * 2**20, "what was on its way in is bounded too"
    receiver.start()
    await sending
    await daemon.received(20_000)
    await daemon.settled("hook")
    assert numbers(receiver) == list(range(20_000))
    assert (await daemon.ledger("hook"))["dropped"] == {}
    assert await daemon.post(b"line 20000\n") == 202
    assert await daemon.stop() == 0


async def test_a_queue_that_drops_loses_its_own_oldest(
    local: Make, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.stop()
    written = tmp_path / "out"
    daemon = local(
        destinations={
            "hook": hook(receiver, queue={"max_bytes": "256KiB"}),
            "file": {"type": "file", "path": str(written), "batch": {"age": "10ms"}},
        }
    )
    await daemon.start()
    for first in range(0, 5000, 500):
        assert await daemon.post(lines(first, first + 500, 400)) == 202
    await daemon.settled("file")
    assert len(written.read_bytes().splitlines()) == 5000
    assert (await daemon.ledger("file"))["dropped"] == {}
    receiver.start()
    await daemon.settled("hook")
    ledger = await daemon.ledger("hook")
    assert ledger["dropped"]["queue_full"] > 0
    assert ledger["delivered"] + ledger["dropped"]["queue_full"] == 5000
    kept = numbers(receiver)
    assert kept == list(range(5000 - len(kept), 5000)), "the newest are kept"


async def test_a_destination_that_is_turned_off_gets_nothing(local: Make, receiver: Receiver) -> None:
    daemon = local(destinations={"hook": hook(receiver, enabled=False)})
    await daemon.start()
    await daemon.write("tcp", lines(0, 10))
    await daemon.received(10)
    await daemon.settled("hook")
    assert (await daemon.ledger("hook"))["accepted"] == 0

    daemon.config["destinations"] = {"hook": hook(receiver)}
    assert (await daemon.ask("POST", "/api/reload"))["destinations"]["changed"] == ["hook"]
    await daemon.write("tcp", lines(10, 20))
    await daemon.received(20)
    await daemon.settled("hook")
    assert numbers(receiver) == list(range(10, 20))
    assert (await daemon.ledger("hook"))["accepted"] == 10


async def test_what_waits_for_a_destination_that_is_turned_off_is_counted(
    local: Make, receiver: Receiver
) -> None:
    receiver.stop()
    daemon = local()
    await daemon.start()
    assert await daemon.post(lines(0, 10)) == 202
    daemon.config["destinations"] = {"hook": hook(receiver, enabled=False)}
    await daemon.ask("POST", "/api/reload")
    await daemon.settled("hook")
    assert await daemon.post(lines(10, 20)) == 202
    await daemon.settled("hook")
    ledger = await daemon.ledger("hook")
    assert (ledger["accepted"], ledger["dropped"]) == (10, {"disabled": 10})


async def test_a_paused_destination_holds_its_queue(local: Make, receiver: Receiver) -> None:
    daemon = local()
    await daemon.start()
    await daemon.ask("POST", "/api/destinations/hook/pause")
    await daemon.write("tcp", lines(0, 10))
    await daemon.received(10)
    assert (await daemon.ledger("hook"))["pending"] == 10
    assert receiver.posts == []
    daemon.config["destinations"] = {"hook": hook(receiver, max_in_flight=2)}
    await daemon.ask("POST", "/api/reload")
    assert (await daemon.destination("hook"))["paused"], "a change of its settings does not let it go on"
    assert receiver.posts == []
    await daemon.ask("POST", "/api/destinations/hook/resume")
    await daemon.settled("hook")
    assert numbers(receiver) == list(range(10))


# Stop and start


async def test_a_start_goes_on_where_the_stop_was(local: Make, receiver: Receiver) -> None:
    daemon = local()
    await daemon.start()
    assert await daemon.post(lines(0, 100)) == 202
    await daemon.settled("hook")
    receiver.stop()
    for first in range(100, 2100, 200):  # several segments
        assert await daemon.post(lines(first, first + 200, 400)) == 202
    assert await daemon.stop() == 0

    receiver.start()
    await daemon.start()
    await daemon.settled("hook")
    assert numbers(receiver) == list(range(2100))
    ledger = await daemon.ledger("hook")
    assert (ledger["accepted"], ledger["delivered"], ledger["dropped"]) == (2100, 2100, {})
    assert await daemon.stop() == 0


async def test_a_new_destination_begins_where_it_is_told(
    local: Make, receiver: Receiver, tmp_path: Path
) -> None:
    daemon = local()
    await daemon.start()
    await daemon.write("tcp", lines(0, 10))
    await daemon.received(10)
    await daemon.settled("hook")
    new = {
        start: {
            "type": "file",
            "path": str(tmp_path / start),
            "queue": {"start": start},
            "batch": {"age": "10ms"},
        }
        for start in ("earliest", "latest")
    }
    daemon.config["destinations"] = {"hook": hook(receiver), **new}
    report = await daemon.ask("POST", "/api/reload")
    assert (report["destinations"]["added"], report["destinations"]["unchanged"]) == (
        ["earliest", "latest"],
        ["hook"],
    )
    await daemon.write("tcp", lines(10, 15))
    await daemon.received(15)
    await daemon.settled("hook", "earliest", "latest")
    assert len((tmp_path / "earliest").read_bytes().splitlines()) == 15
    assert len((tmp_path / "latest").read_bytes().splitlines()) == 5


# Reload


async def test_a_changed_destination_keeps_its_backlog(
    local: Make, receiver: Receiver, tmp_path: Path
) -> None:
    file = {"type": "file", "path": str(tmp_path / "out"), "batch": {"age": "10ms"}}
    wrong = {**hook(receiver), "url": "http://127.0.0.1:9/"}  # nobody listens there
    daemon = local(destinations={"hook": wrong, "file": file})
    await daemon.start()
    for first in range(0, 2000, 200):  # several segments
        assert await daemon.post(lines(first, first + 200, 400)) == 202
    await daemon.settled("file")
    saved = tmp_path / "journal" / "cursors.json"  # by which segments go
    await eventually(
        lambda: json.loads(saved.read_bytes())["cursors"]["file"]["done"] == 2000, "file's cursor"
    )

    daemon.config["destinations"] = {"hook": hook(receiver), "file": file}
    report = await daemon.ask("POST", "/api/reload")
    assert (report["destinations"]["changed"], report["destinations"]["unchanged"]) == (["hook"], ["file"])
    await daemon.settled("hook")
    assert numbers(receiver) == list(range(2000))
    assert (await daemon.ledger("hook"))["dropped"] == {}


async def test_a_destination_that_is_named_again_resumes(
    local: Make, receiver: Receiver, tmp_path: Path
) -> None:
    file = {"type": "file", "path": str(tmp_path / "out"), "batch": {"age": "10ms"}}
    receiver.stop()
    daemon = local(destinations={"hook": hook(receiver), "file": file})
    await daemon.start()
    assert await daemon.post(lines(0, 10)) == 202
    daemon.config["destinations"] = {"file": file}
    assert (await daemon.ask("POST", "/api/reload"))["destinations"]["removed"] == ["hook"]
    assert await daemon.post(lines(10, 20)) == 202
    receiver.start()
    daemon.config["destinations"] = {"hook": hook(receiver), "file": file}
    assert (await daemon.ask("POST", "/api/reload"))["destinations"]["added"] == ["hook"]
    await daemon.settled("hook", "file")
    assert numbers(receiver) == list(range(20))


async def test_sources_are_added_removed_and_changed(local: Make, receiver: Receiver) -> None:
    daemon = local()
    await daemon.start()
    daemon.config["sources"] = {
        "http": {"type": "http", "listen": "127.0.0.1:0"},
        "tcp": {"type": "tcp", "listen": "127.0.0.1:0", "add_source": True},
        "more": {"type": "tcp", "listen": "127.0.0.1:0"},
    }
    report = (await daemon.ask("POST", "/api/reload"))["sources"]
    assert (report["added"], report["changed"], report["unchanged"]) == (["more"], ["tcp"], ["http"])
    await daemon.write("tcp", lines(0, 1))
    await daemon.write("more", lines(1, 2))
    await eventually(lambda: numbers(receiver) == [0, 1], "both lines")
    assert sum(b'"source":"tcp"' in line for line in receiver.lines()) == 1


async def test_a_reload_of_all_sources_is_no_end_of_input(local: Make, receiver: Receiver) -> None:
    daemon = local(sources={"tcp": {"type": "tcp", "listen": "127.0.0.1:0"}})
    await daemon.start()
    daemon.config["sources"] = {"other": {"type": "tcp", "listen": "127.0.0.1:0"}}
    assert (await daemon.ask("POST", "/api/reload"))["status"] == 200
    await eventually(waits_for_the_end_of_a_source, "a look at whether all input is read, with what is new")
    await daemon.write("other", lines(0, 1))
    await eventually(lambda: numbers(receiver) == [0], "the line")


def waits_for_the_end_of_a_source() -> bool:
    return any("StreamSource.ended" in repr(task) for task in asyncio.all_tasks())


async def test_a_reload_that_cannot_be_carried_out_goes_back(local: Make, receiver: Receiver) -> None:
    daemon = local()
    await daemon.start()
    before = dict(daemon.config)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        daemon.config["sources"] = {"new": {"type": "tcp", "listen": f"127.0.0.1:{port}"}}
        daemon.config["destinations"] = {"other": hook(receiver)}
        assert "taken" in (await daemon.ask("POST", "/api/reload"))["error"]
    assert await daemon.post(lines(0, 5)) == 202
    await daemon.settled("hook")
    assert numbers(receiver) == list(range(5))
    daemon.config.update(before)
    report = await daemon.ask("POST", "/api/reload")
    assert report["sources"]["unchanged"] == ["http", "tcp"]
    assert report["destinations"]["unchanged"] == ["hook"]
