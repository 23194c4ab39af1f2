from typing import Any

from penstock.clock import Clock
from penstock.testing import ManualClock, ScriptedWire
from penstock.transport import ConsoleTransport, FileTransport, HttpTransport
from penstock.wire.console import ConsoleWire
from penstock.wire.files import FileWire
from penstock.wire.http import HttpWire
from penstock.wire.open import open_wire


class Pigeon:
    """What an outside package would bring."""

    def open(self, *, name: str, clock: Clock, max_in_flight: int) -> Any:
        self.asked = (name, max_in_flight)
        return ScriptedWire()


async def test_each_transport_has_its_wire() -> None:
    clock = ManualClock()
    for transport, kind in (
        (HttpTransport(), HttpWire),
        (FileTransport(), FileWire),
        (ConsoleTransport(), ConsoleWire),
    ):
        wire = open_wire(transport, name="d", clock=clock, max_in_flight=4)
        assert type(wire) is kind
        await wire.close()


def test_an_outside_transport_makes_its_own() -> None:
    pigeon = Pigeon()
    wire = open_wire(pigeon, name="d", clock=ManualClock(), max_in_flight=4)
    assert isinstance(wire, ScriptedWire)
    assert pigeon.asked == ("d", 4)
