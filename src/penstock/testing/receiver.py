"""A webhook's other side for tests: it keeps every post, and fails when it is told to."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, Self

import msgspec
from aiohttp import web

from penstock.clock import SystemClock, sleep

_LARGEST: Final = 64 * 2**20
_START: Final = 10.0
"""Seconds that the thread may take to listen."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How posts are met."""

    status: int = 200
    delay: float = 0.0
    """Seconds until the answer."""
    after: Literal["answer", "reset", "hang"] = "answer"
    """What follows once the body was read; `hang` lasts until the manner changes or the other side goes."""
    retry_after: int | None = None
    """Seconds, for the header."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One post, and how it was met."""

    key: str
    """The idempotency key: the same in every retry of a batch."""
    body: bytes = field(repr=False)
    count: int
    """Events, as the body says."""
    status: int
    """0: none was given."""
    at: float
    """When its body was whole, in monotonic seconds."""

    @property
    def taken(self) -> bool:
        """The sender was told that it was taken; it may still not have heard."""
        return 200 <= self.status < 300


class Receiver:
    """Serves on loopback from `start` to `stop`, in a thread of its own; all calls come from other threads."""

    def __init__(self, *, keep: bool = True) -> None:
        """`keep=False` only counts, so that a long run stays small."""
        self.port = 0
        self.events = 0
        """Events of posts that were taken."""
        self._keep = keep
        self._posts: list[Posted] = []
        self._manner: Manner | Callable[[Posted], Manner] = Manner()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening = threading.Event()
        self._changed = asyncio.Event()
        self._end = asyncio.Event()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """What a webhook is to be given."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def posts(self) -> list[Posted]:
        """All that came so far, in the order in which they were answered."""
        return list(self._posts)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listens: at any port the first time, at the same one after a `stop`."""
        self._listening.clear()
        self._changed, self._end = asyncio.Event(), asyncio.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="receiver", daemon=True
        )
        self._thread.start()
        assert self._listening.wait(_START), "the receiver does not listen"

    def stop(self) -> None:
        """Closes its listener and all connections: who connects now is refused."""
        if self._thread is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join()
            self._thread = None

    def meet(self, manner: Manner | Callable[[Posted], Manner]) -> None:
        """From now on; a callable sees the post, and may be called from the server's thread."""
        self._manner = manner
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._release)

    def lines(self) -> list[bytes]:
        """Every event that was taken, as it came, in that order; doubles among them."""
        return [line for post in self.posts if post.taken for line in events_of(post.body)]

    def messages(self) -> list[str]:
        """The `message` of each of `lines`."""
        return [message_of(line) for line in self.lines()]

    def counted(self) -> Counter[str]:
        """How often each message was taken."""
        return Counter(self.messages())

    def _release(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = web.Server(self._handle, access_log=None, read_bufsize=2**20)
        listener = await self._loop.create_server(
            server, "127.0.0.1", self.port, backlog=512, reuse_address=True
        )
        self.port = listener.sockets[0].getsockname()[1]
        self._listening.set()
        await self._end.wait()
        listener.close()
        self._release()
        await server.shutdown(0.1)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await _whole(request)
        posted = Posted(request.headers.get("Idempotency-Key", ""), body, count_of(body), 0, time.monotonic())
        manner = self._manner if isinstance(self._manner, Manner) else self._manner(posted)
        if manner.delay:
            await sleep(SystemClock(), manner.delay)
        answered = manner.status if manner.after == "answer" else 0
        self._note(Posted(posted.key, body if self._keep else b"", posted.count, answered, posted.at))
        if manner.after == "hang":
            await self._changed.wait()
        if manner.after != "answer":
            assert request.transport is not None
            request.transport.abort()
        headers = {} if manner.retry_after is None else {"Retry-After": str(manner.retry_after)}
        return web.Response(status=manner.status, headers=headers)

    def _note(self, posted: Posted) -> None:
        if posted.taken:
            self.events += posted.count
        if self._keep:
            self._posts.append(posted)


class _Message(msgspec.Struct):
    message: str = ""


class _Envelope(msgspec.Struct):
    logs: list[msgspec.Raw]


class _Metadata(msgspec.Struct):
    count: int


def message_of(event: bytes) -> str:
    """Its `message`, or nothing."""
    return msgspec.json.decode(event, type=_Message).message


def events_of(body: bytes) -> list[bytes]:
    """The events of a webhook's body, of any of its three shapes."""
    if body.startswith(b'{"logs":['):
        return [bytes(raw) for raw in msgspec.json.decode(body, type=_Envelope).logs]
    if body.startswith(b"["):
        return [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
    return body.splitlines()


def count_of(body: bytes) -> int:
    """How many events a body has: the envelope says so itself."""
    at = body.rfind(b'"metadata":')
    if at >= 0 and body.startswith(b'{"logs":['):
        return msgspec.json.decode(body[at + 11 : -1], type=_Metadata).count
    return len(events_of(body))


async def _whole(request: web.BaseRequest) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := await request.content.readany():
        chunks.append(chunk)
        size += len(chunk)
        assert size <= _LARGEST, "a body without end"
    return b"".join(chunks)
