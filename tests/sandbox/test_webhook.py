import orjson
import pytest

from penstock.block import Batch, Block
from penstock.destinations.webhook import WebhookSettings
from penstock.exchange import Request
from penstock.sandbox.service import Answered, Asked
from penstock.sandbox.webhook import Webhook, WebhookService

NOW = 1_790_000_000.0
JSON = {"content-type": "application/json"}


def played(**fields: object) -> Webhook:
    return WebhookService.model_validate({"type": "webhook", **fields}).build()


def post(
    hook: Webhook, body: bytes = b'[{"id":1},{"id":2}]', *, method: str = "POST", **headers: str
) -> Answered:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return hook.answer(Asked(method, "/logs", JSON | named, body, body, NOW))


def told(answered: Answered) -> str:
    return str(orjson.loads(answered.body)["error"])


def test_events_are_accepted_as_they_came() -> None:
    answered = post(played(status=202))
    assert (answered.status, orjson.loads(answered.body)) == (202, {"received": 2, "duplicate": False})
    assert [accepted.event for accepted in answered.accepted] == [b'{"id":1}', b'{"id":2}']


def test_a_request_that_comes_again_is_not_taken_twice() -> None:
    hook = played()
    assert len(post(hook, idempotency_key="a", webhook_id="a").accepted) == 2
    again = post(hook, b'[{"id":1},\n{"id":2}]', idempotency_key="a")
    assert (again.status, list(again.accepted), again.repeated) == (200, [], 2)
    assert orjson.loads(again.body) == {"received": 2, "duplicate": True}
    assert post(hook, webhook_id="a").repeated == 2
    other = post(hook, b'[{"id":3}]', idempotency_key="a")
    assert (other.status, told(other)) == (422, "the Idempotency-Key was used for other events")


def test_without_a_key_each_request_is_new() -> None:
    hook = played()
    assert [len(post(hook).accepted) for _ in range(2)] == [2, 2]


@pytest.mark.parametrize(
    ("fields", "body", "headers", "status", "why"),
    [
        ({}, b"[1]", {}, 400, "event 0 is not an object"),
        ({}, b"[{}]", {"idempotency-key": "a", "webhook-id": "b"}, 400, "differ"),
        ({"max_body": 3}, b"[{}]", {}, 413, "longer than 3"),
        ({"auth": {"bearer": "x"}}, b"[{}]", {}, 401, "credentials"),
        ({"sign": {"secrets": ["whsec_AAAA"]}}, b"[{}]", {}, 401, "have to be there"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(
    fields: dict[str, object], body: bytes, headers: dict[str, str], status: int, why: str
) -> None:
    answered = played(**fields).answer(Asked("POST", "/", JSON | headers, body, body, NOW))
    assert (answered.status, list(answered.accepted)) == (status, [])
    assert why in told(answered)


def test_other_methods_are_told_which_are_taken() -> None:
    answered = post(played(), method="GET")
    assert (answered.status, answered.headers["Allow"]) == (405, "PATCH, POST, PUT")


def test_the_block_it_shows_makes_a_destination_that_it_takes() -> None:
    settings = WebhookService.model_validate(
        {"type": "webhook", "auth": {"bearer": "token"}, "sign": {"secrets": ["whsec_AAAA"]}}
    )
    destination = WebhookSettings.model_validate(settings.destination("http://127.0.0.1:1")).build("hook")
    request = destination.encode(Batch((Block(b"{}\n", 1, "in", 0.0, 7, "node"),), NOW))
    assert isinstance(request, Request)
    assert request.sign is not None
    headers = {**request.headers, **request.sign(request.url, request.body, NOW)}
    named = {name.lower(): value for name, value in headers.items()}
    answered = settings.build().answer(Asked("POST", "/logs", named, request.body, request.body, NOW))
    assert (answered.status, len(answered.accepted)) == (200, 1)
