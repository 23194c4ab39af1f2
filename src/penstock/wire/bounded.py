"""A connection that counts what comes in."""

import asyncio
from typing import Final

from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import BadHttpMessage

_SLACK: Final = 2**20
"""Bytes beside a body: heads, lengths of chunks, interim answers."""


class BoundedHandler(ResponseHandler):
    """Breaks off where far more comes than the answer that is wanted of it can need.

    The body has its own bound, but chunks of a byte each, or extensions of a chunk without end, are parsed for
    minutes, at the cost of all other destinations, before it is reached.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, max_response: int) -> None:
        super().__init__(loop)
        self._most = max_response + max_response // 4 + _SLACK
        self._left = self._most

    def begin(self) -> None:
        """A new request goes out."""
        self._left = self._most

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left >= 0:
            super().data_received(data)
            return
        self.give_up(BadHttpMessage("far more than an answer"))

    def give_up(self, exc: BaseException) -> None:
        """Breaks the connection off: who waits for the answer gets this exception."""
        self.set_exception(exc)
        if self._payload is not None:
            self._payload.set_exception(exc)
        if self.transport is not None:
            self.transport.abort()
