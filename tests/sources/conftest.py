import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import pytest
import uvloop

_BOTH: Final = ("test_datagram.py", "test_http.py", "test_udp.py", "test_unix_datagram.py")
"""These run on both event loops: they use what the two do differently (readers, transports)."""


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if item.path.name in _BOTH:
        loops["uvloop"] = uvloop.new_event_loop
    return loops
