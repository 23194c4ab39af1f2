"""What a webhook's receiver sees, and what its answers mean."""

import base64
import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from penstock.block import Batch, Block
from penstock.delivery.retry import Backoff
from penstock.delivery.settings import RetrySettings
from penstock.destinations.base import Blocked, Delivered, Refused, Retry, TooLarge, Verdict
from penstock.destinations.webhook import Webhook, WebhookSettings
from penstock.exchange import Failure, FailureKind, Request, Response
from penstock.testing.contract import batch_of, check_encode, check_judge, check_secrets
from penstock.transport import HttpTransport

GOLDEN = Path(__file__).parent / "golden"
URL = "https://logs.example.com/in?team=a"
KEY = base64.b64encode(bytes(range(24))).decode()
OLD_KEY = base64.b64encode(bytes(range(24, 48))).decode()
EVENTS: list[dict[str, Any]] = [
    {"timestamp": "2026-01-02T03:04:05Z", "level": "info", "message": "an é and a 💧"},
    {"message": 'a "quote" and a \n newline', "n": [1, 2.5, None]},
    {"message": "the last"},
]  # fmt: skip


def webhook(**settings: Any) -> Webhook:
    return WebhookSettings.model_validate({"type": "webhook", "url": URL, **settings}).build("hook")


def batch() -> Batch:
    """In two pieces, as batches often are; cut at 2026-10-26T07:33:21Z."""
    first, rest = batch_of(EVENTS, first_seq=41, arrived=1_793_000_000.0).pieces[0].cut(2)
    return Batch((first, rest), 1_793_000_001.5)


def told(request: Request, attempt: float = 1_793_000_002.0) -> str:
    """A request as a person would write it down; the body as the receiver has it after decompression."""
    signed = dict(request.sign(request.url, request.body, attempt)) if request.sign else {}
    headers = "".join(f"{name}: {value}\n" for name, value in (dict(request.headers) | signed).items())
    return f"{request.method} {request.url}\n{headers}\n{request.body.decode()}\n"


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("envelope", {}),
        ("array", {"format": "array", "method": "PUT", "headers": {"X-Team": "a"}}),
        ("ndjson", {"format": "ndjson", "auth": {"bearer": "hunter2"}, "idempotency_key": False}),
        ("signed", {"sign": {"secret": f"whsec_{KEY}", "previous": [OLD_KEY]}, "source": "edge-1"}),
    ],
)
def test_the_whole_request(name: str, settings: dict[str, Any]) -> None:
    golden = GOLDEN / f"webhook-{name}.http"
    seen = told(check_request(webhook(**settings), batch()))
    if os.environ.get("PENSTOCK_GOLDEN") == "write":
        golden.write_text(seen, encoding="utf-8")
    assert seen == golden.read_text(encoding="utf-8"), "PENSTOCK_GOLDEN=write pytest writes it anew"


def check_request(hook: Webhook, of: Batch) -> Request:
    ((_, request),) = check_encode(hook, of)
    assert isinstance(request, Request)
    return request


def test_envelope_is_the_default_and_parses_back() -> None:
    body = json.loads(check_request(webhook(source="edge-1"), batch()).body)
    assert body == {
        "logs": EVENTS,
        "metadata": {"timestamp": "2026-10-26T07:33:21.500+00:00", "count": 3, "source": "edge-1"},
    }


def test_array_and_ndjson_parse_back() -> None:
    assert json.loads(check_request(webhook(format="array"), batch()).body) == EVENTS
    lines = check_request(webhook(format="ndjson"), batch()).body
    assert lines.endswith(b"\n")
    assert [json.loads(line) for line in lines.splitlines()] == EVENTS


@pytest.mark.parametrize(
    ("format_", "body"),
    [
        ("envelope", '{"logs":[{"n":1}],"metadata":{"timestamp":"2026-10-26T07:33:21.000+00:00","count":1,"source":"penstock"}}'),
        ("array", '[{"n":1}]'),
        ("ndjson", '{"n":1}\n'),
    ],
)  # fmt: skip
def test_one_event(format_: str, body: str) -> None:
    assert check_request(webhook(format=format_), batch_of([{"n": 1}])).body.decode() == body


@pytest.mark.parametrize("format_", ["envelope", "array", "ndjson"])
def test_ids_in_the_events(format_: str) -> None:
    body = check_request(webhook(format=format_, id_field="id"), batch()).body
    whole: Any = [json.loads(line) for line in body.splitlines()]  # without ndjson it is one line
    found = {"envelope": lambda: whole[0]["logs"], "array": lambda: whole[0], "ndjson": lambda: whole}[
        format_
    ]()
    assert found == [{"id": f"node-{41 + n}", **event} for n, event in enumerate(EVENTS)]


@pytest.mark.parametrize("format_", ["envelope", "array", "ndjson"])
@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_content_type_says_the_shape_and_compression_is_left_to_the_wire(
    format_: str, compression: str
) -> None:
    request = check_request(webhook(format=format_, compression=compression), batch())
    wanted = "application/x-ndjson" if format_ == "ndjson" else "application/json"
    assert request.headers["Content-Type"] == wanted
    assert request.compression == compression
    assert request.body == check_request(webhook(format=format_), batch()).body


def test_headers_of_yours_win_whatever_their_case() -> None:
    hook = webhook(
        headers={"content-type": "application/vnd.logs+json", "authorization": "mine"}, auth={"bearer": "b"}
    )
    headers = {name.lower(): value for name, value in check_request(hook, batch()).headers.items()}
    assert len(headers) == len(check_request(hook, batch()).headers)
    assert headers["content-type"] == "application/vnd.logs+json"
    assert headers["authorization"] == "Bearer b"


def test_the_idempotency_key_names_the_events() -> None:
    def key(of: Batch) -> str:
        headers = check_request(webhook(), of).headers
        assert headers["Idempotency-Key"] == headers["webhook-id"]
        return headers["webhook-id"]

    later = Batch(batch().pieces, batch().cut_at)
    left, right = batch().halves()
    remainder = batch().select([0, 2])
    assert key(batch()) == key(later) == "node-41-43"
    assert len({key(part) for part in (batch(), left, right, remainder)}) == 4


def test_without_idempotency_key() -> None:
    names = {name.lower() for name in check_request(webhook(idempotency_key=False), batch()).headers}
    assert names == {"content-type"}


def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """The receiver's side, as standardwebhooks.com tells it."""
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    digest = hmac.new(base64.b64decode(secret), signed, hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(digest).decode()
    return any(hmac.compare_digest(wanted, given) for given in headers["webhook-signature"].split(" "))


@pytest.mark.parametrize("idempotency_key", [True, False])
def test_a_receiver_can_verify_the_signature(idempotency_key: bool) -> None:
    hook = webhook(sign={"secret": f"whsec_{KEY}"}, idempotency_key=idempotency_key)
    request = check_request(hook, batch())
    assert request.sign is not None
    sent = b"whatever the wire made of the body"  # compressed, say: the signature is over the bytes as sent
    headers = dict(request.headers) | dict(request.sign(request.url, sent, 1_793_000_002.9))
    assert headers["webhook-timestamp"] == "1793000002"
    assert headers["webhook-id"] == batch().id
    assert verify(KEY, headers, sent)
    assert not verify(KEY, headers, sent + b"!")
    assert not verify(OLD_KEY, headers, sent)
    later = dict(request.headers) | dict(request.sign(request.url, sent, 1_793_000_060.0))
    assert later["webhook-id"] == headers["webhook-id"]
    assert later["webhook-signature"] != headers["webhook-signature"]
    assert verify(KEY, later, sent)


def test_while_a_secret_is_rotated_both_verify() -> None:
    request = check_request(webhook(sign={"secret": KEY, "previous": [f"whsec_{OLD_KEY}"]}), batch())
    assert request.sign is not None
    headers = dict(request.sign(request.url, request.body, 1.0))
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert verify(KEY, headers, request.body)
    assert verify(OLD_KEY, headers, request.body)


def kind(verdict: Verdict) -> str:
    match verdict:
        case Refused(_, culprit):
            return f"refused for {culprit}"
        case Retry(_, _, overload):
            return "retry, overloaded" if overload else "retry"
        case _:
            return type(verdict).__name__.lower()


TABLE = {
    "delivered": range(200, 300),
    "refused for the request": [
        *range(300, 400), 404, 405, 406, 411, 412, 414, 415, 417, 421, 426, 428, 431, 451,
    ],
    "blocked": [401, 403, 407, 410],
    "toolarge": [413],
    "retry": [0, *range(100, 200), 408, 425, *range(500, 503), *range(504, 600), 999],
    "retry, overloaded": [429, 503],
}  # fmt: skip


def test_every_status_has_its_verdict() -> None:
    hook, of = webhook(), batch()
    for status in (0, *range(100, 600), 999):
        wanted = [verdict for verdict, statuses in TABLE.items() if status in statuses]
        verdict = hook.judge(of, Response(status, body=b"because"))
        assert (status, [kind(verdict)]) == (status, wanted or ["refused for an event"])
        if isinstance(verdict, Retry | TooLarge | Blocked | Refused):
            assert verdict.reason == f"HTTP {status}: because"


def test_a_yes_is_a_yes_whatever_the_body_says() -> None:
    for body in (b"", b'{"ok": false}', b"<html>", b"\xff"):
        assert webhook().judge(batch(), Response(202, body=body, truncated=True)) == Delivered()


@pytest.mark.parametrize("failure", list(FailureKind))
def test_no_answer_is_tried_again(failure: FailureKind) -> None:
    assert webhook().judge(batch(), Failure(failure, "why")) == Retry(f"{failure}: why")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("17", 17.0), ("Mon, 26 Oct 2026 07:34:02 GMT", 42.0), ("soon", None), ("-5", None), ("", None)],
)
@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_retry_after(status: int, value: str, seconds: float | None) -> None:
    headers = {"retry-after": value, "date": "Mon, 26 Oct 2026 07:33:20 GMT"}
    verdict = webhook().judge(batch(), Response(status, headers))
    assert isinstance(verdict, Retry)
    assert verdict.after == seconds


def test_delivery_caps_what_a_service_asks_for() -> None:
    verdict = webhook().judge(batch(), Response(503, {"retry-after": "99999999"}))
    assert isinstance(verdict, Retry)
    assert Backoff(RetrySettings(max=60.0)).wait(1, verdict.after) == 60.0


def test_no_secret_is_shown() -> None:
    hook = webhook(
        auth={"basic": {"username": "u", "password": "hunter2"}}, sign={"secret": KEY, "previous": [OLD_KEY]}
    )
    check_secrets(hook, ["hunter2", base64.b64encode(b"u:hunter2").decode(), KEY, OLD_KEY], hook.limits)


def test_a_header_that_holds_a_secret_is_not_shown_either() -> None:
    hook = webhook(headers={"Authorization": "Bearer hunter2", "X-Api-Key": "hunter3", "X-Team": "a"})
    assert hook.secrets == {"Bearer hunter2", "hunter2", "hunter3"}


def test_the_contract_in_every_shape() -> None:
    for format_ in ("envelope", "array", "ndjson"):
        check_judge(webhook(format=format_, sign={"secret": KEY}), batch())


def test_a_batch_as_large_as_the_batcher_allows_stays_within_the_estimate() -> None:
    for format_ in ("envelope", "array", "ndjson"):
        block = Block(b"{}\n" * 100_000, 100_000, "s", 1.0, 0, "n")
        check_encode(webhook(format=format_, source="é" * 100), Batch((block,), 4e9))


def test_the_settings_are_the_transport() -> None:
    hook = webhook(timeout="5s", tls={"verify": False})
    assert isinstance(hook.transport, HttpTransport)
    assert (hook.transport.timeout, hook.transport.tls.verify) == (5.0, False)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"url": "logs.example.com"}, "is not a URL"),
        ({"url": "https://u:hunter2@logs.example.com"}, "under `auth`"),
        ({"sign": {"secret": "whsec_hunter2!"}}, "is not a signing secret"),
        ({"sign": {"secret": "whsec_"}}, "is not a signing secret"),
        ({"headers": {"X Y": "z"}}, "pattern"),
        ({"headers": {"X-Y": "a\r\nX-Evil: 1"}}, "line break"),
        ({"headers": {"Content-Length": "3"}}, "set by Penstock"),
        ({"headers": {"WEBHOOK-ID": "3"}}, "set by Penstock"),
        ({"method": "GET"}, "POST"),
        ({"format": "xml"}, "envelope"),
        ({"uri": "http://h/"}, "Extra inputs"),
    ],
)
def test_mistakes_in_the_configuration(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        webhook(**settings)
    assert "hunter2" not in str(caught.value)
