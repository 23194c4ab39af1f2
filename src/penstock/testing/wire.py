"""A wire that answers from a list."""

import asyncio
from collections.abc import Callable, Iterable

from penstock.exchange import Answer, Append, Request, Response

Reply = Answer | Callable[[Request | Append], Answer]


class ScriptedWire:
    """Answers each request with the next reply; when there is none left, with `otherwise`.

    `sent` has every request in order. While `hold` is set, answers wait until `release` is called.
    """

    def __init__(self, replies: Iterable[Reply] = (), otherwise: Reply | None = None) -> None:
        self.sent: list[Request | Append] = []
        self.closed = False
        self._replies = list(replies)
        self._otherwise = otherwise if otherwise is not None else Response(200)
        self._open = asyncio.Event()
        self._open.set()

    def hold(self) -> None:
        """From now on answers wait."""
        self._open.clear()

    def release(self) -> None:
        """Lets all that waits be answered."""
        self._open.set()

    def script(self, *replies: Reply) -> None:
        """Adds replies to the list."""
        self._replies += replies

    def otherwise(self, reply: Reply) -> None:
        """What is answered from now on, when the list is used up."""
        self._otherwise = reply

    async def send(self, request: Request | Append) -> Answer:
        assert not self.closed, "sent after close"
        self.sent.append(request)
        reply = self._replies.pop(0) if self._replies else self._otherwise
        await self._open.wait()
        return reply(request) if callable(reply) else reply

    async def close(self) -> None:
        self.closed = True
