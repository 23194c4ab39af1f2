"""Helpers for tests, of our own and of those who write sources and destinations."""

from penstock.testing.acceptor import Acceptor
from penstock.testing.clock import ManualClock
from penstock.testing.destination import TableDestination
from penstock.testing.wire import ScriptedWire

__all__ = ["Acceptor", "ManualClock", "ScriptedWire", "TableDestination"]
