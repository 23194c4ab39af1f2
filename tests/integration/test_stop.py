"""A stop under load: what was taken is delivered or kept, and the next start delivers the rest."""

import http.client
import itertools
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Manner, Receiver
from penstock.testing.waiting import wait_for

pytestmark = pytest.mark.integration


class Load(threading.Thread):
    """Posts lines until nobody answers; remembers which were confirmed."""

    def __init__(self, daemon: DaemonProcess, numbers: "itertools.count[int]") -> None:
        super().__init__(daemon=True)
        self.confirmed: list[str] = []
        self.unclear: list[str] = []
        """Sent, and no answer came."""
        self._address = daemon.tcp("http")
        self._numbers = numbers

    def run(self) -> None:
        connection = http.client.HTTPConnection(*self._address, timeout=10)
        with suppress(OSError, http.client.HTTPException):
            while True:
                lines = [f"line {next(self._numbers)}" for _ in range(50)]
                self.unclear = lines
                connection.request("POST", "/", "\n".join(lines), {"Content-Type": "text/plain"})
                answer = connection.getresponse()
                answer.read()
                self.unclear = []
                if answer.status == 202:
                    self.confirmed += lines
        connection.close()


def under_load(running: DaemonProcess, seconds: float) -> tuple[set[str], set[str]]:
    """Stops it under load; what was confirmed, and of what that is not known."""
    numbers = itertools.count()
    loads = [Load(running, numbers) for _ in range(4)]
    for load in loads:
        load.start()
    threading.Event().wait(seconds)
    assert running.stop() == 0
    for load in loads:
        load.join(20)
    return (
        {line for load in loads for line in load.confirmed},
        {line for load in loads for line in load.unclear},
    )


def test_all_is_delivered_where_the_receiver_is_well(
    daemon: Callable[..., DaemonProcess], receiver: Receiver
) -> None:
    running = daemon()
    running.start()
    confirmed, unclear = under_load(running, 1.5)
    arrived = receiver.counted()
    assert confirmed
    assert not confirmed - arrived.keys()
    assert not arrived.keys() - confirmed - unclear
    assert max(arrived.values()) == 1, "an orderly stop makes no doubles"
    (receipt,) = running.said("receipt")
    assert (receipt["delivered"], receipt["kept"], receipt["lost"]) == (len(arrived), 0, 0)


def test_the_next_start_delivers_the_rest(daemon: Callable[..., DaemonProcess], receiver: Receiver) -> None:
    receiver.meet(Manner(delay=0.5))
    running = daemon(drain_timeout="300ms")
    running.config["destinations"]["hook"]["batch"] = {"age": "20ms", "events": 100}
    running.config["journal"]["segment"] = "64KiB"
    running.start()
    confirmed, unclear = under_load(running, 2.0)
    (receipt,) = running.said("receipt")
    assert receipt["kept"] > 0
    assert receipt["lost"] == 0
    accepted = receipt["delivered"] + receipt["kept"]

    receiver.meet(Manner())
    running.start()
    wait_for(lambda: running.settled("hook"), "the rest", 60)
    ledger = running.destination("hook")["ledger"]
    assert (ledger["accepted"], ledger["delivered"], ledger["imbalance"]) == (accepted, accepted, 0)
    arrived = receiver.counted()
    assert len(arrived) == accepted
    assert not confirmed - arrived.keys()
    assert not arrived.keys() - confirmed - unclear
    assert running.stop() == 0


def test_a_stop_reads_what_tcp_senders_have_sent(
    daemon: Callable[..., DaemonProcess], receiver: Receiver
) -> None:
    running = daemon()
    running.start()
    lines = [f"line {n}" for n in range(50_000)]
    with socket.create_connection(running.tcp("tcp")) as connection:
        connection.sendall("\n".join(lines).encode())
        assert running.stop() == 0
    assert sorted(receiver.messages()) == sorted(lines)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_a_second_signal_insists(
    daemon: Callable[..., DaemonProcess], receiver: Receiver, number: signal.Signals
) -> None:
    receiver.meet(Manner(after="hang"))
    running = daemon(drain_timeout="1h")
    running.start()
    with socket.create_connection(running.tcp("tcp")) as connection:
        connection.sendall(b"one\n")
    wait_for(lambda: receiver.posts, "a post that hangs")
    running.signal(number)
    wait_for(lambda: running.said("stopping"), "the first signal")
    assert running.running
    running.signal(number)
    assert running.wait(10) == 0
    assert running.said("receipt")[0]["kept"] == 1


def test_hangup_reloads_a_file_that_has_changed(
    daemon: Callable[..., DaemonProcess], receiver: Receiver
) -> None:
    running = daemon()
    running.start()
    good = running.config
    running.write_config({**good, "destinations": {"hook": {"type": "webhok"}}})
    running.signal(signal.SIGHUP)
    wait_for(lambda: running.said("configuration not reloaded"), "a refusal")
    running.write_config(
        {**good, "sources": {**good["sources"], "more": {"type": "tcp", "listen": "127.0.0.1:0"}}}
    )
    running.signal(signal.SIGHUP)
    wait_for(lambda: running.said("configuration reloaded"), "the reload")
    more = next(entry["at"] for entry in running.said("source listens") if entry["source"] == "more")
    host, _, port = more.removeprefix("tcp://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"one\n")
    wait_for(lambda: receiver.messages() == ["one"], "the line")
    assert running.stop() == 0
