"""Waiting for what must come: tests wait for a condition, never for a time."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Final

_LOOK: Final = 0.01
"""Seconds between looks."""


def wait_for(condition: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Returns once the condition holds. Raises `AssertionError`, saying what did not come."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in {seconds:g} s: {what}"
        pause.wait(_LOOK)


async def eventually(condition: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """The same on an event loop, which goes on meanwhile."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in {seconds:g} s: {what}"
        await asyncio.sleep(_LOOK)
