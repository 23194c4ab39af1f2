import io
import socket
from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest

from penstock.clock import SystemClock
from penstock.compression import compress
from penstock.errors import StartError
from penstock.fields import Address
from penstock.sandbox.receiver import LARGEST, Receiver
from penstock.sandbox.reporter import Reporter

ANY = Address("127.0.0.1", 0)
JSON = {"Content-Type": "application/json"}


class Post:
    """Posts to a receiver that runs for one test."""

    def __init__(self, session: aiohttp.ClientSession, receiver: Receiver) -> None:
        self.receiver = receiver
        self.session = session

    async def __call__(self, body: bytes, **headers: str) -> tuple[int, dict[str, object]]:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        async with self.session.post("/any/path", data=io.BytesIO(body), headers=JSON | named) as response:
            return response.status, orjson.loads(await response.read())

    async def received(self) -> dict[str, int]:
        async with self.session.get("/received") as response:
            counts: dict[str, int] = await response.json()
            return counts


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    receiver = Receiver(SystemClock())
    address = await receiver.start(ANY)
    async with aiohttp.ClientSession(f"http://{address}") as session:
        yield Post(session, receiver)
    await receiver.stop()


async def test_it_counts_what_it_takes_and_tells(post: Post) -> None:
    assert await post(b"[{},{}]", Idempotency_Key="a", webhook_id="a") == (
        200,
        {"received": 2, "duplicate": False},
    )
    assert await post(b"[{},{}]", Idempotency_Key="a") == (200, {"received": 2, "duplicate": True})
    assert await post(b"[{}]") == (200, {"received": 1, "duplicate": False})
    assert await post.received() == {
        "requests": 2, "events": 3, "bytes": 11, "duplicate_requests": 1, "duplicate_events": 2,
        "malformed": 0, "keys_remembered": 1,
    }  # fmt: skip


async def test_it_inflates_bodies(post: Post) -> None:
    assert (await post(compress(b"[{}]", "gzip"), Content_Encoding="gzip"))[0] == 200
    assert (await post(compress(b"[{}]", "zstd"), Content_Encoding="zstd"))[0] == 200
    assert (await post.received())["events"] == 2


async def test_what_it_refuses_it_does_not_count(post: Post) -> None:
    assert await post(b"[1]") == (400, {"error": "event 0 is not an object"})
    assert await post(b"[{}]", Idempotency_Key="a", webhook_id="b") == (
        400, {"error": "Idempotency-Key and webhook-id differ"},
    )  # fmt: skip
    bomb = compress(bytes(LARGEST + 1), "zstd")
    assert (await post(bomb, Content_Encoding="zstd"))[0] == 413
    counts = await post.received()
    assert (counts["requests"], counts["malformed"]) == (0, 3)


async def test_a_body_larger_than_the_servers_buffer_comes_whole(post: Post) -> None:
    body = orjson.dumps([{"message": "x" * 1000}] * 5000)
    assert await post(body) == (200, {"received": 5000, "duplicate": False})


async def test_other_requests_are_told_what_there_is(post: Post) -> None:
    async with post.session.get("/elsewhere") as response:
        assert (response.status, await response.json()) == (
            404,
            {"error": "post events at any path, or get /received"},
        )


async def test_counting_only_believes_the_metadata() -> None:
    bodies: list[tuple[bytes, int]] = []
    receiver = Receiver(SystemClock(), count_only=True, on_body=lambda *seen: bodies.append(seen))
    address = await receiver.start(ANY)
    body = b'{"logs":[],"metadata":{"timestamp":"2026-01-01T00:00:00Z","count":7,"source":"x"}}'
    async with (
        aiohttp.ClientSession(f"http://{address}") as session,
        session.put("/", data=body, headers=JSON) as r,
    ):
        assert r.status == 200
    await receiver.stop()
    assert (receiver.tally.counts.events, bodies) == (7, [(body, 7)])


async def test_what_it_takes_and_refuses_is_reported() -> None:
    lines: list[str] = []
    receiver = Receiver(SystemClock(), reporter=Reporter(lines.append, each=1))
    address = await receiver.start(ANY)
    async with aiohttp.ClientSession(f"http://{address}") as session:
        for body in (b'[{"a":1}]', b"[{},{}]", b"[1]"):
            async with session.post("/", data=body, headers=JSON):
                pass
    await receiver.stop()
    assert [line[9:] for line in lines] == [
        'received 1 event, 9 bytes: {"a":1}',
        "received 2 events in 1 more request, 7 bytes",
        "refused 1 more request",
    ]


async def test_a_taken_address_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Address("127.0.0.1", other.getsockname()[1])
        with pytest.raises(StartError, match=rf"receiver cannot listen on {taken}: .*in use"):
            await Receiver(SystemClock()).start(taken)
