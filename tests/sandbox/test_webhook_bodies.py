import pytest

from penstock.block import Batch, Block
from penstock.destinations.webhook import Format, Webhook, WebhookSettings
from penstock.sandbox.webhook_bodies import Malformed, read

EVENTS = [b'{"message":"one"}', b'{"message":"two, ],\\"metadata\\":"}']


def posted(shape: Format) -> tuple[bytes, str]:
    """What the webhook makes of two events."""
    webhook = Webhook(WebhookSettings(type="webhook", url="http://localhost/", format=shape))
    block = Block(b"".join([event + b"\n" for event in EVENTS]), len(EVENTS), "in", 0.0, 7, "node")
    request = webhook.encode(Batch((block,), 1_790_000_000.0))
    return request.body, request.headers["Content-Type"]


@pytest.mark.parametrize("shape", ["envelope", "array", "ndjson"])
def test_what_the_webhook_posts_is_read(shape: Format) -> None:
    body, content_type = posted(shape)
    assert read(body, content_type) == EVENTS
    assert read(body, f"{content_type.upper()}; charset=utf-8") == EVENTS


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (b'{"logs":[{}],"metadata":{"timestamp":"2026-01-01T00:00:00Z","count":2,"source":"x"}}', "json", "count"),
        (b'{"logs":[{}],"metadata":{"timestamp":"yesterday","count":1,"source":"x"}}', "json", "timestamp"),
        (b'{"logs":[{}],"metadata":{"count":1,"source":"x"}}', "json", "timestamp"),
        (b'{"logs":[{}],"more":1}', "json", "more"),
        (b'{"logs":[],"metadata":{"timestamp":"2026-01-01T00:00:00Z","count":0,"source":"x"}}', "json", "no events"),
        (b"[]", "json", "no events"),
        (b"[{},1]", "json", "event 1 is not an object"),
        (b"[{}", "json", "truncated"),
        (b'[{"a":"\xff"}]', "json", "UTF-8"),
        (b"", "json", "truncated"),
        (b"{}\n{}", "x-ndjson", "last line"),
        (b"{}\n\n{}\n", "x-ndjson", "line 1"),
        (b"{}\n[]\n", "x-ndjson", "line 1"),
        (b"{}{}\n", "x-ndjson", "line 0"),
        (b"[{}]", "xml", "Content-Type"),
    ],
)  # fmt: skip
def test_what_is_not_as_it_claims_is_refused(body: bytes, content_type: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read(body, f"application/{content_type}")
