import orjson
import pytest

from penstock.block import Batch, Block
from penstock.compression import compress
from penstock.destinations.webhook import Format, Webhook, WebhookSettings
from penstock.exchange import Compression
from penstock.sandbox.bodies import Content, Malformed, TooLong, count, inflate, read

EVENTS = [b'{"message":"one"}', b'{"message":"two, ],\\"metadata\\":"}']
LIMIT = 10_000


def posted(shape: Format) -> tuple[bytes, str]:
    """What the webhook makes of two events."""
    webhook = Webhook(WebhookSettings(type="webhook", url="http://localhost/", format=shape))
    block = Block(b"".join([event + b"\n" for event in EVENTS]), len(EVENTS), "in", 0.0, 7, "node")
    request = webhook.encode(Batch((block,), 1_790_000_000.0))
    return request.body, request.headers["Content-Type"]


@pytest.mark.parametrize("shape", ["envelope", "array", "ndjson"])
def test_what_the_webhook_posts_is_read_and_counted(shape: Format) -> None:
    body, content_type = posted(shape)
    assert read(body, content_type) == Content(2, EVENTS[-1])
    assert count(body, content_type) == Content(2)


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


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_a_body_is_inflated_within_its_limit(how: Compression) -> None:
    body = orjson.dumps([{}] * 100)
    assert inflate(compress(body, how), how, len(body)) == body
    with pytest.raises(TooLong):
        inflate(compress(body, how), how, len(body) - 1)


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_a_broken_stream_is_refused(how: Compression) -> None:
    whole = compress(b"[{}]", how)
    for broken in (b"", b"junk" * 5, whole[:-2], whole + b"!"):
        with pytest.raises(Malformed, match=how):
            inflate(broken, how, LIMIT)


def test_an_unknown_encoding_is_refused() -> None:
    assert inflate(b"[{}]", "identity", LIMIT) == b"[{}]"
    with pytest.raises(Malformed, match="'br'"):
        inflate(b"[{}]", "br", LIMIT)
