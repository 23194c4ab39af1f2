"""The wire that a destination's transport asks for."""

from penstock.clock import Clock
from penstock.transport import ConsoleTransport, CustomTransport, FileTransport, HttpTransport, Transport
from penstock.wire.base import Wire
from penstock.wire.console import ConsoleWire
from penstock.wire.files import FileWire
from penstock.wire.http import HttpWire


def open_wire(transport: Transport, *, name: str, clock: Clock, max_in_flight: int) -> Wire:
    """A wire for the destination `name`, which has at most `max_in_flight` requests under way at a time.

    Nothing is connected or opened before the first `send`.
    """
    match transport:
        case HttpTransport():
            return HttpWire(transport, clock, name)
        case FileTransport():
            return FileWire(transport, clock, name)
        case ConsoleTransport():
            return ConsoleWire()
        case CustomTransport():
            wire: Wire = transport.open(name=name, clock=clock, max_in_flight=max_in_flight)
            return wire
