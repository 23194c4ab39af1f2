from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from penstock.clock import SystemClock
from penstock.sandbox import loading
from penstock.sandbox.stage import Stage

HOOK = {"type": "webhook", "listen": "127.0.0.1:0"}


class Asking:
    """A client of the control."""

    def __init__(self, stage: Stage, session: aiohttp.ClientSession) -> None:
        self.stage = stage
        self._session = session

    async def __call__(self, asked: str, body: object = None, **more: Any) -> tuple[int, Any]:
        async with self._session.request(*asked.split(), **{"json": body, **more}) as answer:
            return answer.status, await answer.json()

    async def post(self, service: str, body: bytes) -> int:
        url = self.stage.servers[service].url
        headers = {"Content-Type": "application/json"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body, headers=headers) as answer,
        ):
            return answer.status


@pytest.fixture
async def ask() -> AsyncIterator[Asking]:
    data = {"listen": "127.0.0.1:0", "seed": 5, "services": {"a": HOOK, "b": HOOK}}
    async with (
        Stage(loading.checked(data, "a test"), SystemClock()) as stage,
        aiohttp.ClientSession(f"http://{stage.address}") as session,
    ):
        yield Asking(stage, session)


async def test_it_tells_what_there_is(ask: Asking) -> None:
    status, paths = await ask("GET /")
    assert (status, "GET /received" in paths) == (200, True)
    url = ask.stage.servers["a"].url
    assert (await ask("GET /services"))[1]["a"] == {"type": "webhook", "url": url, "tls": False}


async def test_what_was_received_is_told_and_forgotten(ask: Asking) -> None:
    await ask.post("a", b'[{"id":1},{"id":4}]')
    await ask.post("b", b'[{"id":1}]')
    _, all_of_it = await ask("GET /received")
    assert {name: told["events"] for name, told in all_of_it.items()} == {"a": 2, "b": 1}
    assert all_of_it["a"]["ids"]["numbered"][0]["holes"] == [[2, 3]]
    assert "latest" not in all_of_it["a"]
    _, one = await ask("GET /received/a?events=1")
    assert one["latest"] == [{"id": "", "event": {"id": 4}}]
    assert len((await ask("GET /received/a?events=99"))[1]["latest"]) == 2
    assert await ask("DELETE /received/a") == (200, {"forgotten": ["a"]})
    _, all_of_it = await ask("GET /received")
    assert {name: told["events"] for name, told in all_of_it.items()} == {"a": 0, "b": 1}
    assert (await ask("DELETE /received"))[1] == {"forgotten": ["a", "b"]}


async def test_faults_come_and_go(ask: Asking) -> None:
    fault = {"type": "status", "status": 503, "count": 1, "services": ["a"], "name": "busy"}
    assert await ask("POST /faults", fault) == (201, {"added": ["busy"]})
    assert [await ask.post("a", b"[{}]") for _ in range(2)] == [503, 200]
    told = (await ask("GET /faults"))[1]
    assert told == {"seed": 5, "faults": [{"id": "busy", **fault, "state": "is over", "met": 1}]}
    assert (await ask("POST /faults", [{"type": "hang", "share": 0}, {"type": "reset", "share": 0}]))[1] == {
        "added": ["2", "3"]
    }
    assert await ask("DELETE /faults/2") == (200, {"removed": 1})
    assert await ask("PUT /faults", [{"type": "html", "count": 1}]) == (
        200,
        {"removed": 2, "added": ["4"]},
    )
    assert await ask.post("b", b"[{}]") == 502
    assert await ask("DELETE /faults") == (200, {"removed": 1})
    assert (await ask("GET /faults"))[1]["faults"] == []


async def test_all_that_is_wrong_with_faults_is_told_and_none_is_set(ask: Asking) -> None:
    await ask("POST /faults", {"type": "hang", "share": 0})
    wrong = [
        {"type": "stauts"},
        {"type": "status", "status": 999, "shar": 1},
        {"type": "reset", "share": "2"},
    ]
    status, told = await ask("PUT /faults", wrong)
    assert status == 422
    assert told["problems"] == [
        "faults.0.type: there is no kind 'stauts' (did you mean status?)",
        "faults.1.status: must be less than or equal to 599",
        "faults.1.shar: is not known here (did you mean share?)",
        "faults.2.share: is not a share: write 1% or a number from 0 to 1",
    ]
    status, told = await ask("POST /faults", {"type": "tls", "services": ["a", "c"]})
    assert told["problems"] == [
        "faults.0.services: there is no service 'c' (there are a, b)",
        "faults.0: could befall nobody (give the service  tls: true)",
    ]
    assert [fault["type"] for fault in (await ask("GET /faults"))[1]["faults"]] == ["hang"]


@pytest.mark.parametrize(
    ("asked", "more", "status", "why"),
    [
        ("GET /nowhere", {}, 404, "Not Found"),
        ("POST /received", {}, 405, "Method Not Allowed"),
        ("GET /received/c", {}, 404, "there is no service 'c': there are a, b"),
        ("GET /received/a?events=-1", {}, 400, "no whole number"),
        (f"GET /received/a?events={'9' * 5000}", {}, 400, "at most 18 digits"),
        ("DELETE /faults/7", {}, 404, "there is no fault '7'"),
        ("POST /faults", {"json": None, "data": b'{"type":"hang"}'}, 415, "send JSON"),
        (
            "POST /faults",
            {"json": None, "data": b"{", "headers": {"Content-Type": "application/json"}},
            400,
            "not JSON",
        ),
        ("PUT /faults", {"json": {"type": "hang"}}, 400, "must be a list"),
        ("POST /faults", {"json": 7}, 422, "cannot be set"),
        ("GET /authority.pem", {}, 404, "no service has"),
    ],
)
async def test_what_cannot_be_done_is_told(
    ask: Asking, asked: str, more: dict[str, Any], status: int, why: str
) -> None:
    told, answer = await ask(asked, **more)
    assert told == status
    assert why in answer["error"]
