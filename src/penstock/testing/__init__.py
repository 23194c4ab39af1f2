"""Helpers for tests, of our own and of those who write sources, processors and destinations."""

from penstock.testing.acceptor import Acceptor
from penstock.testing.clock import ManualClock
from penstock.testing.destination import TableDestination
from penstock.testing.processing import check_processor, check_shown
from penstock.testing.wire import ScriptedWire

__all__ = [
    "Acceptor",
    "ManualClock",
    "ScriptedWire",
    "TableDestination",
    "check_processor",
    "check_shown",
]
