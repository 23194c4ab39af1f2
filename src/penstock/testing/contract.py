"""What every destination keeps, as checks for the tests of those who write one.

    def test_contract() -> None:
        destination = MySettings(type="mine", url="http://127.0.0.1:1").build("mine")
        for batch in sample_batches():
            check_encode(destination, batch)
            check_judge(destination, batch)
        check_secrets(destination, ["hunter2"])

A check that fails raises `AssertionError` and says what was promised.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final

import orjson

from penstock.block import Batch, Block
from penstock.destinations.base import (
    Blocked,
    Confirm,
    Delivered,
    Destination,
    Encoded,
    Partial,
    Prepare,
    Probing,
    Refused,
    Retry,
    Split,
    TooLarge,
    Unfit,
    Verdict,
)
from penstock.exchange import Answer, Append, Failure, FailureKind, Request, Response
from penstock.transport import HttpTransport

VERDICTS: Final = (Delivered, Retry, Partial, TooLarge, Prepare, Confirm, Blocked, Refused)

MANGLED: Final = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"text"',
    b"-1e400",
    b'{"errors":true,"items":"none"}',
    b'{"code":"x","invalid-event-number":99999}',
    b'{"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":-5}}',
    b'{"items":[{"create":{"status":"x"}}],',
    b"<html>busy</html>",
    b"\xff\xfe\x00" * 50,
    b"[" * 3000,
)
"""Bodies that no service means to send, and some do."""

_DEEPEST: Final = 1
"""Questions behind a question that are looked into: each has as many answers as the first."""

ODD_EVENTS: Final[Sequence[Any]] = (
    {},
    {"message": ""},
    {"message": 'quote " backslash \\ newline \n tab \t nul \x00 é ␤ 💧', "level": "info"},
    {"timestamp": "2026-01-02T03:04:05.678Z", "level": "error", "message": "x", "host": "h", "service": "s"},
    {"timestamp": 1793000000.123, "message": {"not": ["a", "string"]}, "level": None},
    {"timestamp": "yesterday", "level": 7, "message": 12},
    {"": "", "a": {"b": {"c": [1, 2, {"d": None}]}}, "big": 10**18, "small": 1e-300},
)
"""Events that are legal and not what a service hopes for."""


def batch_of(events: Iterable[Any], *, first_seq: int = 1, arrived: float = 1_793_000_000.0) -> Batch:
    """A batch of these events, in one piece; each is a JSON object, or the bytes of one without newline."""
    lines = [event if isinstance(event, bytes) else orjson.dumps(event) for event in events]
    block = Block(b"".join([line + b"\n" for line in lines]), len(lines), "test", arrived, first_seq, "node")
    return Batch((block,), arrived + 1)


def sample_batches() -> Iterator[Batch]:
    """A few that differ in what matters: one event, odd ones, many, and what a partial answer left over."""
    yield batch_of([{"message": "one"}])
    yield batch_of(ODD_EVENTS)
    yield batch_of([{"message": f"event {n}", "level": "info"} for n in range(1000)], first_seq=10**15)
    rest = batch_of([{"message": f"event {n}"} for n in range(20)], first_seq=7)
    yield rest.select([0, 3, 4, 5, 19])


def answers() -> Iterator[Answer]:
    """Every status, with mangled bodies for those that matter, and every way to get no answer."""
    for kind in FailureKind:
        yield Failure(kind, "no answer")
    for status in (0, *range(100, 600), 999):
        yield Response(status, received=1_793_000_000.0)
    headers = {"retry-after": "-1", "date": "not a date", "content-type": "application/json"}
    for status in (200, 201, 202, 207, 301, 400, 401, 403, 404, 409, 413, 429, 500, 503):
        for body in MANGLED:
            yield Response(status, headers, body, truncated=True)


def check_encode(destination: Destination, batch: Batch) -> list[tuple[Batch, Request | Append]]:
    """`encode` keeps its promise for this batch; returns what is sent and which events it carries.

    That is nothing where every event is unfit, and more than one where the destination splits the batch.
    """
    encoded = destination.encode(batch)
    if isinstance(encoded, Unfit):
        assert encoded.refused, "Unfit names at least one event"
        assert set(encoded.refused) <= set(range(batch.count)), "Unfit names events that the batch has"
        assert all(encoded.refused.values()), "Unfit gives a reason for each"
        rest = [index for index in range(batch.count) if index not in encoded.refused]
        return check_encode(destination, batch.select(rest)) if rest else []
    if isinstance(encoded, Split):
        named = [index for part in encoded.parts for index in part]
        assert len(encoded.parts) > 1, "Split gives two parts or more"
        assert all(encoded.parts), "no part of Split is empty"
        assert sorted(named) == list(range(batch.count)), "Split names each event once"
        parts = [batch.select(part) for part in encoded.parts]
        return [sent for part in parts for sent in check_encode(destination, part)]
    assert isinstance(encoded, Request | Append), "encode gives a Request, an Append, Unfit or Split"
    other = batch_of([{"message": "another"}], first_seq=5)
    destination.encode(other)
    again = destination.encode(Batch(batch.pieces, batch.cut_at))
    assert _body(again) == _body(encoded), "the same batch gives the same body, whatever came in between"
    limits = destination.limits
    if isinstance(encoded, Request) and not limits.estimated:
        estimate = batch.size + limits.batch_overhead + batch.count * limits.event_overhead
        assert len(encoded.body) <= estimate, "the body is no larger than `limits` lets the batcher expect"
    if isinstance(encoded, Request):
        assert set(encoded.notes) <= set(range(batch.count)), "notes are of events that the batch has"
    return [(batch, encoded)]


def check_judge(destination: Destination, batch: Batch, among: Iterable[Answer] | None = None) -> None:
    """`judge` has a verdict for every answer (or those `among` which to look), and one that makes sense."""
    for answer in answers() if among is None else among:
        verdict = _check_verdict(lambda answer: destination.judge(batch, answer), answer, batch.count)
        if isinstance(answer, Failure):
            assert not isinstance(verdict, Delivered | Partial), f"no answer delivers nothing: {answer}"
        elif isinstance(destination.transport, HttpTransport) and not 200 <= answer.status < 300:
            assert not isinstance(verdict, Delivered), f"HTTP {answer.status} is no yes"
    if isinstance(destination, Probing):
        for answer in answers():
            verdict = _check_verdict(destination.probe().judge, answer, 0)
            if isinstance(answer, Failure):
                assert isinstance(verdict, Retry | Blocked), f"no answer to a probe is no yes: {answer}"


def check_secrets(destination: Destination, secrets: Collection[str], *also: object) -> None:
    """These secrets show nowhere, in what `also` is given neither, and are named so that answers can be cleaned."""
    batch = batch_of([{"message": "one"}])
    told = [destination, destination.transport, destination.encode(batch), *also]
    told += [destination.judge(batch, answer) for answer in answers()]
    for secret in secrets:
        for item in told:
            assert secret not in repr(item), f"a secret shows in repr of {type(item).__name__}"
            assert secret not in str(item), f"a secret shows in str of {type(item).__name__}"
        assert secret in destination.secrets, "every secret is in `secrets`, to be blotted out of answers"
    assert "" not in destination.secrets, "an empty secret would be blotted out everywhere"


def _body(encoded: Encoded) -> object:
    match encoded:
        case Request():
            return encoded.method, encoded.url, dict(encoded.headers), encoded.body, encoded.compression
        case Append():
            return encoded.target, encoded.data
        case Unfit():
            return dict(encoded.refused)
        case Split():
            return [list(part) for part in encoded.parts]


def _check_verdict(judge: Callable[[Answer], Verdict], answer: Answer, count: int, depth: int = 0) -> Verdict:
    verdict = judge(answer)
    assert isinstance(verdict, VERDICTS), f"{answer}: {verdict!r} is no verdict"
    if isinstance(verdict, Retry | Partial):
        after = verdict.after
        assert after is None or (after >= 0 and math.isfinite(after)), f"{answer}: waits {after} s"
    match verdict:
        case Retry(reason) | TooLarge(reason) | Blocked(reason) | Refused(reason):
            assert reason, f"{answer}: {verdict!r} says no reason"
        case Delivered(_, notes):
            assert set(notes) <= set(range(count)), f"{answer}: notes events that the batch does not have"
        case Partial(retry, refused):
            assert set(verdict.notes) <= set(range(count)), (
                f"{answer}: notes events that the batch does not have"
            )
            named = [*retry, *refused, *verdict.again]
            assert len(named) == len(set(named)), f"{answer}: an event is judged twice"
            assert set(named) <= set(range(count)), f"{answer}: names events that the batch does not have"
            assert all(refused.values()), f"{answer}: refuses an event without a reason"
        case Prepare(request, then) | Confirm(request, then):
            assert isinstance(request, Request), f"{answer}: asks for something that is no request"
            if depth < _DEEPEST:
                for further in answers():
                    _check_verdict(then, further, count, depth + 1)
        case _:
            pass
    if isinstance(verdict, Confirm):
        assert verdict.every > 0, f"{answer}: asks without a pause"
        assert verdict.until > 0, f"{answer}: never gives up asking"
    return verdict
